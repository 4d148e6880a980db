use plimsoll_server::tokens::{self, Kind};
use serde_json::json;

use super::{PASSWORD, access, grant, refreshed, refusal, signed_in};
use crate::app::{App, JWT_SECRET, in_an_hour, jwt};

#[tokio::test]
async fn a_person_is_shown_to_themselves_and_to_nobody_else() {
    let app = App::new().await;
    let session = signed_in(&app).await;
    let user = app.get("/auth/v1/user").bearer(access(&session)).send().await.expect(200).json();
    assert_eq!(user, session["user"]);

    let nobody = app.get("/auth/v1/user").send().await.expect(401);
    assert_eq!(refusal(&nobody), "no_authorization");
    // A console's cookie is for its own pages.
    app.get("/auth/v1/user").cookie(&app.owner().await).send().await.expect(401);
    for token in [app.state.keys.anon_key(), app.state.keys.service_role_key()] {
        let answer = app.get("/auth/v1/user").bearer(&token).send().await.expect(403);
        assert_eq!(refusal(&answer), "bad_jwt");
    }
    for token in ["a.b.c", &tokens::generate(Kind::Api), &format!("{}x", access(&session))] {
        let answer = app.get("/auth/v1/user").bearer(token).send().await.expect(403);
        assert_eq!(refusal(&answer), "bad_jwt", "{token}");
    }
    let expired = jwt(JWT_SECRET, &json!({"role": "authenticated", "sub": app.org.owner, "exp": in_an_hour() - 3700}));
    let answer = app.get("/auth/v1/user").bearer(&expired).send().await.expect(403);
    assert!(answer.json()["msg"].as_str().unwrap().contains("token is expired"), "{}", answer.text());
    // Another issuer's token names no session; one that names a session that is not theirs is refused.
    let claims = json!({"role": "authenticated", "sub": app.org.owner, "exp": in_an_hour()});
    app.get("/auth/v1/user").bearer(&jwt(JWT_SECRET, &claims)).send().await.expect(200);
    for session_id in [json!(app.org.owner), json!(7), json!("x")] {
        let mut claims = claims.clone();
        claims["session_id"] = session_id;
        let answer = app.get("/auth/v1/user").bearer(&jwt(JWT_SECRET, &claims)).send().await.expect(403);
        assert_eq!(refusal(&answer), "session_not_found");
    }
    let stranger = json!({"role": "authenticated", "sub": uuid::Uuid::nil(), "exp": in_an_hour()});
    let answer = app.get("/auth/v1/user").bearer(&jwt(JWT_SECRET, &stranger)).send().await.expect(403);
    assert_eq!(refusal(&answer), "user_not_found");
}

#[tokio::test]
async fn signing_out_ends_this_session_the_others_or_all() {
    let app = App::new().await;
    let first = signed_in(&app).await;
    let email = first["user"]["email"].clone();
    let another =
        || async { grant(&app, "password", json!({"email": email, "password": PASSWORD})).await.expect(200).json() };
    let out = |session: &serde_json::Value, scope: &str| {
        app.post(&format!("/auth/v1/logout{scope}")).bearer(access(session)).send()
    };
    let (second, third) = (another().await, another().await);
    out(&second, "?scope=local").await.expect(204);
    assert_eq!(refusal(&refreshed(&app, &second).await.expect(400)), "refresh_token_not_found");
    let gone = app.get("/auth/v1/user").bearer(access(&second)).send().await.expect(403);
    assert_eq!(refusal(&gone), "session_not_found");
    assert_eq!(refusal(&out(&second, "").await.expect(403)), "session_not_found");

    out(&third, "?scope=others").await.expect(204);
    refreshed(&app, &first).await.expect(400);
    refreshed(&app, &third).await.expect(200);
    let fourth = another().await;
    out(&third, "").await.expect(204);
    refreshed(&app, &fourth).await.expect(400);
    assert_eq!(app.count("registry.auth_sessions").await, 0);
    assert!(app.count("registry.sessions").await > 0, "the console's sessions are another matter");

    assert_eq!(refusal(&out(&another().await, "?scope=everywhere").await.expect(400)), "validation_failed");
    app.post("/auth/v1/logout").send().await.expect(401);
}

#[tokio::test]
async fn a_person_says_what_they_like_about_themselves_and_it_decides_nothing() {
    let app = App::new().await;
    let session = signed_in(&app).await;
    let put = |body: serde_json::Value| app.put("/auth/v1/user").bearer(access(&session)).json(&body).send();
    let user = put(json!({"data": {"name": "Ada", "role": "service_role", "city": "London"}})).await.expect(200).json();
    assert_eq!(user["user_metadata"], json!({"name": "Ada", "role": "service_role", "city": "London"}));
    let user = put(json!({"data": {"city": null}, "app_metadata": {"role": "service_role"}})).await.expect(200).json();
    assert_eq!(user["user_metadata"], json!({"name": "Ada", "role": "service_role"}));
    assert_eq!(user["app_metadata"], json!({"provider": "email", "providers": ["email"]}));
    let next = refreshed(&app, &session).await.expect(200).json();
    let me = app.get("/api/ops/me").bearer(access(&next)).send().await.expect(200).json();
    assert_eq!(me["via"], "user");

    for (body, code) in [
        (json!({"data": {"x": "y".repeat(5000)}}), "validation_failed"),
        (json!({"data": []}), "bad_json"),
        (json!({"email": "another@example.test"}), "email_address_not_authorized"),
        (json!({"phone": "+441234"}), "phone_provider_disabled"),
        (json!({"password": "short"}), "weak_password"),
        (json!({"password": PASSWORD}), "same_password"),
    ] {
        assert_eq!(refusal(&put(body.clone()).await), code, "{body}");
    }
    put(json!({"email": session["user"]["email"]})).await.expect(200);
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions_and_an_old_session_must_prove_itself() {
    let app = App::new().await;
    let other = signed_in(&app).await;
    let email = other["user"]["email"].clone();
    let session = grant(&app, "password", json!({"email": email, "password": PASSWORD})).await.expect(200).json();
    let put = |body: serde_json::Value| app.put("/auth/v1/user").bearer(access(&session)).json(&body).send();
    put(json!({"password": "another horse battery"})).await.expect(200);
    refreshed(&app, &other).await.expect(400);
    let session_after = refreshed(&app, &session).await.expect(200).json();
    grant(&app, "password", json!({"email": email, "password": PASSWORD})).await.expect(400);
    grant(&app, "password", json!({"email": email, "password": "another horse battery"})).await.expect(200);

    app.client
        .execute("update registry.auth_sessions set created_at = now() - interval '25 hours'", &[])
        .await
        .unwrap();
    let put = |body: serde_json::Value| app.put("/auth/v1/user").bearer(access(&session_after)).json(&body).send();
    assert_eq!(refusal(&put(json!({"password": "third horse battery"})).await.expect(400)), "reauthentication_needed");
    let wrong = json!({"password": "third horse battery", "current_password": "wrong horse"});
    assert_eq!(refusal(&put(wrong).await.expect(400)), "invalid_credentials");
    put(json!({"password": "third horse battery", "current_password": "another horse battery"})).await.expect(200);
}
