//! The bearer of one attempt's writes: `plim_att_` and, in base64url, build id ‖ fencing token ‖ HMAC-SHA-256 of both.
//!
//! It proves that this server (or a replica with the same key) handed out that lease; whether the lease still lives is
//! the database's to say, in the statement that writes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use uuid::Uuid;

pub(crate) const PREFIX: &str = "plim_att_";

/// Keeps this use of the key apart from its others.
const PURPOSE: &[u8] = b"plimsoll attempt token v1";
const BUILD_ID_BYTES: usize = 16;
const CLAIM_BYTES: usize = BUILD_ID_BYTES + 8;
const MAC_BYTES: usize = 32;

/// The lease a token speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attempt {
    pub(crate) build_id: Uuid,
    /// The fencing token.
    pub(crate) token: i64,
}

/// Writes the token of `attempt` under `secret`.
pub(crate) fn issue(secret: &[u8], attempt: Attempt) -> String {
    let claim = claim_bytes(attempt);
    let mut whole = Vec::with_capacity(CLAIM_BYTES + MAC_BYTES);
    whole.extend_from_slice(&claim);
    whole.extend_from_slice(hmac::sign(&key(secret), &message(&claim)).as_ref());
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(whole))
}

/// Reads a token; `None` when it is not one of ours. The digest is compared in constant time.
pub(crate) fn verify(secret: &[u8], token: &str) -> Option<Attempt> {
    let whole = URL_SAFE_NO_PAD.decode(token.strip_prefix(PREFIX)?).ok()?;
    if whole.len() != CLAIM_BYTES + MAC_BYTES {
        return None;
    }
    let (claim, mac) = whole.split_at(CLAIM_BYTES);
    hmac::verify(&key(secret), &message(claim), mac).ok()?;
    let (build_id, fence) = claim.split_at(BUILD_ID_BYTES);
    Some(Attempt { build_id: Uuid::from_slice(build_id).ok()?, token: i64::from_be_bytes(fence.try_into().ok()?) })
}

fn key(secret: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret)
}

fn claim_bytes(attempt: Attempt) -> [u8; CLAIM_BYTES] {
    let mut bytes = [0; CLAIM_BYTES];
    bytes[..BUILD_ID_BYTES].copy_from_slice(attempt.build_id.as_bytes());
    bytes[BUILD_ID_BYTES..].copy_from_slice(&attempt.token.to_be_bytes());
    bytes
}

fn message(claim: &[u8]) -> Vec<u8> {
    [PURPOSE, claim].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATTEMPT: Attempt = Attempt { build_id: Uuid::from_u128(0x1234_5678_9abc), token: 42 };

    #[test]
    fn a_token_reads_back_as_what_was_issued() {
        let token = issue(b"secret", ATTEMPT);
        assert!(token.starts_with(PREFIX));
        assert_eq!(verify(b"secret", &token), Some(ATTEMPT));
    }

    #[test]
    fn another_key_refuses_it() {
        assert_eq!(verify(b"other", &issue(b"secret", ATTEMPT)), None);
    }

    #[test]
    fn no_single_changed_character_passes() {
        let token = issue(b"secret", ATTEMPT);
        for at in PREFIX.len()..token.len() {
            let mut forged = token.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            assert_ne!(verify(b"secret", &forged), Some(Attempt { token: 43, ..ATTEMPT }), "{forged}");
            assert!(verify(b"secret", &forged).is_none(), "{forged}");
        }
    }

    #[test]
    fn text_that_is_no_token_is_refused() {
        for text in ["", "plim_att_", "plim_att_!!!!", "plim_run_abc", &issue(b"secret", ATTEMPT)[..40]] {
            assert_eq!(verify(b"secret", text), None, "{text}");
        }
    }
}
