//! What proves who is asking, and what does not.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use plimsoll_server::tokens::{self, Kind};
use serde_json::{Value, json};

use crate::app::{App, JWT_SECRET, in_an_hour, jwt};

fn user_claims(app: &App) -> Value {
    json!({"role": "authenticated", "aud": "authenticated", "sub": app.org.owner, "exp": in_an_hour()})
}

#[tokio::test]
async fn a_users_jwt_is_that_user() {
    let app = App::new().await;
    let token = jwt(JWT_SECRET, &user_claims(&app));
    let me = app.get("/api/ops/me").bearer(&token).send().await.expect(200).json();
    assert_eq!(me["user_id"], json!(app.org.owner));
    assert_eq!(me["orgs"].as_array().unwrap().len(), 1);
    app.get("/api/ops/me").header("authorization", &format!("bearer {token}")).send().await.expect(200);
}

#[tokio::test]
async fn a_jwt_cannot_pass_for_a_token_with_other_claims() {
    let app = App::new().await;
    let (viewer, _) = app.member("viewer").await;
    let mut claims = user_claims(&app);
    claims["sub"] = json!(viewer);
    claims["plimsoll_org_id"] = json!(app.org.id);
    claims["plimsoll_scopes"] = json!(["admin"]);
    claims["plimsoll_token_id"] = json!(viewer);
    let me = app.get("/api/ops/me").bearer(&jwt(JWT_SECRET, &claims)).send().await.expect(200).json();
    assert_eq!(me["orgs"][0]["role"], "viewer");
}

#[tokio::test]
async fn a_jwt_that_is_not_good_is_refused() {
    let app = App::new().await;
    let good = user_claims(&app);
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    let expired = in_an_hour() - 3600 - 60;
    let mut refused = vec![
        jwt("another-secret-of-more-than-32-bytes!", &good),
        jwt(JWT_SECRET, &with("exp", json!(expired))),
        jwt(JWT_SECRET, &with("iat", json!(in_an_hour()))),
        jwt(JWT_SECRET, &with("nbf", json!(in_an_hour()))),
        jwt(JWT_SECRET, &with("aud", json!("somebody-else"))),
        jwt(JWT_SECRET, &with("role", json!("postgres"))),
        jwt(JWT_SECRET, &with("role", json!("supabase_admin"))),
        jwt(JWT_SECRET, &with("sub", json!("' or true --"))),
        "a.b.c".to_owned(),
    ];
    let token = jwt(JWT_SECRET, &good);
    let (_, rest) = token.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    for alg in ["none", "RS256", "HS512"] {
        let header = URL_SAFE_NO_PAD.encode(json!({"alg": alg, "typ": "JWT"}).to_string());
        refused.push(format!("{header}.{payload}."));
        refused.push(format!("{header}.{payload}.{signature}"));
    }
    for token in refused {
        let answer = app.get("/api/ops/me").bearer(&token).send().await.expect(401);
        assert!(!answer.error().contains(&token));
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(challenge.starts_with("Bearer error=\"invalid_token\", error_description=\""), "{challenge}");
    }
    assert_eq!(app.get("/api/ops/me").send().await.expect(401).header("www-authenticate"), Some("Bearer"));
    app.get("/api/ops/me").bearer(&jwt(JWT_SECRET, &with("exp", Value::Null))).send().await.expect(200);
}

#[tokio::test]
async fn the_service_and_anon_keys_work_as_bearer_and_as_apikey() {
    let app = App::new().await;
    let (service, anon) = (app.state.keys.service_role_key(), app.state.keys.anon_key());
    for (name, value) in [("authorization", format!("Bearer {service}")), ("apikey", service.clone())] {
        let me = app.get("/api/ops/me").header(name, &value).send().await.expect(200).json();
        assert_eq!((&me["via"], &me["user_id"]), (&json!("service"), &Value::Null));
    }
    app.get("/api/ops/me").header("apikey", &anon).send().await.expect(401);
    // supabase-js sends the key beside the user's token: the token says who it is.
    let user = jwt(JWT_SECRET, &user_claims(&app));
    let me = app.get("/api/ops/me").header("apikey", &anon).bearer(&user).send().await.expect(200).json();
    assert_eq!(me["user_id"], json!(app.org.owner));
    app.get("/api/ops/me").header("apikey", &service).bearer("a.b.c").send().await.expect(401);
}

#[tokio::test]
async fn tokens_of_other_kinds_and_other_schemes_are_refused() {
    let app = App::new().await;
    for token in [tokens::generate(Kind::Api), tokens::generate(Kind::Session), tokens::generate(Kind::Link)] {
        app.get("/api/ops/me").bearer(&token).send().await.expect(401);
    }
    app.get("/api/ops/me").bearer(&tokens::generate(Kind::Runner)).send().await.expect(401);
    app.get("/api/ops/me").header("authorization", "Basic dXNlcjpwYXNz").send().await.expect(401);
    app.get("/api/ops/me").header("authorization", "plim_api_x").send().await.expect(401);
    let session = app.owner().await;
    let as_bearer = session.split_once('=').unwrap().1.to_owned();
    app.get("/api/ops/me").bearer(&as_bearer).send().await.expect(401);
}

#[tokio::test]
async fn with_a_cookie_only_our_own_pages_change_things() {
    let app = App::new().await;
    let cookie = app.owner().await;
    let path = format!("/api/ops/projects/{}/sync", app.project);
    let call = || app.post(&path).header("cookie", &cookie);
    call().header("sec-fetch-site", "same-origin").send().await.expect(202);
    call().header("origin", "http://127.0.0.1:4400").send().await.expect(202);
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://127.0.0.1:4400.evil.example"),
        ("x-nothing", "said"),
    ] {
        let answer = call().header(name, value).send().await.expect(403);
        assert!(answer.error().contains("another site"), "{}", answer.error());
    }
    let token = jwt(JWT_SECRET, &user_claims(&app));
    app.post(&path).bearer(&token).header("sec-fetch-site", "cross-site").send().await.expect(202);
    app.get("/api/ops/me").header("cookie", &cookie).header("sec-fetch-site", "cross-site").send().await.expect(200);
}

#[tokio::test]
async fn guessing_is_held_off_and_does_not_hold_off_the_others() {
    let mut strict = crate::app::config();
    strict.trust_proxy = true;
    strict.rates.refused = plimsoll_server::Rate { burst: 3.0, per_second: 0.01 };
    let app = App::with(strict).await;
    let unknown = tokens::generate(Kind::Api);
    let guess = |token: &str| app.get("/api/ops/me").header("x-forwarded-for", "192.0.2.1").bearer(token).send();
    for token in ["a.b.c", "plim_api_short", &unknown] {
        guess(token).await.expect(401);
    }
    guess("plim_api_short").await.expect(429);
    let held = guess("a.b.c").await.expect(429);
    assert!(held.header("retry-after").is_some());
    let good = jwt(JWT_SECRET, &user_claims(&app));
    app.get("/api/ops/me").header("x-forwarded-for", "192.0.2.1").bearer(&good).send().await.expect(200);
}
