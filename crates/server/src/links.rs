//! Addresses of this server as people can open them.

use axum::http::HeaderMap;
use axum::http::header::HOST;
use uuid::Uuid;

use crate::auth::cookies::is_https;
use crate::state::ServerConfig;

/// The page that signs the bearer of a one-time token in.
pub(crate) fn sign_in(config: &ServerConfig, headers: &HeaderMap, token: &str) -> String {
    format!("{}/signin?token={token}", base(config, headers))
}

/// Where a code host sends an org's events.
pub(crate) fn webhook(config: &ServerConfig, headers: &HeaderMap, provider: &str, org_id: Uuid) -> String {
    format!("{}/webhooks/{provider}/{org_id}", base(config, headers))
}

/// Who says that an access token is good.
pub(crate) fn issuer(config: &ServerConfig, headers: &HeaderMap) -> String {
    format!("{}/auth/v1", base(config, headers))
}

/// The configured public address, else the one the caller used.
fn base(config: &ServerConfig, headers: &HeaderMap) -> String {
    if let Some(url) = &config.public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1:4400");
    let scheme = if is_https(config, headers) { "https" } else { "http" };
    format!("{scheme}://{host}")
}
