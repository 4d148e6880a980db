use axum::extract::State;
use plimsoll_db::registry::ApiToken;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Json, Path};
use crate::state::AppState;

/// An org's API tokens, without the tokens themselves.
#[utoipa::path(get, path = "/api/ops/orgs/{org_id}/tokens", tag = "tokens",
    params(("org_id" = Uuid, Path, description = "The org.")),
    responses((status = 200, description = "Tokens: id, name, prefix, scopes, who made it, when it expires and was last used.", body = Vec<Object>),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "The caller's role does not allow it.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody)))]
pub(crate) async fn list_tokens(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(org_id): Path<Uuid>,
) -> Result<Json<Vec<ApiToken>>, ApiError> {
    Ok(Json(state.db.list_api_tokens(&actor, org_id).await?))
}
