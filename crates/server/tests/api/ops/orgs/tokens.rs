use serde_json::{Value, json};

use crate::app::{Answer, App};

async fn make(app: &App, cookie: &str, body: Value) -> Answer {
    app.post(&format!("/api/ops/orgs/{}/tokens", app.org.id)).cookie(cookie).json(&body).send().await
}

#[tokio::test]
async fn a_token_is_shown_once_used_listed_and_revoked() {
    let app = App::new().await;
    let cookie = app.owner().await;
    let made = make(&app, &cookie, json!({"name": "ci", "scopes": ["build"], "expires_in_days": 30})).await.expect(201);
    let made = made.json();
    let token = made["token"].as_str().unwrap();
    assert!(token.starts_with("plim_api_") && token.len() == 55, "{token}");
    assert!(made["expires_at"].is_string());

    let me = app.get("/api/ops/me").bearer(token).send().await.expect(200).json();
    assert_eq!(
        (&me["via"], &me["scopes"], &me["orgs"][0]["role"]),
        (&json!("token"), &json!(["build"]), &json!("developer"))
    );
    let listed = app.get(&format!("/api/ops/orgs/{}/tokens", app.org.id)).cookie(&cookie).send().await.expect(200);
    assert!(!listed.text().contains(token));
    assert_eq!((&listed.json()[0]["name"], &listed.json()[0]["prefix"]), (&json!("ci"), &json!(&token[..13])));
    assert!(listed.json()[0]["last_used_at"].is_string());

    let path = format!("/api/ops/tokens/{}", made["id"].as_str().unwrap());
    app.delete(&path).cookie(&cookie).send().await.expect(204);
    app.get("/api/ops/me").bearer(token).send().await.expect(401);
}

#[tokio::test]
async fn scopes_cap_what_the_maker_may_do() {
    let app = App::new().await;
    let cookie = app.owner().await;
    let sync = format!("/api/ops/projects/{}/sync", app.project);
    let limit = format!("/api/ops/orgs/{}/limit", app.org.id);
    for (scope, may_read, may_build, may_administer) in
        [("read", 200, 403, 403), ("build", 200, 202, 403), ("admin", 200, 202, 204), ("runner", 404, 404, 404)]
    {
        let made = make(&app, &cookie, json!({"name": scope, "scopes": [scope]})).await.expect(201).json();
        let token = made["token"].as_str().unwrap();
        app.get(&format!("/api/ops/projects/{}", app.project)).bearer(token).send().await.expect(may_read);
        app.post(&sync).bearer(token).send().await.expect(may_build);
        app.put(&limit).bearer(token).json(&json!({"max_running": 3})).send().await.expect(may_administer);
    }
}

#[tokio::test]
async fn at_the_gateway_a_scope_that_reads_nothing_is_told_so() {
    let app = App::new().await;
    let cookie = app.owner().await;
    for (scopes, status) in [(json!(["runner"]), 403), (json!(["runner", "read"]), 200), (json!(["build"]), 200)] {
        let made = make(&app, &cookie, json!({"name": "t", "scopes": scopes})).await.expect(201).json();
        let token = made["token"].as_str().unwrap();
        for call in [app.get("/rest/v1/role").bearer(token), app.get("/rest/v1/role").header("apikey", token)] {
            let answer = call.send().await.expect(status);
            if status == 403 {
                let said = answer.json();
                let message = "this API token must have one of the scopes read, build, admin to read; it has runner";
                assert_eq!((&said["code"], &said["message"]), (&json!("PLIM403"), &json!(message)));
            }
        }
    }
}

#[tokio::test]
async fn a_token_does_no_more_than_its_maker() {
    let app = App::new().await;
    let (user_id, admin) = app.member("admin").await;
    let made = make(&app, &admin, json!({"name": "t", "scopes": ["build"]})).await.expect(201).json();
    let token = made["token"].as_str().unwrap().to_owned();
    let sync = format!("/api/ops/projects/{}/sync", app.project);
    app.post(&sync).bearer(&token).send().await.expect(202);
    let member = format!("/api/ops/orgs/{}/members/{user_id}", app.org.id);
    let owner = app.owner().await;
    let change = app.request(axum::http::Method::PATCH, &member).cookie(&owner);
    change.json(&json!({"role": "viewer"})).send().await.expect(204);
    app.post(&sync).bearer(&token).send().await.expect(403);
    app.delete(&member).cookie(&owner).send().await.expect(204);
    app.get("/api/ops/me").bearer(&token).send().await.expect(401);
}

#[tokio::test]
async fn an_expired_one_is_refused_and_wrong_wishes_too() {
    let app = App::new().await;
    let cookie = app.owner().await;
    let made =
        make(&app, &cookie, json!({"name": "t", "scopes": ["read"], "expires_in_days": 1})).await.expect(201).json();
    let token = made["token"].as_str().unwrap();
    app.get("/api/ops/me").bearer(token).send().await.expect(200);
    app.client.execute("update registry.api_tokens set expires_at = now() - interval '1 second'", &[]).await.unwrap();
    app.get("/api/ops/me").bearer(token).send().await.expect(401);

    for body in [
        json!({"name": "t", "scopes": []}),
        json!({"name": "t", "scopes": ["owner"]}),
        json!({"name": " ", "scopes": ["read"]}),
        json!({"name": "t", "scopes": ["read"], "expires_in_days": 0}),
        json!({"name": "t", "scopes": ["read"], "expires_in_days": 4000}),
    ] {
        make(&app, &cookie, body).await.expect(400);
    }
}

#[tokio::test]
async fn only_the_hash_is_stored() {
    let app = App::new().await;
    let made = make(&app, &app.owner().await, json!({"name": "t", "scopes": ["read"]})).await.expect(201).json();
    let secret = &made["token"].as_str().unwrap()[13..];
    let sql = "select count(*) from registry.api_tokens t, ops.audit_log a where strpos(t::text || a::text, $1) > 0";
    assert_eq!(app.client.query_one(sql, &[&secret]).await.unwrap().get::<_, i64>(0), 0);
}
