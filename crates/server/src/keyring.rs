//! The installation's own keys (`registry.server_keys`), as this replica last saw them.
//!
//! Every replica has the same, and there is no message when they change: what is held is at most two seconds old, and a
//! key that is not held is looked for at once. So a new key works, and a revoked one does not, within seconds everywhere.

mod kind;
mod signing;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use plimsoll_db::Db;
use plimsoll_db::registry::{NewServerKey, ServerKey};
use serde_json::Value;
use uuid::Uuid;

use crate::auth::jwk::VerifyingKey;
use crate::auth::rate_limit::{Key, Rate, RateLimiter};
use crate::error::ApiError;
use crate::keys::Keys;
use crate::tokens;

pub(crate) use kind::KeyKind;
pub(crate) use signing::SigningKey;

const MAX_AGE: Duration = Duration::from_secs(2);
/// Looks for keys that are not held: whoever makes up well-formed ones costs the database no more than this.
const MISSES: Rate = Rate { burst: 20.0, per_second: 2.0 };
/// How often the use of a key is noted by one replica.
const NOTE_EVERY: Duration = Duration::from_secs(60);

pub(crate) struct Keyring {
    db: Db,
    keys: Arc<Keys>,
    held: RwLock<Option<Held>>,
    loading: tokio::sync::Mutex<()>,
    misses: RateLimiter,
    noted: Mutex<HashMap<Uuid, Instant>>,
}

struct Held {
    snapshot: Arc<Snapshot>,
    read_at: Instant,
}

/// The keys that were good at one moment.
pub(crate) struct Snapshot {
    /// Grows with every change.
    pub(crate) generation: u64,
    pub(crate) rows: Vec<ServerKey>,
    /// What our own signatures are checked with.
    pub(crate) verifying: Vec<VerifyingKey>,
    /// What signs; `None` where this server cannot open it.
    signing: Option<SigningKey>,
}

impl Snapshot {
    fn find(&self, kind: KeyKind, hash: &[u8; 32]) -> Option<&ServerKey> {
        self.rows.iter().find(|row| row.kind == kind.as_str() && row.key_hash == hash)
    }

    pub(crate) fn signing(&self) -> Result<&SigningKey, ApiError> {
        self.signing.as_ref().ok_or_else(|| ApiError::internal("the signing key does not open under this seal key"))
    }

    /// What others check our signatures with: the key in use, then the one before.
    pub(crate) fn public_jwks(&self) -> Vec<&Value> {
        self.rows.iter().filter_map(|row| row.public_jwk.as_ref()).collect()
    }
}

impl Keyring {
    pub(crate) fn new(db: Db, keys: Arc<Keys>) -> Self {
        Self {
            db,
            keys,
            held: RwLock::new(None),
            loading: tokio::sync::Mutex::new(()),
            misses: RateLimiter::default(),
            noted: Mutex::default(),
        }
    }

    /// The keys, at most [`MAX_AGE`] old. The first call of all makes them.
    pub(crate) async fn keys(&self) -> Result<Arc<Snapshot>, ApiError> {
        self.younger_than(MAX_AGE).await
    }

    /// The keys as they are now, for who did not find one; not more often than [`MISSES`].
    pub(crate) async fn after_miss(&self) -> Result<Arc<Snapshot>, ApiError> {
        match self.misses.take(Key::Reload, MISSES, Instant::now()) {
            Ok(()) => self.younger_than(Duration::ZERO).await,
            Err(_) => self.keys().await,
        }
    }

    /// Whether `token` is a good key of this kind; notes the use.
    pub(crate) async fn knows(&self, kind: KeyKind, token: &str) -> Result<bool, ApiError> {
        let Some(form) = kind.token() else { return Ok(false) };
        if !tokens::is_well_formed(form, token) {
            return Ok(false);
        }
        let hash = tokens::hash(token);
        let mut snapshot = self.keys().await?;
        if snapshot.find(kind, &hash).is_none() {
            snapshot = self.after_miss().await?;
        }
        let Some(key) = snapshot.find(kind, &hash) else { return Ok(false) };
        self.note_use(key.id);
        Ok(true)
    }

    /// The keys as they stand in the database this moment, with their last use.
    pub(crate) async fn list(&self) -> Result<Vec<ServerKey>, ApiError> {
        self.read().await
    }

    /// Makes a new key of this kind the one in use and answers it.
    pub(crate) async fn rotate(&self, kind: KeyKind) -> Result<ServerKey, ApiError> {
        let id = self.store(kind, false).await?;
        let snapshot = self.younger_than(Duration::ZERO).await?;
        let made = snapshot.rows.iter().find(|row| row.id == id).cloned();
        made.ok_or_else(|| ApiError::conflict("another change of this key came in between: look at the list"))
    }

    /// A key that is good, as the database has it this moment.
    pub(crate) async fn find(&self, id: Uuid) -> Result<Option<ServerKey>, ApiError> {
        Ok(self.younger_than(Duration::ZERO).await?.rows.iter().find(|row| row.id == id).cloned())
    }

