use axum::extract::State;
use axum::http::StatusCode;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Path};
use crate::state::AppState;

/// Takes a member out of the org; from the next request on they see nothing of it. The last owner stays.
#[utoipa::path(delete, path = "/api/ops/orgs/{org_id}/members/{user_id}", tag = "members",
    params(("org_id" = Uuid, Path, description = "The org."), ("user_id" = Uuid, Path, description = "The member.")),
    responses((status = 204, description = "Removed."),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "The caller's role does not allow it.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody),
              (status = 409, description = "Not in the state it is in; the message names it.", body = crate::ErrorBody)))]
pub(crate) async fn remove_member(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path((org_id, user_id)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode, ApiError> {
    state.db.remove_member(&actor, org_id, user_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
