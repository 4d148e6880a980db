use jiff::Timestamp;
use plimsoll_server::{Rate, ServerConfig};
use serde_json::{Value, json};

use super::{PASSWORD, access, grant, refusal, signed_in, with_password};
use crate::app::{App, claims, config};

#[tokio::test]
async fn a_password_signs_in_with_supabases_shape() {
    let app = App::new().await;
    let email = with_password(&app).await;
    let before = Timestamp::now().as_second();
    let answer =
        grant(&app, "password", json!({"email": email.to_uppercase(), "password": PASSWORD})).await.expect(200);
    let session = answer.json();
    assert_eq!((&session["token_type"], &session["expires_in"]), (&json!("bearer"), &json!(3600)));
    assert!(session["expires_at"].as_i64().unwrap() >= before + 3600);
    assert!(session["refresh_token"].as_str().unwrap().starts_with("plim_ref_"));
    let user = &session["user"];
    assert_eq!(
        (&user["id"], &user["email"], &user["aud"], &user["role"], &user["phone"], &user["is_anonymous"]),
        (
            &json!(app.org.owner),
            &json!(email),
            &json!("authenticated"),
            &json!("authenticated"),
            &json!(""),
            &json!(false)
        )
    );
    assert_eq!(user["app_metadata"], json!({"provider": "email", "providers": ["email"]}));
    assert_eq!(user["identities"][0]["identity_data"]["sub"], json!(app.org.owner));
    for time in ["created_at", "updated_at", "last_sign_in_at", "email_confirmed_at"] {
        assert!(user[time].as_str().is_some_and(|at| at.parse::<Timestamp>().is_ok()), "{time}");
    }

    let (header, claims) = claims(access(&session));
    assert_eq!((&header["alg"], &header["typ"]), (&json!("ES256"), &json!("JWT")));
    assert!(header["kid"].is_string());
    assert_eq!(claims["iss"], "http://127.0.0.1:4400/auth/v1");
    assert_eq!((&claims["sub"], &claims["exp"]), (&json!(app.org.owner), &session["expires_at"]));
    assert_eq!((&claims["role"], &claims["aud"]), (&json!("authenticated"), &json!("authenticated")));
    assert_eq!((&claims["aal"], &claims["amr"][0]["method"]), (&json!("aal1"), &json!("password")));
    assert!(claims["session_id"].is_string());

    let me = app.get("/api/ops/me").bearer(access(&session)).send().await.expect(200).json();
    assert_eq!((&me["user_id"], &me["orgs"][0]["role"]), (&json!(app.org.owner), &json!("owner")));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_answer_alike() {
    let app = App::new().await;
    let email = with_password(&app).await;
    let wrong = grant(&app, "password", json!({"email": email, "password": "wrong horse"})).await.expect(400);
    let unknown = grant(&app, "password", json!({"email": "who@example.test", "password": PASSWORD})).await.expect(400);
    assert_eq!(
        wrong.json(),
        json!({"code": 400, "error_code": "invalid_credentials", "msg": "Invalid login credentials"})
    );
    assert_eq!(wrong.json(), unknown.json());
    let none = grant(&app, "password", json!({"email": email})).await.expect(400);
    assert_eq!(refusal(&none), "invalid_credentials");
}

#[tokio::test]
async fn bodies_and_grants_that_are_wrong_are_refused_in_the_same_shape() {
    let app = App::new().await;
    for (kind, body, code) in [
        ("password", json!({}), "validation_failed"),
        ("password", json!({"email": 7, "password": "x"}), "bad_json"),
        ("password", json!([]), "bad_json"),
        ("password", json!({"phone": "+441234", "password": "x"}), "phone_provider_disabled"),
        ("refresh_token", json!({}), "validation_failed"),
        ("refresh_token", json!({"refresh_token": ["x"]}), "bad_json"),
        ("id_token", json!({}), "invalid_credentials"),
        ("", json!({}), "invalid_credentials"),
    ] {
        let answer = grant(&app, kind, body.clone()).await;
        assert_eq!(refusal(&answer), code, "{kind} {body}");
        assert!([400, 422].contains(&answer.status.as_u16()));
    }
    for body in ["", "{", "email=a@b.test&password=x", "\u{0}"] {
        let answer = app.post("/auth/v1/token?grant_type=password").text(body).send().await.expect(400);
        assert_eq!(refusal(&answer), "bad_json", "{body:?}");
    }
    let large = json!({"email": "x".repeat(100_000), "password": "x"});
    grant(&app, "password", large).await.expect(413);
}

#[tokio::test]
async fn guessing_is_limited_by_account_and_by_address() {
    let mut strict = config();
    strict.trust_proxy = true;
    strict.rates.sign_in = Rate { burst: 2.0, per_second: 0.001 };
    let app = App::with(strict).await;
    let guess = |from: &str, email: &str| {
        let body = json!({"email": email, "password": "a guess"});
        app.post("/auth/v1/token?grant_type=password").header("x-forwarded-for", from).json(&body).send()
    };
    for address in ["192.0.2.1", "192.0.2.2"] {
        guess(address, "one@example.test").await.expect(400);
    }
    let held = guess("192.0.2.3", "ONE@example.test ").await.expect(429);
    assert_eq!(refusal(&held), "over_request_rate_limit");
    assert!(held.header("retry-after").is_some());
    for email in ["two@example.test", "three@example.test"] {
        guess("192.0.2.4", email).await.expect(400);
    }
    guess("192.0.2.4", "four@example.test").await.expect(429);
}

#[tokio::test]
async fn signing_in_well_is_no_guessing() {
    let mut strict = config();
    strict.rates.sign_in = Rate { burst: 2.0, per_second: 0.001 };
    let app = App::with(strict).await;
    let email = with_password(&app).await;
    let try_with = |password: &str| grant(&app, "password", json!({"email": email, "password": password}));
    for _ in 0..5 {
        try_with(PASSWORD).await.expect(200);
    }
    for _ in 0..2 {
        try_with("a guess").await.expect(400);
    }
    try_with(PASSWORD).await.expect(429);
}

#[tokio::test]
async fn a_test_suite_signs_in_thirty_times_a_minute_and_nobody_without_end() {
    let mut rates = plimsoll_server::Rates::default();
    let (suite, failures) = (rates.sign_ins, rates.sign_in);
    assert!(suite.burst + suite.per_second * 60.0 >= 30.0 && failures.burst <= 10.0 && failures.per_second <= 0.1);
    rates.sign_ins = Rate { burst: 3.0, per_second: 0.001 };
    let app = App::with(ServerConfig { rates, ..config() }).await;
    let email = with_password(&app).await;
    for status in [200, 200, 200, 429] {
        grant(&app, "password", json!({"email": email, "password": PASSWORD})).await.expect(status);
    }
}

#[tokio::test]
async fn a_bearer_that_clients_send_along_does_not_matter_when_signing_in() {
    let app = App::new().await;
    let email = with_password(&app).await;
    let body = json!({"email": email, "password": PASSWORD});
    for bearer in [&app.state.keys.anon_key(), "sb_publishable_typo", "a.b.c", ""] {
        app.post("/auth/v1/token?grant_type=password").bearer(bearer).json(&body).send().await.expect(200);
    }
}

#[tokio::test]
async fn only_hashes_are_stored() {
    let app = App::new().await;
    let session = signed_in(&app).await;
    let secret = &session["refresh_token"].as_str().unwrap()[9..];
    let sql = "select count(*) from registry.auth_sessions s join registry.refresh_tokens t on t.session_id = s.id
               where strpos(s::text || t::text, $1) = 0";
    assert_eq!(app.client.query_one(sql, &[&secret]).await.unwrap().get::<_, i64>(0), 1);
}

#[tokio::test]
async fn a_removed_member_keeps_a_good_token_and_sees_nothing() {
    let app = App::new().await;
    let (user_id, cookie) = app.member("developer").await;
    app.put("/api/ops/password").cookie(&cookie).json(&json!({"new_password": PASSWORD})).send().await.expect(204);
    let email = app.state.db.email_of(user_id).await.unwrap().unwrap();
    let session: Value =
        grant(&app, "password", json!({"email": email, "password": PASSWORD})).await.expect(200).json();
    let project = format!("/api/ops/projects/{}", app.project);
    app.get(&project).bearer(access(&session)).send().await.expect(200);
    let member = format!("/api/ops/orgs/{}/members/{user_id}", app.org.id);
    app.delete(&member).cookie(&app.owner().await).send().await.expect(204);
    app.get(&project).bearer(access(&session)).send().await.expect(404);
}
