use axum::extract::State;
use axum::http::StatusCode;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Path};
use crate::state::AppState;

/// Takes a runner's token away: it claims nothing more. Admins of its org.
#[utoipa::path(delete, path = "/api/ops/runners/{runner_id}", tag = "runners",
    params(("runner_id" = Uuid, Path, description = "The runner.")),
    responses((status = 204, description = "Removed."),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "The caller's role does not allow it.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody)))]
pub(crate) async fn remove_runner(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(runner_id): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    state.db.remove_runner(&actor, runner_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
