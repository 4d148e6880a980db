//! Whose signature a token bears, among all the keys that are believed: the shared secret and the one before it, our own
//! signing keys, and those of an operator's JWKS.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use plimsoll_db::Actor;
use serde_json::Value;

use crate::auth::jwk::{Algorithm, VerifyingKey};
use crate::auth::jwks::Jwks;
use crate::auth::jwt::{self, Fault, Jws};
use crate::error::ApiError;
use crate::keyring::Keyring;
use crate::keys::Keys;
use crate::tokens;

/// Most tokens remembered; a signed-in person has one.
const MAX_REMEMBERED: usize = 4_096;

pub(crate) struct Verifier {
    keys: Arc<Keys>,
    keyring: Arc<Keyring>,
    jwks: Arc<Jwks>,
    /// Claims of tokens whose asymmetric signature was checked, by the token's hash: only what the signature says is
    /// kept, and only while no key changed. Times, roles and membership are asked about each time.
    remembered: Mutex<HashMap<[u8; 32], Remembered>>,
}

struct Remembered {
    claims: Arc<Value>,
    generations: (u64, u64),
}

impl Verifier {
    pub(crate) fn new(keys: Arc<Keys>, keyring: Arc<Keyring>) -> Self {
        let jwks = Arc::new(Jwks::new(keys.jwks()));
        Self { keys, keyring, jwks, remembered: Mutex::default() }
    }

    /// Who bears the token.
    pub(crate) async fn verify(&self, token: &str, now: Timestamp) -> Result<Actor, ApiError> {
        let jws = Jws::parse(token)?;
        let claims = match jws.algorithm {
            Algorithm::Hs256 => self.shared_secret(&jws).await?,
            Algorithm::Rs256 | Algorithm::Es256 => self.public_key(&jws, token, now).await?,
        };
        Ok(jwt::actor(claims, now)?)
    }

    async fn shared_secret(&self, jws: &Jws<'_>) -> Result<Value, Fault> {
        let ours = [Some(self.keys.jwt_secret()), self.keys.previous_jwt_secret()];
        let mut ours = ours.into_iter().flatten().map(|secret| VerifyingKey::secret(secret.as_bytes()));
        if ours.any(|key| key.verifies(jws.message, &jws.signature)) || signed_by_any(jws, &self.jwks.keys().await) {
            return jws.claims();
        }
        Err(Fault::no_key())
    }

    async fn public_key(&self, jws: &Jws<'_>, token: &str, now: Timestamp) -> Result<Value, ApiError> {
        let hash = tokens::hash(token);
        let mut ours = self.keyring.keys().await?;
        // Before the keys: where they change in between, what they say is remembered as of before, and so not believed later.
        let mut their_generation = self.jwks.generation();
        let mut theirs = self.jwks.keys().await;
        if let Some(claims) = self.recall(&hash, (ours.generation, self.jwks.generation())) {
            return Ok((*claims).clone());
        }
        let good =
            |ours: &[VerifyingKey], theirs: &[VerifyingKey]| signed_by_any(jws, ours) || signed_by_any(jws, theirs);
        if !good(&ours.verifying, &theirs) {
            // A key that we have and that did not sign this is not to be found elsewhere.
            let named = |key: &VerifyingKey| key.kid.is_some() && key.kid == jws.kid;
            if ours.verifying.iter().chain(theirs.iter()).any(named) {
                return Err(Fault::no_key().into());
            }
            ours = self.keyring.after_miss().await?;
            their_generation = self.jwks.generation();
            theirs = self.jwks.after_miss().await;
            if !good(&ours.verifying, &theirs) {
                return Err(Fault::no_key().into());
            }
        }
        let claims = jws.claims()?;
        if !jwt::is_over(&claims, now) {
            self.remember(hash, claims.clone(), (ours.generation, their_generation), now);
        }
        Ok(claims)
    }

    fn recall(&self, hash: &[u8; 32], generations: (u64, u64)) -> Option<Arc<Value>> {
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.get(hash).filter(|known| known.generations == generations).map(|known| known.claims.clone())
    }

    fn remember(&self, hash: [u8; 32], claims: Value, generations: (u64, u64), now: Timestamp) {
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= MAX_REMEMBERED {
            remembered.retain(|_, known| known.generations == generations && !jwt::is_over(&known.claims, now));
            if remembered.len() >= MAX_REMEMBERED {
                remembered.clear();
            }
        }
        remembered.insert(hash, Remembered { claims: Arc::new(claims), generations });
    }
}

/// Whether one of the keys for the token's algorithm signed it. A `kid` picks the key, where the key has one too.
fn signed_by_any(jws: &Jws<'_>, keys: &[VerifyingKey]) -> bool {
    keys.iter()
        .filter(|key| key.algorithm() == jws.algorithm)
        .filter(|key| jws.kid.is_none() || key.kid.is_none() || key.kid == jws.kid)
        .any(|key| key.verifies(jws.message, &jws.signature))
}
