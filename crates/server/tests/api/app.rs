//! A server with a database of its own and an org with a project.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{COOKIE, HOST};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::response::Html;
use axum::routing::{any, get};
use axum::{Extension, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use object_store::memory::InMemory;
use plimsoll_db::{Actor, Db};
use plimsoll_server::tokens::{self, Kind};
use plimsoll_server::{AppState, Keys, Rates, ServerConfig, app};
use plimsoll_testkit::{TestDb, seed};
use ring::hmac;
use serde_json::{Value, json};
use tokio_postgres::Client;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use uuid::Uuid;

pub(crate) const JWT_SECRET: &str = "a-secret-of-more-than-thirty-two-bytes";

pub(crate) struct App {
    pub(crate) state: AppState,
    pub(crate) router: Router,
    pub(crate) client: Client,
    pub(crate) org: seed::Org,
    pub(crate) project: Uuid,
    pub(crate) branch: Uuid,
    // Last: the database goes when everything that uses it is gone.
    pub(crate) _db: TestDb,
}

/// Nothing in a test but a test of limits meets a limit.
pub(crate) fn config() -> ServerConfig {
    let mut rates = Rates::default();
    for rate in [
        &mut rates.per_address,
        &mut rates.per_token,
        &mut rates.per_org,
        &mut rates.sign_in,
        &mut rates.sign_ins,
        &mut rates.refused,
    ] {
        rate.burst = 1e9;
    }
    ServerConfig { rates, ..ServerConfig::default() }
}

impl App {
    pub(crate) async fn new() -> Self {
        Self::with(config()).await
    }

    pub(crate) async fn with(config: ServerConfig) -> Self {
        let db = TestDb::new().await;
        let client = db.client().await;
        let org = seed::org(&client, "Acme").await;
        let project = seed::project(&client, org.id, "shop", "https://git.example/acme/shop.git").await;
        let branch = seed::branch(&client, project, "main", "production").await;
        let state = state(db.url(), config);
        let pages = Router::new()
            .route("/", get(|| async { Html("<p>front</p>") }))
            .route("/signin", get(|| async { Html("<p>sign in</p>") }))
            .route("/panic", get(panicking_page))
            .route("/slow", get(std::future::pending::<()>));
        let router = app(state.clone(), pages, gateway());
        Self { state, router, client, org, project, branch, _db: db }
    }

    /// Another server on the same database.
    pub(crate) fn replica(&self, config: ServerConfig, keys: Keys) -> Replica {
        let state = state_with(self._db.url(), config, keys);
        let router = app(state.clone(), Router::new(), gateway());
        Replica { state, router }
    }

    /// A session of the person, as the cookie that carries it.
    pub(crate) async fn session(&self, user_id: Uuid) -> String {
        let token = tokens::generate(Kind::Session);
        let expires_at = Timestamp::now() + Duration::from_secs(3600);
        self.state.db.create_session(&tokens::hash(&token), user_id, None, expires_at).await.expect("start a session");
        format!("plimsoll={token}")
    }

    pub(crate) async fn owner(&self) -> String {
        self.session(self.org.owner).await
    }

    /// A new member with `role`, signed in.
    pub(crate) async fn member(&self, role: &str) -> (Uuid, String) {
        let user_id = seed::member(&self.client, self.org.id, role).await;
        (user_id, self.session(user_id).await)
    }

    /// A build in the queue.
    pub(crate) async fn queued_build(&self) -> Uuid {
        let id = seed::build(&self.client, self.branch).await;
        self.state.db.enqueue_build(&Actor::Service, id, 5).await.expect("queue the build");
        id
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> Call<'_> {
        Call::new(&self.router, method, path)
    }

    pub(crate) fn get(&self, path: &str) -> Call<'_> {
        self.request(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> Call<'_> {
        self.request(Method::POST, path)
    }

    pub(crate) fn put(&self, path: &str) -> Call<'_> {
        self.request(Method::PUT, path)
    }

    pub(crate) fn delete(&self, path: &str) -> Call<'_> {
        self.request(Method::DELETE, path)
    }

    /// Counts what a statement without parameters selects.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        self.client.query_one(&format!("select count(*) from {sql}"), &[]).await.expect(sql).get(0)
    }
}

