//! A database for one test, copied from a migrated template.

use std::fmt::Write as _;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU32, Ordering};

use plimsoll_db::{Db, migrate};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls};

use crate::pgbouncer::PgBouncer;
use crate::server;

/// Templates kept on a server that sees many versions of the schema.
const TEMPLATES_KEPT: i64 = 6;
/// A test database that old belongs to a test that was killed.
const ABANDONED_AFTER: &str = "6 hours";
const CREATE_ATTEMPTS: u32 = 8;
/// Enough for tests that hold several transactions open at once.
const POOLED_CONNECTIONS: u32 = 20;

/// A migrated database of its own for one test. It is dropped with the value; with `PLIMSOLL_TEST_KEEP=1` it stays and
/// its URL is printed.
///
/// With `PLIMSOLL_TEST_POOLER=1` what is under test reaches it through a PgBouncer of its own, in transaction mode: that is
/// how every test proves that nothing depends on a session.
pub struct TestDb {
    name: String,
    url: String,
    pooler: Option<PgBouncer>,
}

impl TestDb {
    /// Copies the template, which is made first if this schema has none yet.
    pub async fn new() -> Self {
        let server = server::url().await;
        let admin = connect(&server).await;
        let name = unique_name();
        for attempt in 1.. {
            let template = ensure_template(&admin, &server).await;
            let copied =
                admin.batch_execute(&format!("create database {name} template {template} strategy file_copy")).await;
            match copied {
                Ok(()) => break,
                // Another process pruned the template, or is looking at it.
                Err(error)
                    if attempt < CREATE_ATTEMPTS
                        && [SqlState::UNDEFINED_DATABASE, SqlState::OBJECT_IN_USE]
                            .iter()
                            .any(|code| error.code() == Some(code)) => {}
                Err(error) => panic!("copy {template} to {name}: {}", explain(&error)),
            }
        }
        Self::behind_pooler(with_database(&server, &name), name).await
    }

    /// An empty database without the schema, for tests of migrating.
    pub async fn empty() -> Self {
        let server = server::url().await;
        let name = unique_name();
        let made = connect(&server).await.batch_execute(&format!("create database {name} template template0")).await;
        made.unwrap_or_else(|error| panic!("create {name}: {}", explain(&error)));
        Self::behind_pooler(with_database(&server, &name), name).await
    }

    async fn behind_pooler(url: String, name: String) -> Self {
        let wanted = std::env::var("PLIMSOLL_TEST_POOLER").is_ok_and(|value| value == "1");
        let pooler = if wanted { Some(PgBouncer::start_with(&url, POOLED_CONNECTIONS).await) } else { None };
        Self { name, url, pooler }
    }

    /// A superuser's URL of this database, for what is under test.
    pub fn url(&self) -> &str {
        self.pooler.as_ref().map_or(&self.url, PgBouncer::url)
    }

    /// [`TestDb::url`] past any pooler, for a test that needs a session.
    pub fn direct_url(&self) -> &str {
        &self.url
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// This database's direct URL for another login role.
    pub fn url_as(&self, user: &str, password: &str) -> String {
        let (_, rest) = self.url.rsplit_once('@').expect("the URL names a user");
        format!("postgresql://{}:{}@{rest}", percent(user), percent(password))
    }

    /// A superuser's connection of its own.
    pub async fn client(&self) -> Client {
        connect(&self.url).await
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        drop(self.pooler.take());
        if std::env::var_os("PLIMSOLL_TEST_KEEP").is_some() {
            eprintln!("kept {}", self.url);
            return;
        }
        let (server, name) = (with_database(&self.url, "postgres"), self.name.clone());
        // A thread with a runtime of its own: the value may go inside or outside of one. Failing to drop fails no test;
        // the next template to be made sweeps what was left.
        let _ = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            runtime.block_on(async {
                let mut config: Config = server.parse().ok()?;
                // Dropping waits for every backend of the server. One whose client is the runtime that waits here, and that was
                // just being let in, never answers: better leave this database to the sweep.
                config.options("-c statement_timeout=3s");
                let (client, connection) = config.connect(NoTls).await.ok()?;
                let connection = tokio::spawn(connection);
                client.batch_execute(&format!("drop database if exists {name} with (force)")).await.ok()?;
                drop(client);
                connection.await.ok()?.ok()
            })
        })
        .join();
    }
}

