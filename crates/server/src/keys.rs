//! The server's own secrets: what signs JWTs, what seals secrets at rest, and what an operator brought along.

mod files;
mod jwt_secrets;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{Timestamp, ToSpan, Unit, Zoned};
use rand::Rng;
use ring::hmac;
use serde_json::json;

use crate::auth::function_tokens::FunctionToken;
use crate::auth::jwks::Source;
use crate::auth::jwt;
use crate::keys::jwt_secrets::JwtSecrets;

/// How many tokens of one function an operator may bring: the one in use and the one before.
const MAX_BROUGHT: usize = 2;
/// Keeps this use of the seal key apart from its others.
const REFRESH_PURPOSE: &[u8] = b"plimsoll refresh token v1";

pub struct Keys {
    jwt: RwLock<Arc<JwtSecrets>>,
    seal_key: [u8; 32],
    jwks: Option<Source>,
    ingest_tokens: Vec<String>,
    advisory_tokens: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    #[error("{path}: {cause}", path = path.display())]
    File { path: PathBuf, cause: io::Error },
    #[error("{0} is not set: {1}")]
    Missing(&'static str, &'static str),
    #[error("a JWT secret must have at least 32 bytes, this has {0}")]
    ShortSecret(usize),
    #[error("the seal key must be 32 bytes in base64, such as `openssl rand -base64 32` prints")]
    SealKey,
    #[error(
        "the JWT secret is set from outside: put the present one in JWT_SECRET_PREVIOUS and a new one in JWT_SECRET, and start again"
    )]
    Given,
    #[error("jwt_jwks: {0}")]
    Jwks(String),
    #[error("{0}: give one token, or two with a comma between them, without white space")]
    FunctionTokens(&'static str),
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Keys {
    /// `issued_at` dates the anon and service keys, so that the same keys come out at every start.
    pub fn new(jwt_secret: String, seal_key: [u8; 32], issued_at: Timestamp) -> Result<Self, KeysError> {
        Ok(Self::of(JwtSecrets::given(jwt_secret, None, issued_at)?, seal_key))
    }

    /// Reads `jwt_secret` and `seal_key` in `dir`, making what is not there yet, readable by its owner alone.
    pub fn load_or_create(dir: &Path) -> Result<Self, KeysError> {
        let secrets = JwtSecrets::load_or_create(dir)?;
        let seal_key = files::read_or_create(&dir.join("seal_key"), || STANDARD.encode(random_bytes::<32>()))?;
        Ok(Self::of(secrets, parse_seal_key(&seal_key)?))
    }

    /// `JWT_SECRET` (a Supabase project's, to accept its users), `JWT_SECRET_PREVIOUS` where there is one, and
    /// `PLIMSOLL_SEAL_KEY` (base64) of the environment.
    pub fn from_env() -> Result<Self, KeysError> {
        Self::from_variables(|name| std::env::var(name).ok(), Timestamp::now())
    }

    /// [`Keys::from_env`] with the environment and the time as arguments.
    pub fn from_variables(lookup: impl Fn(&str) -> Option<String>, now: Timestamp) -> Result<Self, KeysError> {
        let jwt_secret = lookup("JWT_SECRET")
            .ok_or(KeysError::Missing("JWT_SECRET", "it signs and checks JWTs, at least 32 bytes"))?;
        let previous = lookup("JWT_SECRET_PREVIOUS").filter(|secret| !secret.is_empty());
        let seal_key = lookup("PLIMSOLL_SEAL_KEY")
            .ok_or(KeysError::Missing("PLIMSOLL_SEAL_KEY", "it seals stored secrets, 32 bytes in base64"))?;
        // To the day, so that replicas and restarts of one day print the same keys.
        let today = Zoned::new(now, jiff::tz::TimeZone::UTC).start_of_day().map_or(now, |day| day.timestamp());
        Ok(Self::of(JwtSecrets::given(jwt_secret, previous, today)?, parse_seal_key(&seal_key)?))
    }

    fn of(secrets: JwtSecrets, seal_key: [u8; 32]) -> Self {
        Self {
            jwt: RwLock::new(Arc::new(secrets)),
            seal_key,
            jwks: None,
            ingest_tokens: Vec::new(),
            advisory_tokens: Vec::new(),
        }
    }

    /// Believes the JWTs of somebody else too. `source` is a JWKS document, the path of a file with one, or its URL
    /// (https; http on loopback), such as `https://<ref>.supabase.co/auth/v1/.well-known/jwks.json`.
    pub fn with_jwks(mut self, source: &str) -> Result<Self, KeysError> {
        self.jwks = Some(Source::parse(source).map_err(KeysError::Jwks)?);
        Ok(self)
    }

    /// Tokens that callers of function endpoints carry already, one or two separated by a comma, in place of those the
    /// server would make.
    pub fn with_function_tokens(mut self, ingest: Option<&str>, advisory: Option<&str>) -> Result<Self, KeysError> {
        self.ingest_tokens = brought(ingest).ok_or(KeysError::FunctionTokens("OPS_INGEST_TOKEN"))?;
        self.advisory_tokens = brought(advisory).ok_or(KeysError::FunctionTokens("OPS_ADVISORY_TOKEN"))?;
        Ok(self)
    }

    /// The secret that signs JWTs.
    pub fn jwt_secret(&self) -> String {
        self.jwt().current.clone()
    }

    /// The secret before it, as long as it is believed.
    pub fn previous_jwt_secret(&self) -> Option<String> {
        self.jwt().previous.clone()
    }

    /// Puts a fresh JWT secret in use, here and in the file it is kept in; the one so far goes on being believed, and
    /// the one before that not any more. The anon and service keys change with it.
    ///
    /// # Errors
    /// [`KeysError::Given`] where the secret was set from outside.
    pub fn rotate_jwt_secret(&self) -> Result<(), KeysError> {
        self.replace_jwt(JwtSecrets::rotated)
    }

    /// Whether the JWT secret can be changed here; not where it was set from outside.
    pub(crate) fn keeps_jwt_secret(&self) -> bool {
        self.jwt().is_kept()
    }

    /// Ends the previous JWT secret.
    pub fn revoke_previous_jwt_secret(&self) -> Result<(), KeysError> {
        self.replace_jwt(JwtSecrets::without_previous)
    }

    pub(crate) fn seal_key(&self) -> &[u8; 32] {
        &self.seal_key
    }

    /// Tells which refresh token follows which.
    pub(crate) fn refresh_key(&self) -> hmac::Key {
        let seal = hmac::Key::new(hmac::HMAC_SHA512, &self.seal_key);
        hmac::Key::new(hmac::HMAC_SHA512, hmac::sign(&seal, REFRESH_PURPOSE).as_ref())
    }

    pub(crate) fn jwks(&self) -> Option<&Source> {
        self.jwks.as_ref()
    }

    /// Tokens an operator brought for an endpoint; empty where the server made its own.
    pub(crate) fn brought_tokens(&self, endpoint: FunctionToken) -> &[String] {
        match endpoint {
            FunctionToken::Ingest => &self.ingest_tokens,
            FunctionToken::AdvisoryScan => &self.advisory_tokens,
        }
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
        let secrets = self.jwt();
        let ten_years_later = Zoned::new(secrets.issued_at, jiff::tz::TimeZone::UTC)
            .checked_add(10.years())
            .and_then(|later| later.round(Unit::Second))
            .map_or(i64::MAX, |later| later.timestamp().as_second());
        let claims =
            json!({"role": role, "iss": "plimsoll", "iat": secrets.issued_at.as_second(), "exp": ten_years_later});
        jwt::sign_hs256(&secrets.current, &claims)
    }

    fn jwt(&self) -> Arc<JwtSecrets> {
        self.jwt.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace_jwt(&self, next: impl FnOnce(&JwtSecrets) -> Result<JwtSecrets, KeysError>) -> Result<(), KeysError> {
        let mut held = self.jwt.write().unwrap_or_else(PoisonError::into_inner);
        *held = Arc::new(next(&held)?);
        Ok(())
    }
}

/// `None` when the list is not one. An empty text brings nothing.
fn brought(list: Option<&str>) -> Option<Vec<String>> {
    let Some(list) = list.filter(|list| !list.trim().is_empty()) else { return Some(Vec::new()) };
    let tokens: Vec<_> = list.split(',').map(|token| token.trim().to_owned()).collect();
    let good = |token: &String| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    (tokens.len() <= MAX_BROUGHT && tokens.iter().all(good)).then_some(tokens)
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const LONG: &str = "a-secret-of-more-than-thirty-two-bytes";

    #[test]
    fn keys_are_made_once_and_readable_by_their_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let first = Keys::load_or_create(&dir.path().join("keys")).unwrap();
        let second = Keys::load_or_create(&dir.path().join("keys")).unwrap();
        assert_eq!(first.jwt_secret(), second.jwt_secret());
        assert_eq!(first.seal_key, second.seal_key);
        assert_eq!(first.service_role_key(), second.service_role_key());
        first.rotate_jwt_secret().unwrap();
        for name in ["jwt_secret", "jwt_secret.previous", "seal_key"] {
            let mode = fs::metadata(dir.path().join("keys").join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }

    #[test]
    fn a_new_jwt_secret_keeps_the_one_before_it_and_no_more() {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::load_or_create(dir.path()).unwrap();
        let first = keys.jwt_secret();
        assert_eq!(keys.previous_jwt_secret(), None);
        keys.rotate_jwt_secret().unwrap();
        let second = keys.jwt_secret();
        assert_ne!(second, first);
        assert_eq!(keys.previous_jwt_secret(), Some(first));
        keys.rotate_jwt_secret().unwrap();
        assert_eq!(keys.previous_jwt_secret(), Some(second.clone()));
        let again = Keys::load_or_create(dir.path()).unwrap();
        assert_eq!((again.jwt_secret(), again.previous_jwt_secret()), (keys.jwt_secret(), Some(second)));
        keys.revoke_previous_jwt_secret().unwrap();
        assert_eq!(Keys::load_or_create(dir.path()).unwrap().previous_jwt_secret(), None);
    }

    #[test]
    fn a_secret_from_outside_is_changed_outside() {
        let keys = Keys::new(LONG.into(), [7; 32], Timestamp::UNIX_EPOCH).unwrap();
        assert!(keys.rotate_jwt_secret().unwrap_err().to_string().contains("JWT_SECRET_PREVIOUS"));
        assert_eq!(keys.jwt_secret(), LONG);
    }

    #[test]
    fn an_environment_with_a_weak_or_missing_key_is_refused_with_what_would_be_right() {
        let seal = STANDARD.encode([7; 32]);
        let with = |secret: Option<&str>, previous: Option<&str>, seal: Option<&str>| {
            let (secret, previous, seal) =
                (secret.map(str::to_owned), previous.map(str::to_owned), seal.map(str::to_owned));
            Keys::from_variables(
                move |name| match name {
                    "JWT_SECRET" => secret.clone(),
                    "JWT_SECRET_PREVIOUS" => previous.clone(),
                    _ => seal.clone(),
                },
                Timestamp::UNIX_EPOCH,
            )
        };
        assert!(with(Some(LONG), None, Some(&seal)).is_ok());
        assert_eq!(with(Some(LONG), Some(LONG), Some(&seal)).unwrap().previous_jwt_secret().as_deref(), Some(LONG));
        assert!(with(None, None, Some(&seal)).unwrap_err().to_string().contains("JWT_SECRET is not set"));
        assert!(with(Some("short"), None, Some(&seal)).unwrap_err().to_string().contains("at least 32"));
        assert!(with(Some(LONG), Some("short"), Some(&seal)).unwrap_err().to_string().contains("at least 32"));
        assert!(with(Some(LONG), None, Some("AAAA")).unwrap_err().to_string().contains("32 bytes in base64"));
    }

    #[test]
    fn an_operator_brings_one_token_or_two() {
        let keys = || Keys::new(LONG.into(), [7; 32], Timestamp::UNIX_EPOCH).unwrap();
        let two = keys().with_function_tokens(Some("old, new"), Some("")).unwrap();
        assert_eq!(two.brought_tokens(FunctionToken::Ingest), ["old", "new"]);
        assert!(two.brought_tokens(FunctionToken::AdvisoryScan).is_empty());
        for bad in ["a,b,c", "a,,b", "with space", "ü", ","] {
            assert!(keys().with_function_tokens(Some(bad), None).is_err(), "{bad}");
        }
    }
}
