//! `PUT /runner/v1/attempts/{build_id}/steps`: all steps as they stand.

use axum::extract::State;
use axum::http::StatusCode;
use plimsoll_core::protocol::Steps;

use super::attempt::{Authorised, refused};
use super::storable;
use crate::error::ApiError;
use crate::extract::Json;
use crate::state::AppState;

/// Build files have tens of steps; this is a limit on nonsense.
const MAX_STEPS: usize = 1_000;
const MAX_NAME_CHARS: usize = 500;
const MAX_COMMAND_CHARS: usize = 20_000;

/// Replaces the attempt's steps.
#[utoipa::path(
    put, path = "/runner/v1/attempts/{build_id}/steps", tag = "runner",
    params(("build_id" = Uuid, Path)), request_body = serde_json::Value,
    responses(
        (status = 204, description = "These are the attempt's steps now"),
        (status = 409, description = "`stale_token`", body = crate::ErrorBody),
    )
)]
pub(crate) async fn record_steps(
    State(state): State<AppState>,
    Authorised(attempt): Authorised,
    Json(mut body): Json<Steps>,
) -> Result<StatusCode, ApiError> {
    if body.steps.len() > MAX_STEPS {
        return Err(ApiError::bad_request(format!("{} steps: at most {MAX_STEPS} are kept", body.steps.len())));
    }
    for step in &mut body.steps {
        step.name = storable(&step.name, MAX_NAME_CHARS);
        step.command = step.command.take().map(|command| storable(&command, MAX_COMMAND_CHARS));
    }
    if let Err(error) = state.db.record_steps(attempt.build_id, attempt.token, &body.steps).await {
        return Err(refused(&state, attempt, "steps", error).await);
    }
    state.events.changed();
    Ok(StatusCode::NO_CONTENT)
}
