use crate::script::check;

#[tokio::test]
async fn as_answer() {
    check(
        r#"
        rows
        GET /ports?select=id,name&order=id&limit=2
        Accept: text/csv
        200 = id,name\n1,Rotterdam\n2,Hamburg
        Content-Type: text/csv; charset=utf-8
        Content-Range: 0-1/*

        null is empty
        GET /ports?select=id,country,depth&id=in.(1,4)&order=id
        Accept: text/csv
        200 = id,country,depth\n1,NL,24\n4,,

        commas, quotes and renamed columns
        GET /berths?select=place:port_id,note&port_id=eq.1&number=eq.1
        Accept: text/csv
        200 = place,note\n1,deep

        a parameter of the type
        GET /only_key?order=id
        Accept: text/csv; version=1
        200 = id\n1\n2

        no rows
        GET /only_key?id=eq.99
        Accept: text/csv
        200 = \n

        rows that were inserted
        POST /only_key
        Accept: text/csv
        Prefer: return=representation
        [{"id": 5}, {"id": 6}]
        201 = id\n5\n6
        Content-Type: text/csv; charset=utf-8

        values that need quotes
        POST /no_key
        Accept: text/csv
        Prefer: return=representation
        {"a": "x,\"y\"", "b": "two\nlines"}
        201 = a,b\n"x,""y""","two\nlines"

        rows of a function
        GET /rpc/ship_list?at_least=100&select=id,name
        Accept: text/csv
        200 = id,name\n1,Aurora\n2,Borealis

        of a function by POST
        POST /rpc/ship_list?select=id
        Accept: text/csv
        {"at_least": 200}
        200 = id\n2

        by HEAD
        HEAD /ports
        Accept: text/csv
        200
        Content-Type: text/csv; charset=utf-8
        "#,
    )
    .await;
}
