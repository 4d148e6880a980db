//! The application's database and login role.
//!
//! The role is no superuser. It owns its database, may create roles, and passes row level security by, which is what a
//! Supabase project's `postgres` role may do; so the schema is applied the same way here and there.

use tokio_postgres::{Client, NoTls};

use crate::probe::Door;
use crate::{EmbeddedError, Result};

pub(crate) const NAME: &str = "plimsoll";

/// Before PostgreSQL 16 only a superuser can create a role that passes row level security by, which `service_role` does.
const ROLES: &str = "
    do $$
    begin
      if not exists (select from pg_roles where rolname = 'service_role') then
        create role service_role nologin noinherit bypassrls;
      end if;
      grant service_role to plimsoll with admin option;
      grant pg_monitor to plimsoll;
      if current_setting('server_version_num')::int >= 160000 then
        alter role plimsoll set createrole_self_grant = 'set, inherit';
      end if;
    end
    $$";

/// An extension gives its views to everybody, and the schema that they stand in is served to clients: what other orgs run
/// is none of their business.
const STATISTICS_ARE_PRIVATE: &str = "
    do $$
    declare
      r record;
    begin
      for r in
        select c.oid::regclass::text as object, 'select' as privilege
        from pg_depend d join pg_class c on d.classid = 'pg_class'::regclass and c.oid = d.objid and c.relkind = 'v'
        where d.refclassid = 'pg_extension'::regclass and d.deptype = 'e'
          and d.refobjid = (select oid from pg_extension where extname = 'pg_stat_statements')
        union all
        select 'function ' || p.oid::regprocedure, 'execute'
        from pg_depend d join pg_proc p on d.classid = 'pg_proc'::regclass and p.oid = d.objid
        where d.refclassid = 'pg_extension'::regclass and d.deptype = 'e'
          and d.refobjid = (select oid from pg_extension where extname = 'pg_stat_statements')
          and p.proname in ('pg_stat_statements', 'pg_stat_statements_info')
      loop
        execute format('revoke all on %s from public', r.object);
        execute format('grant %s on %s to plimsoll, service_role', r.privilege, r.object);
      end loop;
    end
    $$";

/// Makes what is missing. Safe to repeat.
pub(crate) async fn ensure(door: &Door, port: u16, password: &str) -> Result<()> {
    let postgres = door.connect("postgres").await.map_err(|e| EmbeddedError::sql("connecting as superuser", &e))?;
    ensure_role(&postgres, port, password).await?;
    run(&postgres, "preparing the roles", ROLES).await?;
    if !exists(&postgres, "select from pg_database where datname = $1").await? {
        run(&postgres, "creating the database", "create database plimsoll owner plimsoll").await?;
    }
    let search_path = "alter database plimsoll set search_path = public, ops, metrics";
    run(&postgres, "setting the search path", search_path).await?;
    let plimsoll = door.connect(NAME).await.map_err(|e| EmbeddedError::sql("connecting as superuser", &e))?;
    ensure_statistics(&plimsoll).await
}

async fn ensure_role(postgres: &Client, port: u16, password: &str) -> Result<()> {
    let role_exists = exists(postgres, "select from pg_roles where rolname = $1").await?;
    if role_exists && can_log_in(port, password).await {
        return Ok(());
    }
    let verb = if role_exists { "alter" } else { "create" };
    // The statistics would keep the statement's text, and with it the password.
    run(postgres, "keeping the password out of the statistics", "set pg_stat_statements.track_utility = off").await?;
    // The password is hexadecimal unless somebody wrote their own into the file.
    let password = password.replace('\'', "''");
    let sql = format!("{verb} role plimsoll login createrole createdb bypassrls password '{password}'");
    run(postgres, "creating the login role", &sql).await
}

async fn can_log_in(port: u16, password: &str) -> bool {
    let mut config = tokio_postgres::Config::new();
    config.host("127.0.0.1").port(port).user(NAME).password(password).dbname("postgres");
    config.connect(NoTls).await.is_ok()
}

/// Statistics about statements, where the module was loaded.
async fn ensure_statistics(client: &Client) -> Result<()> {
    let loaded = "select from pg_settings where name = 'shared_preload_libraries' and setting like '%' || $1 || '%'";
    let rows = client.query(loaded, &[&"pg_stat_statements"]).await;
    if rows.map_err(|e| EmbeddedError::sql("reading the settings", &e))?.is_empty() {
        return Ok(());
    }
    let sql = "create extension if not exists pg_stat_statements with schema public";
    run(client, "creating the extension pg_stat_statements", sql).await?;
    run(client, "keeping the statistics from others", STATISTICS_ARE_PRIVATE).await
}

async fn exists(client: &Client, sql: &str) -> Result<bool> {
    let row = client.query_opt(sql, &[&NAME]).await;
    Ok(row.map_err(|e| EmbeddedError::sql("looking at what there is", &e))?.is_some())
}

async fn run(client: &Client, what: &'static str, sql: &str) -> Result<()> {
    client.batch_execute(sql).await.map_err(|e| EmbeddedError::sql(what, &e))
}
