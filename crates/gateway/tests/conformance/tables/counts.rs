use crate::script::check;

#[tokio::test]
async fn exact() {
    check(
        r#"
        all rows
        GET /ports?select=id&order=id
        Prefer: count=exact
        200 [{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}]
        Content-Range: 0-3/4
        Preference-Applied: count=exact

        a page
        GET /ports?select=id&order=id&limit=2
        Prefer: count=exact
        206 [{"id": 1}, {"id": 2}]
        Content-Range: 0-1/4

        the last page
        GET /ports?select=id&order=id&limit=2&offset=3
        Prefer: count=exact
        206 [{"id": 4}]
        Content-Range: 3-3/4

        filtered
        GET /ports?select=id&id=gt.2&limit=1&order=id
        Prefer: count=exact
        206 [{"id": 3}]
        Content-Range: 0-0/2

        nothing
        GET /ports?id=gt.9
        Prefer: count=exact
        200 []
        Content-Range: */0

        a limit of zero
        GET /ports?limit=0
        Prefer: count=exact
        206 []
        Content-Range: */4

        past the end
        GET /ports?offset=5
        Prefer: count=exact
        416 {"code": "PGRST103", "details": "An offset of 5 was requested, but there are only 4 rows.", "hint": null, "message": "Requested range not satisfiable"}
        Content-Range: */4

        an offset where there is nothing
        GET /ports?offset=1&id=gt.9
        Prefer: count=exact
        416 !PGRST103
        Content-Range: */0

        by HEAD
        HEAD /ports?limit=1
        Prefer: count=exact
        206
        Content-Range: 0-0/4
        Content-Type: application/json; charset=utf-8

        with an inner join
        GET /ports?select=id,ships!inner(id)&ships.flag=eq.blue&order=id&ships.order=id
        Prefer: count=exact
        200 [{"id": 1, "ships": [{"id": 2}]}, {"id": 2, "ships": [{"id": 3}]}]
        Content-Range: 0-1/2

        none
        GET /ports?select=id&id=eq.1
        Prefer: count=none
        200 [{"id": 1}]
        Content-Range: 0-0/*
        Preference-Applied: -
        "#,
    )
    .await;
}

#[tokio::test]
async fn planned_and_estimated() {
    check(
        r#"
        the planner's guess of a whole table
        HEAD /ports
        Prefer: count=planned
        200
        Content-Range: 0-3/4
        Preference-Applied: count=planned

        without limit and offset
        HEAD /ports?limit=2&offset=1
        Prefer: count=planned
        206
        Content-Range: 1-2/4

        estimated without a limit of rows is the planner's
        HEAD /ports
        Prefer: count=estimated
        200
        Content-Range: 0-3/4
        Preference-Applied: count=estimated

        of a function's rows
        GET /rpc/all_ports?select=id&limit=1
        Prefer: count=exact
        206 [{"id": 1}]
        Content-Range: 0-0/4
        "#,
    )
    .await;
}

#[tokio::test]
async fn of_writes() {
    check(
        r#"
        inserted
        POST /tokens
        Prefer: count=exact
        [{"label": "a"}, {"label": "b"}]
        201
        Content-Range: */2
        Preference-Applied: count=exact

        inserted without a count
        POST /tokens
        {"label": "c"}
        201
        Content-Range: */*

        updated
        PATCH /tokens?label=in.(a,b)
        Prefer: count=exact
        {"weight": 3}
        204
        Content-Range: 0-1/2

        nothing updated
        PATCH /tokens?label=eq.zzz
        Prefer: count=exact
        {"weight": 3}
        204
        Content-Range: */0

        deleted
        DELETE /tokens?label=in.(a,b)
        Prefer: count=exact
        204
        Content-Range: */2
        "#,
    )
    .await;
}
