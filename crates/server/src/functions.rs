//! Function endpoints, with the contract of Supabase Edge Functions: errors are `{"error": "…"}`, any origin may call.

mod ops_advisory_scan;
mod ops_metrics_ingest;
mod ops_trigger_build;
mod sample_batch;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use serde::Serialize;

use crate::error::ApiError;
use crate::state::AppState;

pub(crate) use ops_advisory_scan::__path_ops_advisory_scan;
pub(crate) use ops_metrics_ingest::__path_ops_metrics_ingest;
pub(crate) use ops_trigger_build::__path_ops_trigger_build;

const MAX_KEY_CHARS: usize = 255;
/// A full batch of samples with ten labels each fits.
const BATCH_BODY_BYTES: usize = 4 << 20;

pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route("/functions/v1/ops-trigger-build", any(ops_trigger_build::ops_trigger_build))
        .route(
            "/functions/v1/ops-metrics-ingest",
            any(ops_metrics_ingest::ops_metrics_ingest).layer(DefaultBodyLimit::max(BATCH_BODY_BYTES)),
        )
        .route("/functions/v1/ops-advisory-scan", any(ops_advisory_scan::ops_advisory_scan))
}

/// A POST is a call, OPTIONS a browser that asks first; no other method is allowed.
async fn post_only<T: Serialize, F: Future<Output = Result<T, ApiError>>>(
    request: Request,
    call: impl FnOnce(Request) -> F,
) -> Response {
    let mut response = match *request.method() {
        Method::OPTIONS => "ok".into_response(),
        Method::POST => match call(request).await {
            Ok(answer) => axum::Json(answer).into_response(),
            Err(error) => error.into_response(),
        },
        _ => ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed: send a POST").into_response(),
    };
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST, OPTIONS"));
    }
    response
}

pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    match key.to_str().map(str::trim) {
        Ok(key) if (1..=MAX_KEY_CHARS).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => Err(ApiError::bad_request(format!(
            "Idempotency-Key must be 1 to {MAX_KEY_CHARS} printable ASCII characters"
        ))),
    }
}
