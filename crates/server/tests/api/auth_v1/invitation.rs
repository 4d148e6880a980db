use serde_json::{Value, json};

use super::{PASSWORD, access, refusal};
use crate::app::{Answer, App, claims};

/// Invites somebody; answers the link.
async fn invite(app: &App, email: &str) -> String {
    let path = format!("/api/ops/orgs/{}/members", app.org.id);
    let body = json!({"email": email, "role": "developer"});
    let invited = app.post(&path).cookie(&app.owner().await).json(&body).send().await.expect(201).json();
    invited["link"].as_str().unwrap().to_owned()
}

fn token_of(link: &str) -> &str {
    link.split_once("token=").unwrap().1
}

async fn sign_up(app: &App, body: Value) -> Answer {
    app.post("/auth/v1/signup").json(&body).send().await
}

#[tokio::test]
async fn an_invitation_signs_up_whom_it_was_for() {
    let app = App::new().await;
    let link = invite(&app, "new@example.test").await;
    let body = json!({"email": "New@example.test", "password": PASSWORD, "data": {"invite_token": token_of(&link), "name": "Ada"}});
    let session = sign_up(&app, body.clone()).await.expect(200).json();
    assert_eq!(session["user"]["email"], "new@example.test");
    assert_eq!(session["user"]["user_metadata"], json!({"name": "Ada"}), "the token is not kept with the rest");
    let me = app.get("/api/ops/me").bearer(access(&session)).send().await.expect(200).json();
    assert_eq!(me["orgs"][0]["role"], "developer");
    let again = sign_up(&app, body).await.expect(422);
    assert_eq!(refusal(&again), "signup_disabled");
    let grant = json!({"email": "new@example.test", "password": PASSWORD});
    super::grant(&app, "password", grant).await.expect(200);
}

#[tokio::test]
async fn the_whole_link_does_as_well() {
    let app = App::new().await;
    let link = invite(&app, "new@example.test").await;
    let body = json!({"email": "new@example.test", "password": PASSWORD, "token": link});
    sign_up(&app, body).await.expect(200);
}

#[tokio::test]
async fn nobody_else_signs_up() {
    let app = App::new().await;
    let link = invite(&app, "new@example.test").await;
    let token = token_of(&link);
    for body in [
        json!({"email": "new@example.test", "password": PASSWORD}),
        json!({}),
        json!({"email": "other@example.test", "password": PASSWORD, "token": token}),
        json!({"email": "new@example.test", "password": PASSWORD, "token": &token[..20]}),
        json!({"email": "new@example.test", "password": PASSWORD, "token": "https://example.test/?token=x"}),
        json!({"email": "new@example.test", "password": PASSWORD, "data": {"invite_token": 7}}),
    ] {
        let answer = sign_up(&app, body.clone()).await.expect(422);
        assert_eq!(refusal(&answer), "signup_disabled", "{body}");
    }
    for (body, code) in [
        (json!({"password": PASSWORD, "token": token}), "validation_failed"),
        (json!({"email": "new@example.test", "token": token}), "validation_failed"),
        (json!({"email": "new@example.test", "password": "short", "token": token}), "weak_password"),
        (json!({"email": ["new@example.test"]}), "bad_json"),
    ] {
        let answer = sign_up(&app, body.clone()).await;
        assert_eq!(refusal(&answer), code, "{body}");
    }
    let weak =
        sign_up(&app, json!({"email": "new@example.test", "password": "short", "token": token})).await.expect(422);
    assert_eq!(weak.json()["weak_password"]["reasons"], json!(["length"]));
    sign_up(&app, json!({"email": "new@example.test", "password": PASSWORD, "token": token})).await.expect(200);
}

#[tokio::test]
async fn a_link_verifies_once() {
    let app = App::new().await;
    let link = invite(&app, "new@example.test").await;
    let verify = |body: Value| app.post("/auth/v1/verify").json(&body).send();
    for (body, code) in [
        (json!({"token_hash": token_of(&link)}), "validation_failed"),
        (json!({"type": "sms", "token_hash": token_of(&link)}), "validation_failed"),
        (json!({"type": "invite"}), "validation_failed"),
        (json!({"type": "invite", "token_hash": "x"}), "otp_expired"),
    ] {
        assert_eq!(refusal(&verify(body.clone()).await), code, "{body}");
    }
    let good = json!({"type": "invite", "token_hash": token_of(&link)});
    let session = verify(good.clone()).await.expect(200).json();
    assert_eq!(claims(access(&session)).1["amr"][0]["method"], "otp");
    let me = app.get("/api/ops/me").bearer(access(&session)).send().await.expect(200).json();
    assert_eq!(me["orgs"][0]["role"], "developer");
    assert_eq!(refusal(&verify(good).await.expect(403)), "otp_expired");
    // Whoever came by a link chooses a password without the present one, as there is none.
    let put = app.put("/auth/v1/user").bearer(access(&session)).json(&json!({"password": PASSWORD}));
    put.send().await.expect(200);
}
