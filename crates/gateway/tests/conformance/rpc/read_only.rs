use crate::script::check;

#[tokio::test]
async fn transactions() {
    check(
        r#"
        a write by GET
        GET /rpc/write_log?entry=x
        405 {"code": "25006", "details": null, "hint": null, "message": "cannot execute INSERT in a read-only transaction"}
        db: select count(*) from logbook => 0

        a write by HEAD
        HEAD /rpc/write_log?entry=x
        405
        db: select count(*) from logbook => 0

        a void write by GET
        GET /rpc/nothing
        405 !25006
        db: select count(*) from logbook => 0

        a stable function that writes, by POST
        POST /rpc/stable_writer
        405 !25006 cannot execute INSERT in a read-only transaction
        db: select count(*) from logbook => 0

        a write by POST
        POST /rpc/write_log
        {"entry": "x"}
        200 1
        db: select count(*) from logbook => 1

        volatile by POST may write
        POST /rpc/tx_read_only
        200 "off"

        volatile by GET may not
        GET /rpc/tx_read_only
        200 "on"

        stable by POST may not
        POST /rpc/tx_read_only_stable
        200 "on"

        what fails after writing leaves nothing
        POST /rpc/write_then_fail
        400 !P0001 after writing
        db: select count(*) from logbook where entry = 'lost' => 0

        reading a table may not write
        GET /ports?select=id&id=eq.1
        200 [{"id": 1}]
        "#,
    )
    .await;
}
