//! Keys that signatures are checked with. The algorithm is the key's (RFC 8725 §3.1): a token's header only says which
//! of them it wants, so a public key is never taken for a shared secret.
//!
//! ring checks the signatures: for RS256 it needs no more than the public operation, which has no secret to leak.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::{hmac, signature};
use serde_json::Value;

/// Most keys of one set that are looked at: nobody signs with more.
pub(crate) const MAX_KEYS: usize = 32;
/// Shortest secret HS256 takes (RFC 7518 §3.2).
const MIN_SECRET_BYTES: usize = 32;
/// 2048 to 8192 bits, as ring takes them.
const RSA_MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;
const COORDINATE_BYTES: usize = 32;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Hs256,
    Rs256,
    Es256,
}

impl Algorithm {
    /// By its name in a token's header; `None` for every other, `none` among them.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "HS256" => Some(Self::Hs256),
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }
}

#[derive(Clone)]
pub(crate) struct VerifyingKey {
    pub(crate) kid: Option<String>,
    material: Material,
}

#[derive(Clone)]
enum Material {
    Secret(hmac::Key),
    /// The modulus and exponent, big-endian without leading zeros.
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// An uncompressed point of P-256.
    Ec(Vec<u8>),
}

impl VerifyingKey {
    pub(crate) fn secret(secret: &[u8]) -> Self {
        Self { kid: None, material: Material::Secret(hmac::Key::new(hmac::HMAC_SHA256, secret)) }
    }

    pub(crate) const fn algorithm(&self) -> Algorithm {
        match self.material {
            Material::Secret(_) => Algorithm::Hs256,
            Material::Rsa { .. } => Algorithm::Rs256,
            Material::Ec(_) => Algorithm::Es256,
        }
    }

    pub(crate) fn verifies(&self, message: &[u8], given: &[u8]) -> bool {
        match &self.material {
            Material::Secret(key) => hmac::verify(key, message, given).is_ok(),
            Material::Rsa { n, e } => signature::RsaPublicKeyComponents { n, e }
                .verify(&signature::RSA_PKCS1_2048_8192_SHA256, message, given)
                .is_ok(),
            Material::Ec(point) => signature::UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point)
                .verify(message, given)
                .is_ok(),
        }
    }

    /// A key of a set (RFC 7517); `None` for one that is not for signatures or of a kind that is not used here.
    pub(crate) fn of(jwk: &Value) -> Option<Self> {
        let text = |name: &str| jwk[name].as_str();
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?.trim_end_matches('=')).ok();
        let for_signatures = text("use").is_none_or(|purpose| purpose == "sig")
            && jwk["key_ops"].as_array().is_none_or(|ops| ops.iter().any(|op| op == "verify" || op == "sign"));
        let material = match text("kty")? {
            "oct" => {
                let secret = bytes("k").filter(|secret| secret.len() >= MIN_SECRET_BYTES)?;
                Material::Secret(hmac::Key::new(hmac::HMAC_SHA256, &secret))
            }
            "RSA" => {
                let [n, e] =
                    [bytes("n")?, bytes("e")?].map(|number| number.into_iter().skip_while(|b| *b == 0).collect());
                let n: Vec<u8> = n;
                Material::Rsa { n: Some(n).filter(|n| RSA_MODULUS_BYTES.contains(&n.len()))?, e }
            }
            "EC" if text("crv") == Some("P-256") => {
                let coordinate = |name| bytes(name).filter(|number| number.len() == COORDINATE_BYTES);
                Material::Ec([&[4][..], &coordinate("x")?, &coordinate("y")?].concat())
            }
            _ => return None,
        };
        let key = Self { kid: text("kid").map(str::to_owned), material };
        let fits = text("alg").is_none_or(|name| Algorithm::named(name) == Some(key.algorithm()));
        (for_signatures && fits).then_some(key)
    }
}

/// The keys of a JWKS document, or of a single JWK, that can be used here.
pub(crate) fn parse_set(document: &[u8]) -> Result<Vec<VerifyingKey>, String> {
    let document: Value = serde_json::from_slice(document).map_err(|error| format!("it is not JSON: {error}"))?;
    let listed = match &document["keys"] {
        Value::Array(keys) => keys.as_slice(),
        _ if document["kty"].is_string() => std::slice::from_ref(&document),
        _ => return Err("it is not a JWKS: an object with an array `keys`".to_owned()),
    };
    Ok(listed.iter().take(MAX_KEYS).filter_map(VerifyingKey::of).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn usable(jwk: Value) -> Option<(Option<String>, Algorithm)> {
        let keys = parse_set(json!({"keys": [jwk]}).to_string().as_bytes()).unwrap();
        keys.first().map(|key| (key.kid.clone(), key.algorithm()))
    }

    fn number(bytes: usize) -> String {
        URL_SAFE_NO_PAD.encode(vec![7; bytes])
    }

    #[test]
    fn each_kind_of_key_has_one_algorithm() {
        let ec = json!({"kty": "EC", "crv": "P-256", "x": number(32), "y": number(32), "kid": "one"});
        assert_eq!(usable(ec), Some((Some("one".into()), Algorithm::Es256)));
        assert_eq!(usable(json!({"kty": "RSA", "n": number(256), "e": "AQAB"})), Some((None, Algorithm::Rs256)));
        assert_eq!(usable(json!({"kty": "oct", "k": number(32)})), Some((None, Algorithm::Hs256)));
    }

    #[test]
    fn what_is_not_for_our_signatures_is_passed_over() {
        let ec = |extra: Value| {
            let mut jwk = json!({"kty": "EC", "crv": "P-256", "x": number(32), "y": number(32)});
            jwk.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            jwk
        };
        assert!(usable(ec(json!({"use": "sig", "key_ops": ["verify"], "alg": "ES256"}))).is_some());
        for extra in [
            json!({"use": "enc"}),
            json!({"key_ops": ["encrypt"]}),
            json!({"alg": "ES384"}),
            json!({"alg": "HS256"}),
            json!({"crv": "P-384"}),
            json!({"x": number(31)}),
            json!({"y": "!"}),
            json!({"kty": "OKP", "crv": "Ed25519"}),
        ] {
            assert_eq!(usable(ec(extra.clone())), None, "{extra}");
        }
        assert_eq!(usable(json!({"kty": "RSA", "n": number(128), "e": "AQAB"})), None, "1024 bits");
        assert_eq!(usable(json!({"kty": "RSA", "n": number(256), "e": "AQAB", "alg": "HS256"})), None);
        assert_eq!(usable(json!({"kty": "oct", "k": number(31)})), None, "too short a secret");
        assert_eq!(usable(json!({"kty": "oct", "k": number(32), "alg": "RS256"})), None);
    }

    #[test]
    fn a_set_is_bounded_and_a_single_key_is_a_set() {
        let key = json!({"kty": "oct", "k": number(32)});
        assert_eq!(parse_set(key.to_string().as_bytes()).unwrap().len(), 1);
        let many = json!({"keys": vec![key; MAX_KEYS + 5]});
        assert_eq!(parse_set(many.to_string().as_bytes()).unwrap().len(), MAX_KEYS);
        for bad in ["", "[]", "{}", "{\"keys\": {}}", "not json"] {
            assert!(parse_set(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
