use axum::extract::State;
use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use plimsoll_db::registry::NewApiToken;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Json, Path};
use crate::state::AppState;
use crate::tokens::{self, Kind};

const MAX_DAYS: u32 = 3_650;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenToMake {
    name: String,
    /// Of `read`, `build`, `admin`, `runner`: caps what its maker's role allows.
    scopes: Vec<String>,
    /// 1 to 3650; left out, it lasts until it is revoked.
    expires_in_days: Option<u32>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct TokenShown {
    id: Uuid,
    /// Shown now and never again.
    token: String,
    prefix: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// Makes an API token that acts for the caller in this org, within its scopes.
#[utoipa::path(post, path = "/api/ops/orgs/{org_id}/tokens", tag = "tokens", request_body = TokenToMake,
    params(("org_id" = Uuid, Path, description = "The org.")),
    responses((status = 201, description = "Made; the token is in this answer and nowhere else.", body = TokenShown),
              (status = 400, description = "The request is wrong; the message says what would be right.", body = crate::ErrorBody),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "The caller's role does not allow it.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody)))]
pub(crate) async fn create_token(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(org_id): Path<Uuid>,
    Json(body): Json<TokenToMake>,
) -> Result<(StatusCode, Json<TokenShown>), ApiError> {
    let expires_at = match body.expires_in_days {
        None => None,
        Some(days @ 1..=MAX_DAYS) => Some(Timestamp::now() + SignedDuration::from_hours(24 * i64::from(days))),
        Some(days) => {
            return Err(ApiError::bad_request(format!("expires_in_days is {days}: it goes from 1 to {MAX_DAYS}")));
        }
    };
    let token = tokens::generate(Kind::Api);
    let prefix = tokens::visible_prefix(&token).to_owned();
    let new = NewApiToken {
        name: &body.name,
        scopes: &body.scopes,
        prefix: &prefix,
        token_hash: &tokens::hash(&token),
        expires_at,
    };
    let id = state.db.create_api_token(&actor, org_id, &new).await?;
    Ok((StatusCode::CREATED, Json(TokenShown { id, token, prefix, expires_at })))
}
