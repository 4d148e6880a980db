use axum::extract::State;
use plimsoll_db::projects::Branch;
use uuid::Uuid;

use super::require_visible;
use crate::error::ApiError;
use crate::extract::{Caller, Json, Path};
use crate::state::AppState;

/// A project's branches, production first, with how their last builds went.
#[utoipa::path(get, path = "/api/ops/projects/{project_id}/branches", tag = "branches",
    params(("project_id" = Uuid, Path, description = "The project.")),
    responses((status = 200, description = "Branches.", body = Vec<Object>),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody)))]
pub(crate) async fn list_project_branches(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(project_id): Path<Uuid>,
) -> Result<Json<Vec<Branch>>, ApiError> {
    require_visible(&state, &actor, project_id).await?;
    Ok(Json(state.db.project_branches(&actor, project_id).await?))
}
