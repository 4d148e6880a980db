use axum::extract::State;
use plimsoll_db::projects::{Project, SyncState};
use serde::Serialize;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Json, Path};
use crate::state::AppState;

#[derive(Serialize)]
pub(crate) struct ProjectDetail {
    #[serde(flatten)]
    project: Project,
    #[serde(flatten)]
    sync: SyncState,
}

/// One project, and how reading its repository went.
#[utoipa::path(get, path = "/api/ops/projects/{project_id}", tag = "projects",
    params(("project_id" = Uuid, Path, description = "The project.")),
    responses((status = 200, description = "The project.", body = Object),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody)))]
pub(crate) async fn get_project(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(project_id): Path<Uuid>,
) -> Result<Json<ProjectDetail>, ApiError> {
    let project = state.db.project(&actor, project_id).await?;
    let sync = state.db.sync_state(&actor, project_id).await?;
    Ok(Json(ProjectDetail { project, sync }))
}
