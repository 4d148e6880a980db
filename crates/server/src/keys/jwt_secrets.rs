//! The shared secrets of HS256: the one that signs, and the one before it, which goes on being believed.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;

use super::{KeysError, files, random_bytes};

/// Shortest secret HS256 takes (RFC 7518 §3.2: as long as its output).
const MIN_BYTES: usize = 32;
const FILE: &str = "jwt_secret";
const PREVIOUS_FILE: &str = "jwt_secret.previous";

pub(super) struct JwtSecrets {
    pub(super) current: String,
    pub(super) previous: Option<String>,
    /// Dates the anon and service keys, so that the same keys come out at every start.
    pub(super) issued_at: Timestamp,
    /// Where they are kept; `None` where they were given.
    folder: Option<PathBuf>,
}

impl JwtSecrets {
    pub(super) fn given(current: String, previous: Option<String>, issued_at: Timestamp) -> Result<Self, KeysError> {
        let secrets = Self { current, previous, issued_at, folder: None };
        secrets.checked()
    }

    pub(super) fn load_or_create(folder: &Path) -> Result<Self, KeysError> {
        let current = files::read_or_create(&folder.join(FILE), fresh)?;
        let previous = files::read(&folder.join(PREVIOUS_FILE))?.filter(|previous| *previous != current);
        let issued_at = made_at(&folder.join(FILE));
        Self { current, previous, issued_at, folder: Some(folder.to_owned()) }.checked()
    }

    fn checked(self) -> Result<Self, KeysError> {
        let lengths = [Some(self.current.len()), self.previous.as_ref().map(String::len)];
        match lengths.into_iter().flatten().min() {
            Some(short) if short < MIN_BYTES => Err(KeysError::ShortSecret(short)),
            _ => Ok(self),
        }
    }

    pub(super) const fn is_kept(&self) -> bool {
        self.folder.is_some()
    }

    /// Puts a fresh secret in use and keeps the one so far as the previous.
    pub(super) fn rotated(&self) -> Result<Self, KeysError> {
        let folder = self.folder.as_ref().ok_or(KeysError::Given)?;
        let current = fresh();
        // In this order a crash between the two leaves one secret, twice.
        files::write(&folder.join(PREVIOUS_FILE), &self.current)?;
        files::write(&folder.join(FILE), &current)?;
        Ok(Self {
            current,
            previous: Some(self.current.clone()),
            issued_at: made_at(&folder.join(FILE)),
            folder: Some(folder.clone()),
        })
    }

    pub(super) fn without_previous(&self) -> Result<Self, KeysError> {
        let folder = self.folder.as_ref().ok_or(KeysError::Given)?;
        files::remove(&folder.join(PREVIOUS_FILE))?;
        Ok(Self {
            current: self.current.clone(),
            previous: None,
            issued_at: self.issued_at,
            folder: Some(folder.clone()),
        })
    }
}

fn fresh() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<32>())
}

fn made_at(path: &Path) -> Timestamp {
    fs::metadata(path)
        .and_then(|meta| meta.modified())
        .ok()
        .and_then(|time| Timestamp::try_from(time).ok())
        .unwrap_or(Timestamp::UNIX_EPOCH)
}
