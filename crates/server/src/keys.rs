//! The server's own secrets: what signs JWTs, and what seals secrets at rest.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::{Timestamp, ToSpan, Unit, Zoned};
use rand::Rng;
use serde_json::json;

use crate::auth::jwt;

/// Shortest secret HS256 takes (RFC 7518 §3.2: as long as its output).
const MIN_JWT_SECRET_BYTES: usize = 32;

pub struct Keys {
    jwt_secret: String,
    seal_key: [u8; 32],
    issued_at: Timestamp,
}

#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    #[error("{path}: {cause}", path = path.display())]
    File { path: PathBuf, cause: io::Error },
    #[error("{0} is not set: {1}")]
    Missing(&'static str, &'static str),
    #[error("the JWT secret must have at least {MIN_JWT_SECRET_BYTES} bytes, this has {0}")]
    ShortSecret(usize),
    #[error("the seal key must be 32 bytes in base64, such as `openssl rand -base64 32` prints")]
    SealKey,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Keys {
    /// `issued_at` dates the anon and service keys, so that the same keys come out at every start.
    pub fn new(jwt_secret: String, seal_key: [u8; 32], issued_at: Timestamp) -> Result<Self, KeysError> {
        if jwt_secret.len() < MIN_JWT_SECRET_BYTES {
            return Err(KeysError::ShortSecret(jwt_secret.len()));
        }
        Ok(Self { jwt_secret, seal_key, issued_at })
    }

    /// Reads `jwt_secret` and `seal_key` in `dir`, making what is not there yet, readable by its owner alone.
    pub fn load_or_create(dir: &Path) -> Result<Self, KeysError> {
        let secret_path = dir.join("jwt_secret");
        let jwt_secret = read_or_create(&secret_path, || URL_SAFE_NO_PAD.encode(random_bytes::<32>()))?;
        let seal_key = read_or_create(&dir.join("seal_key"), || STANDARD.encode(random_bytes::<32>()))?;
        let issued_at = fs::metadata(&secret_path)
            .and_then(|meta| meta.modified())
            .ok()
            .and_then(|time| Timestamp::try_from(time).ok())
            .unwrap_or(Timestamp::UNIX_EPOCH);
        Self::new(jwt_secret, parse_seal_key(&seal_key)?, issued_at)
    }

    /// `JWT_SECRET` (a Supabase project's, to accept its users) and `PLIMSOLL_SEAL_KEY` (base64) of the environment.
    pub fn from_env() -> Result<Self, KeysError> {
        Self::from_variables(|name| std::env::var(name).ok(), Timestamp::now())
    }

    /// [`Keys::from_env`] with the environment and the time as arguments.
    pub fn from_variables(lookup: impl Fn(&str) -> Option<String>, now: Timestamp) -> Result<Self, KeysError> {
        let jwt_secret = lookup("JWT_SECRET")
            .ok_or(KeysError::Missing("JWT_SECRET", "it signs and checks JWTs, at least 32 bytes"))?;
        let seal_key = lookup("PLIMSOLL_SEAL_KEY")
            .ok_or(KeysError::Missing("PLIMSOLL_SEAL_KEY", "it seals stored secrets, 32 bytes in base64"))?;
        // To the day, so that replicas and restarts of one day print the same keys.
        let today = Zoned::new(now, jiff::tz::TimeZone::UTC).start_of_day().map_or(now, |day| day.timestamp());
        Self::new(jwt_secret, parse_seal_key(&seal_key)?, today)
    }

    pub fn jwt_secret(&self) -> &str {
        &self.jwt_secret
    }

    pub(crate) fn seal_key(&self) -> &[u8; 32] {
        &self.seal_key
    }

    /// The key of clients nobody signed in to: may do nothing but sign in.
    pub fn anon_key(&self) -> String {
        self.role_key("anon")
    }

    /// The key that may do everything. Never give it to a browser.
    pub fn service_role_key(&self) -> String {
        self.role_key("service_role")
    }

    fn role_key(&self, role: &str) -> String {
        let ten_years_later = Zoned::new(self.issued_at, jiff::tz::TimeZone::UTC)
            .checked_add(10.years())
            .and_then(|later| later.round(Unit::Second))
            .map_or(i64::MAX, |later| later.timestamp().as_second());
        let claims =
            json!({"role": role, "iss": "plimsoll", "iat": self.issued_at.as_second(), "exp": ten_years_later});
        jwt::sign(&self.jwt_secret, &claims)
    }
}

/// Bytes from the system's generator, which reseeds itself.
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

fn parse_seal_key(text: &str) -> Result<[u8; 32], KeysError> {
    STANDARD.decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(KeysError::SealKey)
}

fn read_or_create(path: &Path, make: impl FnOnce() -> String) -> Result<String, KeysError> {
    let fail = |cause| KeysError::File { path: path.to_owned(), cause };
    match fs::read_to_string(path) {
        Ok(text) => return Ok(text.trim().to_owned()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(fail(error)),
        Err(_) => {}
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(fail)?;
    }
    // Written whole under another name first: a crash leaves either no key or a good one.
    let text = make();
    let draft = path.with_extension("new");
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft).map_err(fail)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(fail)?;
    fs::rename(&draft, path).map_err(fail)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn keys_are_made_once_and_readable_by_their_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let first = Keys::load_or_create(&dir.path().join("keys")).unwrap();
        let second = Keys::load_or_create(&dir.path().join("keys")).unwrap();
        assert_eq!(first.jwt_secret, second.jwt_secret);
        assert_eq!(first.seal_key, second.seal_key);
        assert_eq!(first.service_role_key(), second.service_role_key());
        for name in ["jwt_secret", "seal_key"] {
            let mode = fs::metadata(dir.path().join("keys").join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }

    #[test]
    fn an_environment_with_a_weak_or_missing_key_is_refused_with_what_would_be_right() {
        let seal = STANDARD.encode([7; 32]);
        let with = |secret: Option<&str>, seal: Option<&str>| {
            let (secret, seal) = (secret.map(str::to_owned), seal.map(str::to_owned));
            Keys::from_variables(
                move |name| if name == "JWT_SECRET" { secret.clone() } else { seal.clone() },
                Timestamp::UNIX_EPOCH,
            )
        };
        let long = "a-secret-of-more-than-thirty-two-bytes";
        assert!(with(Some(long), Some(&seal)).is_ok());
        assert!(with(None, Some(&seal)).unwrap_err().to_string().contains("JWT_SECRET is not set"));
        assert!(with(Some("short"), Some(&seal)).unwrap_err().to_string().contains("at least 32"));
        assert!(with(Some(long), Some("AAAA")).unwrap_err().to_string().contains("32 bytes in base64"));
    }
}
