//! `GET …/logs/search`: the lines that hold a text.

use axum::extract::State;
use serde::Deserialize;
use uuid::Uuid;

use super::visible_build;
use crate::error::ApiError;
use crate::extract::{Caller, Json, Path, Query};
use crate::state::AppState;

const DEFAULT_LIMIT: i32 = 500;
const MAX_LIMIT: i32 = 5_000;
const MAX_QUERY_BYTES: usize = 500;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchQuery {
    /// The text to look for, whatever its case.
    q: Option<String>,
    /// Most lines answered: 500 unless said, at most 5,000.
    limit: Option<i32>,
}

/// Lines of a log that contain a text.
#[utoipa::path(
    get, path = "/api/ops/builds/{build_id}/logs/search", tag = "logs",
    params(("build_id" = Uuid, Path), SearchQuery),
    responses(
        (status = 200, description = "Numbers of the lines that hold the text, ascending", body = serde_json::Value),
        (status = 404, description = "No such build for this caller", body = crate::ErrorBody),
    )
)]
pub(crate) async fn search_log(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(build_id): Path<Uuid>,
    Query(query): Query<SearchQuery>,
) -> Result<Json<serde_json::Value>, ApiError> {
    let text = query.q.unwrap_or_default();
    if text.is_empty() || text.len() > MAX_QUERY_BYTES || text.contains('\0') {
        return Err(ApiError::bad_request(format!("q must be a text of 1 to {MAX_QUERY_BYTES} bytes to look for")));
    }
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    visible_build(&state, &actor, build_id).await?;
    let lines = state.db.log_search(&actor, build_id, &text, limit).await?;
    Ok(Json(serde_json::json!({ "lines": lines })))
}
