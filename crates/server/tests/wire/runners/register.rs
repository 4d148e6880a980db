use plimsoll_core::protocol::Registered;
use plimsoll_server::tokens;
use serde_json::json;
use uuid::Uuid;

use crate::app::{App, register, user_token};

/// An API token of the org's owner, written into the table.
pub async fn api_token(app: &App, scopes: &[&str]) -> String {
    let token = tokens::generate(tokens::Kind::Api);
    let sql = "insert into registry.api_tokens (org_id, name, prefix, token_hash, scopes, created_by) values ($1, 't', 'p', $2, $3, $4)";
    let hash = tokens::hash(&token).to_vec();
    let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    app.client.execute(sql, &[&app.org.id, &hash, &scopes, &app.org.owner]).await.unwrap();
    token
}

async fn org_of(app: &App, runner_id: Uuid) -> Option<Uuid> {
    app.client.query_one("select org_id from ops.runners where id = $1", &[&runner_id]).await.unwrap().get(0)
}

#[tokio::test]
async fn the_token_decides_whose_builds_a_runner_may_run() {
    let app = App::new().await;
    let shared = app.post("/runner/v1/register", &app.service_key(), &register("shared")).await.expect(200);
    let shared: Registered = serde_json::from_slice(&shared.body).unwrap();
    assert_eq!(org_of(&app, shared.runner_id).await, None);
    assert!(tokens::is_well_formed(tokens::Kind::Runner, &shared.runner_token));

    let token = api_token(&app, &["runner"]).await;
    let bound = app.post("/runner/v1/register", &token, &register("bound")).await.expect(200);
    let bound: Registered = serde_json::from_slice(&bound.body).unwrap();
    assert_eq!(org_of(&app, bound.runner_id).await, Some(app.org.id));
    let stored = app
        .client
        .query_one(
            "select count(*) from ops.runners where token_hash = $1",
            &[&tokens::hash(&bound.runner_token).to_vec()],
        )
        .await
        .unwrap()
        .get::<_, i64>(0);
    assert_eq!(stored, 1, "only the hash is kept");
}

#[tokio::test]
async fn nobody_else_registers_a_runner() {
    let app = App::new().await;
    let body = register("r");
    let anonymous = app.post("/runner/v1/register", "", &body).await.expect(401);
    assert_eq!(anonymous.json()["code"], "unauthorized");
    app.post("/runner/v1/register", "plim_api_nonsense", &body).await.expect(401);
    let read = api_token(&app, &["read", "build", "admin"]).await;
    let refused = app.post("/runner/v1/register", &read, &body).await.expect(403);
    assert!(refused.error().contains("scope runner"), "{}", refused.error());
    app.post("/runner/v1/register", &user_token(app.org.owner), &body).await.expect(403);
}

#[tokio::test]
async fn a_wrong_description_is_refused_with_what_would_be_right() {
    let app = App::new().await;
    let key = app.service_key();
    let refused = app.post("/runner/v1/register", &key, &json!({"name": "r"})).await.expect(400);
    assert!(refused.error().contains("version"), "{}", refused.error());
    assert_eq!(refused.json()["code"], "bad_request");
    let mut no_slots = register("r");
    no_slots["slots"] = json!(0);
    app.post("/runner/v1/register", &key, &no_slots).await.expect(400);
    app.post("/runner/v1/register", &key, &register("  ")).await.expect(400);
    let odd = app.post("/runner/v1/register", &key, &register("nul \0 inside")).await;
    odd.expect(200);
}
