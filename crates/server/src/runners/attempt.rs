//! Who writes for an attempt: its token, checked, and what becomes of a write whose lease is over.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use plimsoll_db::DbError;
use uuid::Uuid;

use super::not_good;
use crate::attempt_token::{self, Attempt};
use crate::auth::identify::bearer;
use crate::error::ApiError;
use crate::state::AppState;

/// An attempt token that is ours and speaks for the build in the path. Whether its lease still lives is decided by the
/// statement that writes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Authorised(pub(super) Attempt);

impl FromRequestParts<AppState> for Authorised {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let token = bearer(&parts.headers)?.ok_or_else(|| not_good(state, &parts.extensions, WANTED))?;
        // An attempt goes on when the secret changes under it.
        let secrets = [Some(state.keys.jwt_secret()), state.keys.previous_jwt_secret()];
        let attempt = secrets
            .iter()
            .flatten()
            .find_map(|secret| attempt_token::verify(secret.as_bytes(), token))
            .ok_or_else(|| not_good(state, &parts.extensions, WANTED))?;
        let path = RawPathParams::from_request_parts(parts, state).await.map_err(ApiError::internal)?;
        let in_path = path.iter().find(|(name, _)| *name == "build_id").map(|(_, value)| value.parse::<Uuid>());
        match in_path {
            Some(Ok(build_id)) if build_id == attempt.build_id => Ok(Self(attempt)),
            Some(Ok(_)) => Err(ApiError::unauthorized("this attempt token is for another build than the path names")),
            _ => Err(ApiError::bad_request("the path must name the build by its id")),
        }
    }
}

const WANTED: &str = "send the claim's attempt_token as `Authorization: Bearer plim_att_…`";

/// Turns a failed write into its answer. One that was fenced off is recorded, so that it can be seen afterwards that a
/// runner came back from the dead and changed nothing.
pub(super) async fn refused(state: &AppState, attempt: Attempt, operation: &str, error: DbError) -> ApiError {
    if matches!(error, DbError::StaleToken) {
        let recorded = state.db.record_fenced_write(attempt.build_id, attempt.token, operation, None).await;
        if let Err(cause) = recorded {
            tracing::warn!(build.id = %attempt.build_id, error = %cause, "a fenced write was refused but not recorded");
        }
        tracing::info!(
            build.id = %attempt.build_id, lease.token = attempt.token, operation,
            "refused a write with a fencing token that is no longer the live one"
        );
    }
    error.into()
}
