//! `POST /runner/v1/attempts/{build_id}/heartbeat`: renew the lease and learn whether to stop.

use axum::extract::State;
use plimsoll_core::protocol::HeartbeatAnswer;

use super::attempt::{Authorised, refused};
use crate::error::ApiError;
use crate::extract::Json;
use crate::state::AppState;

/// Renews the lease; answers what is left of it and whether to stop.
#[utoipa::path(
    post, path = "/runner/v1/attempts/{build_id}/heartbeat", tag = "runner",
    params(("build_id" = Uuid, Path)),
    responses(
        (status = 200, description = "`{lease_remaining_ms, cancel, next_line}`", body = serde_json::Value),
        (status = 409, description = "`stale_token`: stop, the lease is over", body = crate::ErrorBody),
    )
)]
pub(crate) async fn renew_lease(
    State(state): State<AppState>,
    Authorised(attempt): Authorised,
) -> Result<Json<HeartbeatAnswer>, ApiError> {
    match state.db.renew_lease(attempt.build_id, attempt.token, state.config.lease_seconds as i32).await {
        Ok(lease) => Ok(Json(HeartbeatAnswer {
            lease_remaining_ms: lease.remaining_ms,
            cancel: lease.cancel_reason,
            next_line: lease.next_line,
        })),
        Err(error) => Err(refused(&state, attempt, "heartbeat", error).await),
    }
}
