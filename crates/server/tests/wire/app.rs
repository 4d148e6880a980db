//! A server with a database of its own, one org, one project and one branch.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use object_store::local::LocalFileSystem;
use plimsoll_core::protocol::{Claim, Registered};
use plimsoll_db::Db;
use plimsoll_server::{AppState, Keys, Rates, ServerConfig, app};
use plimsoll_testkit::{TestDb, seed};
use ring::hmac;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_postgres::Client;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use uuid::Uuid;

const JWT_SECRET: &str = "a-secret-of-more-than-thirty-two-bytes";
pub const INGEST_TOKEN: &str = "ingest-token-of-these-tests";
pub const ADVISORY_TOKEN: &str = "advisory-token-of-these-tests";

pub struct App {
    pub state: AppState,
    pub router: Router,
    pub client: Client,
    pub org: seed::Org,
    pub project: Uuid,
    pub branch: Uuid,
    pub db: Arc<TestDb>,
    pub files: Arc<TempDir>,
}

/// An answer read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_else(|| panic!("no error: {}", self.text())).to_owned()
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }
}

pub fn config() -> ServerConfig {
    // A test sends in a second what a client may in minutes.
    let mut rates = Rates::default();
    for rate in [&mut rates.per_address, &mut rates.per_token, &mut rates.per_org, &mut rates.per_runner] {
        rate.burst = 1e9;
    }
    ServerConfig { rates, ..ServerConfig::default() }
}

impl App {
    pub async fn new() -> Self {
        Self::with(config()).await
    }

    pub async fn with(config: ServerConfig) -> Self {
        let db = Arc::new(TestDb::new().await);
        let files = Arc::new(tempfile::tempdir().expect("make a folder"));
        let client = db.client().await;
        let org = seed::org(&client, "Acme").await;
        let project = seed::project(&client, org.id, "shop", "https://git.example/acme/shop.git").await;
        let branch = seed::branch(&client, project, "main", "production").await;
        let (state, router) = start(&db, &files, config);
        Self { state, router, client, org, project, branch, db, files }
    }

    /// Another server process on the same database and files: a replica, or this one after a restart.
    pub async fn replica(&self) -> Self {
        let (state, router) = start(&self.db, &self.files, config());
        let client = self.db.client().await;
        Self {
            state,
            router,
            client,
            org: self.org,
            project: self.project,
            branch: self.branch,
            db: self.db.clone(),
            files: self.files.clone(),
        }
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("a router never fails");
        let (status, headers) = (response.status(), response.headers().clone());
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("read the answer").to_vec();
        Answer { status, headers, body }
    }

    pub async fn get(&self, path: &str, bearer: &str) -> Answer {
        self.send(request("GET", path, bearer).body(Body::empty()).unwrap()).await
    }

    pub async fn post(&self, path: &str, bearer: &str, body: &Value) -> Answer {
        self.send(request("POST", path, bearer).body(Body::from(body.to_string())).unwrap()).await
    }

