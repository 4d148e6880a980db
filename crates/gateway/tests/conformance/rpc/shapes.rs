use crate::script::check;

#[tokio::test]
async fn one_value() {
    check(
        r#"
        an integer
        POST /rpc/add
        {"a": 2, "b": 3}
        200 = 5
        Content-Type: application/json; charset=utf-8
        Content-Range: 0-0/*
        Content-Profile: public

        text
        POST /rpc/greet
        {"name": "Ada \"A\" ￥"}
        200 "Ahoy, Ada \"A\" ￥"

        an enumeration
        POST /rpc/flag_of
        {"f": "green"}
        200 "green"

        an array
        POST /rpc/tags_of
        {"t": ["a", null, "c,d"]}
        200 ["a", null, "c,d"]

        an empty array
        POST /rpc/tags_of
        {"t": []}
        200 []

        an array of arrays
        POST /rpc/matrix
        200 [[1, 2], [3, 4]]

        a range
        POST /rpc/span
        {"low": 10, "high": 20}
        200 "[10,20)"

        json as it stands
        POST /rpc/echo_json
        {"j": {"b": [1, {"c": null}], "a": 1.50}}
        200 {"b": [1, {"c": null}], "a": 1.5}

        jsonb
        POST /rpc/echo_jsonb
        {"j": [1, "two", null]}
        200 [1, "two", null]

        a domain
        POST /rpc/weigh
        {"v": 8}
        200 8

        a time with a zone
        POST /rpc/moment
        {"t": "2020-02-29T13:34:56+01:00"}
        200 "2020-02-29T12:34:56+00:00"

        a date
        POST /rpc/day
        {"d": "20200229"}
        200 "2020-02-29"

        a number beyond what a double holds
        POST /rpc/big
        200 = 9007199254740993

        a numeric with its zeros
        POST /rpc/exact
        200 = 0.1000

        a boolean
        POST /rpc/truth
        {"b": true}
        200 true

        a uuid
        POST /rpc/id_of
        {"u": "6F2B1C1E-8F0A-4C8E-9D0E-000000000001"}
        200 "6f2b1c1e-8f0a-4c8e-9d0e-000000000001"

        bytes
        POST /rpc/bytes
        200 "\\x00ff"

        a count of one
        POST /rpc/add
        Prefer: count=exact
        {"a": 2, "b": 3}
        200 5
        Content-Range: 0-0/1
        "#,
    )
    .await;
}

#[tokio::test]
async fn nothing() {
    check(
        r#"
        void
        POST /rpc/nothing
        204
        Content-Type: -
        Content-Range: 0-0/*
        db: select count(*) from logbook => 1

        void by GET
        GET /rpc/still
        204
        Content-Type: -

        a null number
        POST /rpc/no_number
        200 null

        a null text
        POST /rpc/no_text
        200 null

        null jsonb
        POST /rpc/no_json
        200 null

        a null array
        POST /rpc/no_array
        200 null

        the null of JSON
        POST /rpc/json_null
        200 null

        a composite with nothing in it
        POST /rpc/one_port
        {"port": 99}
        200 {"id": null, "name": null, "country": null, "depth": null}

        no rows
        POST /rpc/no_ports
        200 []
        Content-Range: */*
        "#,
    )
    .await;
}

#[tokio::test]
async fn rows() {
    check(
        r#"
        a row of a table
        POST /rpc/one_port
        {"port": 3}
        200 {"id": 3, "name": "Leith", "country": "GB", "depth": null}

        a composite
        POST /rpc/origin
        200 {"x": 1, "y": 2}

        a domain over a composite
        POST /rpc/origin_alias
        200 {"x": 3, "y": 4}

        a composite in and out
        POST /rpc/swap
        {"p": {"x": 1, "y": 2}}
        200 {"x": 2, "y": 1}

        one out argument
        POST /rpc/out_one
        {"n": 5}
        200 {"next": 6}

        out arguments
        POST /rpc/out_many
        200 {"a": 1, "b": "two"}

        an inout argument
        POST /rpc/inout_one
        {"n": 4}
        200 {"n": 8}

        inout arguments with a default
        POST /rpc/inout_many
        {"a": 1}
        200 {"a": 2, "b": "b"}

        a record
        POST /rpc/a_record
        200 {"id": 1, "name": "Rotterdam"}
        "#,
    )
    .await;
}

#[tokio::test]
async fn sets() {
    check(
        r#"
        rows of a table
        POST /rpc/all_ports?limit=1
        200 [{"id": 1, "name": "Rotterdam", "country": "NL", "depth": 24}]
        Content-Range: 0-0/*

        composites
        POST /rpc/points
        200 [{"x": 1, "y": 2}, {"x": 3, "y": 4}]

        integers
        POST /rpc/numbers
        {"n": 3}
        200 [1, 2, 3]
        Content-Range: 0-2/*

        texts, one of them null
        POST /rpc/letters
        200 ["a", null, "c"]

        no integers
        POST /rpc/numbers
        {"n": 0}
        200 []
        Content-Range: */*

        a table
        POST /rpc/ship_list
        {"at_least": 100}
        200 [{"id": 1, "name": "Aurora", "size": 100}, {"id": 2, "name": "Borealis", "size": 200}]

        a table of one column
        POST /rpc/one_column
        200 [{"a": "x"}, {"a": "y"}]

        records
        POST /rpc/setof_record
        200 [{"id": 1, "name": "Rotterdam"}, {"id": 2, "name": "Hamburg"}]

        columns in their order
        POST /rpc/ship_list?limit=1
        200 = [{"id":1,"name":"Aurora","size":100}]
        "#,
    )
    .await;
}
