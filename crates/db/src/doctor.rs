//! Facts about a database that decide whether Plimsoll can work on it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use deadpool_postgres::Object;
use tokio_postgres::types::Type;

use crate::{Db, Result};

#[derive(Debug, Clone)]
pub struct Facts {
    pub server_version: String,
    pub server_version_num: i32,
    /// Request roles that are absent or that the login role may not switch to.
    pub missing_roles: Vec<String>,
    pub has_pg_stat_statements: bool,
    pub behind_transaction_pooler: bool,
    /// This machine's clock minus the database's.
    pub clock_difference_seconds: f64,
}

pub(crate) const FACTS: &str = "
select current_setting('server_version'), current_setting('server_version_num')::int,
       array(select r from unnest($1::text[]) r
             where not exists (select from pg_catalog.pg_roles where rolname = r and pg_has_role(current_user, oid, 'member'))),
       exists (select from pg_catalog.pg_extension where extname = 'pg_stat_statements'),
       extract(epoch from clock_timestamp())::float8";
pub(crate) const BACKEND: &str = "select pg_backend_pid()";
pub(crate) const VERSION: &str = "select current_setting('server_version')";

impl Db {
    /// The server's version as it names itself, such as `17.5`.
    pub async fn server_version(&self) -> Result<String> {
        Ok(self.query_one_as_server(VERSION, &[]).await?.try_get(0)?)
    }

    /// Looks, changes nothing.
    pub async fn doctor_facts(&self) -> Result<Facts> {
        let roles: &[&str] = &["anon", "authenticated", "service_role"];
        let connection = self.connection().await?;
        let row = connection.query_typed(FACTS, &[(&roles, Type::TEXT_ARRAY)]).await?;
        let here = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64());
        let row = row.first().ok_or_else(|| crate::DbError::Decode("no facts came back".into()))?;
        let there: f64 = row.try_get(4)?;
        let mut another = self.connection().await?;
        Ok(Facts {
            server_version: row.try_get(0)?,
            server_version_num: row.try_get(1)?,
            missing_roles: row.try_get(2)?,
            has_pg_stat_statements: row.try_get(3)?,
            behind_transaction_pooler: behind_transaction_pooler(&connection, &mut another).await?,
            clock_difference_seconds: here - there,
        })
    }
}

/// Whether `connection` gets another server process while somebody's transaction holds the one it had: a pooler that
/// gives out one at a time per transaction. One that has none left lets it wait.
async fn behind_transaction_pooler(connection: &Object, another: &mut Object) -> Result<bool> {
    const NONE_LEFT: Duration = Duration::from_secs(2);
    for _ in 0..4 {
        let before = backend(connection).await?;
        let holds = another.transaction().await?;
        let meanwhile = tokio::time::timeout(NONE_LEFT, backend(connection)).await;
        holds.rollback().await?;
        if meanwhile.ok().transpose()? != Some(before) {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn backend(connection: &Object) -> Result<i32> {
    let rows = connection.query_typed(BACKEND, &[]).await?;
    Ok(rows.first().ok_or_else(|| crate::DbError::Decode("no backend came back".into()))?.try_get(0)?)
}
