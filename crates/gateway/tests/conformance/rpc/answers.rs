use crate::script::check;

#[tokio::test]
async fn headers_that_a_function_sets() {
    check(
        r#"
        headers
        POST /rpc/set_headers
        200 1
        X-Ship: Aurora; fast
        Set-Cookie: a=1

        one name twice
        POST /rpc/set_headers
        200 1
        Set-Cookie: b=2

        by GET
        GET /rpc/set_headers
        200 1
        X-Ship: Aurora; fast

        a header that the answer has anyway
        POST /rpc/set_own_type
        200 "x"
        Content-Type: application/harbour+json
        Cache-Control: max-age=60

        no JSON
        POST /rpc/set_raw_headers
        {"raw": "X-Ship: a"}
        500 {"code": "PGRST111", "details": null, "hint": null, "message": "response.headers guc must be a JSON array composed of objects with a single key and a string value"}

        an object instead of an array
        POST /rpc/set_raw_headers
        {"raw": "{\"X-Ship\": \"a\"}"}
        500 !PGRST111

        two names in one object
        POST /rpc/set_raw_headers
        {"raw": "[{\"a\": \"1\", \"b\": \"2\"}]"}
        500 !PGRST111

        a number for a value
        POST /rpc/set_raw_headers
        {"raw": "[{\"X-Ship\": 1}]"}
        500 !PGRST111

        a line break cannot make a second header
        POST /rpc/set_raw_headers
        {"raw": "[{\"X-Ship\": \"a\\r\\nX-Evil: 1\"}]"}
        500 !PGRST111
        X-Evil: -
        "#,
    )
    .await;
}

#[tokio::test]
async fn statuses_that_a_function_sets() {
    check(
        r#"
        a status
        POST /rpc/set_status
        {"code": "403"}
        403 {"said": "no"}

        one that is not in any list
        POST /rpc/set_status
        {"code": "299"}
        299 {"said": "no"}

        by GET
        GET /rpc/set_status?code=418
        418 {"said": "no"}

        no number
        POST /rpc/set_status
        {"code": "many"}
        500 {"code": "PGRST112", "details": null, "hint": null, "message": "response.status guc must be a valid status code"}
        "#,
    )
    .await;
}
