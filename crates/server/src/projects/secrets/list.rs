use axum::extract::State;
use plimsoll_db::projects::ProjectSecret;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Json, Path};
use crate::state::AppState;

/// The names of a project's build secrets. Admins only.
#[utoipa::path(get, path = "/api/ops/projects/{project_id}/secrets", tag = "secrets",
    params(("project_id" = Uuid, Path, description = "The project.")),
    responses((status = 200, description = "Names, and who set them when.", body = Vec<Object>),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "The caller's role does not allow it.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody)))]
pub(crate) async fn list_secrets(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(project_id): Path<Uuid>,
) -> Result<Json<Vec<ProjectSecret>>, ApiError> {
    Ok(Json(state.db.list_project_secrets(&actor, project_id).await?))
}
