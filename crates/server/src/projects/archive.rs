use axum::extract::State;
use axum::http::StatusCode;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Path};
use crate::state::AppState;

/// Takes a project out of use: unfinished builds are cancelled, none are taken any more, its history stays. Admins only.
#[utoipa::path(post, path = "/api/ops/projects/{project_id}/archive", tag = "projects",
    params(("project_id" = Uuid, Path, description = "The project.")),
    responses((status = 204, description = "Archived."),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "The caller's role does not allow it.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody)))]
pub(crate) async fn archive_project(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(project_id): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    state.db.archive_project(&actor, project_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
