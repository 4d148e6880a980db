use axum::extract::State;
use axum::http::StatusCode;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Path};
use crate::state::AppState;

/// Notes that the advice was followed. A repeat is harmless. Developers and up.
#[utoipa::path(post, path = "/api/ops/advisories/{advisory_id}/resolve", tag = "advisories",
    params(("advisory_id" = Uuid, Path, description = "The advisory.")),
    responses((status = 204, description = "Resolved."),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "The caller's role does not allow it.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody),
              (status = 409, description = "It is dismissed.", body = crate::ErrorBody)))]
pub(crate) async fn resolve_advisory(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(advisory_id): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    state.db.resolve_advisory(&actor, advisory_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
