//! The course of the proof.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use deadpool_postgres::Transaction;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::actors::{Actor, Ids, Org};
use super::catalogue::{self, Catalogue};
use super::expectations::{self, Breach, Expectations};
use super::functions::{self, Value, Values};
use super::relations::{self, Measured, SampleRow};
use super::report::{Failure, Mutation, Mutations, Report};
use super::trials::{Subject, Trial, Wire};
use super::{objects, report};
use crate::migrate::samples;
use crate::{Db, DbError, Result};

/// What the trials are run with.
const ATTEMPTS: &str = include_str!("../../../../db/isolation/attempts.sql");
/// Changes that are tried between two looks at the clock and the progress bar.
const MUTATIONS_AT_ONCE: usize = 20;
/// Attempts to get a lock that the traffic holds.
const LOCK_ATTEMPTS: u32 = 5;

#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Break what was proven, one change at a time, and see that it is noticed. Each holds the lock of a table for
    /// milliseconds.
    pub mutations: bool,
    /// How long a lock is waited for, several times over, before a mutation is given up. Below PostgreSQL's
    /// `deadlock_timeout`, so that none of the traffic is ever made the victim of a deadlock.
    pub lock_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { mutations: true, lock_timeout: Duration::from_millis(500) }
    }
}

/// Proves isolation on the connected database, which is left as it was. `said` hears how far it is, from 0 to 1.
///
/// # Errors
/// Where the database cannot be reached, lacks the schema, or is too busy for the sample rows to go in.
pub async fn prove(db: &Db, options: Options, said: impl Fn(f32)) -> Result<Report> {
    let started = Instant::now();
    let expectations = Expectations::load()?;
    let mut connection = db.connection().await?;
    // Dropped without a commit, however this ends.
    let transaction = connection.transaction().await?;
    let course = Course::begin(&transaction, &expectations, options).await?;
    let mut proof = course.subjects().await?;
    let mut report = report::Builder::new(proof.failures);
    for (done, subject) in proof.subjects.iter().enumerate() {
        report.tried(subject, course.run(&subject.trials).await?);
        said(share(done, proof.subjects.len()) * if options.mutations { 0.2 } else { 1.0 });
    }
    if options.mutations {
        let mut mutations = Mutations::default();
        let acts =
            proof.subjects.iter().flat_map(|s| &s.trials).filter(|trial| trial.reaches_rows()).cloned().collect();
        proof.subjects.push(course.breached(&expectations.breaches, acts, &mut report)?);
        let total: usize = proof.subjects.iter().map(|s| s.mutations.len()).sum();
        let mut done = 0;
        for subject in &proof.subjects {
            for some in subject.mutations.chunks(MUTATIONS_AT_ONCE) {
                course.mutate(subject, some, &mut mutations).await?;
                done += some.len();
                said(0.2 + 0.8 * share(done, total));
            }
            report.mutated(subject, &mutations);
        }
        report.mutations = Some(mutations);
    }
    let (server_version, login_role) = course.who().await?;
    transaction.rollback().await?;
    Ok(report.finish(server_version, login_role, started.elapsed().as_secs_f64()))
}

fn share(done: usize, of: usize) -> f32 {
    (done as f32 / of.max(1) as f32).min(1.0)
}

/// What is proven, and what was found wrong while looking for it.
struct Proof {
    subjects: Vec<Subject>,
    failures: Vec<Failure>,
}

/// The transaction with its two organisations.
struct Course<'a> {
    transaction: &'a Transaction<'a>,
    expectations: &'a Expectations,
    catalogue: Catalogue,
    ids: Ids,
}

impl<'a> Course<'a> {
    async fn begin(transaction: &'a Transaction<'a>, expectations: &'a Expectations, options: Options) -> Result<Self> {
        transaction
            .batch_execute(&format!(
                "set local search_path = ''; set local client_min_messages = error; set local jit = off;
                 set local lock_timeout = {}; set local statement_timeout = '120s';
                 set local idle_in_transaction_session_timeout = '120s'; set local check_function_bodies = off",
                options.lock_timeout.as_millis().max(1)
            ))
            .await?;
        let schema = "select to_regclass('registry.definitions') is not null";
        if !transaction.query_typed(schema, &[]).await?[0].try_get::<_, bool>(0)? {
            return Err(DbError::Invalid(
                "the database has no schema of Plimsoll: run `plimsoll migrate` first".into(),
            ));
        }
        let chance = Uuid::new_v4().simple().to_string();
        let ids = Ids::new(chance[20..].to_owned());
        for sample in samples() {
            transaction.batch_execute(&ids.put_into(sample.sql)).await.map_err(|error| {
                let why = error.as_db_error().map_or_else(|| error.to_string(), |db| db.message().to_owned());
                DbError::Decode(format!("the sample rows of {} cannot be inserted here: {why}", sample.path))
            })?;
        }
        let both = ids.owner_of_both();
        let people = format!(
            "insert into auth.users (id, email) values ('{both}', 'both@isolation.example'), ('{}', 'newcomer@isolation.example');
             insert into registry.org_members (org_id, user_id, role) values ('{}', '{both}', 'owner'), ('{}', '{both}', 'owner')",
            ids.newcomer(),
            ids.org(Org::A),
            ids.org(Org::B),
        );
        transaction.batch_execute(&ids.put_into(&people)).await?;
        transaction.batch_execute(ATTEMPTS).await?;
        let row = transaction.query_typed(catalogue::QUERY, &[]).await?;
        let catalogue = Catalogue::read(row[0].try_get(0)?)?;
        Ok(Self { transaction, expectations, catalogue, ids })
    }

