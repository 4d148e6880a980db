//! `POST /runner/v1/attempts/{build_id}/tests`: the tests the build ran.

use axum::extract::State;
use axum::http::StatusCode;
use plimsoll_core::protocol::TestReport;

use super::attempt::{Authorised, refused};
use super::storable;
use crate::error::ApiError;
use crate::extract::Json;
use crate::state::AppState;

const MAX_CASES: usize = 100_000;
const MAX_NAME_CHARS: usize = 1_000;
const MAX_FAILURE_CHARS: usize = 20_000;

/// Replaces the attempt's tests.
#[utoipa::path(
    post, path = "/runner/v1/attempts/{build_id}/tests", tag = "runner",
    params(("build_id" = Uuid, Path)), request_body = serde_json::Value,
    responses(
        (status = 204, description = "These are the build's tests now"),
        (status = 409, description = "`stale_token`", body = crate::ErrorBody),
    )
)]
pub(crate) async fn record_tests(
    State(state): State<AppState>,
    Authorised(attempt): Authorised,
    Json(mut report): Json<TestReport>,
) -> Result<StatusCode, ApiError> {
    if report.cases.len() > MAX_CASES {
        return Err(ApiError::bad_request(format!("{} test cases: at most {MAX_CASES} are kept", report.cases.len())));
    }
    for case in &mut report.cases {
        case.suite = storable(&case.suite, MAX_NAME_CHARS);
        case.name = storable(&case.name, MAX_NAME_CHARS);
        case.failure = case.failure.take().map(|failure| storable(&failure, MAX_FAILURE_CHARS));
    }
    if let Err(error) = state.db.record_tests(attempt.build_id, attempt.token, &report).await {
        return Err(refused(&state, attempt, "tests", error).await);
    }
    Ok(StatusCode::NO_CONTENT)
}
