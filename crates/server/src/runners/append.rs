//! `POST /runner/v1/attempts/{build_id}/logs`: store a chunk of lines.
//!
//! The hot path: columns go from JSON to SQL as they are, one round trip, nothing is done line by line.

use axum::extract::State;
use plimsoll_core::log::Chunk;
use plimsoll_core::protocol::Appended;

use super::attempt::{Authorised, refused};
use crate::error::ApiError;
use crate::extract::Json;
use crate::state::AppState;

/// Appends lines to the log of the attempt.
#[utoipa::path(
    post, path = "/runner/v1/attempts/{build_id}/logs", tag = "runner",
    params(("build_id" = Uuid, Path)), request_body = serde_json::Value,
    responses(
        (status = 200, description = "`{next_line}`: the first line the server does not have", body = serde_json::Value),
        (status = 409, description = "`stale_token`, `line_gap` (send on from next_line) or `log_limit`", body = crate::ErrorBody),
        (status = 413, description = "Send smaller chunks", body = crate::ErrorBody),
    )
)]
pub(crate) async fn append_log(
    State(state): State<AppState>,
    Authorised(attempt): Authorised,
    Json(chunk): Json<Chunk>,
) -> Result<Json<Appended>, ApiError> {
    chunk.check().map_err(|wrong| ApiError::bad_request(wrong.to_string()))?;
    match state.db.append_log_chunk(attempt.build_id, attempt.token, &chunk, state.config.max_log_bytes).await {
        Ok(next_line) => {
            state.logs.changed(attempt.build_id);
            Ok(Json(Appended { next_line }))
        }
        Err(error) => Err(refused(&state, attempt, "append", error).await),
    }
}
