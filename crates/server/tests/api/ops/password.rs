use serde_json::json;

use crate::app::{App, JWT_SECRET, in_an_hour, jwt};

#[tokio::test]
async fn changing_a_password_needs_the_old_one_and_ends_the_other_sessions() {
    let app = App::new().await;
    let (here, there) = (app.owner().await, app.owner().await);
    let put = |body: serde_json::Value| app.put("/api/ops/password").cookie(&here).json(&body).send();
    put(json!({"new_password": "correct horse"})).await.expect(204);
    app.get("/api/ops/me").cookie(&here).send().await.expect(200);
    app.get("/api/ops/me").cookie(&there).send().await.expect(401);

    put(json!({"new_password": "another horse"})).await.expect(403);
    put(json!({"new_password": "another horse", "current_password": "wrong horse"})).await.expect(403);
    put(json!({"new_password": "another horse", "current_password": "correct horse"})).await.expect(204);
    let stored: String =
        app.client.query_one("select password_hash from registry.credentials", &[]).await.unwrap().get(0);
    assert!(stored.starts_with("$argon2id$"), "{stored}");
}

#[tokio::test]
async fn a_short_one_is_refused() {
    let app = App::new().await;
    let call = app.put("/api/ops/password").cookie(&app.owner().await).json(&json!({"new_password": "short"}));
    assert!(call.send().await.expect(400).error().contains("at least 10 characters"));
    assert_eq!(app.count("registry.credentials").await, 0);
}

#[tokio::test]
async fn a_token_cannot_change_it() {
    let app = App::new().await;
    let user = jwt(JWT_SECRET, &json!({"role": "authenticated", "sub": app.org.owner, "exp": in_an_hour()}));
    for token in [user, app.state.keys.service_role_key()] {
        let call = app.put("/api/ops/password").bearer(&token).json(&json!({"new_password": "correct horse"}));
        call.send().await.expect(403);
    }
}
