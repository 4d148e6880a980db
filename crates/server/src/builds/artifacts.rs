use axum::extract::State;
use serde_json::Value;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Json, Path};
use crate::state::AppState;

/// What a build left behind; each is at `/api/ops/artifacts/{id}`.
#[utoipa::path(get, path = "/api/ops/builds/{build_id}/artifacts", tag = "builds",
    params(("build_id" = Uuid, Path, description = "The build.")),
    responses((status = 200, description = "Artifacts.", body = Vec<Object>),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody)))]
pub(crate) async fn list_artifacts(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(build_id): Path<Uuid>,
) -> Result<Json<Value>, ApiError> {
    Ok(Json(state.db.build_detail(&actor, build_id).await?["artifacts"].take()))
}
