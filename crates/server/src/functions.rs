//! Function endpoints, with the contract of Supabase Edge Functions: errors are `{"error": "…"}`, any origin may call.

mod ops_trigger_build;

use axum::Router;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, HeaderName,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::routing::any;

use crate::state::AppState;

pub(crate) use ops_trigger_build::{__path_ops_trigger_build, idempotency_key};

/// Paths whose answers [`allow_any_origin`].
pub(crate) const PREFIX: &str = "/functions/";

pub(crate) fn router() -> Router<AppState> {
    Router::new().route("/functions/v1/ops-trigger-build", any(ops_trigger_build::ops_trigger_build))
}

/// Lets a page of any origin call with a bearer token, and read refusals too. No cookies: a credential that the browser
/// adds by itself is never accepted from another origin.
pub(crate) fn allow_any_origin(headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("authorization, x-client-info, apikey, content-type, idempotency-key"),
    );
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST, OPTIONS"));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
}
