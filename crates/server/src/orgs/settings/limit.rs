use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Json, Path};
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limit {
    /// Builds at a time, 0 (build nothing) to 10000.
    max_running: i32,
}

/// How many builds of the org may run at a time. What runs already goes on. Admins only.
#[utoipa::path(put, path = "/api/ops/orgs/{org_id}/limit", tag = "orgs", request_body = Limit,
    params(("org_id" = Uuid, Path, description = "The org.")),
    responses((status = 204, description = "Set."),
              (status = 400, description = "The request is wrong; the message says what would be right.", body = crate::ErrorBody),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "The caller's role does not allow it.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody)))]
pub(crate) async fn set_limit(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(org_id): Path<Uuid>,
    Json(body): Json<Limit>,
) -> Result<StatusCode, ApiError> {
    state.db.set_org_limit(&actor, org_id, body.max_running).await?;
    state.wake.queue_changed();
    Ok(StatusCode::NO_CONTENT)
}
