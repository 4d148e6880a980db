use axum::http::Method;
use serde_json::json;

use super::{grant, refusal};
use crate::app::App;

#[tokio::test]
async fn the_newer_shape_of_errors_is_sent_to_who_asks_for_it() {
    let app = App::new().await;
    let call = app.post("/auth/v1/token?grant_type=password").header("x-supabase-api-version", "2024-01-01");
    let answer = call.json(&json!({"email": "who@example.test", "password": "x"})).send().await.expect(400);
    assert_eq!(answer.json(), json!({"code": "invalid_credentials", "message": "Invalid login credentials"}));
    assert_eq!(answer.header("x-supabase-api-version"), Some("2024-01-01"));
}

#[tokio::test]
async fn any_origin_may_ask_and_be_refused() {
    let app = App::new().await;
    let preflight = app
        .request(Method::OPTIONS, "/auth/v1/token")
        .header("origin", "https://elsewhere.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "apikey,authorization,x-client-info,x-supabase-api-version")
        .send()
        .await
        .expect(204);
    assert_eq!(preflight.header("access-control-allow-origin"), Some("*"));
    assert!(preflight.header("access-control-allow-headers").unwrap().contains("x-supabase-api-version"));
    assert!(preflight.header("access-control-allow-methods").unwrap().contains("POST"));
    let refused = grant(&app, "password", json!({})).await.expect(400);
    assert_eq!(refused.header("cross-origin-resource-policy"), Some("cross-origin"));
    let unknown = app.get("/auth/v1/nothing").send().await.expect(404);
    assert_eq!(refusal(&unknown), "not_found");
    let method = app.delete("/auth/v1/token").send().await.expect(405);
    assert_eq!(refusal(&method), "validation_failed");
    assert_eq!(method.header("allow"), Some("POST"));
}

#[tokio::test]
async fn health_and_settings_say_how_people_sign_in() {
    let app = App::new().await;
    assert_eq!(app.get("/auth/v1/health").send().await.expect(200).json()["name"], "Plimsoll");
    let settings = app.get("/auth/v1/settings").send().await.expect(200).json();
    assert_eq!((&settings["disable_signup"], &settings["external"]["email"]), (&json!(true), &json!(true)));
}

#[tokio::test]
async fn where_people_are_supabases_so_is_signing_in() {
    let app = App::new().await;
    app.client.batch_execute("alter table auth.users add column instance_id uuid").await.unwrap();
    let answer = grant(&app, "password", json!({"email": "a@b.test", "password": "x"})).await.expect(501);
    assert!(answer.json()["msg"].as_str().unwrap().contains("Supabase"));
    app.get("/auth/v1/health").send().await.expect(200);
    app.get("/auth/v1/.well-known/jwks.json").send().await.expect(200);
}

#[tokio::test]
async fn without_a_database_it_is_a_failure_of_ours() {
    let app = App::new().await;
    let nowhere = crate::app::state("postgres://nobody@127.0.0.1:1/nothing", crate::app::config());
    let router = plimsoll_server::app(nowhere.clone(), axum::Router::new(), axum::Router::new());
    let app = App { router, state: nowhere, ..app };
    let answer = grant(&app, "password", json!({"email": "a@b.test", "password": "x"})).await.expect(503);
    assert_eq!(refusal(&answer), "unexpected_failure");
    assert_eq!(answer.header("retry-after"), Some("1"));
}
