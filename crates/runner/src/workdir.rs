//! The runner's own folders: one lock, one folder an attempt, and nothing left over from an earlier life.

use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use nix::fcntl::{Flock, FlockArg};

use crate::error::{At as _, Error, Result};
use crate::family;
use crate::spawn::Mark;

/// Held while the runner runs.
pub(crate) struct WorkDir {
    pub(crate) path: PathBuf,
    _lock: Flock<File>,
}

impl WorkDir {
    /// Takes the folder for this process, kills what an earlier one left running and removes what it left lying.
    ///
    /// # Errors
    /// When another runner has it, or it cannot be written.
    pub(crate) async fn take(path: &Path) -> Result<Self> {
        create_unlisted(path)?;
        let path = path.canonicalize().at("cannot find", path)?;
        let lock_path = path.join("lock");
        let file =
            File::options().create(true).truncate(false).write(true).open(&lock_path).at("cannot open", &lock_path)?;
        let lock = Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|_| Error::WorkDirInUse(path.clone()))?;
        let work_dir = Self { path, _lock: lock };
        let attempts = work_dir.attempts();
        create_unlisted(&attempts)?;
        for entry in std::fs::read_dir(&attempts).at("cannot read", &attempts)?.flatten() {
            clear_leftover(&entry.path()).await;
        }
        Ok(work_dir)
    }

    pub(crate) fn attempts(&self) -> PathBuf {
        self.path.join("attempts")
    }
}

async fn clear_leftover(folder: &Path) {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if let Some(mark) = Mark::parse(name) {
        let killed = family::kill_all(&mark, None).await;
        tracing::warn!(
            attempt.id = name,
            killed = killed.len(),
            "an earlier runner did not finish a build; clearing up after it"
        );
    }
    if let Err(error) = remove_tree(folder).await {
        tracing::warn!(error = %error, "cannot remove {}: {error}", folder.display());
    }
}

/// Makes the folder so that others cannot look around in it. They may pass through: a build that is run as root may
/// start a database as another user.
pub(crate) fn create_unlisted(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).at("cannot make", path)?;
    std::fs::set_permissions(path, Permissions::from_mode(0o711)).at("cannot keep others out of", path)
}

/// Removes a folder with all it holds, read-only folders included. It need not exist.
pub(crate) async fn remove_tree(path: &Path) -> std::io::Result<()> {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || match std::fs::remove_dir_all(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            // Some tools (Go's module cache) make their folders read-only.
            make_writable(&path);
            std::fs::remove_dir_all(&path)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        done => done,
    })
    .await
    .map_err(std::io::Error::other)?
}

fn make_writable(folder: &Path) {
    let _ = std::fs::set_permissions(folder, Permissions::from_mode(0o700));
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            make_writable(&entry.path());
        }
    }
}
