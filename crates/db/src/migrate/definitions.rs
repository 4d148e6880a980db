//! Functions, views, triggers and policies: replaced whole in one transaction, in whatever order their dependencies need.

use std::collections::VecDeque;

use deadpool_postgres::Transaction;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;

use super::{Options, Report, SqlFile, begin, failure, files};
use crate::{Db, DbError, Result};

/// Functions of ours as they would be named in `drop function`, with whether this transaction wrote them.
const FUNCTIONS: &str = "
    select p.oid::regprocedure::text, age(p.xmin) <= age(pg_current_xact_id()::xid)
    from pg_catalog.pg_proc p
    where p.pronamespace in (select oid from pg_catalog.pg_namespace where nspname in ('registry', 'ops', 'metrics'))
    order by 1";

pub(super) async fn apply(db: &Db, options: Options, report: &mut Report) -> Result<()> {
    let mut connection = db.connection().await?;
    let transaction = begin(&mut connection, options).await?;
    let checksum = files::definitions_checksum();
    let rows = transaction.query_typed("select checksum, functions from registry.definitions", &[]).await?;
    let (current, ours) = match rows.first() {
        Some(row) => (row.try_get::<_, String>(0)?, row.try_get::<_, Vec<String>>(1)?),
        None => (String::new(), Vec::new()),
    };
    if current == checksum {
        return Ok(());
    }
    transaction.batch_execute("set local check_function_bodies = off; set local client_min_messages = warning").await?;
    let mut recreated = Vec::new();
    let (functions, policies) = (files::functions(), files::policies());
    // Dropping a view or function takes what was built on it along, so everything is laid down again from the start.
    while let Some(object) = apply_all(&transaction, &functions).await? {
        if recreated.contains(&object) {
            return Err(DbError::Decode(format!("{object} is defined twice with different results")));
        }
        recreated.push(object);
    }
    transaction.batch_execute(DROP_POLICIES).await?;
    if let Some(object) = apply_all(&transaction, &policies).await? {
        return Err(DbError::Decode(format!("a policy file replaces {object}: that belongs in db/functions")));
    }
    let (written, dropped) = drop_stale(&transaction, &ours).await?;
    transaction
        .query_typed(
            "insert into registry.definitions (checksum, functions) values ($1, $2)
             on conflict (only_row) do update set checksum = excluded.checksum, functions = excluded.functions, applied_at = now()",
            &[(&checksum, Type::TEXT), (&written, Type::TEXT_ARRAY)],
        )
        .await?;
    transaction.commit().await?;
    report.definitions_applied = functions.len() + policies.len();
    report.recreated = recreated;
    report.dropped = dropped;
    Ok(())
}

/// A policy whose file was changed or removed must not go on granting what it did.
const DROP_POLICIES: &str = "
    do $$
    declare p record;
    begin
      for p in select schemaname, tablename, policyname from pg_catalog.pg_policies
               where schemaname in ('registry', 'ops', 'metrics') loop
        execute format('drop policy %I on %I.%I', p.policyname, p.schemaname, p.tablename);
      end loop;
    end $$";

/// Applies the files; one that needs what a later one makes is tried again after it. Answers the object that was
/// dropped because its result changed shape, if that happened: then all must be applied anew.
async fn apply_all(transaction: &Transaction<'_>, files: &[SqlFile]) -> Result<Option<String>> {
    let mut waiting: VecDeque<&SqlFile> = files.iter().collect();
    let mut failures_in_a_row = 0;
    while let Some(file) = waiting.pop_front() {
        const PREFIX: &str = "savepoint file;\n";
        let Err(error) = transaction.batch_execute(&format!("{PREFIX}{}\n;release savepoint file", file.sql)).await
        else {
            failures_in_a_row = 0;
            continue;
        };
        // The error is the file's; a failed rollback could only hide it.
        if transaction.batch_execute("rollback to savepoint file").await.is_err() {
            return Err(failure(file, PREFIX.len(), error));
        }
        if is_missing_dependency(&error) && failures_in_a_row < waiting.len() {
            failures_in_a_row += 1;
            waiting.push_back(file);
        } else if changed_shape(&error) {
            return match replaced_object(file.sql) {
                Some((kind, name)) => drop_object(transaction, file, kind, &name).await.map(Some),
                None => Err(failure(file, PREFIX.len(), error)),
            };
        } else {
            return Err(failure(file, PREFIX.len(), error));
        }
    }
    Ok(None)
}

