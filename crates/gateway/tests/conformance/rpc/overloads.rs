use crate::script::check;

#[tokio::test]
async fn resolved_by_names() {
    check(
        r#"
        none
        GET /rpc/over
        200 "none"

        two
        GET /rpc/over?a=1&b=2
        200 3

        three
        GET /rpc/over?a=1&b=2&c=3
        200 "123"

        by POST
        POST /rpc/over
        {"a": 1, "b": 2}
        200 3

        by a form
        POST /rpc/over
        Content-Type: application/x-www-form-urlencoded
        a=1&b=2&c=3
        200 "123"

        results of different shape: a set
        POST /rpc/over_rows
        {"a": 1}
        200 [1]

        results of different shape: a row
        POST /rpc/over_rows
        {"a": 1, "x": 2}
        200 {"x": 1, "y": 2}

        names that fit none
        GET /rpc/over?a=1&b=2&wrong=3
        404 {"code": "PGRST202", "details": "Searched for the function public.over with parameters a, b, wrong, but no matches were found in the schema cache.", "hint": "Perhaps you meant to call the function public.over(a, b, c)", "message": "Could not find the function public.over(a, b, wrong) in the schema cache"}

        names that are nearer to fewer
        POST /rpc/over
        {"b": 1}
        404 {"code": "PGRST202", "details": "Searched for the function public.over with parameter b or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache.", "hint": "Perhaps you meant to call the function public.over(a, b)", "message": "Could not find the function public.over(b) in the schema cache"}

        names in any order
        GET /rpc/three?d=1&c=2&b=3&a=4
        404 {"code": "PGRST202", "details": "Searched for the function public.three with parameters a, b, c, d, but no matches were found in the schema cache.", "hint": "Perhaps you meant to call the function public.three(a, b, c)", "message": "Could not find the function public.three(a, b, c, d) in the schema cache"}

        names like no other
        GET /rpc/over?zzzz=1
        404 {"code": "PGRST202", "details": "Searched for the function public.over with parameter zzzz, but no matches were found in the schema cache.", "hint": null, "message": "Could not find the function public.over(zzzz) in the schema cache"}
        "#,
    )
    .await;
}

#[tokio::test]
async fn ambiguous() {
    check(
        r#"
        the same names with other types
        GET /rpc/pick?arg=1
        300 {"code": "PGRST203", "details": null, "hint": "Try renaming the parameters or the function itself in the database so function overloading can be resolved", "message": "Could not choose the best candidate function between: public.pick(arg => integer), public.pick(arg => text)"}

        by POST
        POST /rpc/pick
        {"arg": 1}
        300 !PGRST203

        a default that could be meant
        GET /rpc/dflt?a=1
        300 {"code": "PGRST203", "details": null, "hint": "…", "message": "Could not choose the best candidate function between: public.dflt(a => integer), public.dflt(a => integer, b => text)"}

        resolved where it is given
        GET /rpc/dflt?a=1&b=y
        200 "two"

        two that take the whole body
        POST /rpc/both_json
        {"any": 1}
        300 {"code": "PGRST203", "details": null, "hint": "…", "message": "Could not choose the best candidate function between: public.both_json( => json), public.both_json( => jsonb)"}
        "#,
    )
    .await;
}
