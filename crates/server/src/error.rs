//! The one mapping of what went wrong to an HTTP answer.
//!
//! A handler returns an [`ApiError`]; the envelope (`envelope.rs`) renders it as
//! `{"error": "…", "request_id": "…"}` once the request's id is known, and logs its cause. Causes are never sent.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use plimsoll_db::DbError;
use serde::Serialize;

use crate::auth::jwt::Fault;

/// What a handler answers instead of a result. The message says what would be right.
#[derive(Debug, Clone)]
pub struct ApiError {
    pub(crate) status: StatusCode,
    pub(crate) message: String,
    pub(crate) code: Option<&'static str>,
    pub(crate) next_line: Option<i64>,
    pub(crate) retry_after_seconds: Option<u64>,
    pub(crate) cause: Option<String>,
    /// Where a token was not believed: why, for the surfaces whose clients tell the reasons apart.
    pub(crate) fault: Option<Box<Fault>>,
}

/// The body of every error.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ErrorBody {
    /// What was wrong, and what would be right.
    pub error: String,
    /// A word for programs, where telling errors apart matters (runner protocol).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    /// With code `line_gap`: the first line the server does not have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_line: Option<i64>,
    /// Stands in the server's log beside the cause.
    pub request_id: String,
}

impl ApiError {
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            code: None,
            next_line: None,
            retry_after_seconds: None,
            cause: None,
            fault: None,
        }
    }

    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, message)
    }

    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    pub fn too_large(limit_bytes: usize) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, format!("the body is over the limit of {limit_bytes} bytes"))
    }

    pub fn too_many_requests(retry_after_seconds: u64) -> Self {
        let mut error = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            format!("too many requests: try again in {retry_after_seconds} s"),
        );
        error.retry_after_seconds = Some(retry_after_seconds);
        error
    }

    pub fn unavailable(message: impl Into<String>, cause: impl std::fmt::Display) -> Self {
        let mut error = Self::new(StatusCode::SERVICE_UNAVAILABLE, message);
        error.retry_after_seconds = Some(1);
        error.cause = Some(cause.to_string());
        error
    }

    /// A fault of ours: the client learns the request id, the log the cause.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        let mut error = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "something went wrong on our side; the server's log has the cause under this request_id",
        );
        error.cause = Some(cause.to_string());
        error
    }

    #[must_use]
    pub fn with_code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    pub fn message(&self) -> &str {
        &self.message
    }
}

impl From<Fault> for ApiError {
    fn from(fault: Fault) -> Self {
        let mut error = Self::unauthorized(format!("the bearer token is not good: {}", fault.message));
        error.code = Some("unauthorized");
        error.fault = Some(Box::new(fault));
        error
    }
}

impl From<DbError> for ApiError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::NotFound(message) => Self::not_found(message),
            DbError::Forbidden(message) => Self::forbidden(message),
            DbError::Invalid(message) => Self::bad_request(message),
            DbError::Conflict(message) => Self::conflict(message),
            DbError::StaleToken => Self::conflict(error.to_string()).with_code("stale_token"),
            DbError::LineGap { next_line } => {
                let mut refusal = Self::conflict(error.to_string()).with_code("line_gap");
                refusal.next_line = Some(next_line);
                refusal
            }
            DbError::LogLimit { .. } => Self::conflict(error.to_string()).with_code("log_limit"),
            DbError::Unavailable(cause) | DbError::LockTimeout(cause) => {
                Self::unavailable("the database is not available just now: try again", cause).with_code("unavailable")
            }
            DbError::Postgres(ref cause) => match cause.as_db_error() {
                Some(db) => Self::internal(format!("{} {}", db.code().code(), db.message())),
                None => Self::internal(error),
            },
            DbError::Decode(cause) => Self::internal(cause),
            DbError::Migration { file, message } => Self::internal(format!("{file}: {message}")),
        }
    }
}

impl IntoResponse for ApiError {
    /// An empty answer that carries the error for the envelope to render.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// For paths that are nobody's.
pub(crate) async fn unknown_path(request: Request) -> ApiError {
    ApiError::not_found(format!("there is nothing at {}: /openapi.json lists what there is", request.uri().path()))
}
