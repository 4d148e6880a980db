use axum::extract::State;
use axum::http::StatusCode;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Path};
use crate::state::AppState;

/// Notes that the advice is not to be followed, which scans respect for good. A repeat is harmless. Developers and up.
#[utoipa::path(post, path = "/api/ops/advisories/{advisory_id}/dismiss", tag = "advisories",
    params(("advisory_id" = Uuid, Path, description = "The advisory.")),
    responses((status = 204, description = "Dismissed."),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "The caller's role does not allow it.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody),
              (status = 409, description = "It is resolved.", body = crate::ErrorBody)))]
pub(crate) async fn dismiss_advisory(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(advisory_id): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    state.db.dismiss_advisory(&actor, advisory_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