    async fn who(&self) -> Result<(String, String)> {
        let sql = "select current_setting('server_version'), current_user::text";
        let rows = self.transaction.query_typed(sql, &[]).await?;
        Ok((rows[0].try_get(0)?, rows[0].try_get(1)?))
    }

    /// Everything that is tried, object by object.
    async fn subjects(&self) -> Result<Proof> {
        let mut failures = Vec::new();
        let actors = self.ids.actors();
        let (stated, found) = (self.expectations, &self.catalogue);
        let mut subjects = vec![objects::everything(found, &self.inventory().await?)];
        objects::without_object(&mut failures, "schema", stated.schemas.keys(), found.schemas.iter().cloned());
        for schema in &found.schemas {
            match stated.schemas.get(schema) {
                Some(who) => subjects.push(objects::schema(schema, *who, &actors)),
                None => failures.push(objects::unstated("schema", schema)),
            }
        }
        let watches = [self.watch(Org::A).await?, self.watch(Org::B).await?];
        let names = found.relations.iter().filter(|r| !r.partition).map(catalogue::Relation::key);
        objects::without_object(&mut failures, "table or view", stated.relations.keys(), names);
        for relation in &found.relations {
            let partition = expectations::Relation::of_partition();
            let line = if relation.partition { Some(&partition) } else { stated.relations.get(&relation.key()) };
            let Some(line) = line else {
                failures.push(objects::unstated("table or view", &relation.key()));
                continue;
            };
            let measured =
                if relation.partition { Measured::default() } else { self.measure(relation, line, &actors).await? };
            failures.extend(objects::unprovable(relation, line, &measured));
            let tried = relations::Tried {
                relation,
                stated: line,
                measured: &measured,
                ids: &self.ids,
                actors: &actors,
                watches: &watches,
            };
            subjects.push(Subject {
                object: relation.key(),
                noun: relation.noun(),
                trials: tried.trials(),
                mutations: tried.mutations(),
            });
        }
        let names = found.sequences.iter().filter(|s| !s.identity).map(catalogue::Sequence::key);
        objects::without_object(&mut failures, "sequence", stated.sequences.keys(), names);
        for sequence in &found.sequences {
            match stated.sequences.get(&sequence.key()) {
                Some(who) => subjects.push(objects::sequence(sequence, *who, &actors)),
                None if sequence.identity => {
                    subjects.push(objects::sequence(sequence, expectations::Who::Nobody, &actors));
                }
                None => failures.push(objects::unstated("sequence", &sequence.key())),
            }
        }
        let names = found.functions.iter().map(catalogue::Function::key);
        objects::without_object(&mut failures, "function", stated.functions.keys(), names);
        let values = self.values(&mut failures).await?;
        for function in &found.functions {
            let Some(calls) = stated.functions.get(&function.key()) else {
                failures.push(objects::unstated("function", &function.signature));
                continue;
            };
            let tried = functions::Tried {
                function,
                calls,
                arguments: &stated.arguments,
                values: &values,
                ids: &self.ids,
                actors: &actors,
                watches: &watches,
            };
            subjects.push(Subject {
                object: function.signature.clone(),
                noun: "functions",
                trials: tried.trials(),
                mutations: tried.mutations(found),
            });
        }
        Ok(Proof { subjects, failures })
    }

    async fn inventory(&self) -> Result<String> {
        let rows = self.query("the catalogue", objects::INVENTORY).await?;
        Ok(rows[0].try_get(0)?)
    }

