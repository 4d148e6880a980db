//! `/api/ops/orgs/…`, and what is addressed by its own id but belongs to an org.

mod audit;
mod limit;
mod members;
mod projects;
mod runners;
mod tokens;
mod webhook_secret;

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
