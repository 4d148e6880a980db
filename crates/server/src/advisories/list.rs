use axum::extract::State;
use plimsoll_db::advisories::Advisory;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Json, Path};
use crate::state::AppState;

/// A project's advisories: critical first, open before snoozed and closed, newest first.
#[utoipa::path(get, path = "/api/ops/projects/{project_id}/advisories", tag = "advisories",
    params(("project_id" = Uuid, Path, description = "The project.")),
    responses((status = 200, description = "Advisories.", body = Vec<Object>),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody)))]
pub(crate) async fn list_advisories(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(project_id): Path<Uuid>,
) -> Result<Json<Vec<Advisory>>, ApiError> {
    Ok(Json(state.db.list_advisories(&actor, project_id).await?))
}
