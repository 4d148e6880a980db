//! A server with a database of its own: the fixture's harbour in `public`, and two orgs with a project each in `ops`.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use jiff::Timestamp;
use object_store::memory::InMemory;
use plimsoll_db::Db;
use plimsoll_gateway::{GatewayConfig, GatewayState};
use plimsoll_server::{AppState, Keys, Rates, ServerConfig};
use plimsoll_testkit::{TestDb, seed};
use reqwest::{Method, RequestBuilder};
use tokio_postgres::Client;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use crate::tokens;

pub const JWT_SECRET: &str = "a-secret-of-more-than-thirty-two-bytes";

/// A statement that takes longer is a defect, and shows as 57014.
const STATEMENT_TIMEOUT: &str = "statement_timeout = '20s'";

pub struct Harbour {
    pub client: Client,
    pub http: reqwest::Client,
    pub base: String,
    pub acme: seed::Org,
    pub rival: seed::Org,
    pub project: Uuid,
    pub rival_project: Uuid,
    pub branch: Uuid,
    pub admin: Uuid,
    pub developer: Uuid,
    pub viewer: Uuid,
    service_key: String,
    anon_key: String,
    _stop: DropGuard,
    // Last: the database goes when everything that uses it is gone.
    _db: TestDb,
}

impl Harbour {
    pub async fn new() -> Self {
        Self::with(GatewayConfig::default()).await
    }

    pub async fn with(config: GatewayConfig) -> Self {
        let db = TestDb::new().await;
        let client = db.client().await;
        for sql in [include_str!("fixture.sql"), include_str!("functions.sql")] {
            client.batch_execute(sql).await.unwrap_or_else(|error| panic!("the fixture: {:?}", error.as_db_error()));
        }
        settle(&client, db.name()).await;
        let acme = seed::org(&client, "Acme").await;
        let rival = seed::org(&client, "Rival").await;
        let project = seed::project(&client, acme.id, "shop", "https://git.example/acme/shop.git").await;
        let rival_project = seed::project(&client, rival.id, "spy", "https://git.example/rival/spy.git").await;
        let branch = seed::branch(&client, project, "main", "production").await;
        seed::branch(&client, rival_project, "main", "production").await;
        let admin = seed::member(&client, acme.id, "admin").await;
        let developer = seed::member(&client, acme.id, "developer").await;
        let viewer = seed::member(&client, acme.id, "viewer").await;
        let shutdown = CancellationToken::new();
        let state = state(&db, shutdown.clone());
        let (service_key, anon_key) = (state.keys.service_role_key(), state.keys.anon_key());
        let base = listen(state, config, shutdown.clone()).await;
        Self {
            client,
            http: http(),
            base,
            acme,
            rival,
            project,
            rival_project,
            branch,
            admin,
            developer,
            viewer,
            service_key,
            anon_key,
            _stop: shutdown.drop_guard(),
            _db: db,
        }
    }

    /// A request to `/rest/v1` and `path`, without any header.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method: Method = method.parse().expect("a method");
        self.http.request(method, format!("{}/rest/v1{path}", self.base))
    }

    /// A request as the owner of Acme, in schema `public`.
    pub fn owner(&self, method: &str, path: &str) -> RequestBuilder {
        self.request(method, path).bearer_auth(self.bearer("owner").unwrap()).header(profile(method), "public")
    }

    /// The token of somebody the cases name; `None` for nobody.
    pub fn bearer(&self, who: &str) -> Option<String> {
        let user = match who {
            "nobody" => return None,
            "anon" => return Some(self.anon_key.clone()),
            "service" => return Some(self.service_key.clone()),
            "owner" => self.acme.owner,
            "admin" => self.admin,
            "developer" => self.developer,
            "viewer" => self.viewer,
            "rival" => self.rival.owner,
            _ => panic!("nobody is called {who}"),
        };
        Some(tokens::user(user))
    }

    /// `$org` and the like in a script.
    pub fn fill(&self, text: &str) -> String {
        let known = [
            ("$rival_org", self.rival.id),
            ("$rival_project", self.rival_project),
            ("$rival_owner", self.rival.owner),
            ("$project", self.project),
            ("$branch", self.branch),
            ("$owner", self.acme.owner),
            ("$viewer", self.viewer),
            ("$org", self.acme.id),
        ];
        known.iter().fold(text.to_owned(), |text, (name, id)| text.replace(name, &id.to_string()))
    }

    /// The first column of the first row as text, read past the gateway.
    pub async fn read(&self, sql: &str) -> String {
        let row = self.client.query_one(&format!("select ({sql})::text"), &[]).await;
        let row = row.unwrap_or_else(|error| panic!("{sql}: {:?}", error.as_db_error()));
        row.get::<_, Option<String>>(0).unwrap_or_else(|| "null".to_owned())
    }

    /// Runs SQL past the gateway.
    pub async fn run(&self, sql: &str) {
        self.client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {:?}", error.as_db_error()));
    }
}

/// The header that names the schema of a request with this method.
pub fn profile(method: &str) -> &'static str {
    if matches!(method, "GET" | "HEAD") { "accept-profile" } else { "content-profile" }
}

/// Settles what depends on the machine otherwise, and gathers statistics for planned counts.
async fn settle(client: &Client, database: &str) {
    let settings = [STATEMENT_TIMEOUT, "timezone = 'UTC'", "default_text_search_config = 'pg_catalog.english'"];
    for setting in settings {
        let sql = format!("alter database {database} set {setting}");
        client.batch_execute(&sql).await.expect("settle the database");
    }
    // A pooler's connections are older than the settings.
    let others = "select pg_terminate_backend(pid) from pg_stat_activity
                  where datname = current_database() and pid <> pg_backend_pid()";
    client.batch_execute(others).await.expect("end the connections that do not know them");
    client.batch_execute("analyze").await.expect("gather statistics");
}

fn state(db: &TestDb, shutdown: CancellationToken) -> AppState {
    let pool = Db::open(db.url(), 8).expect("open the database");
    let keys = Keys::new(JWT_SECRET.into(), [7; 32], Timestamp::UNIX_EPOCH + Duration::from_secs(1_750_000_000))
        .expect("good keys");
    // A test sends in a second what a client may in minutes.
    let mut rates = Rates::default();
    for rate in [&mut rates.per_address, &mut rates.per_token, &mut rates.per_org, &mut rates.refused] {
        rate.burst = 1e9;
    }
    let config = ServerConfig { rates, ..ServerConfig::default() };
    AppState::new(pool, keys, Arc::new(InMemory::new()), config, shutdown)
}

async fn listen(state: AppState, config: GatewayConfig, shutdown: CancellationToken) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = listener.local_addr().expect("an address");
    let gateway = plimsoll_gateway::router(GatewayState { db: state.db.clone(), config });
    let app = plimsoll_server::app(state, Router::new(), gateway);
    tokio::spawn(plimsoll_server::serve::serve(listener, app, shutdown, Duration::ZERO));
    format!("http://{address}")
}

/// A client without TLS: everything here is on loopback.
fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(60))
        .build()
        .expect("a client")
}
