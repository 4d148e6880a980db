use crate::script::check;

#[tokio::test]
async fn order() {
    check(
        r#"
        upwards
        GET /ports?select=id&order=name
        200 [{"id": 2}, {"id": 3}, {"id": 4}, {"id": 1}]

        upwards by word
        GET /ports?select=id&order=name.asc
        200 [{"id": 2}, {"id": 3}, {"id": 4}, {"id": 1}]

        downwards
        GET /ports?select=id&order=id.desc
        200 [{"id": 4}, {"id": 3}, {"id": 2}, {"id": 1}]

        nulls come last upwards
        GET /ports?select=id&order=country
        200 [{"id": 2}, {"id": 3}, {"id": 1}, {"id": 4}]

        nulls first
        GET /ports?select=id&order=country.nullsfirst
        200 [{"id": 4}, {"id": 2}, {"id": 3}, {"id": 1}]

        downwards with nulls last
        GET /ports?select=id&order=country.desc.nullslast
        200 [{"id": 1}, {"id": 3}, {"id": 2}, {"id": 4}]

        two columns
        GET /ships?select=id&order=home_port.desc.nullslast,id.desc
        200 [{"id": 3}, {"id": 2}, {"id": 1}, {"id": 4}]

        by a column that is not selected
        GET /ports?select=name&order=id.desc&limit=1
        200 [{"name": "Nowhere"}]

        an unknown column
        GET /ports?order=nope
        400 !42703 column ports.nope does not exist

        an unknown direction
        GET /ports?order=id.up
        400 {"code": "PGRST100", "details": "…", "hint": null, "message": "…"}

        words after the last
        GET /ports?order=id.asc.nullslasttt
        400 !PGRST100

        an expression is no column
        GET /ports?order=1;select%20pg_sleep(1)
        400 !PGRST100
        "#,
    )
    .await;
}

#[tokio::test]
async fn limit_and_offset() {
    check(
        r#"
        limit
        GET /ports?select=id&order=id&limit=2
        200 [{"id": 1}, {"id": 2}]
        Content-Range: 0-1/*

        limit and offset
        GET /ports?select=id&order=id&limit=2&offset=1
        200 [{"id": 2}, {"id": 3}]
        Content-Range: 1-2/*

        offset alone
        GET /ports?select=id&order=id&offset=3
        200 [{"id": 4}]
        Content-Range: 3-3/*

        limit zero
        GET /ports?limit=0
        200 []
        Content-Range: */*

        an offset past the end without a count
        GET /ports?offset=9
        200 []
        Content-Range: */*

        a negative limit
        GET /ports?limit=-1
        416 {"code": "PGRST103", "details": "Limit should be greater than or equal to zero.", "hint": null, "message": "Requested range not satisfiable"}

        a negative offset is none
        GET /ports?select=id&order=id&offset=-4&limit=1
        200 [{"id": 1}]

        a limit that is no number is none
        GET /ports?select=id&order=id&limit=abc
        200 [{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}]

        a limit with SQL in it is none
        GET /ports?select=id&order=id&limit=1;drop%20table%20ports
        200 [{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}]
        db: select count(*) from ports => 4
        "#,
    )
    .await;
}

#[tokio::test]
async fn range_header() {
    check(
        r#"
        a range
        GET /ports?select=id&order=id
        Range-Unit: items
        Range: 1-2
        200 [{"id": 2}, {"id": 3}]
        Content-Range: 1-2/*

        open at its end
        GET /ports?select=id&order=id
        Range: 2-
        200 [{"id": 3}, {"id": 4}]
        Content-Range: 2-3/*

        beyond the end is cut
        GET /ports?select=id&order=id
        Range: 3-100
        200 [{"id": 4}]
        Content-Range: 3-3/*

        with a count it is partial
        GET /ports?select=id&order=id
        Range: 0-1
        Prefer: count=exact
        206 [{"id": 1}, {"id": 2}]
        Content-Range: 0-1/4

        the whole with a count is not partial
        GET /ports?select=id&order=id
        Range: 0-9
        Prefer: count=exact
        200 [{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}]
        Content-Range: 0-3/4

        a header is narrower than the parameters
        GET /ports?select=id&order=id&limit=3
        Range: 0-1
        200 [{"id": 1}, {"id": 2}]
        Content-Range: 0-1/*

        backwards
        GET /ports
        Range: 3-1
        416 {"code": "PGRST103", "details": "The lower boundary must be lower than or equal to the upper boundary in the Range header.", "hint": null, "message": "Requested range not satisfiable"}

        past the end with a count
        GET /ports
        Range: 9-12
        Prefer: count=exact
        416 {"code": "PGRST103", "details": "An offset of 9 was requested, but there are only 4 rows.", "hint": null, "message": "Requested range not satisfiable"}
        Content-Range: */4

        bytes and nonsense are no range
        GET /ports?select=id&order=id
        Range: items=all
        200 [{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}]

        SQL is no range
        GET /ports?select=id&order=id
        Range: 0-1; drop table ports
        200 [{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}]
        db: select count(*) from ports => 4

        not for HEAD
        HEAD /ports?select=id
        Range: 0-1
        200
        Content-Range: 0-3/*

        not for writes
        PATCH /berths?port_id=eq.1
        Range: 0-0
        {"note": "same"}
        204
        Content-Range: 0-1/*
        db: select count(*) from berths where note = 'same' => 2
        "#,
    )
    .await;
}
