use crate::script::check;

#[tokio::test]
async fn one_row_by_its_key() {
    check(
        r#"
        a new row
        PUT /berths?port_id=eq.3&number=eq.5
        Prefer: return=representation
        {"port_id": 3, "number": 5, "note": "put"}
        201 [{"port_id": 3, "number": 5, "note": "put"}]

        the same again
        PUT /berths?port_id=eq.3&number=eq.5
        Prefer: return=representation
        {"port_id": 3, "number": 5, "note": "put again"}
        200 [{"port_id": 3, "number": 5, "note": "put again"}]

        without representation
        PUT /berths?port_id=eq.3&number=eq.5
        [{"port_id": 3, "number": 5, "note": "quiet"}]
        204
        Content-Type: -
        db: select note from berths where port_id = 3 and number = 5 => quiet

        as one object
        PUT /only_key?id=eq.8
        Prefer: return=representation
        Accept: application/vnd.pgrst.object+json
        {"id": 8}
        201 {"id": 8}
        Content-Type: application/vnd.pgrst.object+json; charset=utf-8
        "#,
    )
    .await;
}

#[tokio::test]
async fn refused() {
    check(
        r#"
        a key that differs from the URL's
        PUT /only_key?id=eq.1
        {"id": 5}
        400 {"code": "PGRST115", "details": null, "hint": null, "message": "Payload values do not match URL in primary key column(s)"}
        db: select count(*) from only_key where id = 5 => 0

        a body without a column of the key
        PUT /berths?port_id=eq.1&number=eq.9
        {"port_id": 1}
        400 {"code": "42703", "details": null, "hint": null, "message": "column pgrst_body.number does not exist"}

        half of the key
        PUT /berths?port_id=eq.1
        {"port_id": 1, "number": 1}
        405 {"code": "PGRST105", "details": null, "hint": null, "message": "Filters must include all and only primary key columns with 'eq' operators"}

        another operator
        PUT /only_key?id=gt.1
        {"id": 2}
        405 !PGRST105

        more than the key
        PUT /berths?port_id=eq.1&number=eq.1&note=eq.deep
        {"port_id": 1, "number": 1}
        405 !PGRST105

        a tree
        PUT /only_key?and=(id.eq.1)
        {"id": 1}
        405 !PGRST105

        no key to name
        PUT /no_key?a=eq.1
        {"a": "1"}
        405 !PGRST105

        a limit
        PUT /only_key?id=eq.1&limit=1
        {"id": 1}
        400 {"code": "PGRST114", "details": null, "hint": null, "message": "limit/offset querystring parameters are not allowed for PUT"}
        "#,
    )
    .await;
}
