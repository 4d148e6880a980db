use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use plimsoll_core::status::Role;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Json, Path};
use crate::links;
use crate::state::AppState;
use crate::tokens::{self, Kind};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Invitation {
    email: String,
    /// `viewer`, `developer`, `admin` or `owner`.
    #[schema(value_type = String)]
    role: Role,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Invited {
    user_id: Uuid,
    /// `invited`: they are a member once they opened the link.
    status: &'static str,
    /// Signs the invited person in, once; who has an account already signs in by themselves and joins by it. Shown now
    /// and never again.
    link: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Invites somebody into the org and answers the one-time link to give them. Admins; owners are invited by owners.
#[utoipa::path(post, path = "/api/ops/orgs/{org_id}/members", tag = "members", request_body = Invitation,
    params(("org_id" = Uuid, Path, description = "The org.")),
    responses((status = 201, description = "Invited.", body = Invited),
              (status = 400, description = "The request is wrong; the message says what would be right.", body = crate::ErrorBody),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "The caller's role does not allow it.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody),
              (status = 409, description = "Not in the state it is in; the message names it.", body = crate::ErrorBody)))]
pub(crate) async fn invite_member(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(org_id): Path<Uuid>,
    headers: HeaderMap,
    Json(body): Json<Invitation>,
) -> Result<(StatusCode, Json<Invited>), ApiError> {
    let token = tokens::generate(Kind::Link);
    let expires_at = Timestamp::now() + state.config.invite_lifetime;
    let user_id =
        state.db.invite_member(&actor, org_id, &body.email, body.role, &tokens::hash(&token), expires_at).await?;
    let link = links::sign_in(&state.config, &headers, &token);
    let answer = Invited { user_id, status: "invited", link, expires_at };
    Ok((StatusCode::CREATED, Json(answer)))
}