    /// Listens on a free port of loopback until the state's shutdown.
    pub async fn listen(&self) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let address = listener.local_addr().unwrap();
        let (router, shutdown) = (self.router.clone(), self.state.shutdown.clone());
        tokio::spawn(plimsoll_server::serve::serve(listener, router, shutdown, std::time::Duration::from_secs(5)));
        address
    }

    pub fn service_key(&self) -> String {
        self.state.keys.service_role_key()
    }

    /// A Supabase-like access token of the org's owner.
    pub fn owner(&self) -> String {
        user_token(self.org.owner)
    }

    /// A queued build of the branch, by its id.
    pub async fn trigger(&self) -> Uuid {
        let body = json!({"project_id": self.project, "branch_id": self.branch});
        let answer = self.post("/functions/v1/ops-trigger-build", &self.owner(), &body).await.expect(200);
        answer.json()["build_id"].as_str().unwrap().parse().unwrap()
    }

    /// A shared runner's token.
    pub async fn runner(&self) -> String {
        let answer = self.post("/runner/v1/register", &self.service_key(), &register("r1")).await.expect(200);
        serde_json::from_slice::<Registered>(&answer.body).unwrap().runner_token
    }

    /// Triggers a build and claims it.
    pub async fn claimed(&self) -> Claim {
        let build = self.trigger().await;
        let runner = self.runner().await;
        let claim = self.claim(&runner).await.expect("the build is ready");
        assert_eq!(claim.build_id, build);
        claim
    }

    pub async fn claim(&self, runner: &str) -> Option<Claim> {
        let answer = self.post("/runner/v1/claim?wait_seconds=0", runner, &json!({"free_slots": 1})).await;
        match answer.status.as_u16() {
            204 => None,
            200 => Some(serde_json::from_slice(&answer.body).unwrap()),
            _ => panic!("claim: {}", answer.text()),
        }
    }

    /// Calls an attempt's endpoint.
    pub async fn attempt(&self, claim: &Claim, method: &str, what: &str, body: &Value) -> Answer {
        let path = format!("/runner/v1/attempts/{}/{what}", claim.build_id);
        self.send(request(method, &path, &claim.attempt_token).body(Body::from(body.to_string())).unwrap()).await
    }

    pub async fn append(&self, claim: &Claim, first_line: i64, lines: &[&str]) -> Answer {
        self.attempt(claim, "POST", "logs", &chunk(first_line, lines)).await
    }

    pub async fn finish(&self, claim: &Claim, next_line: i64) -> Answer {
        self.attempt(claim, "POST", "finish", &json!({"status": "success", "next_line": next_line})).await
    }

    /// Ends the lease as time would.
    pub async fn expire(&self, claim: &Claim) {
        let sql = "update ops.leases set expires_at = clock_timestamp() - interval '1 second' where build_id = $1";
        assert_eq!(self.client.execute(sql, &[&claim.build_id]).await.unwrap(), 1);
    }

    /// One number from the database.
    pub async fn count(&self, sql: &str, id: Uuid) -> i64 {
        self.client.query_one(sql, &[&id]).await.unwrap().get(0)
    }
}

fn start(db: &TestDb, files: &TempDir, config: ServerConfig) -> (AppState, Router) {
    let pool = Db::open(db.url(), 8).expect("open the database");
    let keys =
        Keys::new(JWT_SECRET.into(), [7; 32], Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(24 * 365 * 56))
            .unwrap()
            .with_function_tokens(Some(INGEST_TOKEN), Some(ADVISORY_TOKEN))
            .unwrap();
    let store = LocalFileSystem::new_with_prefix(files.path()).expect("open the folder");
    let state = AppState::new(pool, keys, Arc::new(store), config, CancellationToken::new());
    (state.clone(), app(state, Router::new(), Router::new()))
}

pub fn request(method: &str, path: &str, bearer: &str) -> axum::http::request::Builder {
    let builder = Request::builder().method(method).uri(path);
    if bearer.is_empty() { builder } else { builder.header("authorization", format!("Bearer {bearer}")) }
}

pub fn register(name: &str) -> Value {
    json!({"name": name, "version": "0.1.0", "os": "linux", "arch": "x86_64", "host": "box", "slots": 2, "sandbox_level": "none"})
}

pub fn chunk(first_line: i64, lines: &[&str]) -> Value {
    json!({
        "first_line": first_line, "base_ms": 1_700_000_000_000_i64,
        "dt_ms": vec![0; lines.len()], "kind": vec![9; lines.len()], "body": lines.join("\n"),
    })
}

pub fn user_token(user_id: Uuid) -> String {
    let claims = json!({"sub": user_id, "role": "authenticated", "aud": "authenticated", "exp": 4_000_000_000_i64});
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", encode(&json!({"alg": "HS256", "typ": "JWT"})), encode(&claims));
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, JWT_SECRET.as_bytes()), text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// A client without TLS: everything here is on loopback.
pub fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}
