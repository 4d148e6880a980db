//! Any origin may ask: who asks is decided by tokens that a browser does not send by itself.

use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderName, ORIGIN,
};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::response::{IntoResponse, Response};

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Content-Encoding, Content-Location, Content-Range, Content-Type, Date, Location, Server, Transfer-Encoding, \
     Range-Unit",
);

pub(crate) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    *method == Method::OPTIONS && headers.contains_key(ORIGIN) && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Allows what the browser asks for, for a day.
pub(crate) fn preflight(headers: &HeaderMap) -> Response {
    let asked = headers.get(ACCESS_CONTROL_REQUEST_HEADERS).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let allowed: Vec<_> = ["Authorization"]
        .into_iter()
        .chain(asked.split(',').map(str::trim).filter(|name| !name.is_empty()))
        .chain(["Accept", "Accept-Language", "Content-Language"])
        .collect();
    let mut response = ().into_response();
    let reply = response.headers_mut();
    reply
        .insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD"));
    if let Ok(value) = HeaderValue::try_from(allowed.join(", ")) {
        reply.insert(ACCESS_CONTROL_ALLOW_HEADERS, value);
    }
    reply.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}

/// What every reply says.
pub(crate) fn allow_any_origin(headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.entry(ACCESS_CONTROL_EXPOSE_HEADERS).or_insert(EXPOSED);
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preflight_is_allowed_what_it_asks() {
        let headers = HeaderMap::from_iter([
            (ORIGIN, HeaderValue::from_static("http://example.com")),
            (ACCESS_CONTROL_REQUEST_METHOD, HeaderValue::from_static("POST")),
            (ACCESS_CONTROL_REQUEST_HEADERS, HeaderValue::from_static("Foo,Bar")),
        ]);
        assert!(is_preflight(&Method::OPTIONS, &headers));
        assert!(!is_preflight(&Method::GET, &headers));
        assert!(!is_preflight(&Method::OPTIONS, &HeaderMap::new()));
        let reply = preflight(&headers);
        assert_eq!(reply.status(), 200);
        let header = |name: HeaderName| reply.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(
            header(ACCESS_CONTROL_ALLOW_HEADERS),
            "Authorization, Foo, Bar, Accept, Accept-Language, Content-Language"
        );
        assert_eq!(header(ACCESS_CONTROL_ALLOW_METHODS), "GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD");
        assert_eq!(header(ACCESS_CONTROL_MAX_AGE), "86400");
    }
}
