use crate::script::check;

#[tokio::test]
async fn rows() {
    check(
        r#"
        one row
        DELETE /berths?port_id=eq.2
        204
        Content-Range: */*
        Content-Type: -
        db: select count(*) from berths => 2

        with representation and count
        DELETE /berths?port_id=eq.1&number=eq.1
        Prefer: return=representation, count=exact
        200 [{"port_id": 1, "number": 1, "note": "deep"}]
        Content-Range: */1
        Preference-Applied: return=representation, count=exact

        some of its columns
        DELETE /tokens?id=eq.2&select=key:id::text,label
        Prefer: return=representation
        200 [{"key": "2", "label": "two"}]
        Content-Range: */*

        none found
        DELETE /tokens?id=eq.99
        204

        none found, with representation
        DELETE /tokens?id=eq.99
        Prefer: return=representation
        200 []

        all rows
        DELETE /only_key
        Prefer: return=minimal
        204
        Preference-Applied: return=minimal
        db: select count(*) from only_key => 0

        what others point to
        DELETE /ports?id=eq.1
        409 !23503
        db: select count(*) from ports where id = 1 => 1

        an unknown column in the filter
        DELETE /ports?nope=eq.1
        400 !42703
        db: select count(*) from ports => 4

        a filter that cannot be read deletes nothing
        DELETE /ports?id=4
        400 !PGRST100
        db: select count(*) from ports => 4

        a table that does not exist
        DELETE /nope?id=eq.1
        404 !PGRST205

        without the right to read the rest of the row
        DELETE /half_hidden?id=eq.1
        Prefer: return=representation
        403 !42501
        db: select count(*) from half_hidden => 1

        a body is not read
        DELETE /cargo?id=eq.3
        {"id": 1}
        204
        db: select count(*) from cargo => 2
        "#,
    )
    .await;
}
