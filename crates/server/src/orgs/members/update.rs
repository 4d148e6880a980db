use axum::extract::State;
use axum::http::StatusCode;
use plimsoll_core::status::Role;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Json, Path};
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MemberChange {
    /// `viewer`, `developer`, `admin` or `owner`.
    #[schema(value_type = String)]
    role: Role,
}

/// Changes a member's role. Admins; owners are made and unmade by owners, and one owner always stays.
#[utoipa::path(patch, path = "/api/ops/orgs/{org_id}/members/{user_id}", tag = "members", request_body = MemberChange,
    params(("org_id" = Uuid, Path, description = "The org."), ("user_id" = Uuid, Path, description = "The member.")),
    responses((status = 204, description = "Changed."),
              (status = 400, description = "The request is wrong; the message says what would be right.", body = crate::ErrorBody),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "The caller's role does not allow it.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody),
              (status = 409, description = "Not in the state it is in; the message names it.", body = crate::ErrorBody)))]
pub(crate) async fn update_member(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path((org_id, user_id)): Path<(Uuid, Uuid)>,
    Json(body): Json<MemberChange>,
) -> Result<StatusCode, ApiError> {
    state.db.set_member_role(&actor, org_id, user_id, body.role).await?;
    Ok(StatusCode::NO_CONTENT)
}
