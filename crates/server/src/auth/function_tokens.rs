//! The shared tokens of machines that call function endpoints: one kind of token an endpoint, in a header of its own.

use axum::http::HeaderMap;

use crate::error::ApiError;
use crate::keyring::KeyKind;
use crate::state::AppState;
use crate::tokens;

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

    /// The environment variable by which an operator brings their own.
    pub(crate) const fn setting(self) -> &'static str {
        match self {
            Self::Ingest => "OPS_INGEST_TOKEN",
            Self::AdvisoryScan => "OPS_ADVISORY_TOKEN",
        }
    }

    pub(crate) const fn key_kind(self) -> KeyKind {
        match self {
            Self::Ingest => KeyKind::Ingest,
            Self::AdvisoryScan => KeyKind::Advisory,
        }
    }
}

/// Refuses with 401 unless the request carries a good token of this kind.
pub(crate) async fn check(state: &AppState, headers: &HeaderMap, token: FunctionToken) -> Result<(), ApiError> {
    let header = token.header();
    let Some(given) = headers.get(header) else {
        return Err(ApiError::unauthorized(format!("Missing {header}: `plimsoll status` prints the token")));
    };
    let given = given.to_str().unwrap_or_default();
    let brought = state.keys.brought_tokens(token);
    let good = if brought.is_empty() {
        state.keyring.knows(token.key_kind(), given).await?
    } else {
        // Hashes have one length and tell nothing of what they are of, however they are compared.
        let hash = tokens::hash(given);
        brought.iter().any(|known| tokens::constant_time_eq(&tokens::hash(known), &hash))
    };
    if good {
        return Ok(());
    }
    Err(ApiError::unauthorized(format!("{header} is not a token of this server: `plimsoll status` prints it")))
}
