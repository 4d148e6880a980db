//! JSON Web Tokens made by hand, so that what no library would sign can be sent too.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harbour::JWT_SECRET;

/// Far in the future.
pub const LATER: i64 = 4_000_000_000;

/// An access token as Supabase makes it.
pub fn user(id: Uuid) -> String {
    sign(&claims(id))
}

pub fn claims(id: Uuid) -> Value {
    json!({"sub": id, "role": "authenticated", "aud": "authenticated", "exp": LATER})
}

/// Signed by HS256 with the server's secret.
pub fn sign(claims: &Value) -> String {
    sign_with(&json!({"alg": "HS256", "typ": "JWT"}), claims, hmac::HMAC_SHA256, JWT_SECRET.as_bytes())
}

pub fn sign_with(header: &Value, claims: &Value, algorithm: hmac::Algorithm, secret: &[u8]) -> String {
    let text = unsigned(header, claims);
    let signature = hmac::sign(&hmac::Key::new(algorithm, secret), text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Header and claims, with no signature and no last dot.
pub fn unsigned(header: &Value, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", encode(header), encode(claims))
}
