use axum::extract::State;
use plimsoll_db::queue::WhyQueued;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Json, Path};
use crate::state::AppState;

/// Why a build is still queued: a reason, a sentence, its position and an estimate.
#[utoipa::path(get, path = "/api/ops/builds/{build_id}/why", tag = "builds",
    params(("build_id" = Uuid, Path, description = "The build.")),
    responses((status = 200, description = "reason, message, position, running, limit, blocking_build_id, next_attempt_at, estimate_seconds.", body = Object),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody)))]
pub(crate) async fn why_queued(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(build_id): Path<Uuid>,
) -> Result<Json<WhyQueued>, ApiError> {
    Ok(Json(state.db.why_queued(&actor, build_id).await?))
}
