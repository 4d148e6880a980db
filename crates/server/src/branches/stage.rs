use axum::extract::State;
use axum::http::StatusCode;
use plimsoll_core::status::Stage;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Json, Path};
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StageChange {
    /// `development` or `staging`.
    #[schema(value_type = String)]
    stage: Stage,
}

/// Moves a branch between development and staging. What goes to production is merged.
#[utoipa::path(post, path = "/api/ops/branches/{branch_id}/stage", tag = "branches", request_body = StageChange,
    params(("branch_id" = Uuid, Path, description = "The branch.")),
    responses((status = 204, description = "Moved."),
              (status = 400, description = "The request is wrong; the message says what would be right.", body = crate::ErrorBody),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "The caller's role does not allow it.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody),
              (status = 409, description = "Not in the state it is in; the message names it.", body = crate::ErrorBody)))]
pub(crate) async fn set_stage(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(branch_id): Path<Uuid>,
    Json(body): Json<StageChange>,
) -> Result<StatusCode, ApiError> {
    state.db.set_branch_stage(&actor, branch_id, body.stage).await?;
    Ok(StatusCode::NO_CONTENT)
}
