use crate::script::check;

#[tokio::test]
async fn object() {
    check(
        r#"
        one row of a set
        POST /rpc/all_ports?id=eq.2&select=id,name
        Accept: application/vnd.pgrst.object+json
        {}
        200 {"id": 2, "name": "Hamburg"}
        Content-Type: application/vnd.pgrst.object+json; charset=utf-8

        none
        GET /rpc/no_ports
        Accept: application/vnd.pgrst.object+json
        406 {"code": "PGRST116", "details": "The result contains 0 rows", "hint": null, "message": "Cannot coerce the result to a single JSON object"}

        many
        GET /rpc/all_ports
        Accept: application/vnd.pgrst.object+json
        406 {"code": "PGRST116", "details": "The result contains 4 rows", "hint": null, "message": "Cannot coerce the result to a single JSON object"}

        a row stays a row
        POST /rpc/origin
        Accept: application/vnd.pgrst.object+json
        200 {"x": 1, "y": 2}

        a value stays a value
        POST /rpc/add
        Accept: application/vnd.pgrst.object+json
        {"a": 1, "b": 2}
        200 3

        too many are rolled back
        POST /rpc/rename_ports
        Accept: application/vnd.pgrst.object+json
        {"low": 1, "high": 2, "name": "changed"}
        406 !PGRST116 Cannot coerce the result to a single JSON object
        db: select count(*) from ports where name like 'changed%' => 0

        one is kept
        POST /rpc/rename_ports?select=name
        Accept: application/vnd.pgrst.object+json
        {"low": 1, "high": 1, "name": "changed"}
        200 {"name": "changed1"}
        db: select name from ports where id = 1 => changed1

        nulls left out
        POST /rpc/one_port
        Accept: application/vnd.pgrst.object+json;nulls=stripped
        {"port": 3}
        200 {"id": 3, "name": "Leith", "country": "GB"}
        Content-Type: application/vnd.pgrst.object+json;nulls=stripped; charset=utf-8
        "#,
    )
    .await;
}
