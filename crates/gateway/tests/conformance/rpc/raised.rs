use crate::script::check;

#[tokio::test]
async fn with_sqlstate_pgrst() {
    check(
        r#"
        the whole answer
        POST /rpc/fail_pgrst
        {"message": "{\"code\": \"123\", \"message\": \"ABC\", \"details\": \"DEF\", \"hint\": \"XYZ\"}", "detail": "{\"status\": 409, \"headers\": {\"X-Harbour\": \"closed\"}}"}
        409 {"code": "123", "details": "DEF", "hint": "XYZ", "message": "ABC"}
        X-Harbour: closed

        with less
        POST /rpc/fail_pgrst
        {"message": "{\"code\": \"123\", \"message\": \"ABC\"}", "detail": "{\"status\": 332, \"status_text\": \"My Status\", \"headers\": {}}"}
        332 {"code": "123", "details": null, "hint": null, "message": "ABC"}

        a message that is no JSON
        POST /rpc/fail_pgrst
        {"message": "INVALID", "detail": "{\"status\": 332, \"headers\": {}}"}
        500 {"code": "PGRST121", "details": "Invalid JSON value for MESSAGE: 'INVALID'", "hint": "MESSAGE must be a JSON object with obligatory keys: 'code', 'message' and optional keys: 'details', 'hint'.", "message": "Could not parse JSON in the \"RAISE SQLSTATE 'PGRST'\" error"}

        a detail that is no JSON
        POST /rpc/fail_pgrst
        {"message": "{\"code\": \"123\", \"message\": \"ABC\"}", "detail": "INVALID"}
        500 {"code": "PGRST121", "details": "Invalid JSON value for DETAIL: 'INVALID'", "hint": "DETAIL must be a JSON object with obligatory keys: 'status', 'headers' and optional key: 'status_text'.", "message": "Could not parse JSON in the \"RAISE SQLSTATE 'PGRST'\" error"}

        no detail
        POST /rpc/fail_pgrst
        {"message": "{\"code\": \"123\", \"message\": \"ABC\"}"}
        500 {"code": "PGRST121", "details": "DETAIL is missing in the RAISE statement", "hint": "DETAIL must be a JSON object with obligatory keys: 'status', 'headers' and optional key: 'status_text'.", "message": "Could not parse JSON in the \"RAISE SQLSTATE 'PGRST'\" error"}

        a status that is none
        POST /rpc/fail_pgrst
        {"message": "{\"code\": \"123\", \"message\": \"ABC\"}", "detail": "{\"status\": 7, \"headers\": {}}"}
        500 {"code": "…", "details": "…", "hint": "…", "message": "…"}

        a header that is none
        POST /rpc/fail_pgrst
        {"message": "{\"code\": \"123\", \"message\": \"ABC\"}", "detail": "{\"status\": 400, \"headers\": {\"X-A\": \"1\\r\\nX-Evil: 1\"}}"}
        500 {"code": "…", "details": "…", "hint": "…", "message": "…"}
        X-Evil: -
        "#,
    )
    .await;
}

#[tokio::test]
async fn with_a_status() {
    check(
        r#"
        detail and hint
        POST /rpc/pay_up
        402 {"code": "PT402", "details": "Quota exceeded", "hint": "Upgrade your plan", "message": "Payment Required"}

        by GET
        GET /rpc/pay_up
        402 !PT402 Payment Required

        what is no number
        GET /rpc/fail_with?state=PT40A&words=Wrong
        500 {"code": "PT40A", "details": null, "hint": null, "message": "Wrong"}

        a plain raise
        POST /rpc/complain
        400 {"code": "P0001", "details": "by 3 tons", "hint": "unload", "message": "too heavy"}

        words that need escaping
        POST /rpc/fail_with
        {"state": "PT409", "words": "a \"b\" \\ \n c"}
        409 {"code": "PT409", "details": null, "hint": null, "message": "a \"b\" \\ \n c"}
        "#,
    )
    .await;
}
