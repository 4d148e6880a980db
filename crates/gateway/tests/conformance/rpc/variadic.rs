use crate::script::check;

#[tokio::test]
async fn arguments() {
    check(
        r#"
        an array by POST
        POST /rpc/join_all
        {"words": ["a", "b,c"]}
        200 ["a", "b,c"]

        none by POST
        POST /rpc/join_all
        200 []

        none by GET
        GET /rpc/join_all
        200 []

        one by GET
        GET /rpc/join_all?words=a
        200 ["a"]

        many by GET
        GET /rpc/join_all?words=a&words=b,c&words={d}
        200 ["a", "b,c", "{d}"]

        numbers by GET
        GET /rpc/sum_all?n=1&n=2&n=3
        200 6

        numbers by POST
        POST /rpc/sum_all
        {"n": [4, 5]}
        200 9

        a required one left out
        GET /rpc/sum_all
        404 !PGRST202

        a word among the numbers
        GET /rpc/sum_all?n=1&n=x
        400 !22P02

        beside another argument
        GET /rpc/mixed?first=x&rest=y&rest=z
        200 "x:y,z"

        the last of the other argument
        GET /rpc/mixed?first=ignored&first=x&rest=y
        200 "x:y"

        a form
        POST /rpc/join_all
        Content-Type: application/x-www-form-urlencoded
        words=a&words=b
        200 ["a", "b"]

        SQL in them
        GET /rpc/join_all?words='%3B%20drop%20table%20ports%3B--&words=$1
        200 ["'; drop table ports;--", "$1"]
        db: select count(*) from ports => 4
        "#,
    )
    .await;
}
