//! The runner protocol's server side; `plimsoll_core::protocol` is its description.

mod append;
mod artifact;
mod attempt;
mod claim;
mod commit;
mod finish;
mod heartbeat;
mod register;
mod steps;
mod tests_report;

use std::time::Instant;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Extensions, StatusCode};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{post, put};

use crate::auth::middleware::ClientAddress;
use crate::auth::rate_limit::{Key, network};
use crate::error::ApiError;
use crate::state::AppState;

pub(crate) use append::__path_append_log;
pub(crate) use artifact::__path_upload_artifact;
pub(crate) use claim::__path_claim_build;
pub(crate) use commit::__path_record_commit;
pub(crate) use finish::__path_finish_attempt;
pub(crate) use heartbeat::__path_renew_lease;
pub(crate) use register::__path_register_runner;
pub(crate) use steps::__path_record_steps;
pub(crate) use tests_report::__path_record_tests;

/// A chunk's text is at most 1 MiB; JSON escapes at most sextuple a control character and rarely double anything.
const CHUNK_BODY_BYTES: usize = 4 << 20;
/// A report of 100,000 cases with failures fits.
const REPORT_BODY_BYTES: usize = 32 << 20;

pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route("/runner/v1/register", post(register::register_runner))
        .route("/runner/v1/attempts/{build_id}/heartbeat", post(heartbeat::renew_lease))
        .route("/runner/v1/attempts/{build_id}/commit", post(commit::record_commit))
        .route("/runner/v1/attempts/{build_id}/steps", put(steps::record_steps))
        .route(
            "/runner/v1/attempts/{build_id}/logs",
            post(append::append_log).layer(DefaultBodyLimit::max(CHUNK_BODY_BYTES)),
        )
        .route(
            "/runner/v1/attempts/{build_id}/tests",
            post(tests_report::record_tests).layer(DefaultBodyLimit::max(REPORT_BODY_BYTES)),
        )
        .route("/runner/v1/attempts/{build_id}/finish", post(finish::finish_attempt))
        .layer(map_response(with_refusal_code))
}

/// Long polls and uploads: no limit on their time.
pub(crate) fn streams() -> Router<AppState> {
    Router::new()
        .route("/runner/v1/claim", post(claim::claim_build))
        .route(
            "/runner/v1/attempts/{build_id}/artifacts",
            put(artifact::upload_artifact).layer(DefaultBodyLimit::disable()),
        )
        .layer(map_response(with_refusal_code))
}

/// Every refusal of the protocol says in a word what it is; where no handler said it, the status does.
async fn with_refusal_code(mut response: Response) -> Response {
    let status = response.status();
    if let Some(error) = response.extensions_mut().get_mut::<ApiError>()
        && error.code.is_none()
    {
        error.code = match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Some("unauthorized"),
            StatusCode::PAYLOAD_TOO_LARGE => Some("too_large"),
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => Some("unavailable"),
            status if status.is_client_error() => Some("bad_request"),
            _ => None,
        };
    }
    response
}

/// Answers a credential that is not good. Guesses are counted by address; who has a good one never comes here.
fn not_good(state: &AppState, extensions: &Extensions, message: &str) -> ApiError {
    let address = extensions.get::<ClientAddress>().map(|address| network(address.0));
    let within = address
        .map_or(Ok(()), |address| state.limits.take(Key::Refused(address), state.config.rates.refused, Instant::now()));
    match within {
        Ok(()) => ApiError::unauthorized(message),
        Err(seconds) => ApiError::too_many_requests(seconds),
    }
}

/// `text` as PostgreSQL can store it, at most `max_chars` characters.
fn storable(text: &str, max_chars: usize) -> String {
    text.chars().take(max_chars).map(|c| if c == '\0' { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// A long poll takes `wait_seconds`; the protocol's other calls take no query.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WaitQuery {
    /// How long to wait for a build, in seconds, at most 30.
    wait_seconds: Option<u64>,
}
