use axum::extract::State;
use plimsoll_db::builds::BuildRow;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Json, Path, Query};
use crate::projects::BuildQuery;
use crate::state::AppState;

/// A branch's builds, newest first.
#[utoipa::path(get, path = "/api/ops/branches/{branch_id}/builds", tag = "builds",
    params(("branch_id" = Uuid, Path, description = "The branch."), BuildQuery),
    responses((status = 200, description = "Builds.", body = Vec<Object>),
              (status = 400, description = "The request is wrong; the message says what would be right.", body = crate::ErrorBody),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody)))]
pub(crate) async fn list_branch_builds(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(branch_id): Path<Uuid>,
    Query(filter): Query<BuildQuery>,
) -> Result<Json<Vec<BuildRow>>, ApiError> {
    let limit = filter.checked_limit()?;
    let project_id = state
        .db
        .project_of_branch(&actor, branch_id)
        .await?
        .ok_or_else(|| ApiError::not_found(format!("there is no branch {branch_id} that you may see")))?;
    Ok(Json(state.db.project_builds(&actor, project_id, filter.of_branch(Some(branch_id))?, limit).await?))
}
