//! What can go wrong with a statement, told apart by what the caller should do.

use tokio_postgres::error::SqlState;

#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// No such row for this caller.
    #[error("{0}")]
    NotFound(String),
    #[error("{0}")]
    Forbidden(String),
    /// The request is wrong; the message says what would be right.
    #[error("{0}")]
    Invalid(String),
    /// The row is not in a state that allows it; the message names both states.
    #[error("{0}")]
    Conflict(String),
    /// The fencing token is not the live lease's.
    #[error("the lease with this token is over: another runner may have the build")]
    StaleToken,
    /// Log lines are missing before this chunk, or were already stored in other cuts: go on from `next_line`.
    #[error("the next line is {next_line}")]
    LineGap { next_line: i64 },
    #[error("the build's log is over its limit of {limit_bytes} bytes")]
    LogLimit { limit_bytes: i64 },
    /// The database cannot be reached or has no connection free: try again.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A fault of ours: never shown to clients beyond its request id.
    #[error(transparent)]
    Postgres(tokio_postgres::Error),
    #[error("{0}")]
    Decode(String),
    /// A SQL file of ours could not be applied.
    #[error("{file}: {message}")]
    Migration { file: String, message: String },
    /// A lock was not to be had in time; nothing was changed, try again.
    #[error("the database is busy: {0}")]
    LockTimeout(String),
}

impl From<tokio_postgres::Error> for DbError {
    /// Our functions raise `PTxyz` with the HTTP status that fits, as PostgREST reads it, and a DETAIL of `stale_token`,
    /// `line_gap:N` or `log_limit:N` where the runner protocol needs to tell them apart.
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(db) = error.as_db_error() else {
            return if error.is_closed() || error.to_string().contains("connect") {
                Self::Unavailable(error.to_string())
            } else {
                Self::Postgres(error)
            };
        };
        let message = db.message().to_owned();
        let detail = db.detail().unwrap_or_default();
        if detail == "stale_token" {
            return Self::StaleToken;
        }
        if let Some(next_line) = detail.strip_prefix("line_gap:").and_then(|n| n.parse().ok()) {
            return Self::LineGap { next_line };
        }
        if let Some(limit_bytes) = detail.strip_prefix("log_limit:").and_then(|n| n.parse().ok()) {
            return Self::LogLimit { limit_bytes };
        }
        match db.code().code() {
            "PT400" => return Self::Invalid(message),
            "PT403" => return Self::Forbidden(message),
            "PT404" => return Self::NotFound(message),
            "PT409" => return Self::Conflict(message),
            _ => {}
        }
        let code = db.code();
        if *code == SqlState::INSUFFICIENT_PRIVILEGE {
            Self::Forbidden(message)
        } else if *code == SqlState::UNIQUE_VIOLATION {
            Self::Conflict(message)
        } else if *code == SqlState::CHECK_VIOLATION || code.code().starts_with("22") {
            Self::Invalid(message)
        } else if code.code().starts_with("08")
            || code.code().starts_with("53")
            || code.code().starts_with("57P")
            || *code == SqlState::QUERY_CANCELED
        {
            Self::Unavailable(message)
        } else if [SqlState::LOCK_NOT_AVAILABLE, SqlState::T_R_DEADLOCK_DETECTED].contains(code) {
            Self::LockTimeout(message)
        } else {
            Self::Postgres(error)
        }
    }
}

impl From<deadpool_postgres::PoolError> for DbError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        match error {
            deadpool_postgres::PoolError::Backend(error) => Self::Unavailable(error.to_string()),
            other => Self::Unavailable(other.to_string()),
        }
    }
}
