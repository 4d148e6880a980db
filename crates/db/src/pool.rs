//! Connections, and the one way statements are run.

use std::sync::LazyLock;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Config, Row};

use crate::{Actor, DbError, Result};

/// A parameter with its type, so that a statement needs no round trip to be described.
pub type Param<'a> = (&'a (dyn ToSql + Sync), Type);

/// Limits how long each statement of a caller may run, unless the database has a limit of its own: somewhat less than the
/// server waits for an answer. What nobody waits for any more would go on and keep its connection from all others.
pub(crate) const LIMIT_TIME: &str = "set_config('statement_timeout', \
     case current_setting('statement_timeout') when '0' then '55s' else current_setting('statement_timeout') end, true)";

const CLAIM: &str = "select set_config('request.jwt.claims', $1, true)";
static CLAIM_AND_LIMIT: LazyLock<String> = LazyLock::new(|| format!("{CLAIM}, {LIMIT_TIME}"));

/// The server's own work may take its time.
pub(crate) fn is_limited(actor: &Actor) -> bool {
    !actor.is_service()
}

#[derive(Clone)]
pub struct Db {
    pool: Pool,
    config: Config,
}

impl Db {
    /// Opens a pool; connections are made when first needed.
    pub fn open(url: &str, max_connections: usize) -> Result<Self> {
        let mut config: Config =
            url.parse().map_err(|e| DbError::Invalid(format!("the database URL cannot be read: {e}")))?;
        if config.get_application_name().is_none() {
            config.application_name("plimsoll");
        }
        config.connect_timeout(Duration::from_secs(5));
        let manager_config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(config.clone(), tls(), manager_config);
        let pool = Pool::builder(manager)
            .max_size(max_connections)
            .wait_timeout(Some(Duration::from_secs(5)))
            .create_timeout(Some(Duration::from_secs(5)))
            .recycle_timeout(Some(Duration::from_secs(5)))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|e| DbError::Invalid(e.to_string()))?;
        Ok(Self { pool, config })
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// A connection as the login role, for work that is the server's own.
    pub async fn connection(&self) -> Result<Object> {
        Ok(self.pool.get().await?)
    }

    /// Runs one statement as the server itself: the login role, no claims, its own transaction.
    pub async fn query_as_server(&self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>> {
        Ok(self.connection().await?.query_typed(sql, params).await?)
    }

    /// Runs one statement for `actor` in a transaction of its own with that actor's role and claims.
    ///
    /// Begin, role, claims, statement and commit are pipelined: one round trip. All of them are queued before the
    /// first answer is awaited, so a caller that goes away leaves no open transaction behind.
    pub async fn query(&self, actor: &Actor, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>> {
        let client = self.connection().await?;
        // Only words of ours begin the transaction, so no claim can keep the role from being set.
        let begin = format!("begin; set local role {}", actor.role());
        let claims = actor.claims().to_string();
        let claim: &[Param<'_>] = &[(&claims, Type::TEXT)];
        let claim_sql = if is_limited(actor) { CLAIM_AND_LIMIT.as_str() } else { CLAIM };
        let (begun, claimed, rows, ended) = futures::join!(
            client.batch_execute(&begin),
            client.query_typed(claim_sql, claim),
            client.query_typed(sql, params),
            client.batch_execute("commit"),
        );
        begun?;
        claimed?;
        let rows = rows?;
        ended?;
        Ok(rows)
    }

    /// The one row of a statement that answers exactly one.
    pub async fn query_one(&self, actor: &Actor, sql: &str, params: &[Param<'_>]) -> Result<Row> {
        one(self.query(actor, sql, params).await?)
    }

    /// [`Db::query_as_server`] for a statement that answers exactly one row.
    pub async fn query_one_as_server(&self, sql: &str, params: &[Param<'_>]) -> Result<Row> {
        one(self.query_as_server(sql, params).await?)
    }
}

fn one(rows: Vec<Row>) -> Result<Row> {
    let count = rows.len();
    rows.into_iter()
        .next()
        .filter(|_| count == 1)
        .ok_or_else(|| DbError::Decode(format!("expected one row, got {count}")))
}

/// TLS where the URL or the server asks for it (`sslmode`), trusting the web's roots.
fn tls() -> tokio_postgres_rustls::MakeRustlsConnect {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring supports TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    tokio_postgres_rustls::MakeRustlsConnect::new(config)
}
