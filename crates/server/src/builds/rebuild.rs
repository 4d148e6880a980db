use axum::extract::State;
use axum::http::StatusCode;
use uuid::Uuid;

use crate::answers::Created;
use crate::error::ApiError;
use crate::extract::{Caller, Json, Path};
use crate::state::AppState;

/// Queues a new build of the same commit with the same parameters, whatever the old one ended with.
#[utoipa::path(post, path = "/api/ops/builds/{build_id}/rebuild", tag = "builds",
    params(("build_id" = Uuid, Path, description = "The build.")),
    responses((status = 201, description = "Queued.", body = Created),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "The caller's role does not allow it.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody),
              (status = 409, description = "Not in the state it is in; the message names it.", body = crate::ErrorBody)))]
pub(crate) async fn rebuild(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(build_id): Path<Uuid>,
) -> Result<(StatusCode, Json<Created>), ApiError> {
    let id = state.db.rebuild(&actor, build_id).await?;
    state.wake.queue_changed();
    state.events.changed();
    Ok((StatusCode::CREATED, Json(Created { id })))
}
