use serde_json::{Value, json};

use super::{access, refreshed, refusal, signed_in};
use crate::app::{App, claims, config, keys};

async fn published(app: &App) -> Vec<Value> {
    let answer = app.get("/auth/v1/.well-known/jwks.json").send().await.expect(200);
    assert_eq!(answer.header("cache-control"), Some("public, max-age=600"));
    answer.json()["keys"].as_array().unwrap().clone()
}

#[tokio::test]
async fn the_public_key_is_published_and_the_private_one_is_not() {
    let app = App::new().await;
    let session = signed_in(&app).await;
    let keys = published(&app).await;
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0]["kid"], claims(access(&session)).0["kid"]);
    assert_eq!((&keys[0]["kty"], &keys[0]["crv"], &keys[0]["alg"]), (&json!("EC"), &json!("P-256"), &json!("ES256")));
    assert!(keys[0].get("d").is_none());
}

#[tokio::test]
async fn tokens_of_the_key_before_are_good_until_the_next_change() {
    let app = App::new().await;
    let session = signed_in(&app).await;
    let rotate = || {
        app.post("/api/ops/keys").bearer(&app.state.keys.service_role_key()).json(&json!({"kind": "signing"})).send()
    };
    let good = |session: &Value| app.get("/auth/v1/user").bearer(access(session)).send();
    good(&session).await.expect(200);
    let made = rotate().await.expect(201).json();
    assert_eq!((made["kind"].clone(), made["key"].clone()), (json!("signing"), Value::Null));
    assert_eq!(published(&app).await.len(), 2);
    let second = refreshed(&app, &session).await.expect(200).json();
    assert_eq!(claims(access(&second)).0["kid"], made["id"]);
    good(&session).await.expect(200);
    good(&second).await.expect(200);
    rotate().await.expect(201);
    assert_eq!(refusal(&good(&session).await.expect(403)), "bad_jwt");
    good(&second).await.expect(200);
}

#[tokio::test]
async fn a_replica_learns_of_a_new_key_when_it_meets_it() {
    let app = App::new().await;
    let session = signed_in(&app).await;
    let other = app.replica(config(), keys());
    other.get("/auth/v1/user").bearer(access(&session)).send().await.expect(200);
    let rotate = app.post("/api/ops/keys").bearer(&app.state.keys.service_role_key()).json(&json!({"kind": "signing"}));
    rotate.send().await.expect(201);
    let second = refreshed(&app, &session).await.expect(200).json();
    other.get("/auth/v1/user").bearer(access(&second)).send().await.expect(200);
    other.get("/auth/v1/user").bearer(access(&session)).send().await.expect(200);
}

#[tokio::test]
async fn a_revoked_signing_key_takes_its_tokens_along() {
    let app = App::new().await;
    let session = signed_in(&app).await;
    let kid = claims(access(&session)).0["kid"].as_str().unwrap().to_owned();
    app.get("/auth/v1/user").bearer(access(&session)).send().await.expect(200);
    let service = app.state.keys.service_role_key();
    app.delete(&format!("/api/ops/keys/{kid}?force=true")).bearer(&service).send().await.expect(204);
    assert_eq!(refusal(&app.get("/auth/v1/user").bearer(access(&session)).send().await.expect(403)), "bad_jwt");
    let next = refreshed(&app, &session).await.expect(200).json();
    app.get("/auth/v1/user").bearer(access(&next)).send().await.expect(200);
}
