//! A browser sends its cookie with requests that other sites cause: those must change nothing.

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Method};
use url::Url;

use crate::error::ApiError;
use crate::state::ServerConfig;

/// GET, HEAD and OPTIONS change nothing here.
pub(crate) fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Refuses what did not come from our own pages. Every browser of the last years sends `Sec-Fetch-Site`; for others
/// the `Origin` must be our host. `required`: whether a request with neither is refused too, as it must be where a
/// cookie is what authenticates it.
pub(crate) fn check(config: &ServerConfig, headers: &HeaderMap, required: bool) -> Result<(), ApiError> {
    let same_origin = match (headers.get("sec-fetch-site"), headers.get(ORIGIN)) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => origin.to_str().is_ok_and(|origin| is_ours(config, headers, origin)),
        (None, None) => !required,
    };
    if same_origin {
        return Ok(());
    }
    Err(ApiError::forbidden(
        "this request came from another site: with a cookie only our own pages may change things; \
         scripts send `Authorization: Bearer` with an API token instead",
    ))
}

fn is_ours(config: &ServerConfig, headers: &HeaderMap, origin: &str) -> bool {
    if config.public_url.as_deref().is_some_and(|url| origin.eq_ignore_ascii_case(url)) {
        return true;
    }
    let Some(host) = headers.get(HOST).and_then(|host| host.to_str().ok()) else { return false };
    let Ok(origin) = Url::parse(origin) else { return false };
    let authority = match (origin.host_str(), origin.port()) {
        (Some(name), Some(port)) => format!("{name}:{port}"),
        (Some(name), None) => name.to_owned(),
        (None, _) => return false,
    };
    authority.eq_ignore_ascii_case(host)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn allowed(pairs: &[(&'static str, &'static str)], required: bool) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        check(&ServerConfig::default(), &headers, required).is_ok()
    }

    #[test]
    fn only_our_own_pages_pass() {
        assert!(allowed(&[("sec-fetch-site", "same-origin")], true));
        assert!(allowed(&[("sec-fetch-site", "none")], true));
        assert!(!allowed(&[("sec-fetch-site", "cross-site")], true));
        assert!(!allowed(&[("sec-fetch-site", "same-site")], true));
        let host = ("host", "127.0.0.1:4400");
        assert!(allowed(&[host, ("origin", "http://127.0.0.1:4400")], true));
        assert!(!allowed(&[host, ("origin", "http://127.0.0.1:4401")], true));
        assert!(!allowed(&[host, ("origin", "http://127.0.0.1.evil.example:4400")], true));
        assert!(!allowed(&[host, ("origin", "null")], true));
        assert!(!allowed(&[("origin", "http://127.0.0.1:4400")], true), "no Host");
        assert!(
            !allowed(&[host, ("origin", "http://127.0.0.1:4400"), ("sec-fetch-site", "cross-site")], true),
            "the fetch metadata decides"
        );
    }

    #[test]
    fn a_request_that_says_nothing_is_refused_where_a_cookie_speaks_for_it() {
        assert!(!allowed(&[], true));
        assert!(allowed(&[], false));
    }
}
