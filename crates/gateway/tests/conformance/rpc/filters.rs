use crate::script::check;

#[tokio::test]
async fn on_rows() {
    check(
        r#"
        a filter by GET
        GET /rpc/all_ports?select=id&country=eq.DE
        200 [{"id": 2}]

        a filter by POST
        POST /rpc/all_ports?select=id&id=gt.1&id=lt.4
        {}
        200 [{"id": 2}, {"id": 3}]
        Content-Range: 0-1/*

        gte and lte
        GET /rpc/all_ports?select=id&id=gte.3&depth=is.null&id=lte.3
        200 [{"id": 3}]

        in
        GET /rpc/all_ports?select=id&id=in.(1,4)
        200 [{"id": 1}, {"id": 4}]

        like and ilike
        GET /rpc/all_ports?select=id&name=like.*t*&name=ilike.*R*
        200 [{"id": 1}]

        not
        GET /rpc/all_ports?select=id&name=not.ilike.*o*
        200 [{"id": 2}, {"id": 3}]

        a tree
        GET /rpc/all_ports?select=id&or=(id.eq.1,country.is.null)
        200 [{"id": 1}, {"id": 4}]

        an argument and a filter of one name
        GET /rpc/below?id=4&id=gt.1&select=id
        200 [{"id": 2}, {"id": 3}]

        an argument and a negated filter of one name
        GET /rpc/below?id=4&id=not.in.(1,3)&select=id
        200 [{"id": 2}]

        ordered
        GET /rpc/all_ports?select=id&order=name.desc
        200 [{"id": 1}, {"id": 4}, {"id": 3}, {"id": 2}]

        limited
        GET /rpc/all_ports?select=id&limit=2&offset=1
        200 [{"id": 2}, {"id": 3}]
        Content-Range: 1-2/*

        limited by POST
        POST /rpc/all_ports?select=id&limit=1&offset=2
        {}
        200 [{"id": 3}]
        Content-Range: 2-2/*

        counted
        POST /rpc/all_ports?select=id&limit=1
        Prefer: count=exact
        {}
        206 [{"id": 1}]
        Content-Range: 0-0/4
        Preference-Applied: count=exact

        a range by GET
        GET /rpc/all_ports?select=id
        Range: 1-2
        Prefer: count=exact
        206 [{"id": 2}, {"id": 3}]
        Content-Range: 1-2/4

        no range by POST
        POST /rpc/all_ports?select=id
        Range: 1-2
        {}
        200 [{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}]
        Content-Range: 0-3/*

        past the end
        GET /rpc/all_ports?offset=9
        Prefer: count=exact
        416 {"code": "PGRST103", "details": "An offset of 9 was requested, but there are only 4 rows.", "hint": null, "message": "Requested range not satisfiable"}
        Content-Range: */4

        by HEAD
        HEAD /rpc/all_ports?limit=1
        Prefer: count=exact
        206
        Content-Range: 0-0/4

        renamed and cast
        GET /rpc/ship_list?select=key:id::text,size&limit=1
        200 [{"key": "1", "size": 100}]

        a column of a table
        GET /rpc/ship_list?size=gt.100&select=name
        200 [{"name": "Borealis"}]

        into JSON
        GET /rpc/all_ships?select=papers->owner->>name&papers->owner->>name=eq.Ann
        200 [{"name": "Ann"}]

        an unknown column
        GET /rpc/all_ports?select=nope
        400 !42703

        what is neither an argument nor a filter
        GET /rpc/all_ports?nope=1
        404 !PGRST202

        an unknown column in a filter
        GET /rpc/all_ports?nope=eq.1
        400 !42703

        an operator on no column by POST
        POST /rpc/all_ports?id=is_like.1
        {}
        400 !PGRST100

        a minimal answer is none for a function
        POST /rpc/all_ports?select=id&limit=1
        Prefer: return=minimal
        {}
        200 [{"id": 1}]
        "#,
    )
    .await;
}
