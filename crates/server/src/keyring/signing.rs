//! Our own key pairs for access tokens: ES256 (RFC 7518 §3.4).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use plimsoll_db::registry::ServerKey;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::auth::jwk::VerifyingKey;
use crate::auth::jwt;
use crate::error::ApiError;

/// A fresh pair, to be stored.
pub(super) struct Made {
    pub(super) pkcs8: Vec<u8>,
    pub(super) public_jwk: Value,
    pub(super) hash: [u8; 32],
}

pub(super) fn generate(id: Uuid) -> Result<Made, ApiError> {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).map_err(ApiError::internal)?;
    let pair = open(pkcs8.as_ref()).ok_or_else(|| ApiError::internal("a key just made does not open"))?;
    let point = pair.public_key().as_ref();
    let (x, y) = point[1..].split_at(32);
    let public_jwk = json!({
        "kty": "EC", "crv": "P-256", "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
        "kid": id, "alg": "ES256", "use": "sig", "key_ops": ["verify"], "ext": true,
    });
    let hash = digest(&SHA256, point).as_ref().try_into().expect("SHA-256 has 32 bytes");
    Ok(Made { pkcs8: pkcs8.as_ref().to_vec(), public_jwk, hash })
}

/// The public half, which needs no seal key.
pub(super) fn verifying_key(row: &ServerKey) -> Option<VerifyingKey> {
    VerifyingKey::of(row.public_jwk.as_ref()?)
}

pub(crate) struct SigningKey {
    id: Uuid,
    pair: EcdsaKeyPair,
}

impl SigningKey {
    pub(super) fn open(id: Uuid, pkcs8: &[u8]) -> Option<Self> {
        open(pkcs8).map(|pair| Self { id, pair })
    }

    /// A token of `claims`, naming this key.
    pub(crate) fn sign(&self, claims: &Value) -> Result<String, ApiError> {
        let header = json!({"alg": "ES256", "kid": self.id, "typ": "JWT"});
        jwt::assemble(&header, claims, |message| {
            self.pair
                .sign(&SystemRandom::new(), message)
                .map(|signature| signature.as_ref().to_vec())
                .map_err(ApiError::internal)
        })
    }
}

fn open(pkcs8: &[u8]) -> Option<EcdsaKeyPair> {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &SystemRandom::new()).ok()
}
