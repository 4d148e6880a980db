use axum::extract::State;
use jiff::Timestamp;
use plimsoll_core::status::UnknownName;
use plimsoll_db::builds::{BuildFilter, BuildRow};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::require_visible;
use crate::error::ApiError;
use crate::extract::{Caller, Json, Path, Query};
use crate::state::AppState;

const MAX_LIMIT: i32 = 500;

/// Which builds.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct BuildQuery {
    branch_id: Option<Uuid>,
    /// `queued`, `running`, `success`, `failed` or `cancelled`.
    status: Option<String>,
    /// 1 to 500; 50 where left out.
    limit: Option<i32>,
    /// Older than this: the `created_at` of the last one of the page before.
    #[param(value_type = Option<String>, format = DateTime)]
    before: Option<Timestamp>,
}

impl BuildQuery {
    pub(crate) fn checked_limit(&self) -> Result<i32, ApiError> {
        match self.limit.unwrap_or(50) {
            limit @ 1..=MAX_LIMIT => Ok(limit),
            limit => Err(ApiError::bad_request(format!("limit is {limit}: it goes from 1 to {MAX_LIMIT}"))),
        }
    }

    /// The filter, of `branch_id`.
    pub(crate) fn of_branch(&self, branch_id: Option<Uuid>) -> Result<BuildFilter, ApiError> {
        let status = self.status.as_deref().map(str::parse).transpose();
        let status = status.map_err(|unknown: UnknownName| ApiError::bad_request(unknown.to_string()))?;
        Ok(BuildFilter { branch_id, status, before: self.before })
    }
}

/// A project's builds, newest first.
#[utoipa::path(get, path = "/api/ops/projects/{project_id}/builds", tag = "builds",
    params(("project_id" = Uuid, Path, description = "The project."), BuildQuery),
    responses((status = 200, description = "Builds.", body = Vec<Object>),
              (status = 400, description = "The request is wrong; the message says what would be right.", body = crate::ErrorBody),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody)))]
pub(crate) async fn list_project_builds(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(project_id): Path<Uuid>,
    Query(filter): Query<BuildQuery>,
) -> Result<Json<Vec<BuildRow>>, ApiError> {
    let limit = filter.checked_limit()?;
    let builds = filter.of_branch(filter.branch_id)?;
    require_visible(&state, &actor, project_id).await?;
    Ok(Json(state.db.project_builds(&actor, project_id, builds, limit).await?))
}
