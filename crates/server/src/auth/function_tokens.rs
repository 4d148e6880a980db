//! The shared tokens of machines that call function endpoints: one kind of token an endpoint, in a header of its own.

use axum::http::HeaderMap;

use crate::error::ApiError;
use crate::state::AppState;

/// Which endpoint a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FunctionToken {
    /// `ops-metrics-ingest`.
    Ingest,
    /// `ops-advisory-scan`.
    AdvisoryScan,
}

impl FunctionToken {
    /// The header that carries it.
    pub(crate) const fn header(self) -> &'static str {
        match self {
            Self::Ingest => "x-ops-ingest-token",
            Self::AdvisoryScan => "x-ops-advisory-token",
        }
    }
}

/// Refuses with 401 unless the request carries a good token of this kind.
pub(crate) async fn check(_state: &AppState, headers: &HeaderMap, token: FunctionToken) -> Result<(), ApiError> {
    let header = token.header();
    if headers.get(header).is_none() {
        return Err(ApiError::unauthorized(format!("Missing {header}: `plimsoll status` prints the token")));
    }
    Err(ApiError::unauthorized(format!("{header} is not a token of this server: `plimsoll status` prints it")))
}
