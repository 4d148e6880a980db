//! What a running `plimsoll up` or `serve` tells other commands on this machine: `runtime.json` in the data directory.

use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RuntimeFile {
    /// Process that wrote it.
    pub pid: i32,
    /// Where the server answers.
    pub api_url: String,
    /// The database with its password.
    pub db_url: String,
    pub plimsoll_version: String,
    pub postgres_version: String,
}

impl RuntimeFile {
    fn path(data_dir: &Path) -> PathBuf {
        data_dir.join("runtime.json")
    }

    /// Writes it whole or not at all, readable by its owner only: it holds the database's password.
    pub(crate) fn write(&self, data_dir: &Path) -> std::io::Result<()> {
        let path = Self::path(data_dir);
        let temporary = path.with_extension(format!("json.{}", self.pid));
        let text = serde_json::to_vec_pretty(self)?;
        let mut file =
            std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        std::io::Write::write_all(&mut file, &text)?;
        file.sync_all()?;
        std::fs::rename(temporary, path)
    }

    /// What was written last, whether or not the process still lives.
    pub(crate) fn read(data_dir: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(Self::path(data_dir)).ok()?).ok()
    }

    /// What runs from `data_dir`.
    pub(crate) fn running(data_dir: &Path) -> Result<Self, Failure> {
        Self::read(data_dir).filter(Self::is_alive).ok_or_else(|| {
            Failure::unreachable(format!(
                "nothing runs from {}: start it with `plimsoll up`, or name its data directory with --data-dir or PLIMSOLL_DATA_DIR",
                data_dir.display()
            ))
        })
    }

    pub(crate) fn remove(data_dir: &Path) {
        // Best effort at the end of the process; a stale file is recognised by its pid.
        let _ = std::fs::remove_file(Self::path(data_dir));
    }

    /// Whether the process that wrote it still exists.
    pub(crate) fn is_alive(&self) -> bool {
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(self.pid), None) != Err(nix::errno::Errno::ESRCH)
    }
}
