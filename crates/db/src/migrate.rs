//! Brings a database to the schema of this binary: migrations once each, functions and policies whole whenever they changed.
//!
//! Everything runs in transactions guarded by one transaction-level advisory lock, so replicas may start together and a
//! transaction pooler may sit in between. Locks on tables are waited for briefly and the transaction is tried again, so
//! a migration never queues up in front of the traffic of a running server.

mod definitions;
mod files;

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use deadpool_postgres::Transaction;
use serde::Serialize;
use tokio_postgres::error::{ErrorPosition, SqlState};
use tokio_postgres::types::Type;

pub use files::SqlFile;

use crate::{Db, DbError, Result};

/// Attempts to get a table's lock before [`apply`] gives up.
const LOCK_ATTEMPTS: u32 = 20;
/// How long the traffic has a table to itself between two attempts.
const LOCK_PAUSE: Duration = Duration::from_millis(500);

/// Runs a transaction again when it could not get a lock in time or was a deadlock's victim. (Not a function: a future
/// that borrows from a closure's captures is not `Send` for every lifetime.)
macro_rules! with_lock_retries {
    ($work:expr) => {{
        let mut left = LOCK_ATTEMPTS;
        loop {
            match $work.await {
                Err(DbError::LockTimeout(_)) if left > 1 => {
                    left -= 1;
                    tokio::time::sleep(LOCK_PAUSE).await;
                }
                done => break done,
            }
        }
    }};
}

#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How long one attempt waits for a table's lock before it lets the traffic pass and tries again.
    pub lock_timeout: Duration,
    /// Let unqualified names in operators' SQL resolve: `search_path = public, ops, metrics` for the request roles and
    /// the login role, in this database. For the embedded database; elsewhere the roles are not ours to change.
    pub set_search_path: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { lock_timeout: Duration::from_secs(3), set_search_path: false }
    }
}

/// What [`apply`] did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Migrations applied now, in order.
    pub applied: Vec<String>,
    /// Migrations that had been applied before.
    pub already_applied: usize,
    /// Function and policy files applied now; 0 when none had changed.
    pub definitions_applied: usize,
    /// Functions and views that had to be dropped and made again, because their result changed shape.
    pub recreated: Vec<String>,
    /// Functions that are no longer part of the schema and were dropped.
    pub dropped: Vec<String>,
}

impl Report {
    /// Whether the database was already at this binary's schema.
    pub fn is_unchanged(&self) -> bool {
        self.applied.is_empty() && self.definitions_applied == 0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_unchanged() {
            return write!(f, "the schema is up to date ({} migrations)", self.already_applied);
        }
        for name in &self.applied {
            writeln!(f, "applied    {name}")?;
        }
        for name in &self.recreated {
            writeln!(f, "recreated  {name}")?;
        }
        for name in &self.dropped {
            writeln!(f, "dropped    {name}")?;
        }
        let total = self.already_applied + self.applied.len();
        match self.definitions_applied {
            0 => write!(f, "{total} migrations, functions and policies unchanged"),
            count => write!(f, "{total} migrations, {count} function and policy files applied"),
        }
    }
}

/// What [`apply`] would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Pending {
    pub migrations: Vec<String>,
    /// Functions or policies differ from this binary's.
    pub definitions: bool,
}

impl Pending {
    pub fn is_empty(&self) -> bool {
        self.migrations.is_empty() && !self.definitions
    }
}

impl fmt::Display for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.migrations.len(), self.definitions) {
            (0, false) => write!(f, "the schema is up to date"),
            (0, true) => write!(f, "functions and policies are of another version"),
            (count, _) => write!(f, "{count} migrations are not applied: {}", self.migrations.join(", ")),
        }
    }
}

/// The files that this binary would apply, for tools that show or check them.
pub fn sources() -> (Vec<SqlFile>, Vec<SqlFile>, Vec<SqlFile>) {
    (files::migrations(), files::functions(), files::policies())
}

/// Sample rows, a file for each migration, in the migrations' order.
pub fn samples() -> Vec<SqlFile> {
    files::samples()
}

/// Applies what is missing. Safe to repeat and to run from several processes at once.
///
/// # Errors
/// [`DbError::Migration`] names the file that failed, or the applied migration whose file was edited since.
pub async fn apply(db: &Db, options: Options) -> Result<Report> {
    let mut report = Report::default();
    with_lock_retries!(bootstrap(db, options))?;
    for file in files::migrations() {
        if with_lock_retries!(apply_migration(db, options, &file))? {
            report.applied.push(file.name().to_owned());
        } else {
            report.already_applied += 1;
        }
    }
    with_lock_retries!(definitions::apply(db, options, &mut report))?;
    if options.set_search_path {
        set_search_path(db).await?;
    }
    Ok(report)
}

/// Applies the migrations up to and including `last` and nothing else: tests put rows in between.
pub async fn apply_migrations_through(db: &Db, last: &str) -> Result<()> {
    let options = Options::default();
    with_lock_retries!(bootstrap(db, options))?;
    for file in files::migrations().iter().filter(|file| file.name() <= last) {
        with_lock_retries!(apply_migration(db, options, file))?;
    }
    Ok(())
}

