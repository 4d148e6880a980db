//! The parts of the HTTP surface that other people's clients know: each has its own shape of errors, and any origin may
//! call it, with a token and never with a cookie.

use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, HeaderName,
};
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use axum::response::{IntoResponse, Response};

const A_DAY_SECONDS: &str = "86400";
/// What a preflight that names none is told.
const REQUEST_HEADERS: &str = "authorization, x-client-info, apikey, content-type, accept, accept-profile, \
     content-profile, prefer, range, idempotency-key, x-ops-ingest-token, x-ops-advisory-token";
const EXPOSED_HEADERS: &str = "Content-Encoding, Content-Location, Content-Range, Content-Type, Date, Location, Server, \
     Transfer-Encoding, Range-Unit, Content-Profile, Preference-Applied, Retry-After, X-Request-Id";

/// Whose clients a path is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surface {
    /// `/rest/v1`: PostgREST's.
    Rest,
    /// `/auth/v1`: Supabase Auth's.
    Auth,
    /// `/functions/v1`: Edge Functions'.
    Functions,
    /// What Supabase has and we do not.
    Absent,
    Ours,
}

impl Surface {
    pub(crate) fn of(path: &str) -> Self {
        let below =
            |prefix: &str| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if below("/rest/v1") {
            Self::Rest
        } else if below("/auth/v1") {
            Self::Auth
        } else if below("/functions/v1") {
            Self::Functions
        } else if ["/storage/v1", "/graphql/v1", "/realtime/v1"].into_iter().any(below) {
            Self::Absent
        } else {
            Self::Ours
        }
    }

    /// A page of any origin may call it. No cookies: a credential that the browser adds by itself is not accepted there.
    pub(crate) fn takes_any_origin(self) -> bool {
        self != Self::Ours
    }

    /// The answer to a browser's question whether it may call, which carries no credentials. The gateway and functions
    /// answer theirs.
    pub(crate) fn preflight<B>(self, request: &Request<B>) -> Option<Response> {
        if !matches!(self, Self::Auth | Self::Absent) || request.method() != Method::OPTIONS {
            return None;
        }
        let wanted = request.headers().get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
        let headers = [
            (ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, PUT, DELETE, OPTIONS")),
            (ACCESS_CONTROL_ALLOW_HEADERS, wanted.unwrap_or(HeaderValue::from_static(REQUEST_HEADERS))),
            (ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(A_DAY_SECONDS)),
        ];
        Some((StatusCode::NO_CONTENT, headers).into_response())
    }

    /// Lets a page of any origin read the answer, refusals too.
    pub(crate) fn allow_any_origin(self, headers: &mut HeaderMap) {
        if !self.takes_any_origin() {
            return;
        }
        let mut set = |name: HeaderName, value: &'static str| {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        };
        set(ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        set(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
        if self == Self::Functions {
            set(ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
            set(ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS");
        }
        headers
            .insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_belongs_where_it_is_below() {
        for (path, surface) in [
            ("/rest/v1", Surface::Rest),
            ("/rest/v1/rpc/list_projects", Surface::Rest),
            ("/rest/v10/x", Surface::Ours),
            ("/auth/v1/token", Surface::Auth),
            ("/functions/v1/ops-trigger-build", Surface::Functions),
            ("/storage/v1/object/x", Surface::Absent),
            ("/graphql/v1", Surface::Absent),
            ("/realtime/v1/websocket", Surface::Absent),
            ("/api/ops/rest/v1", Surface::Ours),
            ("/", Surface::Ours),
        ] {
            assert_eq!(Surface::of(path), surface, "{path}");
        }
    }
}