/// What [`App::replica`] answers.
pub(crate) struct Replica {
    pub(crate) state: AppState,
    router: Router,
}

impl Replica {
    pub(crate) fn get(&self, path: &str) -> Call<'_> {
        Call::new(&self.router, Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> Call<'_> {
        Call::new(&self.router, Method::POST, path)
    }
}

pub(crate) fn state(database_url: &str, config: ServerConfig) -> AppState {
    state_with(database_url, config, keys())
}

fn state_with(database_url: &str, config: ServerConfig, keys: Keys) -> AppState {
    let db = Db::open(database_url, 4).expect("open the pool");
    AppState::new(db, keys, Arc::new(InMemory::new()), config, CancellationToken::new())
}

pub(crate) fn keys() -> Keys {
    Keys::new(JWT_SECRET.to_owned(), [7; 32], Timestamp::UNIX_EPOCH + Duration::from_secs(1_750_000_000))
        .expect("good keys")
}

/// In the gateway's place: says which role a request would run with.
fn gateway() -> Router {
    Router::new()
        .route("/role", any(|Extension(actor): Extension<Actor>| async move { actor.role() }))
        .route("/claims", any(|Extension(actor): Extension<Actor>| async move { actor.claims().to_string() }))
        .route("/bare", get(|| async { StatusCode::NOT_ACCEPTABLE }))
        .route("/panic", get(panicking_page))
        .route("/slow", get(std::future::pending::<()>))
}

async fn panicking_page() {
    panic!("the secret cause");
}

/// A JWT of `claims` under `secret`, made without the library that checks it.
pub(crate) fn jwt(secret: &str, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", encode(&json!({"alg": "HS256", "typ": "JWT"})), encode(claims));
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// A token's header and claims, unchecked.
pub(crate) fn claims(token: &str) -> (Value, Value) {
    let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).expect("base64url"));
    let mut next = || serde_json::from_slice(&parts.next().expect("a part")).expect("JSON");
    (next(), next())
}

pub(crate) fn in_an_hour() -> i64 {
    Timestamp::now().as_second() + 3600
}

/// A request under way.
pub(crate) struct Call<'a> {
    router: &'a Router,
    builder: axum::http::request::Builder,
    body: Body,
}

impl<'a> Call<'a> {
    fn new(router: &'a Router, method: Method, path: &str) -> Self {
        let builder = Request::builder().method(method).uri(path).header(HOST, "127.0.0.1:4400");
        Self { router, builder, body: Body::empty() }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.builder = self.builder.header(name, value);
        self
    }

    /// As a browser on one of our pages sends it.
    pub(crate) fn cookie(self, cookie: &str) -> Self {
        self.header(COOKIE.as_str(), cookie).header("sec-fetch-site", "same-origin")
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.text(&body.to_string()).header("content-type", "application/json")
    }

    pub(crate) fn text(mut self, body: &str) -> Self {
        self.body = Body::from(body.to_owned());
        self
    }

    pub(crate) async fn send(self) -> Answer {
        let request = self.builder.body(self.body).expect("a good request");
        let response = self.router.clone().oneshot(request).await.expect("a router never fails");
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.expect("read the answer").to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// The status alone: a stream's body has no end.
    pub(crate) async fn status(self) -> StatusCode {
        let request = self.builder.body(self.body).expect("a good request");
        self.router.clone().oneshot(request).await.expect("a router never fails").status()
    }
}

/// An answer read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.text()))
    }

    /// The message of an error, whose body has the shape of all errors.
    #[track_caller]
    pub(crate) fn error(&self) -> String {
        let body = self.json();
        assert_eq!(body["request_id"].as_str(), self.header("x-request-id"), "{body}");
        body["error"].as_str().unwrap_or_else(|| panic!("no error: {body}")).to_owned()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("an ASCII header"))
    }

    /// The cookie that was set, as a browser sends it back.
    #[track_caller]
    pub(crate) fn set_cookie(&self) -> String {
        let cookie = self.header("set-cookie").expect("a cookie is set");
        cookie.split(';').next().unwrap_or_default().to_owned()
    }
}
