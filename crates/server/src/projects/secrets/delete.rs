use axum::extract::State;
use axum::http::StatusCode;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Path};
use crate::state::AppState;

/// Deletes a build secret. Admins only.
#[utoipa::path(delete, path = "/api/ops/projects/{project_id}/secrets/{name}", tag = "secrets",
    params(("project_id" = Uuid, Path, description = "The project."), ("name" = String, Path, description = "Its name.")),
    responses((status = 204, description = "Deleted."),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "The caller's role does not allow it.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody)))]
pub(crate) async fn delete_secret(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path((project_id, name)): Path<(Uuid, String)>,
) -> Result<StatusCode, ApiError> {
    state.db.delete_project_secret(&actor, project_id, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