    /// Ends a key; false when no such key is good. Where it was the one in use, a new one takes its place.
    pub(crate) async fn revoke(&self, id: Uuid) -> Result<bool, ApiError> {
        let revoked = self.db.revoke_server_key(id).await?;
        self.younger_than(Duration::ZERO).await?;
        Ok(revoked)
    }

    /// The key itself, for the operator.
    pub(crate) fn open(&self, row: &ServerKey) -> Option<String> {
        KeyKind::named(&row.kind)?.token()?;
        self.keys.open(&owner(row.id), &row.sealed).ok().and_then(|plain| String::from_utf8(plain).ok())
    }

    async fn younger_than(&self, max_age: Duration) -> Result<Arc<Snapshot>, ApiError> {
        let asked_at = Instant::now();
        // What somebody read while we waited for our turn is as good as what we would read.
        let young = |held: &Held| held.read_at > asked_at || held.read_at.elapsed() < max_age;
        let held = || {
            self.held
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .as_ref()
                .filter(|held| young(held))
                .map(|held| held.snapshot.clone())
        };
        if let Some(snapshot) = held() {
            return Ok(snapshot);
        }
        let _turn = self.loading.lock().await;
        if let Some(snapshot) = held() {
            return Ok(snapshot);
        }
        let read_at = Instant::now();
        let rows = self.read().await?;
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        let before = held.take().map(|held| held.snapshot);
        let snapshot = match before {
            Some(before) if same_keys(&before.rows, &rows) => before,
            before => Arc::new(self.snapshot(rows, before.map_or(0, |before| before.generation + 1))),
        };
        *held = Some(Held { snapshot: snapshot.clone(), read_at });
        Ok(snapshot)
    }

    /// All kinds, each made where there is none in use.
    async fn read(&self) -> Result<Vec<ServerKey>, ApiError> {
        let rows = self.db.server_keys().await?;
        let in_use = |kind: KeyKind| rows.iter().any(|row| row.kind == kind.as_str() && row.superseded_at.is_none());
        let missing: Vec<_> = KeyKind::ALL.into_iter().filter(|kind| !in_use(*kind)).collect();
        if missing.is_empty() {
            return Ok(rows);
        }
        for kind in missing {
            self.store(kind, true).await?;
        }
        Ok(self.db.server_keys().await?)
    }

    async fn store(&self, kind: KeyKind, unless_there: bool) -> Result<Uuid, ApiError> {
        let id = Uuid::now_v7();
        let (hash, plain, public_jwk) = match kind.token() {
            Some(form) => {
                let token = tokens::generate(form);
                (tokens::hash(&token), token.into_bytes(), None)
            }
            None => {
                let made = signing::generate(id)?;
                (made.hash, made.pkcs8, Some(made.public_jwk))
            }
        };
        let sealed = self.keys.seal(&owner(id), &plain);
        let new =
            NewServerKey { id, kind: kind.as_str(), key_hash: &hash, sealed: &sealed, public_jwk: public_jwk.as_ref() };
        if unless_there {
            self.db.ensure_server_key(&new).await?;
        } else {
            self.db.rotate_server_key(&new).await?;
        }
        Ok(id)
    }

    fn snapshot(&self, rows: Vec<ServerKey>, generation: u64) -> Snapshot {
        let signing_rows = || rows.iter().filter(|row| row.kind == KeyKind::Signing.as_str());
        let verifying = signing_rows().filter_map(signing::verifying_key).collect();
        let signing = signing_rows().find(|row| row.superseded_at.is_none()).and_then(|row| {
            let opened = self.keys.open(&owner(row.id), &row.sealed).ok();
            let key = opened.and_then(|pkcs8| SigningKey::open(row.id, &pkcs8));
            if key.is_none() {
                tracing::error!(key.id = %row.id, "the signing key does not open: replicas must share one seal key");
            }
            key
        });
        Snapshot { generation, rows, verifying, signing }
    }

    /// Beside the request: nobody waits for it, and one that is lost costs nothing.
    fn note_use(&self, id: Uuid) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.get(&id).is_some_and(|at| at.elapsed() < NOTE_EVERY) {
            return;
        }
        noted.retain(|_, at| at.elapsed() < NOTE_EVERY);
        noted.insert(id, Instant::now());
        let db = self.db.clone();
        tokio::spawn(async move {
            if let Err(error) = db.note_server_key_use(id).await {
                tracing::debug!("error.cause" = %error, key.id = %id, "a key's use was not noted");
            }
        });
    }
}

/// What a key is sealed for.
fn owner(id: Uuid) -> String {
    format!("server_key:{id}")
}

fn same_keys(one: &[ServerKey], other: &[ServerKey]) -> bool {
    let shown = |rows: &[ServerKey]| rows.iter().map(|row| (row.id, row.superseded_at)).collect::<Vec<_>>();
    shown(one) == shown(other)
}