/// Connects and drives the connection in the background.
pub(crate) async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .unwrap_or_else(|error| panic!("connect to {url}: {}", explain(&error)));
    tokio::spawn(connection);
    client
}

/// The template's name, once it stands. One process makes it; the others wait for that one.
async fn ensure_template(admin: &Client, server: &str) -> String {
    let name = format!("plimsoll_template_{}", schema_checksum());
    if exists(admin, &name).await {
        return name;
    }
    run(admin, "select pg_advisory_lock(hashtextextended('plimsoll.testkit.template', 0))").await;
    if !exists(admin, &name).await {
        sweep(admin).await;
        let unfinished = format!("{name}_unfinished");
        run(admin, &format!("drop database if exists {unfinished} with (force)")).await;
        run(admin, &format!("create database {unfinished} template template0 encoding 'UTF8'")).await;
        migrate(&with_database(server, &unfinished)).await;
        run(admin, &format!("alter database {unfinished} with allow_connections false")).await;
        // The pool's last backends may still be on their way out.
        run(
            admin,
            &format!("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '{unfinished}'"),
        )
        .await;
        run(admin, &format!("alter database {unfinished} rename to {name}")).await;
    }
    run(admin, "select pg_advisory_unlock(hashtextextended('plimsoll.testkit.template', 0))").await;
    name
}

async fn migrate(url: &str) {
    let db = Db::open(url, 2).expect("the template's URL");
    if let Err(error) = migrate::apply(&db, migrate::Options::default()).await {
        panic!("migrate the template database: {error}");
    }
}

/// Drops templates of earlier schemas and the databases of tests that were killed.
async fn sweep(admin: &Client) {
    let stale = format!(
        "with made as (
           select datname, (pg_stat_file('base/' || oid || '/PG_VERSION')).modification as at
           from pg_database where datname like 'plimsoll\\_te%')
         select datname from made
         where datname like 'plimsoll\\_test\\_%' and at < now() - interval '{ABANDONED_AFTER}'
            or datname in (select datname from made where datname like 'plimsoll\\_template\\_%' order by at desc offset {TEMPLATES_KEPT})"
    );
    // Another process may be dropping the same ones; what stays is swept next time.
    let Ok(rows) = admin.query(&stale, &[]).await else { return };
    for row in rows {
        let name: String = row.get(0);
        let _ = admin.batch_execute(&format!("drop database if exists {name}")).await;
    }
}

async fn exists(admin: &Client, name: &str) -> bool {
    admin.query_opt("select from pg_database where datname = $1", &[&name]).await.expect("read pg_database").is_some()
}

async fn run(client: &Client, sql: &str) {
    client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {}", explain(&error)));
}

/// Changes with every byte of every file that makes the schema.
fn schema_checksum() -> String {
    let (migrations, functions, policies) = migrate::sources();
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    for file in migrations.iter().chain(&functions).chain(&policies) {
        hasher.write(file.path.as_bytes());
        hasher.write(file.sql.as_bytes());
    }
    format!("{:016x}", hasher.finish())
}

/// FNV-1a, 64 bit: the same in every process and build, unlike the standard hasher.
struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
}

fn unique_name() -> String {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    let chance = std::hash::RandomState::new().hash_one(count);
    format!("plimsoll_test_{}_{count}_{:08x}", std::process::id(), chance >> 32)
}

/// The same server's URL for another database.
fn with_database(url: &str, database: &str) -> String {
    let config: Config = url.parse().unwrap_or_else(|error| panic!("{url}: {error}"));
    let mut kv = String::new();
    for host in config.get_hosts() {
        match host {
            tokio_postgres::config::Host::Tcp(name) => _ = write!(kv, "{name}"),
            tokio_postgres::config::Host::Unix(path) => _ = write!(kv, "{}", percent(&path.display().to_string())),
        }
    }
    let user = percent(config.get_user().unwrap_or("postgres"));
    let password =
        config.get_password().map(|p| format!(":{}", percent(&String::from_utf8_lossy(p)))).unwrap_or_default();
    let port = config.get_ports().first().copied().unwrap_or(5432);
    format!("postgresql://{user}{password}@{kv}:{port}/{database}")
}

fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// The database's own words; the error's `Display` alone only says "db error".
fn explain(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(db) => db.to_string(),
        None => {
            let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
            format!("{error}{cause}")
        }
    }
}
