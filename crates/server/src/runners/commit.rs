//! `POST /runner/v1/attempts/{build_id}/commit`: what was checked out, and how it will be built.

use axum::extract::State;
use axum::http::StatusCode;
use plimsoll_core::protocol::Commit;

use super::attempt::{Authorised, refused};
use super::storable;
use crate::error::ApiError;
use crate::extract::Json;
use crate::state::AppState;

const MAX_MESSAGE_CHARS: usize = 2_000;
const MAX_NAME_CHARS: usize = 200;

/// Records what was checked out.
#[utoipa::path(
    post, path = "/runner/v1/attempts/{build_id}/commit", tag = "runner",
    params(("build_id" = Uuid, Path)), request_body = serde_json::Value,
    responses(
        (status = 204, description = "Recorded"),
        (status = 409, description = "`stale_token`", body = crate::ErrorBody),
    )
)]
pub(crate) async fn record_commit(
    State(state): State<AppState>,
    Authorised(attempt): Authorised,
    Json(mut commit): Json<Commit>,
) -> Result<StatusCode, ApiError> {
    let is_sha =
        matches!(commit.sha.len(), 40 | 64) && commit.sha.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !is_sha {
        return Err(ApiError::bad_request("sha must be the commit's whole hash: 40 or 64 lower-case hex digits"));
    }
    commit.message = storable(&commit.message, MAX_MESSAGE_CHARS);
    commit.author = storable(&commit.author, MAX_NAME_CHARS);
    commit.recipe = commit.recipe.map(|recipe| storable(&recipe, MAX_NAME_CHARS));
    if let Err(error) = state.db.record_commit(attempt.build_id, attempt.token, &commit).await {
        return Err(refused(&state, attempt, "commit", error).await);
    }
    state.logs.changed(attempt.build_id);
    state.events.changed();
    Ok(StatusCode::NO_CONTENT)
}
