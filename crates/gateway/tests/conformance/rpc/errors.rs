use crate::script::check;

#[tokio::test]
async fn that_postgres_raises() {
    check(
        r#"
        a division by zero
        POST /rpc/divide
        {"a": 1, "b": 0}
        400 {"code": "22012", "details": null, "hint": null, "message": "division by zero"}

        an assertion
        POST /rpc/insist
        500 {"code": "P0004", "details": null, "hint": null, "message": "must hold"}

        more than one row from a subquery
        POST /rpc/too_many
        500 {"code": "21000", "details": null, "hint": null, "message": "more than one row returned by a subquery used as an expression"}

        a table that is not there
        POST /rpc/no_such_table
        404 {"code": "42P01", "details": null, "hint": null, "message": "relation \"not_there\" does not exist"}

        a function that is not there
        POST /rpc/no_such_function
        404 !42883 function not_there() does not exist

        a recursion without an end
        POST /rpc/deep
        {"n": 1}
        500 !54001 stack depth limit exceeded

        a function that may not be called
        POST /rpc/for_service_only
        403 {"code": "42501", "details": null, "hint": null, "message": "permission denied for function for_service_only"}

        but by the service
        POST /rpc/for_service_only
        as: service
        200 "served"

        a function that anon may not call
        POST /rpc/one_port
        as: nobody
        {"port": 1}
        401 {"code": "42501", "details": null, "hint": null, "message": "permission denied for function one_port"}
        WWW-Authenticate: Bearer
        "#,
    )
    .await;
}
