//! Runs a [`Statement`] in one transaction with the caller's role, claims and request settings.

use std::borrow::Cow;
use std::result::Result;

use deadpool_postgres::Object;
use serde_json::Value as Json;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Error, Row};

use super::plan::{Action, Checks, Count, Output, Statement};
use super::render::{self, Rendered, column};
use crate::pool::{LIMIT_TIME, is_limited};
use crate::{Actor, Db, DbError};

/// What functions can read of the request with `current_setting`, set for the transaction alone.
#[derive(Debug, Clone, Copy)]
pub struct Session<'a> {
    /// First on the search path; `public` and `extensions` follow.
    pub schema: &'a str,
    /// `request.method`
    pub method: &'a str,
    /// `request.path`
    pub path: &'a str,
    /// `request.headers`: a JSON object with names in lower case.
    pub headers: &'a str,
    /// `request.cookies`: a JSON object.
    pub cookies: &'a str,
    /// `Prefer: timezone=…`, where it names a zone that exists.
    pub time_zone: Option<&'a str>,
}

/// What a statement that was committed answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// JSON or CSV; `None` where none was wanted or the function is `void`.
    pub body: Option<String>,
    /// Rows in the body, or changed.
    pub rows: i64,
    /// Rows without limit and offset, where they were to be counted.
    pub total: Option<i64>,
    /// Rows of an upsert (merge, not ignore) that were new; `None` for other statements.
    pub inserted: Option<i64>,
    /// Column and value of the new row's primary key, for [`Output::Location`] and exactly one row.
    pub location: Option<Vec<(String, String)>>,
    /// `response.status`, where the statement set it.
    pub status: Option<String>,
    /// `response.headers`, where the statement set it.
    pub headers: Option<String>,
}

/// Why there is no [`Outcome`]. Whatever it is, nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum RestError {
    /// What PostgreSQL said.
    #[error("{code}: {message}")]
    Database { code: String, message: String, details: Option<String>, hint: Option<String> },
    /// [`Checks::singular`](super::plan::Checks) did not hold.
    #[error("the result has {rows} rows instead of one")]
    NotSingular { rows: i64 },
    /// [`Checks::max_affected`](super::plan::Checks) did not hold.
    #[error("{rows} rows would be affected")]
    MaxAffected { rows: i64 },
    #[error("the database is not available: {0}")]
    Unavailable(String),
}

impl From<Error> for RestError {
    fn from(error: Error) -> Self {
        match error.as_db_error() {
            Some(db) => Self::Database {
                code: db.code().code().to_owned(),
                message: db.message().to_owned(),
                details: db.detail().map(str::to_owned),
                hint: db.hint().map(str::to_owned),
            },
            None => Self::Unavailable(error.to_string()),
        }
    }
}

impl From<DbError> for RestError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Postgres(error) => error.into(),
            DbError::Unavailable(reason) => Self::Unavailable(reason),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

impl Db {
    /// Runs `statement` as `actor`, in one transaction and, where no check stands before the commit, one round trip.
    pub async fn run_rest(
        &self,
        actor: &Actor,
        session: &Session<'_>,
        statement: &Statement,
    ) -> Result<Outcome, RestError> {
        let rendered = render::render(statement)?;
        let claims = actor.claims().to_string();
        let (begin, settings) = (begin(actor, statement.read_only), Settings::new(session, &claims, is_limited(actor)));
        let mut transaction = Transaction::new(self.connection().await?);
        let checks = statement.checks;
        let (row, explained) = if statement.read_only || checks == Checks::default() {
            let answered = transaction.run(&begin, &settings, &rendered).await?;
            check(checks, &answered.0)?;
            answered
        } else {
            // What was changed must be looked at before it is kept. A task of its own brings that to its end, as the one
            // trip above would be, when the caller goes away in between.
            let settings = settings.into_owned();
            let whole = async move { transaction.run_and_check(&begin, &settings, &rendered, checks).await };
            tokio::spawn(whole).await.map_err(|error| RestError::Unavailable(error.to_string()))??
        };
        outcome(statement, &row, explained.as_ref())
    }
}

/// Only words of ours, so it always begins a transaction with that role, whatever else is wrong with a request.
fn begin(actor: &Actor, read_only: bool) -> String {
    format!("begin{}; set local role {}", if read_only { " read only" } else { "" }, actor.role())
}

/// The statement that makes the request's settings, with every value a parameter.
struct Settings<'a> {
    sql: String,
    values: Vec<Cow<'a, str>>,
}

impl<'a> Settings<'a> {
    fn new(session: &Session<'a>, claims: &'a str, is_limited: bool) -> Self {
        let path = format!("\"{}\", \"public\", \"extensions\"", session.schema.replace('"', "\"\""));
        let named = [
            ("search_path", Some(path.into())),
            ("request.jwt.claims", Some(claims.into())),
            ("request.method", Some(session.method.into())),
            ("request.path", Some(session.path.into())),
            ("request.headers", Some(session.headers.into())),
            ("request.cookies", Some(session.cookies.into())),
            // What a function set for its whole session is not the answer to another request.
            ("response.status", Some("".into())),
            ("response.headers", Some("".into())),
            ("timezone", session.time_zone.map(Into::into)),
        ];
        let (mut sql, mut values) = (String::from("select"), Vec::with_capacity(named.len()));
        for (name, value) in named.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            values.push(value);
            let comma = if values.len() == 1 { "" } else { "," };
            sql.push_str(&format!("{comma} set_config('{name}', ${}, true)", values.len()));
        }
        if is_limited {
            sql.push_str(", ");
            sql.push_str(LIMIT_TIME);
        }
        Self { sql, values }
    }

    fn into_owned(self) -> Settings<'static> {
        Settings { sql: self.sql, values: self.values.into_iter().map(|value| value.into_owned().into()).collect() }
    }

    fn parameters(&self) -> Vec<(&(dyn ToSql + Sync), Type)> {
        self.values.iter().map(|value| (value as &(dyn ToSql + Sync), Type::TEXT)).collect()
    }
}

