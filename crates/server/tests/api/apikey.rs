//! The `apikey` header of Supabase's clients: where it is sent it must be good, whoever the bearer says is asking.

use plimsoll_db::Actor;
use plimsoll_db::registry::NewApiToken;
use plimsoll_server::tokens::{self, Kind};
use serde_json::{Value, json};

use crate::app::{Answer, App, JWT_SECRET, in_an_hour, jwt};

const HINT: &str = "Double check your API key: `plimsoll status` prints those that are good";

fn person(app: &App) -> String {
    jwt(JWT_SECRET, &json!({"role": "authenticated", "sub": app.org.owner, "exp": in_an_hour()}))
}

async fn publishable(app: &App) -> Value {
    let service = app.state.keys.service_role_key();
    let keys = app.get("/api/ops/keys").bearer(&service).send().await.expect(200).json();
    keys.as_array().unwrap().iter().find(|key| key["kind"] == "publishable").unwrap().clone()
}

/// A key that was good a moment ago.
async fn revoked(app: &App) -> String {
    let key = publishable(app).await;
    let path = format!("/api/ops/keys/{}?force=true", key["id"].as_str().unwrap());
    app.delete(&path).bearer(&app.state.keys.service_role_key()).send().await.expect(204);
    key["key"].as_str().unwrap().to_owned()
}

async fn api_token(app: &App) -> String {
    let token = tokens::generate(Kind::Api);
    let (hash, scopes) = (tokens::hash(&token), ["read".to_owned()]);
    let new = NewApiToken { name: "ci", scopes: &scopes, prefix: "plim_api_", token_hash: &hash, expires_at: None };
    let owner = Actor::User { user_id: app.org.owner, claims: None };
    app.state.db.create_api_token(&owner, app.org.id, &new).await.expect("make a token");
    token
}

async fn bad_keys(app: &App) -> Vec<String> {
    vec![
        "wrong".to_owned(),
        String::new(),
        "a.b.c".to_owned(),
        "sb_publishable_wrong".to_owned(),
        tokens::generate(Kind::Publishable),
        tokens::generate(Kind::Secret),
        tokens::generate(Kind::Api),
        tokens::generate(Kind::Runner),
        tokens::generate(Kind::Ingest),
        jwt("another-secret-of-more-than-32-bytes!", &json!({"role": "anon"})),
        jwt(JWT_SECRET, &json!({"role": "anon", "exp": 1})),
        revoked(app).await,
    ]
}

/// Each surface says the same in its own shape.
#[track_caller]
fn refused(answer: &Answer, path: &str) {
    let body = answer.json();
    if path.starts_with("/rest/") {
        let expected = json!({"code": "PGRST301", "message": "Invalid API key", "details": null, "hint": HINT});
        assert_eq!(body, expected, "{path}");
    } else if path.starts_with("/auth/") {
        let expected = json!({"code": 401, "error_code": "invalid_api_key", "msg": "Invalid API key", "hint": HINT});
        assert_eq!(body, expected, "{path}");
    } else {
        assert_eq!(body["error"], format!("Invalid API key. {HINT}"), "{path}");
        assert_eq!(body["code"], "invalid_api_key");
    }
}

#[tokio::test]
async fn a_key_that_is_not_good_is_refused_everywhere_whoever_asks() {
    let app = App::new().await;
    let person = person(&app);
    for key in bad_keys(&app).await {
        for (method, path) in [
            ("GET", "/rest/v1/role"),
            ("POST", "/auth/v1/token?grant_type=password"),
            ("POST", "/auth/v1/signup"),
            ("GET", "/auth/v1/settings"),
            ("GET", "/auth/v1/user"),
            ("POST", "/functions/v1/ops-trigger-build"),
            ("POST", "/functions/v1/ops-metrics-ingest"),
        ] {
            let call = || app.request(method.parse().unwrap(), path).header("apikey", &key).json(&json!({}));
            for answer in [call().send().await, call().bearer(&person).send().await] {
                refused(&answer.expect(401), path);
            }
            let in_both = call().bearer(&key).send().await.expect(401);
            if !path.starts_with("/rest/") {
                refused(&in_both, path);
            }
        }
    }
}

#[tokio::test]
async fn a_good_key_lets_the_bearer_say_who_asks_and_says_it_where_there_is_none() {
    let app = App::new().await;
    let (person, key) = (person(&app), publishable(&app).await["key"].as_str().unwrap().to_owned());
    let keys = &app.state.keys;
    for (key, alone) in [
        (key, "anon"),
        (keys.anon_key(), "anon"),
        (keys.service_role_key(), "service_role"),
        (person.clone(), "authenticated"),
        (api_token(&app).await, "authenticated"),
    ] {
        let role = || app.get("/rest/v1/role").header("apikey", &key);
        assert_eq!(role().send().await.expect(200).text(), alone);
        assert_eq!(role().bearer(&key).send().await.expect(200).text(), alone);
        assert_eq!(role().bearer(&person).send().await.expect(200).text(), "authenticated");
        // The bearer's fault is told as the bearer's.
        let wrong = role().bearer("wrong").send().await.expect(401).json();
        assert_eq!(wrong["message"], "Expected 3 parts in JWT; got 1");
    }
    assert_eq!(app.get("/rest/v1/role").bearer(&person).send().await.expect(200).text(), "authenticated");
}

#[tokio::test]
async fn a_token_in_both_headers_is_judged_as_a_bearer() {
    let app = App::new().await;
    let over = jwt(JWT_SECRET, &json!({"role": "authenticated", "sub": app.org.owner, "exp": 1}));
    let call = app.get("/rest/v1/role").header("apikey", &over).bearer(&over);
    let body = call.send().await.expect(401).json();
    assert_eq!((&body["code"], &body["message"]), (&json!("PGRST303"), &json!("JWT expired")));
}

#[tokio::test]
async fn clients_that_know_the_newer_shape_of_errors_get_it() {
    let app = App::new().await;
    let call = app.get("/auth/v1/settings").header("apikey", "wrong").header("x-supabase-api-version", "2024-01-01");
    let body = call.send().await.expect(401).json();
    assert_eq!(body, json!({"code": "invalid_api_key", "message": "Invalid API key", "hint": HINT}));
}

#[tokio::test]
async fn where_the_key_is_what_proves_somebody_its_looks_do_not_matter_either() {
    let app = App::new().await;
    for key in ["wrong", "sb_publishable_wrong", "a.b.c", "plim_api_short"] {
        let answer = app.get("/api/ops/me").header("apikey", key).send().await.expect(401);
        assert_eq!(answer.error(), format!("Invalid API key. {HINT}"), "{key}");
    }
}
