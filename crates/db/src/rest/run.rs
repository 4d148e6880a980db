//! Runs a [`Statement`] in one transaction with the caller's role, claims and request settings.

use crate::{Actor, Db, Result};

use super::{Catalogue, Statement};

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
    /// Rows of an upsert that were new; `None` for other statements.
    pub inserted: Option<i64>,
    /// Column and value of the new row's primary key, for [`Output::Location`](super::plan::Output::Location).
    pub location: Option<Vec<(String, String)>>,
    /// `response.status`, where the statement set it.
    pub status: Option<String>,
    /// `response.headers`, where the statement set it.
    pub headers: Option<String>,
}

/// Why there is no [`Outcome`]. Whatever it is, nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum RestError {
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

impl Db {
    /// Reads what is exposed in `schemas`, the default first.
    pub async fn rest_catalogue(&self, schemas: &[String]) -> Result<Catalogue> {
        Ok(Catalogue { schemas: schemas.to_vec(), ..Catalogue::default() })
    }

    /// Changes whenever [`Db::rest_catalogue`] would answer something else; cheap enough to ask often.
    pub async fn rest_fingerprint(&self, _schemas: &[String]) -> Result<String> {
        Ok(String::new())
    }

    /// Runs `statement` as `actor`, in one transaction and, where no check stands before the commit, one round trip.
    pub async fn run_rest(
        &self,
        _actor: &Actor,
        _session: &Session<'_>,
        _statement: &Statement,
    ) -> std::result::Result<Outcome, RestError> {
        Err(RestError::Unavailable("statements are not rendered".into()))
    }
}