/// A connection on which a transaction runs. It goes back to the pool when nothing runs on it any more, and with no
/// transaction open, whenever it is let go of.
struct Transaction {
    client: Option<Object>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Everything queued was answered, and no transaction is open.
    Resting,
    /// The end of the transaction is queued.
    Ending,
    /// The end is not queued yet.
    Open,
}

type Answered = (Row, Option<Row>);

impl Transaction {
    const fn new(client: Object) -> Self {
        Self { client: Some(client), state: State::Resting }
    }

    fn client(&self) -> &Object {
        self.client.as_ref().expect("only dropping takes it")
    }

    /// Begin, settings, statements and commit, all queued before the first answer is awaited: they take one round trip,
    /// and are all done even if the caller goes away.
    async fn run(&mut self, begin: &str, settings: &Settings<'_>, rendered: &Rendered) -> Result<Answered, RestError> {
        self.state = State::Ending;
        // After an error, `commit` rolls back.
        let (answered, ended) =
            futures::join!(self.queue(begin, settings, rendered), self.client().batch_execute("commit"));
        self.state = State::Resting;
        let answered = answered?;
        ended?;
        Ok(answered)
    }

    /// The same in two trips: the transaction is ended as `checks` say.
    async fn run_and_check(
        &mut self,
        begin: &str,
        settings: &Settings<'_>,
        rendered: &Rendered,
        checks: Checks,
    ) -> Result<Answered, RestError> {
        self.state = State::Open;
        let answered = self.queue(begin, settings, rendered).await;
        let answered = answered.and_then(|answered| check(checks, &answered.0).map(|()| answered));
        self.state = State::Ending;
        let ended = self.client().batch_execute(if answered.is_ok() { "commit" } else { "rollback" }).await;
        self.state = State::Resting;
        let answered = answered?;
        ended?;
        Ok(answered)
    }

    /// Queues everything on its first poll.
    async fn queue(&self, begin: &str, settings: &Settings<'_>, rendered: &Rendered) -> Result<Answered, RestError> {
        let client = self.client();
        let (main, setting) = (rendered.main.parameters(), settings.parameters());
        let explain = async {
            let Some(sql) = &rendered.explain else { return Ok(None) };
            client.query_typed(&sql.text, &sql.parameters()).await.map(|rows| rows.into_iter().next())
        };
        let (begun, set, rows, explained) = futures::join!(
            client.batch_execute(begin),
            client.query_typed(&settings.sql, &setting),
            client.query_typed(&rendered.main.text, &main),
            explain,
        );
        // The first that failed says why; those after it only that the transaction is aborted.
        begun?;
        set?;
        let row = rows?.into_iter().next().ok_or_else(|| RestError::Unavailable("no answer".into()))?;
        Ok((row, explained?))
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        let (Some(client), true) = (self.client.take(), self.state != State::Resting) else { return };
        // Others must not wait behind what still runs, so the pool has it back when that is done.
        let last = if self.state == State::Open { "rollback" } else { "" };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(async move { client.batch_execute(last).await })),
            Err(_) => drop(Object::take(client)),
        }
    }
}

fn check(checks: Checks, row: &Row) -> Result<(), RestError> {
    let rows = get(row, column::ROWS)?;
    if checks.singular && rows != 1 {
        return Err(RestError::NotSingular { rows });
    }
    match checks.max_affected {
        Some(most) if rows > most => Err(RestError::MaxAffected { rows }),
        _ => Ok(()),
    }
}

fn outcome(statement: &Statement, row: &Row, explained: Option<&Row>) -> Result<Outcome, RestError> {
    let guess = explained.map(|row| get::<Json>(row, 0)).transpose()?;
    let guess = guess.and_then(|plan| plan.pointer("/0/Plan/Plan Rows").and_then(Json::as_i64));
    let counted: Option<i64> = get(row, column::TOTAL)?;
    let total = match statement.count {
        None => None,
        Some(Count::Exact) => counted,
        Some(Count::Planned) => guess,
        Some(Count::Estimated) if counted > Some(render::COUNTED_AT_MOST) => counted.max(guess),
        Some(Count::Estimated) => counted,
    };
    let mut outcome = Outcome {
        body: get(row, column::BODY)?,
        rows: get(row, column::ROWS)?,
        total,
        inserted: None,
        location: None,
        status: get(row, column::STATUS)?,
        headers: get(row, column::HEADERS)?,
    };
    if let Action::Insert(insert) = &statement.action {
        outcome.inserted = get(row, column::INSERTED)?;
        if statement.output == Output::Location {
            let values: Option<String> = get(row, column::LOCATION)?;
            let values: Option<Vec<String>> = values.and_then(|values| serde_json::from_str(&values).ok());
            outcome.location = values.map(|values| insert.primary_key.iter().cloned().zip(values).collect());
        }
    }
    Ok(outcome)
}

fn get<'a, T: tokio_postgres::types::FromSql<'a>>(row: &'a Row, at: usize) -> Result<T, RestError> {
    Ok(row.try_get(at)?)
}
