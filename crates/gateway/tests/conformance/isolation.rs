use crate::script::check;

/// Rows of another org answer as if they were not there, whatever is asked.
#[tokio::test]
async fn rows_of_another_org() {
    check(
        r#"
        are not read
        GET /projects?select=id&order=id
        schema: -
        200 [{"id": "$project"}]

        not by their id
        GET /projects?id=eq.$rival_project
        schema: -
        200 []

        not as one object
        GET /projects?id=eq.$rival_project
        schema: -
        Accept: application/vnd.pgrst.object+json
        406 !PGRST116

        not counted
        HEAD /projects
        schema: -
        Prefer: count=exact
        200
        Content-Range: 0-0/1

        not planned: the guess is of what the policy lets through
        HEAD /projects?id=eq.$rival_project
        schema: -
        Prefer: count=exact
        200
        Content-Range: */0

        not by a tree of conditions
        GET /projects?select=id&or=(id.eq.$rival_project,id.eq.$project)
        schema: -
        200 [{"id": "$project"}]

        not embedded
        GET /projects?select=id,branches(name)
        schema: -
        200 [{"id": "$project", "branches": [{"name": "main"}]}]

        not through what is embedded
        GET /branches?select=name,projects!inner(id)&projects.id=eq.$rival_project
        schema: -
        200 []

        not by a function
        POST /rpc/list_projects?id=eq.$rival_project
        schema: -
        {}
        200 []

        not by a function that takes their id
        POST /rpc/project_branches
        schema: -
        {"p_project_id": "$rival_project"}
        200 []

        the other side sees its own
        GET /projects?select=id
        as: rival
        schema: -
        200 [{"id": "$rival_project"}]

        the service sees both
        HEAD /projects
        as: service
        schema: -
        Prefer: count=exact
        200
        Content-Range: 0-1/2
        "#,
    )
    .await;
}

#[tokio::test]
async fn writes_to_another_org() {
    check(
        r#"
        an org in the body that is not yours
        POST /projects
        schema: -
        {"org_id": "$rival_org", "name": "taken", "slug": "taken", "repo_url": "https://git.example/x.git"}
        403 {"code": "42501", "details": null, "hint": null, "message": "new row violates row-level security policy for table \"projects\""}
        db: select count(*) from ops.projects where name = 'taken' => 0

        among rows that are
        POST /projects
        schema: -
        [{"org_id": "$org", "name": "mine", "slug": "mine", "repo_url": "https://git.example/x.git"}, {"org_id": "$rival_org", "name": "taken", "slug": "taken", "repo_url": "https://git.example/x.git"}]
        403 !42501
        db: select count(*) from ops.projects where name in ('mine', 'taken') => 0

        an org of yours
        POST /projects?select=org_id,name
        schema: -
        Prefer: return=representation
        {"org_id": "$org", "name": "mine", "slug": "mine", "repo_url": "https://git.example/x.git"}
        201 [{"org_id": "$org", "name": "mine"}]

        a role that may not
        POST /projects
        as: viewer
        schema: -
        {"org_id": "$org", "name": "viewed", "slug": "viewed", "repo_url": "https://git.example/x.git"}
        403 !42501
        db: select count(*) from ops.projects where name = 'viewed' => 0

        a column that is not the client's
        POST /projects
        schema: -
        {"org_id": "$org", "name": "odd", "slug": "odd", "repo_url": "https://git.example/x.git", "status": "suspended"}
        403 !42501 permission denied for table projects
        db: select count(*) from ops.projects where name = 'odd' => 0

        taking over by upsert
        POST /projects
        schema: -
        Prefer: resolution=merge-duplicates
        {"id": "$rival_project", "org_id": "$org", "name": "taken", "slug": "taken", "repo_url": "https://git.example/x.git"}
        403 !42501
        db: select name from ops.projects where id = '$rival_project' => spy

        a table without the right to update
        PATCH /projects?id=eq.$rival_project
        schema: -
        {"name": "taken"}
        403 !42501
        db: select name from ops.projects where id = '$rival_project' => spy

        a table without the right to delete
        DELETE /projects?id=eq.$rival_project
        schema: -
        403 !42501
        db: select count(*) from ops.projects where id = '$rival_project' => 1

        a build in another org
        POST /rpc/trigger_build
        schema: -
        {"p_project_id": "$rival_project", "p_branch_id": "$branch"}
        404 !PT404
        db: select count(*) from ops.builds => 0
        "#,
    )
    .await;
}

/// A policy on the person, with every command.
#[tokio::test]
async fn rows_of_another_person() {
    check(
        r#"
        one's own row
        POST /notes?select=id,body
        Prefer: return=representation
        {"id": 1, "owner": "$owner", "body": "mine"}
        201 [{"id": 1, "body": "mine"}]

        in another's name
        POST /notes
        {"id": 2, "owner": "$viewer", "body": "forged"}
        403 !42501 new row violates row-level security policy for table "notes"
        db: select count(*) from notes => 1

        another does not read it
        GET /notes
        as: viewer
        200 []

        nor change it
        PATCH /notes?id=eq.1
        as: viewer
        Prefer: return=representation
        {"body": "changed"}
        200 []
        db: select body from notes where id = 1 => mine

        nor delete it
        DELETE /notes
        as: viewer
        Prefer: count=exact
        204
        Content-Range: */0
        db: select count(*) from notes => 1

        nor take it by an upsert
        POST /notes
        as: viewer
        Prefer: resolution=merge-duplicates
        {"id": 1, "owner": "$viewer", "body": "taken"}
        403 !42501
        db: select body from notes where id = 1 => mine

        nor give it away
        PATCH /notes?id=eq.1
        {"owner": "$viewer"}
        403 !42501
        db: select owner from notes where id = 1 => $owner

        nobody has no right at all
        GET /notes
        as: nobody
        401 !42501

        the service reads all
        GET /notes?select=id
        as: service
        200 [{"id": 1}]
        "#,
    )
    .await;
}
