use axum::extract::State;
use plimsoll_db::projects::Project;

use crate::error::ApiError;
use crate::extract::{Caller, Json};
use crate::state::AppState;

/// Every project the caller may see, with how its last build went.
#[utoipa::path(get, path = "/api/ops/projects", tag = "projects",
    responses((status = 200, description = "Projects.", body = Vec<Object>),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody)))]
pub(crate) async fn list_projects(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<Json<Vec<Project>>, ApiError> {
    Ok(Json(state.db.list_projects(&actor).await?))
}
