use crate::script::check;

#[tokio::test]
async fn others_than_get_head_and_post() {
    check(
        r#"
        PUT
        PUT /rpc/add
        {"a": 1, "b": 2}
        405 {"code": "PGRST101", "details": null, "hint": null, "message": "Cannot use the PUT method on RPC"}

        PATCH
        PATCH /rpc/add
        {"a": 1, "b": 2}
        405 {"code": "PGRST101", "details": null, "hint": null, "message": "Cannot use the PATCH method on RPC"}

        DELETE
        DELETE /rpc/nothing
        405 {"code": "PGRST101", "details": null, "hint": null, "message": "Cannot use the DELETE method on RPC"}
        db: select count(*) from logbook => 0

        a method nobody knows
        PURGE /rpc/add
        405 !PGRST101

        a method nobody knows, on a table
        PURGE /ports
        405 {"code": "PGRST117", "details": null, "hint": null, "message": "Unsupported HTTP method: PURGE"}

        TRACE on a table
        TRACE /ports
        405 !PGRST117
        "#,
    )
    .await;
}
