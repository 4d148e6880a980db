//! The session cookie: its name, how it is read, set and cleared.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

use crate::state::ServerConfig;

/// Over https the `__Host-` prefix makes browsers insist on Secure, this host alone, and the path `/`.
const SECURE_NAME: &str = "__Host-plimsoll";
const PLAIN_NAME: &str = "plimsoll";

/// Whether the browser reached us over https.
pub(crate) fn is_https(config: &ServerConfig, headers: &HeaderMap) -> bool {
    if config.public_url.as_deref().is_some_and(|url| url.starts_with("https://")) {
        return true;
    }
    config.trust_proxy && headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https")
}

/// The session token a request carries, where it carries one under the name that fits how it came.
pub(crate) fn session_token(config: &ServerConfig, headers: &HeaderMap) -> Option<String> {
    let name = name(is_https(config, headers));
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

/// `Set-Cookie` for a new session.
pub(crate) fn set(config: &ServerConfig, headers: &HeaderMap, token: &str) -> HeaderValue {
    render(is_https(config, headers), token, config.session_lifetime.as_secs())
}

/// `Set-Cookie` that ends the session in the browser.
pub(crate) fn clear(config: &ServerConfig, headers: &HeaderMap) -> HeaderValue {
    render(is_https(config, headers), "", 0)
}

fn name(https: bool) -> &'static str {
    if https { SECURE_NAME } else { PLAIN_NAME }
}

fn render(https: bool, token: &str, max_age_seconds: u64) -> HeaderValue {
    let secure = if https { "; Secure" } else { "" };
    let name = name(https);
    HeaderValue::try_from(format!("{name}={token}; Path=/; Max-Age={max_age_seconds}; HttpOnly; SameSite=Lax{secure}"))
        .expect("tokens are ASCII letters and digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(public_url: Option<&str>, trust_proxy: bool) -> ServerConfig {
        ServerConfig { public_url: public_url.map(str::to_owned), trust_proxy, ..ServerConfig::default() }
    }

    #[test]
    fn over_https_the_cookie_is_bound_to_the_host() {
        let set = set(&config(Some("https://builds.example.com"), false), &HeaderMap::new(), "t");
        assert_eq!(set, "__Host-plimsoll=t; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure");
        let plain = super::set(&config(None, false), &HeaderMap::new(), "t");
        assert_eq!(plain, "plimsoll=t; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn forwarded_headers_count_only_behind_a_proxy_we_trust() {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-proto", HeaderValue::from_static("https"));
        assert!(!is_https(&config(None, false), &headers));
        assert!(is_https(&config(None, true), &headers));
    }

    #[test]
    fn the_session_is_found_among_other_cookies_by_its_exact_name() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("xplimsoll=no; theme=dark"));
        headers.append(COOKIE, HeaderValue::from_static("__Host-plimsoll=secure; plimsoll=plain"));
        assert_eq!(session_token(&config(None, false), &headers).as_deref(), Some("plain"));
        assert_eq!(session_token(&config(Some("https://x"), false), &headers).as_deref(), Some("secure"));
    }
}
