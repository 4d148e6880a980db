use axum::extract::State;
use plimsoll_db::builds::BuildTest;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Json, Path};
use crate::state::AppState;

/// The tests a build ran, newly failing ones first.
#[utoipa::path(get, path = "/api/ops/builds/{build_id}/tests", tag = "builds",
    params(("build_id" = Uuid, Path, description = "The build.")),
    responses((status = 200, description = "Test cases.", body = Vec<Object>),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody)))]
pub(crate) async fn list_tests(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(build_id): Path<Uuid>,
) -> Result<Json<Vec<BuildTest>>, ApiError> {
    Ok(Json(state.db.build_tests(&actor, build_id).await?))
}
