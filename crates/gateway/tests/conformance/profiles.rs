use crate::script::check;

#[tokio::test]
async fn schemas() {
    check(
        r#"
        none named is the first
        GET /projects?select=id
        schema: -
        200 [{"id": "$project"}]
        Content-Profile: ops

        the first by name
        GET /projects?select=id
        Accept-Profile: ops
        200 [{"id": "$project"}]
        Content-Profile: ops

        another
        GET /ports?select=id&id=eq.1
        Accept-Profile: public
        200 [{"id": 1}]
        Content-Profile: public

        what the first does not have
        GET /ports
        schema: -
        404 {"code": "PGRST205", "details": null, "hint": null, "message": "Could not find the table 'ops.ports' in the schema cache"}

        what public does not have is found along the search path, as without a schema in SQL
        GET /deployment_logs?select=id&limit=0
        Accept-Profile: public
        200 []
        Content-Profile: public

        with what is related to it
        GET /branches?select=name,projects(id)&order=name&limit=1
        Accept-Profile: public
        200 [{"name": "…", "projects": {"id": "$project"}}]
        Content-Profile: public

        and so is a function
        POST /rpc/calculate_deployment_success_rate?select=total_deployments
        Content-Profile: public
        {}
        200 [{"total_deployments": 0}]

        what nobody has is missing in public
        GET /nothing_like_it
        Accept-Profile: public
        404 !PGRST205 Could not find the table 'public.nothing_like_it' in the schema cache

        what another does not have
        GET /projects
        Accept-Profile: metrics
        404 !PGRST205 Could not find the table 'metrics.projects' in the schema cache

        one that is not exposed
        GET /orgs
        Accept-Profile: registry
        406 {"code": "PGRST106", "details": null, "hint": "Only the following schemas are exposed: ops, metrics, public", "message": "Invalid schema: registry"}

        the system's
        GET /pg_authid
        Accept-Profile: pg_catalog
        406 !PGRST106 Invalid schema: pg_catalog

        where users stand
        GET /users
        Accept-Profile: auth
        406 !PGRST106 Invalid schema: auth

        SQL for a schema
        GET /ports
        Accept-Profile: public; drop table ports
        406 !PGRST106 Invalid schema: public; drop table ports

        quotes for a schema
        GET /ports
        Accept-Profile: "public"
        406 !PGRST106

        another case is another schema
        GET /ports
        Accept-Profile: Public
        406 !PGRST106 Invalid schema: Public

        by HEAD
        HEAD /ports
        Accept-Profile: public
        200
        Content-Profile: public

        a write reads Content-Profile
        POST /only_key?select=id
        Content-Profile: public
        Prefer: return=representation
        {"id": 90}
        201 [{"id": 90}]
        Content-Profile: public

        a write does not read Accept-Profile
        POST /only_key
        Accept-Profile: public
        {"id": 91}
        404 !PGRST205 Could not find the table 'ops.only_key' in the schema cache

        a read does not read Content-Profile
        GET /only_key
        Content-Profile: public
        404 !PGRST205 Could not find the table 'ops.only_key' in the schema cache

        a write with both
        PATCH /only_key?id=eq.90
        Accept-Profile: nowhere
        Content-Profile: public
        {"id": 92}
        204
        db: select count(*) from only_key where id = 92 => 1

        a read with both
        GET /only_key?id=eq.92
        Accept-Profile: public
        Content-Profile: nowhere
        200 [{"id": 92}]

        a write to one that is not exposed
        DELETE /orgs
        Content-Profile: registry
        406 !PGRST106
        db: select count(*) from registry.orgs => 2

        a put
        PUT /only_key?id=eq.93
        Content-Profile: public
        {"id": 93}
        204

        a delete
        DELETE /only_key?id=eq.93
        Content-Profile: public
        204
        db: select count(*) from only_key where id = 93 => 0
        "#,
    )
    .await;
}

#[tokio::test]
async fn functions() {
    check(
        r#"
        none named is the first
        POST /rpc/list_projects?select=id,slug
        schema: -
        200 [{"id": "$project", "slug": "shop"}]
        Content-Profile: ops

        by GET
        GET /rpc/list_projects?select=id
        Accept-Profile: ops
        200 [{"id": "$project"}]
        Content-Profile: ops

        what the first does not have
        POST /rpc/add
        schema: -
        {"a": 1, "b": 2}
        404 !PGRST202 Could not find the function ops.add(a, b) in the schema cache

        another
        POST /rpc/add
        Content-Profile: public
        {"a": 1, "b": 2}
        200 3
        Content-Profile: public

        GET reads Accept-Profile
        GET /rpc/add?a=1&b=2
        Accept-Profile: public
        Content-Profile: nowhere
        200 3

        POST reads Content-Profile
        POST /rpc/add
        Accept-Profile: nowhere
        Content-Profile: public
        {"a": 1, "b": 2}
        200 3

        one that is not exposed
        POST /rpc/create_session
        Content-Profile: registry
        406 !PGRST106 Invalid schema: registry

        one with SQL in it
        POST /rpc/add
        Content-Profile: public'; drop table ports; --
        {"a": 1, "b": 2}
        406 !PGRST106
        db: select count(*) from ports => 4
        "#,
    )
    .await;
}
