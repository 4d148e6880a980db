//! `GET …/logs/marks`: errors, warnings, groups, steps and phases, by line.

use axum::extract::State;
use uuid::Uuid;

use super::visible_build;
use crate::error::ApiError;
use crate::extract::{Caller, Json, Path};
use crate::state::AppState;

/// Where to jump to in a log: errors, groups, steps, phases.
#[utoipa::path(
    get, path = "/api/ops/builds/{build_id}/logs/marks", tag = "logs",
    params(("build_id" = Uuid, Path)),
    responses(
        (status = 200, description = "`{marks: [{line, kind, label}]}`, ascending", body = serde_json::Value),
        (status = 404, description = "No such build for this caller", body = crate::ErrorBody),
    )
)]
pub(crate) async fn log_marks(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(build_id): Path<Uuid>,
) -> Result<Json<serde_json::Value>, ApiError> {
    visible_build(&state, &actor, build_id).await?;
    let marks = state.db.log_marks(&actor, build_id).await?;
    Ok(Json(serde_json::json!({ "marks": marks })))
}
