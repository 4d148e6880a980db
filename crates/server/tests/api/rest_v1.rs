//! What the server itself answers below `/rest/v1`, before and around the gateway: in PostgREST's shape.

use std::time::Duration;

use axum::http::Method;
use plimsoll_server::tokens::{self, Kind};
use plimsoll_server::{Rate, ServerConfig};
use serde_json::{Value, json};

use crate::app::{Answer, App, JWT_SECRET, config, in_an_hour, jwt};

/// The body of an error, which has PostgREST's four keys and no other.
#[track_caller]
fn error(answer: &Answer) -> Value {
    let body = answer.json();
    let keys: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["code", "details", "hint", "message"]);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert!(answer.header("access-control-expose-headers").unwrap().contains("Content-Range"));
    assert_eq!(answer.header("cross-origin-resource-policy"), Some("cross-origin"));
    body
}

#[tokio::test]
async fn a_token_that_is_not_good_is_refused_as_postgrest_does() {
    let app = App::new().await;
    let user = |name: &str, value: Value| {
        let mut claims = json!({"role": "authenticated", "sub": app.org.owner, "exp": in_an_hour()});
        claims[name] = value;
        jwt(JWT_SECRET, &claims)
    };
    let now = in_an_hour() - 3600;
    for (token, code, message) in [
        (user("exp", json!(now - 60)), "PGRST303", "JWT expired"),
        (user("nbf", json!(now + 60)), "PGRST303", "JWT not yet valid"),
        (user("iat", json!(now + 60)), "PGRST303", "JWT issued at future"),
        (user("aud", json!("else")), "PGRST303", "JWT not in audience"),
        (user("exp", json!("soon")), "PGRST303", "The JWT 'exp' claim must be a number"),
        ("a.b.c".into(), "PGRST301", "JWT couldn't be decoded"),
        ("abc".into(), "PGRST301", "Expected 3 parts in JWT; got 1"),
        (jwt("another-secret-of-more-than-32-bytes!", &json!({})), "PGRST301", "No suitable key or wrong key type"),
        ("sb_secret_x".into(), "PGRST301", "Invalid API key"),
    ] {
        let answer = app.get("/rest/v1/role").bearer(&token).send().await.expect(401);
        let body = error(&answer);
        assert_eq!((&body["code"], &body["message"]), (&json!(code), &json!(message)), "{token}");
        let challenge = format!("Bearer error=\"invalid_token\", error_description=\"{message}\"");
        assert_eq!(answer.header("www-authenticate"), Some(challenge.as_str()));
    }
    let unsigned = jwt("another-secret-of-more-than-32-bytes!", &json!({}));
    let body = error(&app.get("/rest/v1/role").bearer(&unsigned).send().await);
    assert_eq!(body["details"], "None of the keys was able to decode the JWT");
    let unknown = app.get("/rest/v1/role").bearer(&tokens::generate(Kind::Api)).send().await.expect(401);
    assert_eq!(error(&unknown)["code"], "PGRST301");
    let empty = app.get("/rest/v1/role").header("authorization", "Bearer ").send().await.expect(401);
    assert_eq!(error(&empty)["message"], "Empty JWT is sent in Authorization header");
}

#[tokio::test]
async fn each_credential_has_its_role() {
    let app = App::new().await;
    let role = |token: String| {
        let app = &app;
        async move { app.get("/rest/v1/role").bearer(&token).send().await.expect(200).text() }
    };
    assert_eq!(app.get("/rest/v1/role").send().await.expect(200).text(), "anon");
    assert_eq!(role(app.state.keys.anon_key()).await, "anon");
    assert_eq!(role(app.state.keys.service_role_key()).await, "service_role");
    assert_eq!(role(jwt(JWT_SECRET, &json!({"role": "authenticated", "sub": app.org.owner}))).await, "authenticated");
    assert_eq!(
        role(jwt(JWT_SECRET, &json!({"sub": app.org.owner, "app_metadata": {"role": "service_role"}}))).await,
        "anon"
    );
    // Another scheme is a proxy's own; PostgREST looks at bearers alone.
    let basic = app.get("/rest/v1/role").header("authorization", "Basic dXNlcjpwYXNz");
    assert_eq!(basic.send().await.expect(200).text(), "anon");
    let basic = app.get("/rest/v1/role").header("authorization", "Basic dXNlcjpwYXNz");
    assert_eq!(basic.header("apikey", &app.state.keys.service_role_key()).send().await.text(), "service_role");
}

