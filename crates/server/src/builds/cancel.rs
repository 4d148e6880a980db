use axum::extract::State;
use axum::http::StatusCode;
use plimsoll_db::queue::Cancel;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Json, Path};
use crate::state::AppState;

#[derive(Serialize, ToSchema)]
pub(crate) struct Cancellation {
    /// `cancelled`, or `cancelling` while its runner stops.
    #[schema(value_type = String)]
    status: Cancel,
}

/// Cancels a build: a queued one at once, a running one as soon as its runner hears of it. Harmless to repeat.
#[utoipa::path(post, path = "/api/ops/builds/{build_id}/cancel", tag = "builds",
    params(("build_id" = Uuid, Path, description = "The build.")),
    responses((status = 202, description = "Asked for.", body = Cancellation),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "The caller's role does not allow it.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody),
              (status = 409, description = "Not in the state it is in; the message names it.", body = crate::ErrorBody)))]
pub(crate) async fn cancel_build(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(build_id): Path<Uuid>,
) -> Result<(StatusCode, Json<Cancellation>), ApiError> {
    let status = state.db.request_cancel(&actor, build_id).await?;
    state.logs.changed(build_id);
    state.wake.queue_changed();
    state.events.changed();
    Ok((StatusCode::ACCEPTED, Json(Cancellation { status })))
}
