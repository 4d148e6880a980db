//! Around every request: its id, its log line, a limit on its time, its errors as JSON, and the headers each answer has.

use std::any::Any;
use std::time::{Duration, Instant};

use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;
use uuid::Uuid;

use crate::error::ApiError;
use crate::error_shape::{self, API_VERSION, AUTH_API_VERSION};
use crate::state::AppState;
use crate::surface::Surface;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

/// The request's id, for handlers that pass it on.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// The outermost layer.
pub(crate) async fn envelope(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let request_id = request_id(request.headers());
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let surface = Surface::of(&path);
    let dated = request.headers().get(API_VERSION).is_some_and(|version| version == AUTH_API_VERSION);
    request.extensions_mut().insert(RequestId(request_id.clone()));
    // The pages show it as well; they know the header and not our type.
    if let Ok(id) = HeaderValue::try_from(&request_id) {
        request.headers_mut().insert(REQUEST_ID, id);
    }
    let span = tracing::info_span!("request", "request.id" = %request_id);
    async {
        let response = next.run(request).await;
        log(&method, &path, &response, started.elapsed());
        let mut response = finish(response, &request_id, surface, dated);
        surface.allow_any_origin(response.headers_mut());
        response
    }
    .instrument(span)
    .await
}

/// Answers 503 when the handler takes longer than the configured time. Not around streams, long polls and uploads.
pub(crate) async fn time_limit(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let limit = state.config.request_timeout;
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::unavailable("this took too long: try again", format!("over {} s", limit.as_secs()))
            .into_response(),
    }
}

/// For [`tower_http::catch_panic`]: the client sees an id, the log the message.
pub(crate) fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a message");
    ApiError::internal(format!("panic: {message}")).into_response()
}

/// A caller's own id is kept where it is harmless to log and send back.
fn request_id(headers: &HeaderMap) -> String {
    let harmless = |id: &&str| {
        (1..=100).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    headers
        .get(REQUEST_ID)
        .and_then(|id| id.to_str().ok())
        .filter(harmless)
        .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
}

/// One line a request, at the boundary. The query is left out: a sign-in link's token is in one.
fn log(method: &axum::http::Method, path: &str, response: &Response, took: Duration) {
    let status = response.status();
    let duration_ms = took.as_secs_f64() * 1000.0;
    let cause = response.extensions().get::<ApiError>().and_then(|error| error.cause.as_deref()).unwrap_or("");
    if status.is_server_error() {
        tracing::error!(
            "http.method" = %method, "http.path" = path, "http.status" = status.as_u16(),
            "http.duration_ms" = duration_ms, "error.cause" = cause,
            "{method} {path} answered {status} in {duration_ms:.1} ms: {cause}"
        );
    } else {
        tracing::debug!(
            "http.method" = %method, "http.path" = path, "http.status" = status.as_u16(),
            "http.duration_ms" = duration_ms,
            "{method} {path} answered {status} in {duration_ms:.1} ms"
        );
    }
}

fn finish(mut response: Response, request_id: &str, surface: Surface, dated: bool) -> Response {
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        response = render(error, &response, request_id, surface, dated);
    } else if surface != Surface::Rest && is_bare_error(&response) {
        // The router's own refusals (405) and layers' have no body. The gateway says itself what it has to say.
        let error = ApiError::new(response.status(), bare_message(response.status()));
        response = render(error, &response, request_id, surface, dated);
    }
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::try_from(request_id) {
        headers.insert(REQUEST_ID, id);
    }
    set_security_headers(headers);
    response
}

fn render(error: ApiError, original: &Response, request_id: &str, surface: Surface, dated: bool) -> Response {
    let retry_after_seconds = error.retry_after_seconds;
    let mut response = match surface {
        Surface::Rest => error_shape::postgrest(error),
        Surface::Auth => error_shape::supabase_auth(error, dated, request_id),
        Surface::Functions | Surface::Absent | Surface::Ours => error_shape::ours(error, request_id),
    };
    for name in [header::ALLOW, header::WWW_AUTHENTICATE, header::SET_COOKIE] {
        for value in original.headers().get_all(&name) {
            response.headers_mut().append(name.clone(), value.clone());
        }
    }
    if let Some(seconds) = retry_after_seconds {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn is_bare_error(response: &Response) -> bool {
    let status = response.status();
    (status.is_client_error() || status.is_server_error()) && Body::size_hint(response.body()).exact() == Some(0)
}

fn bare_message(status: StatusCode) -> String {
    match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            "this method is not for this path: the Allow header lists those that are".into()
        }
        other => other.canonical_reason().unwrap_or("the request was refused").to_lowercase(),
    }
}

fn set_security_headers(headers: &mut HeaderMap) {
    let mut default = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::REFERRER_POLICY, "no-referrer");
    default(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    default(header::X_FRAME_OPTIONS, "DENY");
    default(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    default(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    default(header::CACHE_CONTROL, "no-store");
}