#[tokio::test]
async fn policies_may_read_what_a_token_of_any_role_says() {
    let app = App::new().await;
    for role in [json!("anon"), json!("service_role"), json!("authenticated"), Value::Null] {
        let said = json!({"role": role, "sub": app.org.owner, "tenant": "t7", "plimsoll_scopes": ["admin"]});
        let token = jwt(JWT_SECRET, &said);
        let claims = app.get("/rest/v1/claims").bearer(&token).send().await.expect(200).json();
        let role = if role.is_null() { json!("anon") } else { role };
        assert_eq!(claims, json!({"role": role, "sub": app.org.owner, "tenant": "t7"}));
    }
    let secret = app.state.keys.service_role_key();
    app.get("/api/ops/keys").bearer(&secret).send().await.expect(200);
    let anon = jwt(JWT_SECRET, &json!({"role": "anon", "sub": app.org.owner, "tenant": "t7"}));
    app.get("/api/ops/me").bearer(&anon).send().await.expect(401);
}

#[tokio::test]
async fn a_consoles_cookie_counts_for_nothing_here() {
    let app = App::new().await;
    let cookie = app.owner().await;
    for method in [Method::GET, Method::POST] {
        let call = app.request(method, "/rest/v1/role").header("cookie", &cookie);
        let answer = call.header("sec-fetch-site", "cross-site").send().await.expect(200);
        assert_eq!(answer.text(), "anon");
    }
    app.get("/functions/v1/nothing").cookie(&cookie).send().await.expect(404);
}

#[tokio::test]
async fn a_browser_asks_first_without_credentials() {
    let app = App::new().await;
    let preflight = app.request(Method::OPTIONS, "/rest/v1/role").header("origin", "https://elsewhere.example");
    let answer = preflight.header("access-control-request-method", "POST").bearer("a.b.c").send().await.expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.text(), "anon", "what it says else is the gateway's");
}

#[tokio::test]
async fn limits_panics_and_waits_have_the_same_shape() {
    let mut strict = ServerConfig { request_timeout: Duration::from_millis(20), ..config() };
    strict.trust_proxy = true;
    strict.rates.per_address = Rate { burst: 1.0, per_second: 0.01 };
    strict.rates.refused = Rate { burst: 1.0, per_second: 0.01 };
    let app = App::with(strict).await;
    let call = |path: &str, from: &str| app.get(path).header("x-forwarded-for", from);
    let panicked = call("/rest/v1/panic", "192.0.2.1").send().await.expect(500);
    assert_eq!(error(&panicked)["code"], "PGRSTX00");
    assert!(!panicked.text().contains("secret cause"));
    let slow = call("/rest/v1/slow", "192.0.2.2").send().await.expect(503);
    assert_eq!(error(&slow)["code"], "PGRST003");
    let held = call("/rest/v1/role", "192.0.2.1").send().await.expect(429);
    assert_eq!(error(&held)["code"], "PLIM429");
    assert!(held.header("retry-after").is_some());
    call("/rest/v1/role", "192.0.2.3").bearer("a.b.c").send().await.expect(401);
    error(&call("/rest/v1/role", "192.0.2.3").bearer("a.b.c").send().await.expect(429));
}

#[tokio::test]
async fn what_the_gateway_leaves_empty_stays_empty() {
    let app = App::new().await;
    let answer = app.get("/rest/v1/bare").send().await.expect(406);
    assert_eq!(answer.text(), "");
}