    async fn measure(
        &self,
        relation: &catalogue::Relation,
        stated: &expectations::Relation,
        actors: &[Actor],
    ) -> Result<Measured> {
        let mut measured = Measured::default();
        let Some(sql) = relations::measure(relation, stated, &self.ids) else { return Ok(measured) };
        let rows = self.query(&relation.key(), &sql).await?;
        let counts: Vec<i64> = rows[0].try_get(0)?;
        measured.rows = [counts[0], counts[1], counts[2]];
        for org in [Org::A, Org::B] {
            let Some(sql) = relations::samples(relation, stated, &self.ids, actors, org) else { continue };
            for row in self.query(&relation.key(), &sql).await? {
                let fulfilled: Vec<bool> = row.try_get(1)?;
                let conditions = relations::conditions(stated, actors).into_iter().zip(fulfilled);
                let fits = conditions.filter_map(|((by, _), is)| is.then_some(by)).collect();
                measured.samples.push(SampleRow { org, json: row.try_get(0)?, fits });
            }
        }
        Ok(measured)
    }

    /// The values of every stated argument, by the SQL that makes them.
    async fn values(&self, failures: &mut Vec<Failure>) -> Result<Values> {
        let mut values = Values::new();
        for function in &self.catalogue.functions {
            let calls = self.expectations.functions.get(&function.key()).map_or(&[][..], Vec::as_slice);
            for call in calls.iter().filter(|call| call.role.are_people()) {
                for argument in &function.arguments {
                    let sql = match functions::stated(call, &self.expectations.arguments, argument) {
                        Ok(Some(sql)) => sql,
                        Ok(None) => continue,
                        Err(why) => {
                            failures
                                .push(Failure::unstated(&function.signature, format!("{}: {why}", function.signature)));
                            continue;
                        }
                    };
                    if values.contains_key(sql) {
                        continue;
                    }
                    match self.value(sql).await? {
                        Some(value) => _ = values.insert(sql.to_owned(), value),
                        None => failures.push(Failure::unstated(
                            &function.signature,
                            format!(
                                "{}: no sample row gives its argument {} a value: {sql}",
                                function.signature, argument.name
                            ),
                        )),
                    }
                }
                let stray = call.with.keys().find(|name| !function.arguments.iter().any(|a| &a.name == *name));
                if let Some(name) = stray {
                    let sentence =
                        format!("{} has no argument {name}, for which a value is stated", function.signature);
                    failures.push(Failure::unstated(&function.signature, sentence));
                }
            }
        }
        Ok(values)
    }

    async fn value(&self, sql: &str) -> Result<Option<Value>> {
        // Texts that tell one sample row from another were changed with the samples.
        if !functions::is_owned(sql) {
            return Ok(Some(Value::Fixed(self.ids.put_into(sql))));
        }
        let mut found = Vec::new();
        for org in [Org::A, Org::B] {
            let of_org = self.ids.put_into(&sql.replace("$1", &catalogue::literal(&self.ids.org(org))));
            let rows = self.query(sql, &format!("select v::text from ({of_org}) s (v) limit 1")).await?;
            match rows.first() {
                Some(row) => found.push(row.try_get::<_, String>(0)?),
                None => return Ok(None),
            }
        }
        let nobodys = if Uuid::parse_str(&found[0]).is_ok() {
            Uuid::new_v4().to_string()
        } else if found[0].parse::<i64>().is_ok() {
            i32::MAX.to_string()
        } else {
            format!("nobody-{}", Uuid::new_v4().simple())
        };
        let [a, b] = <[String; 2]>::try_from(found).map_err(|_| DbError::Decode("two values were asked for".into()))?;
        Ok(Some(Value::Owned([a, b, nobodys])))
    }

    /// SQL whose answer changes when a row of the organisation does. A function, so that it is planned once.
    async fn watch(&self, org: Org) -> Result<String> {
        let rows = self.catalogue.relations.iter().filter(|r| r.is_table() && !r.partition).filter_map(|relation| {
            let stated = self.expectations.relations.get(&relation.key())?;
            let of_org = relations::belongs(stated, &self.ids, org)?;
            let table = relation.sql();
            Some(format!("(select string_agg(x::text, ',' order by x::text) from {table} x where {of_org})"))
        });
        let name = format!("pg_temp.isolation_rows_of_{org:?}");
        let sql = format!(
            "create function {name}() returns text language plpgsql as $$ begin return (select md5(concat_ws('|', {}))); end $$",
            rows.collect::<Vec<_>>().join(", ")
        );
        self.transaction.batch_execute(&sql).await?;
        Ok(format!("select {name}()"))
    }

