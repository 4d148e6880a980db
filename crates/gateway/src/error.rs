//! The four-key error body of PostgREST, and the errors that come from the request alone.

use std::borrow::Cow;

use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;

const PROXY_STATUS: HeaderName = HeaderName::from_static("proxy-status");
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// What a client is told instead of a result.
#[derive(Debug, Clone)]
pub(crate) struct ApiError(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    status: StatusCode,
    body: ErrorBody,
    headers: HeaderMap,
    may_be_stale: bool,
    cause: Option<String>,
}

/// All four keys are always there, null where there is nothing to say.
#[derive(Debug, Clone, Serialize)]
struct ErrorBody {
    code: Cow<'static, str>,
    details: Value,
    hint: Value,
    message: String,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        let body = ErrorBody { code: code.into(), details: Value::Null, hint: Value::Null, message: message.into() };
        Self(Box::new(Inner { status, body, headers: HeaderMap::new(), may_be_stale: false, cause: None }))
    }

    pub(crate) fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub(crate) fn details(mut self, details: impl Into<Value>) -> Self {
        self.0.body.details = details.into();
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<Value>) -> Self {
        self.0.body.hint = hint.into();
        self
    }

    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.insert(name, value);
        self
    }

    /// The catalogue may be older than what the request names: look again before saying so.
    pub(crate) fn perhaps_stale(mut self) -> Self {
        self.0.may_be_stale = true;
        self
    }

    pub(crate) fn may_be_stale(&self) -> bool {
        self.0.may_be_stale
    }

    /// What the log says beside the code, where the fault is not the client's. It is not sent.
    pub(crate) fn cause(mut self, cause: impl Into<String>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    #[cfg(test)]
    pub(crate) fn status(&self) -> u16 {
        self.0.status.as_u16()
    }

    #[cfg(test)]
    pub(crate) fn json(&self) -> Value {
        serde_json::to_value(&self.0.body).expect("strings and values")
    }

    pub(crate) fn invalid_path() -> Self {
        Self::new(StatusCode::NOT_FOUND, "PGRST125", "Invalid path specified in request URL")
    }

    pub(crate) fn method_not_on_rpc(method: &Method) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "PGRST101", format!("Cannot use the {method} method on RPC"))
    }

    pub(crate) fn unsupported_method(method: &Method) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "PGRST117", format!("Unsupported HTTP method: {method}"))
    }

    pub(crate) fn unknown_schema(schema: &str, exposed: &[String]) -> Self {
        Self::new(StatusCode::NOT_ACCEPTABLE, "PGRST106", format!("Invalid schema: {schema}"))
            .hint(format!("Only the following schemas are exposed: {}", exposed.join(", ")))
    }

    pub(crate) fn invalid_body(message: impl Into<String>) -> Self {
        Self::bad_request("PGRST102", message)
    }

    pub(crate) fn body_too_large(limit_bytes: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "PGRST102",
            format!("The request body is larger than {limit_bytes} bytes"),
        )
    }

    pub(crate) fn range(details: impl Into<String>) -> Self {
        Self::new(StatusCode::RANGE_NOT_SATISFIABLE, "PGRST103", "Requested range not satisfiable")
            .details(details.into())
    }

    pub(crate) fn not_acceptable(asked: &[String]) -> Self {
        let asked = asked.join(", ");
        Self::new(StatusCode::NOT_ACCEPTABLE, "PGRST107", format!("None of these media types are available: {asked}"))
    }

    pub(crate) fn not_embedded(name: &str) -> Self {
        Self::bad_request("PGRST108", format!("'{name}' is not an embedded resource in this request"))
            .hint(format!("Verify that '{name}' is included in the 'select' query parameter."))
    }

    pub(crate) fn invalid_preferences(invalid: &[String]) -> Self {
        Self::bad_request("PGRST122", "Invalid preferences given with handling=strict")
            .details(format!("Invalid preferences: {}", invalid.join(", ")))
    }

    pub(crate) fn not_singular(rows: i64) -> Self {
        Self::new(StatusCode::NOT_ACCEPTABLE, "PGRST116", "Cannot coerce the result to a single JSON object")
            .details(format!("The result contains {rows} rows"))
    }

    pub(crate) fn max_affected(rows: i64) -> Self {
        Self::bad_request("PGRST124", "Query result exceeds max-affected preference constraint")
            .details(format!("The query affects {rows} rows"))
    }

    pub(crate) fn put_does_not_match() -> Self {
        Self::bad_request("PGRST115", "Payload values do not match URL in primary key column(s)")
    }

    /// The database cannot be asked now; its own words stay in the log.
    pub(crate) fn unavailable(code: &'static str, message: &'static str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message).header(RETRY_AFTER, HeaderValue::from_static("1"))
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Inner { status, body, headers, cause, .. } = *self.0;
        let code = &*body.code;
        if status.is_server_error() {
            let cause = cause.as_deref().unwrap_or(&body.message);
            tracing::error!(
                "http.status" = status.as_u16(),
                "error.code" = code,
                "error.cause" = cause,
                "failed: {cause}"
            );
        } else {
            tracing::debug!("http.status" = status.as_u16(), "error.code" = code, "refused: {code}");
        }
        let json = serde_json::to_string(&body).unwrap_or_default();
        let mut response = (status, json).into_response();
        response.headers_mut().insert(CONTENT_TYPE, JSON);
        if let Ok(value) = HeaderValue::try_from(format!("PostgREST; error={}", body.code)) {
            response.headers_mut().insert(PROXY_STATUS, value);
        }
        response.headers_mut().extend(headers);
        response
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;
    use std::sync::{Arc, Mutex};

    use plimsoll_db::Actor;
    use plimsoll_db::rest::RestError;
    use serde_json::json;
    use tracing::field::Field;
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Level, Metadata, Subscriber};

    use super::*;

    #[test]
    fn has_all_four_keys_and_names_its_code_in_a_header() {
        let error = ApiError::unknown_schema("x", &["ops".into(), "public".into()]);
        assert_eq!(
            error.json(),
            json!({
                "code": "PGRST106", "message": "Invalid schema: x", "details": null,
                "hint": "Only the following schemas are exposed: ops, public",
            })
        );
        let response = error.into_response();
        assert_eq!(response.status(), 406);
        assert_eq!(response.headers()["proxy-status"], "PostgREST; error=PGRST106");
        assert_eq!(response.headers()["content-type"], "application/json; charset=utf-8");
    }

    /// Keeps the fields of events.
    #[derive(Default)]
    struct Log(Mutex<Vec<String>>);

    impl Subscriber for Log {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            *metadata.level() == Level::ERROR
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &Event<'_>) {
            event.record(&mut |field: &Field, value: &dyn Debug| {
                self.0.lock().unwrap().push(format!("{field}={value:?}"));
            });
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn what_is_not_the_clients_fault_is_logged_with_its_cause() {
        let logged = |error: ApiError| {
            let log = Arc::new(Log::default());
            let status = tracing::subscriber::with_default(Arc::clone(&log), || error.into_response().status());
            let fields = log.0.lock().unwrap().clone();
            (status.as_u16(), fields)
        };
        let database = |code: &str, message: &str| {
            let (code, message) = (code.to_owned(), message.to_owned());
            let error = RestError::Database { code, message, details: Some("Key (a)=(secret)".into()), hint: None };
            crate::database_error::reply(error, &Actor::Service)
        };
        let fields = |code: &str, status: &str, cause: &str| {
            [
                format!("message=failed: {cause}"),
                format!("http.status={status}"),
                format!("error.code={code:?}"),
                format!("error.cause={cause:?}"),
            ]
        };
        for (error, code, status, cause) in [
            (database("XX000", "out of luck"), "XX000", 500, "XX000: out of luck"),
            (database("57014", "canceled"), "57014", 500, "57014: canceled"),
            (
                crate::database_error::reply(RestError::Unavailable("no route".into()), &Actor::Service),
                "PGRST001",
                503,
                "the database is not available: no route",
            ),
            (ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "PGRST112", "odd"), "PGRST112", 500, "odd"),
        ] {
            let (answered, found) = logged(error);
            assert_eq!((answered, found), (status, fields(code, &status.to_string(), cause).to_vec()), "{code}");
        }
        assert_eq!(logged(database("22P02", "no number")), (400, Vec::new()));
    }
}
