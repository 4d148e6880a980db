//! `POST /runner/v1/attempts/{build_id}/finish`: how it ended.

use axum::extract::State;
use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use plimsoll_core::protocol::{Finish, Outcome};
use plimsoll_core::retry::full_jitter;
use plimsoll_core::status::{BuildStatus, FailureReason};
use plimsoll_db::DbError;

use super::attempt::{Authorised, refused};
use super::storable;
use crate::attempt_token::Attempt;
use crate::error::ApiError;
use crate::extract::Json;
use crate::state::AppState;

const MAX_MESSAGE_CHARS: usize = 10_000;

/// Ends the attempt.
#[utoipa::path(
    post, path = "/runner/v1/attempts/{build_id}/finish", tag = "runner",
    params(("build_id" = Uuid, Path)), request_body = serde_json::Value,
    responses(
        (status = 204, description = "The attempt is over; repeating the same outcome is harmless"),
        (status = 409, description = "`stale_token`, or `line_gap`: lines are missing", body = crate::ErrorBody),
    )
)]
pub(crate) async fn finish_attempt(
    State(state): State<AppState>,
    Authorised(attempt): Authorised,
    Json(finish): Json<Finish>,
) -> Result<StatusCode, ApiError> {
    if let Err(error) = end(&state, attempt, &finish).await {
        return Err(refused(&state, attempt, "finish", error).await);
    }
    state.logs.changed(attempt.build_id);
    state.events.changed();
    state.wake.queue_changed();
    Ok(StatusCode::NO_CONTENT)
}

async fn end(state: &AppState, attempt: Attempt, finish: &Finish) -> Result<(), DbError> {
    let (status, reason, message) = match &finish.outcome {
        Outcome::Success => (BuildStatus::Success, None, None),
        Outcome::Failed { reason, message } => (BuildStatus::Failed, Some(*reason), Some(message)),
        Outcome::Cancelled { reason, message } => (BuildStatus::Cancelled, Some(*reason), Some(message)),
        Outcome::Infrastructure { message } => return release(state, attempt, message).await,
    };
    let message = message.map(|message| storable(message, MAX_MESSAGE_CHARS));
    let reason: Option<FailureReason> = reason;
    state.db.finish_run(attempt.build_id, attempt.token, status, reason, message.as_deref(), finish.next_line).await
}

/// The runner could not do its part: queued again, or given up, by the same rule as a lost lease.
async fn release(state: &AppState, attempt: Attempt, message: &str) -> Result<(), DbError> {
    let tries = match state.db.build_state(attempt.build_id).await? {
        Some((build, _)) => build.attempt,
        None => return Err(DbError::StaleToken),
    };
    let losses = u32::try_from(tries - 1).unwrap_or(0);
    let wait = SignedDuration::try_from(full_jitter(losses, rand::random())).unwrap_or(SignedDuration::ZERO);
    let at = Timestamp::now() + wait;
    state.db.release_run(attempt.build_id, attempt.token, Some(at), &storable(message, MAX_MESSAGE_CHARS)).await?;
    Ok(())
}
