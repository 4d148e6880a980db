use crate::script::check;

#[tokio::test]
async fn media_types() {
    check(
        r#"
        anything
        GET /only_key?order=id
        Accept: */*
        200 [{"id": 1}, {"id": 2}]
        Content-Type: application/json; charset=utf-8

        JSON
        GET /only_key?order=id
        Accept: application/json
        200 [{"id": 1}, {"id": 2}]
        Content-Type: application/json; charset=utf-8

        JSON among what a browser accepts
        GET /only_key?order=id
        Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8
        200 [{"id": 1}, {"id": 2}]
        Content-Type: application/json; charset=utf-8

        arrays
        GET /only_key?order=id
        Accept: application/vnd.pgrst.array+json
        200 [{"id": 1}, {"id": 2}]
        Content-Type: application/json; charset=utf-8

        CSV before JSON
        GET /only_key?order=id
        Accept: text/csv, application/json
        200 = id\n1\n2
        Content-Type: text/csv; charset=utf-8

        JSON before CSV
        GET /only_key?order=id
        Accept: application/json, text/csv
        200 [{"id": 1}, {"id": 2}]
        Content-Type: application/json; charset=utf-8

        by weight
        GET /only_key?order=id
        Accept: application/json;q=0.5, text/csv;q=0.9
        200 = id\n1\n2

        an unknown one before a known one
        GET /only_key?order=id
        Accept: text/unknown, text/csv
        200 = id\n1\n2

        an unknown one before anything
        GET /only_key?order=id
        Accept: text/unknown, */*
        200 [{"id": 1}, {"id": 2}]
        Content-Type: application/json; charset=utf-8

        an unknown one
        GET /only_key
        Accept: text/unknown
        406 {"code": "PGRST107", "details": null, "hint": null, "message": "None of these media types are available: text/unknown"}

        two unknown ones
        GET /only_key
        Accept: text/unknown, image/png
        406 !PGRST107 None of these media types are available: text/unknown, image/png

        an unknown one for a function
        POST /rpc/add
        Accept: audio/mpeg3
        {"a": 1, "b": 2}
        406 !PGRST107 None of these media types are available: audio/mpeg3

        an unknown one before anything is written
        POST /only_key
        Accept: text/unknown
        Prefer: return=representation
        {"id": 70}
        406 !PGRST107
        db: select count(*) from only_key where id = 70 => 0

        a function that writes is not called
        POST /rpc/write_log
        Accept: text/unknown
        {"entry": "x"}
        406 !PGRST107
        db: select count(*) from logbook => 0

        an unknown parameter of a known type
        GET /only_key?order=id
        Accept: application/json; odata=verbose
        200 [{"id": 1}, {"id": 2}]
        Content-Type: application/json; charset=utf-8
        "#,
    )
    .await;
}
