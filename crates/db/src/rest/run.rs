//! Runs a [`Statement`] in one transaction with the caller's role, claims and request settings.

use std::result::Result;

use serde_json::Value as Json;
use tokio_postgres::types::FromSql;
use tokio_postgres::{Error, Row};

use super::plan::{Action, Checks, Count, Output, Statement};
use super::render::{self, column};
use super::transaction::{Answered, Settings, Transaction, begin};
use crate::pool::is_limited;
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
    /// A column is of another type than when the catalogue was read. Only reads can meet it.
    #[error("the columns are others than the catalogue has")]
    Changed,
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
        let answered = if statement.read_only || checks == Checks::default() {
            let answered = transaction.run(&begin, &settings, &rendered).await?;
            check(checks, answered.rows()?)?;
            answered
        } else {
            // What was changed must be looked at before it is kept. A task of its own brings that to its end, as the one
            // trip above would be, when the caller goes away in between.
            let settings = settings.into_owned();
            let whole = async move { transaction.run_and_check(&begin, &settings, &rendered, checks).await };
            tokio::spawn(whole).await.map_err(|error| RestError::Unavailable(error.to_string()))??
        };
        match answered {
            Answered::Whole { row, explained } => outcome(statement, &row, explained.as_ref()),
            Answered::Rows { body, rows, status, headers } => {
                let total = statement.count.map(|_| rows);
                Ok(Outcome { body: Some(body), rows, total, status, headers, ..Outcome::default() })
            }
        }
    }
}

pub(super) fn check(checks: Checks, rows: i64) -> Result<(), RestError> {
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

fn get<'a, T: FromSql<'a>>(row: &'a Row, at: usize) -> Result<T, RestError> {
    Ok(row.try_get(at)?)
}
