use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Caller, Json, Path};
use crate::state::AppState;
use crate::times;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Snooze {
    /// In the future, such as `2026-12-24T09:00:00Z`; UTC where it names no offset, midnight where it is a date alone.
    #[schema(value_type = String)]
    until: Value,
}

/// Hides an advisory until a time in the future, when it is open again. Developers and up.
#[utoipa::path(post, path = "/api/ops/advisories/{advisory_id}/snooze", tag = "advisories", request_body = Snooze,
    params(("advisory_id" = Uuid, Path, description = "The advisory.")),
    responses((status = 204, description = "Snoozed."),
              (status = 400, description = "The request is wrong; the message says what would be right.", body = crate::ErrorBody),
              (status = 401, description = "Not signed in.", body = crate::ErrorBody),
              (status = 403, description = "The caller's role does not allow it.", body = crate::ErrorBody),
              (status = 404, description = "No such thing that the caller may see.", body = crate::ErrorBody),
              (status = 409, description = "It is resolved or dismissed.", body = crate::ErrorBody)))]
pub(crate) async fn snooze_advisory(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(advisory_id): Path<Uuid>,
    Json(body): Json<Snooze>,
) -> Result<StatusCode, ApiError> {
    let until =
        body.until.as_str().and_then(times::parse).filter(|until| *until > Timestamp::now()).ok_or_else(|| {
            ApiError::bad_request("until must be a time in the future such as \"2026-12-24T09:00:00Z\"")
        })?;
    state.db.snooze_advisory(&actor, advisory_id, until).await?;
    Ok(StatusCode::NO_CONTENT)
}
