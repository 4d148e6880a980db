use axum::extract::State;
use plimsoll_db::projects::Project;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Json, Path};
use crate::orgs::require_visible;
use crate::state::AppState;

/// An org's projects, with how their last builds went.
#[utoipa::path(get, path = "/api/ops/orgs/{org_id}/projects", tag = "projects",
    params(("org_id" = Uuid, Path, description = "The org.")),
    responses((status = 200, description = "Projects.", body = Vec<Object>),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody)))]
pub(crate) async fn list_org_projects(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(org_id): Path<Uuid>,
) -> Result<Json<Vec<Project>>, ApiError> {
    require_visible(&state, &actor, org_id).await?;
    let projects = state.db.list_projects(&actor).await?;
    Ok(Json(projects.into_iter().filter(|project| project.org_id == org_id).collect()))
}
