//! The body of an error, as the clients of each surface know it.

use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::auth::identify::INVALID_API_KEY;
use crate::error::{ApiError, ErrorBody};

/// By which clients of Supabase Auth say that they know the newer shape of errors, and the server that it sent it.
pub(crate) const API_VERSION: HeaderName = HeaderName::from_static("x-supabase-api-version");
pub(crate) const AUTH_API_VERSION: &str = "2024-01-01";

/// RFC 9209: which code of PostgREST's the answer is about.
const PROXY_STATUS: HeaderName = HeaderName::from_static("proxy-status");

/// `{"error", "code"?, "request_id"}`.
pub(crate) fn ours(error: ApiError, request_id: &str) -> Response {
    let body = ErrorBody {
        error: error.message,
        code: error.code,
        next_line: error.next_line,
        request_id: request_id.to_owned(),
    };
    (error.status, axum::Json(body)).into_response()
}

/// PostgREST's four keys and headers. What PostgREST has no code for has the status in ours.
pub(crate) fn postgrest(error: ApiError) -> Response {
    let body = match error.fault {
        Some(fault) => {
            json!({"code": fault.code, "message": fault.message, "details": fault.details, "hint": fault.hint})
        }
        None => {
            let code = match error.status {
                StatusCode::INTERNAL_SERVER_ERROR => "PGRSTX00".to_owned(),
                StatusCode::SERVICE_UNAVAILABLE if error.code == Some("unavailable") => "PGRST000".to_owned(),
                StatusCode::SERVICE_UNAVAILABLE => "PGRST003".to_owned(),
                status => format!("PLIM{}", status.as_u16()),
            };
            json!({"code": code, "message": error.message, "details": null, "hint": null})
        }
    };
    let proxy_status = format!("PostgREST; error={}", body["code"].as_str().unwrap_or_default());
    let mut response = (error.status, body.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    if let Ok(value) = HeaderValue::try_from(proxy_status) {
        headers.insert(PROXY_STATUS, value);
    }
    response
}

/// `{"code", "error_code", "msg"}`, or `{"code", "message"}` for who asked for it.
pub(crate) fn supabase_auth(error: ApiError, dated: bool, request_id: &str) -> Response {
    let mut status = error.status;
    let mut hint = None;
    let (code, message) = match (error.fault, error.code) {
        // There it is the gateway in front that says so.
        (Some(fault), Some(code @ INVALID_API_KEY)) => {
            hint = fault.hint;
            (code, fault.message.into_owned())
        }
        (Some(fault), _) => {
            status = StatusCode::FORBIDDEN;
            let why = if fault.message == "JWT expired" {
                "token has invalid claims: token is expired".to_owned()
            } else {
                fault.message.into_owned()
            };
            ("bad_jwt", format!("invalid JWT: unable to parse or verify signature, {why}"))
        }
        (None, Some(code)) if !status.is_server_error() => (code, error.message),
        (None, _) => (unnamed(status), error.message),
    };
    let mut body = if dated {
        json!({"code": code, "message": message})
    } else {
        json!({"code": status.as_u16(), "error_code": code, "msg": message})
    };
    if code == "weak_password" {
        body["weak_password"] = json!({"reasons": ["length"]});
    }
    if let Some(hint) = hint {
        body["hint"] = json!(hint);
    }
    if dated {
        let version = [(API_VERSION, HeaderValue::from_static(AUTH_API_VERSION))];
        return (status, version, axum::Json(body)).into_response();
    }
    if status.is_server_error() {
        body["error_id"] = json!(request_id);
    }
    (status, axum::Json(body)).into_response()
}

/// Supabase Auth's word for a refusal that no handler named.
fn unnamed(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "no_authorization",
        StatusCode::FORBIDDEN => "bad_jwt",
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::TOO_MANY_REQUESTS => "over_request_rate_limit",
        status if status.is_client_error() => "validation_failed",
        _ => "unexpected_failure",
    }
}