/// What is missing, without changing anything.
pub async fn pending(db: &Db) -> Result<Pending> {
    let known =
        "select to_regclass('registry.migrations') is not null and to_regclass('registry.definitions') is not null";
    if !db.query_one_as_server(known, &[]).await?.try_get::<_, bool>(0)? {
        let migrations = files::migrations().iter().map(|file| file.name().to_owned()).collect();
        return Ok(Pending { migrations, definitions: true });
    }
    let rows = db.query_as_server("select name, checksum from registry.migrations", &[]).await?;
    let mut applied = HashMap::new();
    for row in rows {
        applied.insert(row.try_get::<_, String>(0)?, row.try_get::<_, String>(1)?);
    }
    let mut migrations = Vec::new();
    for file in files::migrations() {
        match applied.get(file.name()) {
            None => migrations.push(file.name().to_owned()),
            Some(checksum) => unedited(&file, checksum)?,
        }
    }
    let rows = db.query_as_server("select checksum from registry.definitions", &[]).await?;
    let current = rows.first().map(|row| row.try_get::<_, String>(0)).transpose()?;
    Ok(Pending { migrations, definitions: current.as_deref() != Some(files::definitions_checksum().as_str()) })
}

/// The ledger of what was applied, which no migration can create for itself.
async fn bootstrap(db: &Db, options: Options) -> Result<()> {
    let mut connection = db.connection().await?;
    let transaction = begin(&mut connection, options).await?;
    transaction
        .batch_execute(
            "set local client_min_messages = warning;
             create schema if not exists registry;
             create table if not exists registry.migrations (
               name text primary key,
               checksum text not null,
               applied_at timestamptz not null default now()
             );
             create table if not exists registry.definitions (
               only_row boolean primary key default true check (only_row),
               checksum text not null,
               functions text[] not null,
               applied_at timestamptz not null default now()
             );",
        )
        .await?;
    Ok(transaction.commit().await?)
}

/// True when the migration was applied now, false when it had been before.
async fn apply_migration(db: &Db, options: Options, file: &SqlFile) -> Result<bool> {
    let mut connection = db.connection().await?;
    let transaction = begin(&mut connection, options).await?;
    let name = file.name();
    let rows = transaction
        .query_typed("select checksum from registry.migrations where name = $1", &[(&name, Type::TEXT)])
        .await?;
    if let Some(row) = rows.first() {
        unedited(file, row.try_get::<_, String>(0)?.as_str())?;
        return Ok(false);
    }
    transaction.batch_execute(file.sql).await.map_err(|error| failure(file, 0, error))?;
    transaction
        .query_typed(
            "insert into registry.migrations (name, checksum) values ($1, $2)",
            &[(&name, Type::TEXT), (&file.checksum(), Type::TEXT)],
        )
        .await?;
    transaction.commit().await?;
    Ok(true)
}

fn unedited(file: &SqlFile, applied_checksum: &str) -> Result<()> {
    if file.checksum() == applied_checksum {
        return Ok(());
    }
    Err(DbError::Migration {
        file: file.path.clone(),
        message: "this migration was edited after it had been applied to this database; restore the file and put the \
                  change into a new migration (or, where nothing is worth keeping, start with an empty database)"
            .to_owned(),
    })
}

/// A transaction that holds the migration lock and waits only briefly for any other.
async fn begin(connection: &mut deadpool_postgres::Object, options: Options) -> Result<Transaction<'_>> {
    let transaction = connection.transaction().await?;
    // lock_timeout counts for advisory locks too, and this one may be held for as long as a migration takes. Without a
    // search_path every name must be qualified, and every name that the catalogue prints is.
    let guard = format!(
        "set local search_path = ''; set local statement_timeout = 0; set local lock_timeout = 0;
         select pg_advisory_xact_lock(hashtextextended('plimsoll.migrate', 0));
         set local lock_timeout = {}",
        options.lock_timeout.as_millis().max(1)
    );
    transaction.batch_execute(&guard).await?;
    Ok(transaction)
}

/// Says which file and line failed; `prefix` is how many characters were sent before the file's text.
fn failure(file: &SqlFile, prefix: usize, error: tokio_postgres::Error) -> DbError {
    let Some(db) = error.as_db_error() else { return error.into() };
    if [SqlState::LOCK_NOT_AVAILABLE, SqlState::T_R_DEADLOCK_DETECTED].contains(db.code()) {
        return DbError::LockTimeout(db.message().to_owned());
    }
    let mut message = db.message().to_owned();
    if let Some(ErrorPosition::Original(position)) = db.position() {
        let within = (*position as usize).saturating_sub(prefix + 1);
        let line = file.sql.chars().take(within).filter(|c| *c == '\n').count() + 1;
        message = format!("line {line}: {message}");
    }
    for extra in [db.detail(), db.hint(), db.where_()].into_iter().flatten() {
        message = format!("{message}; {extra}");
    }
    DbError::Migration { file: file.path.clone(), message }
}

async fn set_search_path(db: &Db) -> Result<()> {
    let sql = "
        do $$
        declare r text;
        begin
          foreach r in array array['anon', 'authenticated', 'service_role', 'authenticator', current_user::text] loop
            execute format('alter role %I in database %I set search_path = public, ops, metrics', r, current_database());
          end loop;
        end $$";
    Ok(db.connection().await?.batch_execute(sql).await?)
}