fn is_missing_dependency(error: &Error) -> bool {
    [SqlState::UNDEFINED_FUNCTION, SqlState::UNDEFINED_TABLE, SqlState::UNDEFINED_OBJECT, SqlState::UNDEFINED_COLUMN]
        .iter()
        .any(|code| error.code() == Some(code))
}

/// `create or replace` cannot change a function's result or parameter names, nor a view's existing columns.
fn changed_shape(error: &Error) -> bool {
    let codes = [SqlState::INVALID_FUNCTION_DEFINITION, SqlState::INVALID_TABLE_DEFINITION];
    codes.iter().any(|code| error.code() == Some(code))
}

/// The function or view that a file of `db/functions` replaces first.
fn replaced_object(sql: &str) -> Option<(&'static str, String)> {
    let lower = sql.to_lowercase();
    let found = |marker: &str| lower.find(marker).map(|at| (at, at + marker.len()));
    let function = found("create or replace function ").map(|at| ("function", at));
    let view = found("create or replace view ").map(|at| ("view", at));
    let (kind, (_, start)) = [function, view].into_iter().flatten().min_by_key(|(_, (at, _))| *at)?;
    let name: String = lower[start..].chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == '.').collect();
    (name.split('.').count() == 2).then_some((kind, name))
}

/// Drops every overload of a function, or a view, with the views, triggers and policies on it, which are about to be
/// made again. Refuses where a table, index or constraint depends on it: that takes a migration.
async fn drop_object(transaction: &Transaction<'_>, file: &SqlFile, kind: &str, name: &str) -> Result<String> {
    let sql = format!(
        "do $$
         declare found record;
         begin
           for found in
             select p.oid, 'pg_catalog.pg_proc'::regclass as class, p.oid::regprocedure::text as identity
             from pg_catalog.pg_proc p where '{kind}' = 'function' and p.pronamespace::regnamespace::text || '.' || p.proname = '{name}'
             union all
             select c.oid, 'pg_catalog.pg_class'::regclass, '{name}'
             from pg_catalog.pg_class c where '{kind}' = 'view' and c.oid = to_regclass('{name}')
           loop
             if exists (select from pg_catalog.pg_depend d where d.refobjid = found.oid and d.refclassid = found.class and d.deptype = 'n'
                  and d.classid not in ('pg_catalog.pg_policy'::regclass, 'pg_catalog.pg_rewrite'::regclass,
                                        'pg_catalog.pg_trigger'::regclass, 'pg_catalog.pg_proc'::regclass)) then
               raise exception 'a table, index or constraint depends on %: change it in a migration', found.identity;
             end if;
             execute 'drop {kind} ' || found.identity || ' cascade';
           end loop;
         end $$"
    );
    transaction.batch_execute(&sql).await.map_err(|error| failure(file, 0, error))?;
    Ok(name.to_owned())
}

/// Drops functions that an earlier version of these files made and the present one does not, and answers what the
/// present one made.
async fn drop_stale(transaction: &Transaction<'_>, ours: &[String]) -> Result<(Vec<String>, Vec<String>)> {
    let (mut written, mut dropped) = (Vec::new(), Vec::new());
    for row in transaction.query_typed(FUNCTIONS, &[]).await? {
        let (identity, is_new) = (row.try_get::<_, String>(0)?, row.try_get::<_, bool>(1)?);
        if is_new {
            written.push(identity);
        } else if ours.contains(&identity) {
            transaction.batch_execute(&format!("drop function if exists {identity} cascade")).await?;
            dropped.push(identity);
        }
    }
    Ok((written, dropped))
}
