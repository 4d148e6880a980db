//! Passwords: argon2id, off the async threads, a bounded number at a time.

use std::sync::{Arc, OnceLock};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::error::ApiError;
use crate::keys::random_bytes;

/// Each hash holds 19 MiB while it runs, so only a few run at once.
const MAX_AT_ONCE: usize = 2;
const MIN_CHARS: usize = 10;
const MAX_BYTES: usize = 1024;

#[derive(Debug)]
pub(crate) struct Passwords {
    permits: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { permits: Arc::new(Semaphore::new(MAX_AT_ONCE)) }
    }
}

impl Passwords {
    /// The PHC string to store, with a random salt of 16 bytes.
    pub(crate) async fn hash(&self, password: String) -> Result<String, ApiError> {
        self.run(move || hash(&password)).await?.map_err(ApiError::internal)
    }

    /// Whether `password` is the stored one. With nothing stored it takes as long and answers no, so that the time
    /// does not tell which accounts exist.
    pub(crate) async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, ApiError> {
        self.run(move || {
            let known = stored.is_some();
            let phc = stored.as_deref().unwrap_or_else(|| nobodys_hash());
            let matches = password.len() <= MAX_BYTES
                && PasswordHash::new(phc)
                    .is_ok_and(|phc| Argon2::default().verify_password(password.as_bytes(), &phc).is_ok());
            known && matches
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
        let permit = self.permits.clone().acquire_owned().await.map_err(ApiError::internal)?;
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        })
        .await
        .map_err(ApiError::internal)
    }
}

/// What a new password must be (NIST SP 800-63B: length counts, composition rules do not).
pub(crate) fn check_strength(password: &str) -> Result<(), ApiError> {
    if password.chars().count() < MIN_CHARS {
        return Err(ApiError::bad_request(format!("a password needs at least {MIN_CHARS} characters")));
    }
    if password.len() > MAX_BYTES {
        return Err(ApiError::bad_request(format!("a password may have at most {MAX_BYTES} bytes")));
    }
    Ok(())
}

fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    let salt = random_bytes::<16>();
    let phc: PasswordHash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt)?;
    Ok(phc.to_string())
}

fn nobodys_hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| hash("nobody has this password").expect("the default parameters hash anything"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_stored_as_argon2id_and_verified() {
        let passwords = Passwords::default();
        let stored = passwords.hash("correct horse".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert_ne!(stored, passwords.hash("correct horse".into()).await.unwrap(), "salted");
        assert!(passwords.verify("correct horse".into(), Some(stored.clone())).await.unwrap());
        assert!(!passwords.verify("wrong horse".into(), Some(stored)).await.unwrap());
        assert!(!passwords.verify("nobody has this password".into(), None).await.unwrap());
        assert!(!passwords.verify("anything".into(), Some("not a PHC string".into())).await.unwrap());
    }

    #[test]
    fn length_is_what_counts() {
        assert!(check_strength("ninechars").is_err());
        assert!(check_strength("ten chars!").is_ok());
        assert!(check_strength(&"x".repeat(MAX_BYTES + 1)).is_err());
    }
}
