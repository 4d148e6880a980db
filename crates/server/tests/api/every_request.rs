//! What holds for every request, whatever it asks for.

use std::time::Duration;

use plimsoll_server::{Rate, ServerConfig};
use serde_json::json;

use crate::app::{App, config};

#[tokio::test]
async fn every_answer_has_an_id_and_the_headers_that_fence_it_in() {
    let app = App::new().await;
    for path in ["/healthz", "/api/ops/me", "/api/nothing", "/signin", "/openapi.json"] {
        let answer = app.get(path).send().await;
        let header = |name: &str| answer.header(name).unwrap_or_else(|| panic!("{path} has no {name}")).to_owned();
        assert!(!header("x-request-id").is_empty());
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert_eq!(
            header("content-security-policy"),
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
             font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
    }
}

#[tokio::test]
async fn a_harmless_id_of_the_callers_is_kept_and_any_other_is_not() {
    let app = App::new().await;
    let kept = app.get("/healthz").header("x-request-id", "my-own_id.7").send().await;
    assert_eq!(kept.header("x-request-id"), Some("my-own_id.7"));
    for id in ["with space", "", &"x".repeat(101), "<script>"] {
        let answer = app.get("/healthz").header("x-request-id", id).send().await;
        assert_ne!(answer.header("x-request-id"), Some(id));
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_errors_like_all_others() {
    let app = App::new().await;
    for path in ["/api/nothing", "/api/ops/nothing", "/functions/v1/nothing", "/runner/v1/nothing", "/webhooks/nothing"]
    {
        assert!(app.get(path).send().await.expect(404).error().contains(path));
    }
    let answer = app.delete("/api/ops/projects").cookie(&app.owner().await).send().await.expect(405);
    assert!(answer.error().contains("method"));
    assert_eq!(answer.header("allow"), Some("GET,HEAD"));
}

#[tokio::test]
async fn ids_bodies_and_queries_that_are_wrong_say_what_would_be_right() {
    let app = App::new().await;
    let cookie = app.owner().await;
    let path = app.get("/api/ops/projects/seven").cookie(&cookie).send().await.expect(400);
    assert!(path.error().contains("UUID"), "{}", path.error());
    let builds = format!("/api/ops/projects/{}/builds", app.project);
    for query in ["limit=0", "limit=501", "limit=x", "status=lost", "before=yesterday", "branch_id=main"] {
        app.get(&format!("{builds}?{query}")).cookie(&cookie).send().await.expect(400);
    }
    let stage = format!("/api/ops/branches/{}/stage", app.branch);
    for body in ["{", "[]", "{\"stage\": \"moon\"}", "{\"stage\": \"staging\", \"extra\": 1}", "\u{0}"] {
        let answer = app.post(&stage).cookie(&cookie).text(body).send().await.expect(400);
        assert!(answer.error().starts_with("the body is not the JSON we expect"), "{}", answer.error());
    }
}

#[tokio::test]
async fn an_empty_body_where_one_is_wanted_is_told_so() {
    let app = App::new().await;
    let cookie = app.owner().await;
    for path in [
        format!("/api/ops/branches/{}/stage", app.branch),
        format!("/api/ops/orgs/{}/tokens", app.org.id),
        format!("/api/ops/advisories/{}/snooze", app.project),
        format!("/api/ops/projects/{}/trigger", app.project),
    ] {
        let answer = app.post(&path).cookie(&cookie).send().await.expect(400);
        assert_eq!(answer.error(), "a JSON body is required", "{path}");
    }
    let sign_in = app.post("/signin").header("sec-fetch-site", "same-origin").send().await.expect(400);
    assert_eq!(sign_in.error(), "a JSON body is required");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let app = App::with(ServerConfig { body_limit_bytes: 1000, ..config() }).await;
    let cookie = app.owner().await;
    let body = json!({"name": "x".repeat(2000)});
    let answer = app.post("/api/ops/orgs").cookie(&cookie).json(&body).send().await.expect(413);
    assert_eq!(answer.json()["code"], "too_large");
}

#[tokio::test]
async fn a_panic_is_an_error_with_an_id_and_without_its_cause() {
    let app = App::new().await;
    let answer = app.get("/panic").cookie(&app.owner().await).send().await.expect(500);
    assert!(answer.error().contains("request_id"));
    assert!(!answer.text().contains("secret cause"));
}

#[tokio::test]
async fn a_page_that_takes_too_long_is_given_up() {
    let app = App::with(ServerConfig { request_timeout: Duration::from_millis(20), ..config() }).await;
    let answer = app.get("/slow").cookie(&app.owner().await).send().await.expect(503);
    assert!(answer.header("retry-after").is_some());
}

#[tokio::test]
async fn requests_are_limited_by_address_by_token_and_by_org() {
    let app = App::with({
        let mut strict = config();
        strict.trust_proxy = true;
        strict.rates.per_address = Rate { burst: 2.0, per_second: 0.01 };
        strict
    })
    .await;
    let call = |address: &str| app.get("/healthz").header("x-forwarded-for", &format!("203.0.113.7, {address}")).send();
    call("192.0.2.1").await.expect(200);
    call("192.0.2.1").await.expect(200);
    let held = call("192.0.2.1").await.expect(429);
    assert!(held.header("retry-after").is_some());
    call("192.0.2.2").await.expect(200);
    let made_up = |token: &str| app.get("/healthz").header("x-forwarded-for", "192.0.2.1").bearer(token).send();
    made_up("plim_att_made_up").await.expect(429);

    for by_org in [false, true] {
        let mut strict = config();
        let rate = if by_org { &mut strict.rates.per_org } else { &mut strict.rates.per_token };
        *rate = Rate { burst: 2.0, per_second: 0.01 };
        let app = App::with(strict).await;
        let (one, two) = (token(&app).await, token(&app).await);
        let call = |token: &str| app.get("/api/ops/me").bearer(token).send();
        call(&one).await.expect(200);
        call(&one).await.expect(200);
        call(&one).await.expect(429);
        call(&two).await.expect(if by_org { 429 } else { 200 });
    }
}

async fn token(app: &App) -> String {
    let path = format!("/api/ops/orgs/{}/tokens", app.org.id);
    let body = json!({"name": "ci", "scopes": ["read"]});
    let made = app.post(&path).cookie(&app.owner().await).json(&body).send().await.expect(201);
    made.json()["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn without_a_database_answers_are_503_with_retry_after_and_no_cause() {
    let app = App::new().await;
    let cookie = app.owner().await;
    let nowhere = crate::app::state("postgres://nobody@127.0.0.1:1/nothing", config());
    let app = App {
        router: plimsoll_server::app(nowhere.clone(), axum::Router::new(), axum::Router::new()),
        state: nowhere,
        ..app
    };
    let answer = app.get("/api/ops/me").cookie(&cookie).send().await.expect(503);
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert!(!answer.text().contains("127.0.0.1"), "{}", answer.text());
    app.get("/healthz").send().await.expect(200);
}

#[tokio::test]
async fn whole_answers_are_compressed_for_those_who_want_it() {
    let app = App::new().await;
    let answer = app.get("/openapi.json").header("accept-encoding", "gzip").send().await.expect(200);
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
}
