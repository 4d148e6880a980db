//! Secrets at rest: ChaCha20-Poly1305 (RFC 8439) under the server's key, bound to what they belong to, so that sealed
//! bytes moved to another row do not open there.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::keys::{Keys, random_bytes};

/// First byte of the sealed form, so that the form can change.
const VERSION: u8 = 1;

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a sealed secret does not open: it was sealed with another key, or for something else")]
pub struct SealError;

impl Keys {
    /// Seals `secret` for `owner` (such as `webhook:<org>:github`): version, nonce, ciphertext, tag.
    pub fn seal(&self, owner: &str, secret: &[u8]) -> Vec<u8> {
        // 96 random bits per secret: a collision needs billions of secrets under one key.
        let nonce = random_bytes::<NONCE_LEN>();
        let mut text = secret.to_vec();
        self.aead()
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(owner.as_bytes()), &mut text)
            .expect("secrets are far below the cipher's limit");
        [&[VERSION][..], &nonce, &text].concat()
    }

    /// Opens what [`Keys::seal`] made for the same `owner`.
    pub fn open(&self, owner: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let Some((&VERSION, rest)) = sealed.split_first() else { return Err(SealError) };
        let (nonce, text) = rest.split_first_chunk::<NONCE_LEN>().ok_or(SealError)?;
        let mut text = text.to_vec();
        let opened = self
            .aead()
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(owner.as_bytes()), &mut text)
            .map_err(|_| SealError)?;
        Ok(opened.to_vec())
    }

    fn aead(&self) -> LessSafeKey {
        LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, self.seal_key()).expect("the key has 32 bytes"))
    }
}

/// What a webhook's secret is sealed for.
pub fn webhook_owner(org_id: uuid::Uuid, provider: &str) -> String {
    format!("webhook:{org_id}:{provider}")
}

/// What a build secret is sealed for.
pub fn project_secret_owner(project_id: uuid::Uuid, name: &str) -> String {
    format!("project_secret:{project_id}:{name}")
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn keys(seal: u8) -> Keys {
        Keys::new("a-secret-of-more-than-thirty-two-bytes".into(), [seal; 32], Timestamp::UNIX_EPOCH).unwrap()
    }

    #[test]
    fn opens_for_its_owner_under_its_key_and_nowhere_else() {
        let sealed = keys(1).seal("webhook:a", b"hunter2");
        assert_eq!(keys(1).open("webhook:a", &sealed).unwrap(), b"hunter2");
        assert_eq!(keys(1).open("webhook:b", &sealed), Err(SealError));
        assert_eq!(keys(2).open("webhook:a", &sealed), Err(SealError));
        assert_ne!(sealed, keys(1).seal("webhook:a", b"hunter2"), "a fresh nonce each time");
    }

    #[test]
    fn a_changed_or_cut_seal_does_not_open() {
        let sealed = keys(1).seal("x", b"hunter2");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(keys(1).open("x", &changed), Err(SealError), "byte {at}");
            assert_eq!(keys(1).open("x", &sealed[..at]), Err(SealError), "cut at {at}");
        }
    }
}
