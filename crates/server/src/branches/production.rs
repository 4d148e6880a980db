use axum::extract::State;
use axum::http::StatusCode;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Path};
use crate::state::AppState;

/// Makes this the production branch; the one that was takes its stage. Admins only.
#[utoipa::path(post, path = "/api/ops/branches/{branch_id}/production", tag = "branches",
    params(("branch_id" = Uuid, Path, description = "The branch.")),
    responses((status = 204, description = "Swapped."),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "The caller's role does not allow it.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody),
              (status = 409, description = "Not in the state it is in; the message names it.", body = crate::ErrorBody)))]
pub(crate) async fn set_production(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(branch_id): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    state.db.set_production_branch(&actor, branch_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
