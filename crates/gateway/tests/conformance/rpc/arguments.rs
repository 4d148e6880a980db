use crate::script::check;

#[tokio::test]
async fn by_post() {
    check(
        r#"
        by name, in any order
        POST /rpc/add
        {"b": 1, "a": 2}
        200 3

        a number as text
        POST /rpc/add
        {"a": "1", "b": "2"}
        200 3

        no body is no arguments
        POST /rpc/greet
        200 "Ahoy, sailor"

        an empty object too
        POST /rpc/greet
        {}
        200 "Ahoy, sailor"

        a null is given
        POST /rpc/greet
        {"name": null}
        200 null

        some defaults
        POST /rpc/three
        {"b": 9}
        200 [1, 9, 3]

        all defaults
        POST /rpc/three
        200 [1, 2, 3]

        a required one with a default beside it
        POST /rpc/needs_one
        {"a": 5}
        200 10

        JSON within JSON stays JSON
        POST /rpc/kind_of
        {"j": {"a": 1}}
        200 "object"

        a text with JSON in it stays text
        POST /rpc/kind_of
        {"j": "{\"a\": 1}"}
        200 "string"

        an array's text form
        POST /rpc/tags_of
        {"t": "{a,b}"}
        200 ["a", "b"]

        types with a length take what is longer
        POST /rpc/fixed_length
        {"c": "abcdef", "v": "uvwxyz"}
        200 "abcdef|uvwxyz"

        upper case, spaces and quotes in names
        POST /rpc/Quoted%20Fn
        {"the arg": 7, "Wo\"rd": "x"}
        200 "7x"

        keys that columns leaves out
        POST /rpc/add?columns=a,b
        {"a": 1, "b": 2, "c": 3}
        200 3

        the first object of an array
        POST /rpc/add
        [{"a": 1, "b": 2}, {"a": 10, "b": 20}]
        200 3

        a form
        POST /rpc/add
        Content-Type: application/x-www-form-urlencoded
        a=4&b=5
        200 9

        a form with text that needs decoding
        POST /rpc/greet
        Content-Type: application/x-www-form-urlencoded; charset=utf-8
        name=Jo+%26+Co%3D
        200 "Ahoy, Jo & Co="

        CSV
        POST /rpc/add
        Content-Type: text/csv
        a,b
        6,7
        200 13

        no content type
        POST /rpc/add
        Content-Type: -
        {"a": 1, "b": 1}
        200 2

        a query that looks like an argument is a filter
        POST /rpc/add?a=1
        {"a": 1, "b": 2}
        400 !PGRST100
        "#,
    )
    .await;
}

