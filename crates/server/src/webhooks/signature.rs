//! `X-Hub-Signature-256`: HMAC-SHA-256 over the raw body, as GitHub documents under "Validating webhook deliveries".

use axum::http::HeaderMap;
use plimsoll_db::webhooks::WebhookSecret;
use ring::hmac;

use crate::keys::Keys;
use crate::webhook_owner;

/// The digest a delivery claims to have.
pub(super) fn claimed(headers: &HeaderMap) -> Option<Vec<u8>> {
    let value = headers.get("x-hub-signature-256")?.to_str().ok()?;
    hex::decode(value.strip_prefix("sha256=")?).ok()
}

/// Whether `body` was signed with the secret, or with the one before it: a rotation reaches both sides at its own pace.
/// Each comparison takes constant time.
pub(super) fn is_good(keys: &Keys, provider: &str, secret: &WebhookSecret, body: &[u8], claimed: &[u8]) -> bool {
    let owner = webhook_owner(secret.org_id, provider);
    [Some(&secret.sealed), secret.previous_sealed.as_ref()].into_iter().flatten().any(|sealed| {
        match keys.open(&owner, sealed) {
            Ok(plain) => hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, &plain), body, claimed).is_ok(),
            Err(error) => {
                tracing::error!(org.id = %secret.org_id, %error, "a webhook secret cannot be opened: set a new one");
                false
            }
        }
    })
}
