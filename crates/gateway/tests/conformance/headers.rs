use crate::harbour::Harbour;
use crate::script::check;

#[tokio::test]
async fn of_answers() {
    check(
        r#"
        the canonical address has its parameters in order
        GET /no_key?b=eq.zzz&a=eq.1
        200 []
        Content-Location: /no_key?a=eq.1&b=eq.zzz

        without parameters it has no question mark
        GET /no_key?
        200 [{"a": "1", "b": "x"}, {"a": "2", "b": "x"}, {"a": null, "b": null}]
        Content-Location: /no_key

        HEAD has what GET has
        HEAD /ports?select=id&order=id&limit=2
        200
        Content-Type: application/json; charset=utf-8
        Content-Range: 0-1/*
        Content-Location: /ports?limit=2&order=id&select=id
        Content-Length: -

        HEAD of a function
        HEAD /rpc/add?a=1&b=2
        200
        Content-Length: -

        HEAD of the root
        HEAD /
        200
        Content-Type: application/openapi+json; charset=utf-8
        Content-Length: -

        HEAD of what is not there
        HEAD /qqqqqqqqqq
        404
        Content-Type: application/json; charset=utf-8

        GET has the length of its body
        GET /only_key?id=eq.1
        200 [{"id": 1}]
        Content-Length: 10

        no rows have one too
        GET /only_key?id=eq.99
        200 []
        Content-Length: 2

        no content has none
        DELETE /only_key?id=eq.99
        204
        Content-Length: -

        an answer to a known person is not for caches
        GET /only_key?id=eq.1
        200 [{"id": 1}]
        Preference-Applied: -
        Location: -
        WWW-Authenticate: -
        "#,
    )
    .await;
}

#[tokio::test]
async fn of_credentials() {
    check(
        r#"
        nobody may not read what is not granted
        GET /ships
        as: nobody
        401 {"code": "42501", "details": null, "hint": null, "message": "permission denied for table ships"}
        WWW-Authenticate: Bearer

        nor in the schemas of the project
        GET /projects
        as: nobody
        schema: -
        401 {"code": "42501", "details": null, "hint": null, "message": "permission denied for schema ops"}

        nor call what is there
        POST /rpc/list_projects
        as: nobody
        schema: -
        401 !42501

        the anon key is nobody's
        GET /projects
        as: anon
        schema: -
        401 !42501

        but what an operator granted
        GET /board?order=id
        as: nobody
        200 [{"id": 1, "body": "hello"}, {"id": 2, "body": "world"}]

        by the anon key too
        GET /board?select=id&order=id
        as: anon
        200 [{"id": 1}, {"id": 2}]

        reading is not writing
        POST /board
        as: nobody
        {"id": 3, "body": "x"}
        401 !42501 permission denied for table board
        db: select count(*) from board => 2

        a function that was granted
        GET /rpc/add?a=1&b=2
        as: nobody
        200 3

        columns that were granted
        GET /half_hidden?select=id,shown
        as: nobody
        200 [{"id": 1, "shown": "seen"}]

        a column that was not
        GET /half_hidden?select=kept
        as: nobody
        401 !42501

        a star over columns that were not
        GET /half_hidden
        as: nobody
        401 !42501

        a user may not read what is not granted
        GET /hidden
        403 {"code": "42501", "details": null, "hint": null, "message": "permission denied for table hidden"}
        WWW-Authenticate: -

        another scheme says nothing
        GET /board?select=id&id=eq.1
        as: nobody
        Authorization: Basic dXNlcjpwYXNz
        200 [{"id": 1}]

        and opens nothing
        GET /ships
        as: nobody
        Authorization: Basic dXNlcjpwYXNz
        401 !42501
        "#,
    )
    .await;
}

/// `apikey` alone is who asks; beside `Authorization` it is not.
#[tokio::test]
async fn of_the_api_key() {
    let harbour = Harbour::new().await;
    let (service, anon, owner) = ["service", "anon", "owner"].map(|who| harbour.bearer(who).unwrap()).into();
    let whoami = async |headers: &[(&str, &str)]| {
        let mut request = harbour.request("POST", "/rpc/whoami").header("content-profile", "public");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let bearer = |token: &str| format!("Bearer {token}");
    assert_eq!(whoami(&[("apikey", &service)]).await, (200, "\"service_role\"".into()));
    assert_eq!(whoami(&[("apikey", &anon)]).await, (200, "\"anon\"".into()));
    let both = [("apikey", anon.as_str()), ("authorization", &bearer(&owner))];
    assert_eq!(whoami(&both).await, (200, "\"authenticated\"".into()));
    let down = [("apikey", service.as_str()), ("authorization", &bearer(&anon))];
    assert_eq!(whoami(&down).await, (200, "\"anon\"".into()), "the bearer decides");
    let same = [("apikey", anon.as_str()), ("authorization", &bearer(&anon))];
    assert_eq!(whoami(&same).await, (200, "\"anon\"".into()));
    assert_eq!(whoami(&[("apikey", "nonsense")]).await.0, 401);
}