#[tokio::test]
async fn by_get() {
    check(
        r#"
        by name
        GET /rpc/add?b=1&a=2
        200 3
        Content-Range: 0-0/*

        none
        GET /rpc/greet
        200 "Ahoy, sailor"

        some defaults
        GET /rpc/three?c=7
        200 [1, 2, 7]

        text that needs decoding
        GET /rpc/greet?name=Jo%20%26%20Co%3D+%2B
        200 "Ahoy, Jo & Co= +"

        an empty text
        GET /rpc/greet?name=
        200 "Ahoy, "

        an array
        GET /rpc/tags_of?t=%7Ba,%22b,c%22%7D
        200 ["a", "b,c"]

        an enumeration
        GET /rpc/flag_of?f=red
        200 "red"

        JSON
        GET /rpc/kind_of?j=[1]
        200 "array"

        an object
        GET /rpc/echo_json?j=%7B%22b%22:1,%22a%22:[%22x%22]%7D
        200 {"b": 1, "a": ["x"]}

        a text of JSON's in its quotes
        GET /rpc/kind_of?j=%22x%22
        200 "string"

        JSON in a form
        POST /rpc/kind_of
        Content-Type: application/x-www-form-urlencoded
        j=%7B%22a%22%3A1%7D
        200 "object"

        a composite
        GET /rpc/swap?p=(5,6)
        200 {"x": 6, "y": 5}

        the last of a name given twice
        GET /rpc/greet?name=ignored&name=Bob
        200 "Ahoy, Bob"

        a value that looks like a filter is one
        GET /rpc/greet?name=eq.1
        400 !42703

        upper case, spaces and quotes in names
        GET /rpc/Quoted%20Fn?the%20arg=1&Wo%22rd=z
        200 "1z"

        by HEAD
        HEAD /rpc/add?a=1&b=2
        200
        Content-Type: application/json; charset=utf-8
        Content-Range: 0-0/*
        "#,
    )
    .await;
}

#[tokio::test]
async fn that_do_not_fit() {
    check(
        r#"
        a word for a number
        POST /rpc/add
        {"a": "one", "b": 2}
        400 {"code": "22P02", "details": null, "hint": null, "message": "invalid input syntax for type integer: \"one\""}

        a word for a number by GET
        GET /rpc/add?a=one&b=2
        400 !22P02 invalid input syntax for type integer: "one"

        a number too large
        GET /rpc/add?a=99999999999&b=2
        400 !22003

        no JSON where it is wanted
        GET /rpc/kind_of?j=x
        400 {"code": "22P02", "details": "Token \"x\" is invalid.", "hint": null, "message": "invalid input syntax for type json"}

        half of an object for json
        GET /rpc/echo_json?j=%7B
        400 !22P02 invalid input syntax for type json

        a label that the enumeration lacks
        GET /rpc/flag_of?f=purple
        400 !22P02 invalid input value for enum ship_flag: "purple"

        an array that cannot be read
        GET /rpc/tags_of?t=a
        400 !22P02

        an object for a number
        POST /rpc/add
        {"a": {"x": 1}, "b": 2}
        400 !22P02

        a domain's check
        POST /rpc/weigh
        {"v": -1}
        400 !23514

        a time that cannot be
        GET /rpc/day?d=2021-02-30
        400 !22008

        no JSON
        POST /rpc/add
        {"a": 1,
        400 {"code": "PGRST102", "details": null, "hint": null, "message": "Empty or invalid json"}

        an array of what are no objects
        POST /rpc/greet
        [1]
        400 !PGRST102 All object keys must match

        a content type that is none of those understood
        POST /rpc/greet
        Content-Type: application/xml
        <name>x</name>
        400 !PGRST102 Content-Type not acceptable: application/xml
        "#,
    )
    .await;
}

#[tokio::test]
async fn not_found() {
    check(
        r#"
        a function that does not exist, without arguments
        GET /rpc/gree
        404 {"code": "PGRST202", "details": "Searched for the function public.gree without parameters, but no matches were found in the schema cache.", "hint": "Perhaps you meant to call the function public.greet", "message": "Could not find the function public.gree without parameters in the schema cache"}

        a function that is three quarters alike
        GET /rpc/pack?arg=1
        404 {"code": "PGRST202", "details": "Searched for the function public.pack with parameter arg, but no matches were found in the schema cache.", "hint": "Perhaps you meant to call the function public.pick", "message": "Could not find the function public.pack(arg) in the schema cache"}

        a function that is less alike
        GET /rpc/ad
        404 {"code": "PGRST202", "details": "…", "hint": null, "message": "Could not find the function public.ad without parameters in the schema cache"}

        a function like no other
        POST /rpc/zzzzzzzzzz
        {"a": 1, "b": 2}
        404 {"code": "PGRST202", "details": "Searched for the function public.zzzzzzzzzz with parameters a, b or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache.", "hint": null, "message": "Could not find the function public.zzzzzzzzzz(a, b) in the schema cache"}

        an argument that is missing
        GET /rpc/add?a=1
        404 {"code": "PGRST202", "details": "Searched for the function public.add with parameter a, but no matches were found in the schema cache.", "hint": "Perhaps you meant to call the function public.add(a, b)", "message": "Could not find the function public.add(a) in the schema cache"}

        an argument too many
        GET /rpc/add?a=1&b=2&c=3
        404 {"code": "PGRST202", "details": "Searched for the function public.add with parameters a, b, c, but no matches were found in the schema cache.", "hint": "Perhaps you meant to call the function public.add(a, b)", "message": "Could not find the function public.add(a, b, c) in the schema cache"}

        an argument misspelt
        POST /rpc/needs_one
        {"aa": 1}
        404 !PGRST202 Could not find the function public.needs_one(aa) in the schema cache

        arguments that have no names
        POST /rpc/two_unnamed
        {"a": 1, "b": 2}
        404 !PGRST202

        a trigger's function cannot be called
        POST /rpc/stamp
        404 !PGRST202

        a function of the system is not there
        GET /rpc/pg_sleep?seconds=1
        404 !PGRST202

        a name with its schema is not there
        GET /rpc/public.greet
        404 !PGRST202

        no name
        GET /rpc
        404 !PGRST205

        a longer path
        GET /rpc/greet/more
        404 !PGRST125 Invalid path specified in request URL
        "#,
    )
    .await;
}
