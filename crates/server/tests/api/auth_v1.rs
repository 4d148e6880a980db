//! `/auth/v1`: what clients of Supabase Auth send and read.

mod invitation;
mod keys;
mod refresh;
mod shapes;
mod token;
mod user;

use serde_json::{Value, json};

use crate::app::{Answer, App};

const PASSWORD: &str = "correct horse battery";

/// Gives the owner a password; answers their address.
async fn with_password(app: &App) -> String {
    let cookie = app.owner().await;
    app.put("/api/ops/password").cookie(&cookie).json(&json!({"new_password": PASSWORD})).send().await.expect(204);
    app.get("/api/ops/me").cookie(&cookie).send().await.json()["email"].as_str().unwrap().to_owned()
}

async fn grant(app: &App, kind: &str, body: Value) -> Answer {
    app.post(&format!("/auth/v1/token?grant_type={kind}")).json(&body).send().await
}

/// The owner, signed in.
async fn signed_in(app: &App) -> Value {
    let email = with_password(app).await;
    grant(app, "password", json!({"email": email, "password": PASSWORD})).await.expect(200).json()
}

fn access(session: &Value) -> &str {
    session["access_token"].as_str().unwrap()
}

async fn refreshed(app: &App, session: &Value) -> Answer {
    grant(app, "refresh_token", json!({"refresh_token": session["refresh_token"]})).await
}

/// The word of a refusal, whose body has the shape of all of them.
#[track_caller]
fn refusal(answer: &Answer) -> String {
    let body = answer.json();
    assert_eq!(body["code"], answer.status.as_u16(), "{body}");
    assert!(body["msg"].is_string(), "{body}");
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    body["error_code"].as_str().unwrap_or_else(|| panic!("no error_code: {body}")).to_owned()
}
