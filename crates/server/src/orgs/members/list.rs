use axum::extract::State;
use plimsoll_db::registry::Member;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Json, Path};
use crate::state::AppState;

/// An org's members and open invitations.
#[utoipa::path(get, path = "/api/ops/orgs/{org_id}/members", tag = "members",
    params(("org_id" = Uuid, Path, description = "The org.")),
    responses((status = 200, description = "Members: user_id, email, role, status (active or invited), created_at.", body = Vec<Object>),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody)))]
pub(crate) async fn list_members(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(org_id): Path<Uuid>,
) -> Result<Json<Vec<Member>>, ApiError> {
    Ok(Json(state.db.list_members(&actor, org_id).await?))
}
