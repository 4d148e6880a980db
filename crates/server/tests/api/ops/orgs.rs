//! `/api/ops/orgs/…`, and what is addressed by its own id but belongs to an org.

mod audit;
mod limit;
mod members;
mod projects;
mod runners;
mod tokens;
mod webhook_secret;

use axum::http::Method;
use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn whoever_makes_an_org_owns_it() {
    let app = App::new().await;
    let (_, cookie) = app.member("viewer").await;
    let made =
        app.post("/api/ops/orgs").cookie(&cookie).json(&json!({"name": "Side project"})).send().await.expect(201);
    let orgs = app.get("/api/ops/orgs").cookie(&cookie).send().await.expect(200).json();
    let org = orgs.as_array().unwrap().iter().find(|org| org["id"] == made.json()["id"]).unwrap();
    assert_eq!((&org["name"], &org["role"]), (&json!("Side project"), &json!("owner")));
    app.post("/api/ops/orgs").cookie(&cookie).json(&json!({"name": "  "})).send().await.expect(400);
}

#[tokio::test]
async fn the_server_itself_finds_nothing_in_an_org_that_is_not_there() {
    let app = App::new().await;
    let key = app.state.keys.service_role_key();
    let org = uuid::Uuid::now_v7();
    let changes = [
        (Method::PUT, "webhook-secret", json!({})),
        (Method::PUT, "limit", json!({"max_running": 3})),
        (Method::POST, "members", json!({"email": "new@example.test", "role": "viewer"})),
        (Method::POST, "tokens", json!({"name": "t", "scopes": ["read"]})),
        (Method::POST, "projects", json!({"name": "P", "repo_url": "https://git.example/p.git"})),
    ];
    for (method, what, body) in changes {
        let answer = app.request(method, &format!("/api/ops/orgs/{org}/{what}")).bearer(&key).json(&body).send().await;
        assert!(answer.expect(404).error().contains("organisation"), "{what}");
    }
}
