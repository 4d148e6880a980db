use axum::extract::State;
use plimsoll_db::runners::RunnerRow;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Json, Path};
use crate::state::AppState;

/// The org's own runners and the shared ones.
#[utoipa::path(get, path = "/api/ops/orgs/{org_id}/runners", tag = "runners",
    params(("org_id" = Uuid, Path, description = "The org.")),
    responses((status = 200, description = "Runners, with when they were last seen and what they run.", body = Vec<Object>),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody)))]
pub(crate) async fn list_runners(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(org_id): Path<Uuid>,
) -> Result<Json<Vec<RunnerRow>>, ApiError> {
    Ok(Json(state.db.list_runners(&actor, org_id).await?))
}
