use axum::extract::State;
use axum::http::StatusCode;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Path};
use crate::state::AppState;

/// Revokes an API token: the next request with it is refused. Its maker, and admins.
#[utoipa::path(delete, path = "/api/ops/tokens/{token_id}", tag = "tokens",
    params(("token_id" = Uuid, Path, description = "The token's id.")),
    responses((status = 204, description = "Revoked."),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "The caller's role does not allow it.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody)))]
pub(crate) async fn revoke_token(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(token_id): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    state.db.revoke_api_token(&actor, token_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
