use axum::extract::State;
use axum::http::StatusCode;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Path};
use crate::state::AppState;

/// Reads the project's branches from its repository again, soon.
#[utoipa::path(post, path = "/api/ops/projects/{project_id}/sync", tag = "projects",
    params(("project_id" = Uuid, Path, description = "The project.")),
    responses((status = 202, description = "Asked for."),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "The caller's role does not allow it.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody),
              (status = 409, description = "Not in the state it is in; the message names it.", body = crate::ErrorBody)))]
pub(crate) async fn sync_project(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(project_id): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    state.db.request_sync(&actor, project_id).await?;
    state.wake.sync.notify_one();
    Ok(StatusCode::ACCEPTED)
}
