use crate::script::check;

#[tokio::test]
async fn as_a_function_sees_it() {
    check(
        r#"
        the role of a user
        POST /rpc/whoami
        200 "authenticated"

        the role of the service
        POST /rpc/whoami
        as: service
        200 "service_role"

        the role of nobody
        POST /rpc/whoami
        as: nobody
        200 "anon"

        the role of the anon key
        POST /rpc/whoami
        as: anon
        200 "anon"

        the user's id
        POST /rpc/my_id
        200 "$owner"

        the service has none
        POST /rpc/my_id
        as: service
        200 null

        a claim
        POST /rpc/claim
        {"name": "role"}
        200 "authenticated"

        the claims of nobody
        POST /rpc/claim
        as: nobody
        {"name": "role"}
        200 "anon"

        a header, by its name in lower case
        POST /rpc/header
        X-Custom-Thing: Some Value
        {"name": "x-custom-thing"}
        200 "Some Value"

        a header with quotes and SQL in it
        POST /rpc/header
        X-Custom-Thing: '"\; drop table ports; --
        {"name": "x-custom-thing"}
        200 "'\"\\; drop table ports; --"
        db: select count(*) from ports => 4

        a header that was not sent
        POST /rpc/header
        {"name": "x-not-sent"}
        200 null

        a cookie
        POST /rpc/cookie
        Cookie: one=1; two=zwei
        {"name": "two"}
        200 "zwei"

        the method by POST
        POST /rpc/setting
        {"name": "request.method"}
        200 "POST"

        the method by GET
        GET /rpc/setting?name=request.method
        200 "GET"

        the path
        POST /rpc/setting
        {"name": "request.path"}
        200 "/rpc/setting"

        nothing of the next request is left
        POST /rpc/cookie
        {"name": "two"}
        200 null
        "#,
    )
    .await;
}
