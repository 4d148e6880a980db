use crate::script::check;

#[tokio::test]
async fn columns() {
    check(
        r#"
        all columns without select
        GET /ports?id=eq.1
        200 [{"id": 1, "name": "Rotterdam", "country": "NL", "depth": 24}]
        Content-Type: application/json; charset=utf-8
        Content-Range: 0-0/*
        Content-Location: /ports?id=eq.1
        Content-Profile: public

        all columns by a star
        GET /ports?id=eq.3&select=*
        200 [{"id": 3, "name": "Leith", "country": "GB", "depth": null}]

        all columns by an empty select
        GET /ports?id=eq.3&select=
        200 [{"id": 3, "name": "Leith", "country": "GB", "depth": null}]

        some columns, in the order asked for
        GET /ports?id=eq.1&select=name,id
        200 = [{"name":"Rotterdam","id":1}]

        renamed
        GET /ports?id=eq.1&select=key:id,title:name
        200 = [{"key":1,"title":"Rotterdam"}]

        cast
        GET /ports?id=eq.1&select=id::text,depth::int
        200 [{"id": "1", "depth": 24}]

        renamed and cast
        GET /ports?id=eq.1&select=number:id::text
        200 [{"number": "1"}]

        a star beside a renamed column
        GET /only_key?id=eq.1&select=*,again:id
        200 [{"id": 1, "again": 1}]

        spaces after commas
        GET /ports?id=eq.1&select=id, name
        200 [{"id": 1, "name": "Rotterdam"}]

        a column that does not exist
        GET /ports?select=id,nope
        400 {"code": "42703", "details": null, "hint": "Perhaps you meant to reference the column \"ports.name\".", "message": "column ports.nope does not exist"}

        a column like no other
        GET /ports?select=zzzzzzzz
        400 {"code": "42703", "details": null, "hint": null, "message": "column ports.zzzzzzzz does not exist"}

        a cast to a type that does not exist
        GET /ports?select=id::nope
        400 !42704 type "nope" does not exist

        a cast that a value cannot take
        GET /ports?select=name::int&id=eq.1
        400 !22P02 invalid input syntax for type integer: "Rotterdam"

        select that is not a list of columns
        GET /ports?select=id,,name
        400 {"code": "PGRST100", "details": "…", "hint": null, "message": "…"}

        select with an open parenthesis
        GET /ports?select=id,(name
        400 !PGRST100

        a function among the columns is no column
        GET /ports?select=pg_sleep(1)
        400 !PGRST200

        an aggregate
        GET /ports?select=id.count()
        400 {"code": "PGRST123", "details": null, "hint": null, "message": "Use of aggregate functions is not allowed"}

        a count of rows
        GET /ports?select=count()
        400 !PGRST123

        no rows
        GET /ports?id=eq.99
        200 []
        Content-Range: */*
        "#,
    )
    .await;
}

#[tokio::test]
async fn inside_json() {
    check(
        r#"
        an object's key, as JSON
        GET /ships?id=eq.1&select=papers->owner
        200 [{"owner": {"name": "Ann", "since": 1990}}]

        a nested key as text takes the last key's name
        GET /ships?id=eq.1&select=papers->owner->>name
        200 [{"name": "Ann"}]

        a number as text
        GET /ships?id=eq.1&select=papers->owner->>since
        200 [{"since": "1990"}]

        an element of an array takes the name of the key before it
        GET /ships?id=eq.1&select=papers->marks->1
        200 [{"marks": 2}]

        counted from the end
        GET /ships?id=eq.1&select=papers->marks->-1
        200 [{"marks": 3}]

        an element as text, renamed
        GET /ships?id=eq.1&select=first:papers->marks->>0
        200 [{"first": "1"}]

        cast
        GET /ships?id=eq.1&select=since:papers->owner->>since::int
        200 [{"since": 1990}]

        a key that is not there
        GET /ships?id=eq.1&select=papers->nope->deeper
        200 [{"deeper": null}]

        into an array column
        GET /ships?id=eq.1&select=tags->0
        200 [{"tags": "fast"}]

        into a composite column
        GET /everything?id=eq.1&select=composite_->x,y:composite_->>y
        200 [{"x": 3, "y": "4"}]

        filtered by a nested key
        GET /ships?papers->owner->>name=eq.Bob&select=id
        200 [{"id": 2}]

        filtered by a number inside
        GET /ships?papers->owner->since=eq.1990&select=id
        200 [{"id": 1}]

        ordered by a nested key
        GET /ships?papers->owner=not.is.null&select=id&order=papers->owner->>name.desc
        200 [{"id": 2}, {"id": 1}]

        a path into a number
        GET /ports?select=depth->x&id=eq.1
        200 [{"x": null}]
        "#,
    )
    .await;
}

#[tokio::test]
async fn odd_names() {
    check(
        r#"
        a table and a column with spaces
        GET /Odd%20Names?select=the%20id&the%20id=eq.1
        200 [{"the id": 1}]

        a quoted column with a dot
        GET /Odd%20Names?select=%22a.dotted%22&%22a.dotted%22=eq.dot
        200 [{"a.dotted": "dot"}]

        a key word
        GET /Odd%20Names?select=select&order=the%20id
        200 [{"select": "sel"}, {"select": null}]

        a quote inside a quoted column
        GET /Odd%20Names?select=%22quo%5C%22te%22&%22the%20id%22=eq.1
        200 [{"quo\"te": "quo"}]

        parentheses inside a quoted column
        GET /Odd%20Names?select=%22(parens)%22&order=%22(parens)%22.desc.nullslast&limit=1
        200 [{"(parens)": "par"}]

        written and read back
        POST /Odd%20Names?select=%22quo%5C%22te%22,%22(parens)%22
        Prefer: return=representation
        {"the id": 3, "quo\"te": "a\"b", "(parens)": ")'("}
        201 [{"quo\"te": "a\"b", "(parens)": ")'("}]

        upper case is another name
        GET /Ports
        404 !PGRST205

        a table that does not exist
        GET /portz
        404 {"code": "PGRST205", "details": null, "hint": "Perhaps you meant the table 'public.ports'", "message": "Could not find the table 'public.portz' in the schema cache"}

        a table that is three quarters alike
        GET /ship_xxmes
        404 {"code": "PGRST205", "details": null, "hint": "Perhaps you meant the table 'public.ship_names'", "message": "Could not find the table 'public.ship_xxmes' in the schema cache"}

        a table that is less alike
        GET /berxxs
        404 {"code": "PGRST205", "details": null, "hint": null, "message": "Could not find the table 'public.berxxs' in the schema cache"}

        a table like no other
        GET /qqqqqqqqqq
        404 {"code": "PGRST205", "details": null, "hint": null, "message": "Could not find the table 'public.qqqqqqqqqq' in the schema cache"}

        a longer path is no table
        GET /ports/1
        404 {"code": "PGRST125", "details": null, "hint": null, "message": "Invalid path specified in request URL"}

        a system table is not there
        GET /pg_class
        404 !PGRST205

        a table of the system's schema is not there
        GET /pg_catalog.pg_class
        404 !PGRST205
        "#,
    )
    .await;
}