    async fn query(&self, what: &str, sql: &str) -> Result<Vec<tokio_postgres::Row>> {
        self.transaction.query_typed(sql, &[]).await.map_err(|error| match error.as_db_error() {
            Some(db) => {
                DbError::Decode(format!("what db/isolation/expectations.toml states of {what}: {}", db.message()))
            }
            None => error.into(),
        })
    }

    /// Runs trials; answers those that ended otherwise than expected, with how.
    async fn run(&self, trials: &[Trial]) -> Result<Vec<(usize, Option<String>)>> {
        let rows = self.try_again(RUN, &[(&wire(trials)?, Type::TEXT)]).await?;
        rows.iter().map(|row| Ok((row.try_get::<_, i32>(0)? as usize, row.try_get(1)?))).collect()
    }

    async fn mutate(&self, subject: &Subject, some: &[String], mutations: &mut Mutations) -> Result<()> {
        let trials = wire(&subject.trials)?;
        let mut open: BTreeSet<usize> = (0..some.len()).collect();
        for attempt in 1..=LOCK_ATTEMPTS {
            let sql: Vec<&str> = open.iter().map(|i| some[*i].as_str()).collect();
            let rows = self.try_again(MUTATE, &[(&sql, Type::TEXT_ARRAY), (&trials, Type::TEXT)]).await?;
            let tried: Vec<usize> = open.iter().copied().collect();
            for row in rows {
                let index = tried[row.try_get::<_, i32>(0)? as usize];
                let noticed = row.try_get::<_, Option<i32>>(1)?.map(|trial| &subject.trials[trial as usize]);
                let busy: bool = row.try_get(2)?;
                if busy && attempt < LOCK_ATTEMPTS {
                    continue;
                }
                open.remove(&index);
                let mutation = Mutation {
                    object: subject.object.clone(),
                    sql: some[index].clone(),
                    noticed_by: noticed.map(|trial| format!("{}: {}", trial.actor, trial.command)),
                    problem: row.try_get(3)?,
                };
                mutations.count += 1;
                match (busy, noticed) {
                    (true, _) => mutations.busy.push(mutation),
                    (_, None) => mutations.missed.push(mutation),
                    _ => {
                        mutations.caught += 1;
                        mutations.noticed.push(mutation);
                    }
                }
            }
            if open.is_empty() {
                break;
            }
        }
        Ok(())
    }

    /// A statement after which the transaction goes on even where a lock was not to be had.
    async fn try_again(&self, sql: &str, params: &[crate::pool::Param<'_>]) -> Result<Vec<tokio_postgres::Row>> {
        let mut attempt = 1;
        loop {
            self.transaction.batch_execute("savepoint isolation").await?;
            match self.transaction.query_typed(sql, params).await {
                Ok(rows) => {
                    self.transaction.batch_execute("release savepoint isolation").await?;
                    return Ok(rows);
                }
                Err(error) => {
                    let words = error.as_db_error().map(ToString::to_string);
                    let error = DbError::from(error);
                    if !matches!(error, DbError::LockTimeout(_)) || attempt == LOCK_ATTEMPTS {
                        return Err(
                            words.map_or(error, |words| DbError::Decode(format!("the proof ended early: {words}")))
                        );
                    }
                    self.transaction.batch_execute("rollback to savepoint isolation").await?;
                    attempt += 1;
                }
            }
        }
    }

    /// Changes to the functions that all checks lean on, each to be noticed by any trial of any object.
    fn breached(&self, breaches: &[Breach], trials: Vec<Trial>, report: &mut report::Builder) -> Result<Subject> {
        let mut mutations = Vec::new();
        for breach in breaches {
            let function = self.catalogue.functions.iter().find(|f| f.key() == breach.function);
            match function.filter(|f| f.definition.contains(&breach.instead_of)) {
                Some(function) => mutations.push(function.definition.replace(&breach.instead_of, &breach.says)),
                None => report.failed(Failure::unstated(
                    &breach.function,
                    format!(
                        "{} does not say {:?}, which a breach is to take out of it",
                        breach.function, breach.instead_of
                    ),
                )),
            }
        }
        Ok(Subject { object: "the functions that all checks lean on".into(), noun: "functions", trials, mutations })
    }
}

const RUN: &str = "select r.trial, r.answer from pg_temp.isolation_run($1::jsonb, false) r";
const MUTATE: &str = "select m.mutation, m.trial, m.busy, m.problem from pg_temp.isolation_mutate($1, $2::jsonb) m";

fn wire(trials: &[Trial]) -> Result<String> {
    let trials: Vec<Wire<'_>> = trials.iter().map(Trial::wire).collect();
    serde_json::to_string(&trials).map_err(|e| DbError::Decode(e.to_string()))
}
