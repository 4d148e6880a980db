//! What the caller may choose.

use std::path::PathBuf;
use std::time::Duration;

/// Whether committed work survives the machine's death.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    #[default]
    Full,
    /// No fsync: fast, and the cluster may be lost with the machine. For tests.
    None,
}

#[derive(Debug, Clone)]
pub struct EmbeddedConfig {
    /// A folder that is the cluster's alone; made if absent.
    pub data_dir: PathBuf,
    /// The folder that holds `initdb` and `postgres`, or the installation above it. None: found by itself.
    pub binaries: Option<PathBuf>,
    /// Where `script/up` may have installed PostgreSQL; looked at last.
    pub tool_folders: Vec<PathBuf>,
    /// The user the server runs as when this process is root. None: `postgres` if there is one, else `nobody`.
    pub run_as: Option<String>,
    /// Loopback port. None: a free one, kept from then on.
    pub port: Option<u16>,
    pub max_connections: u32,
    pub durability: Durability,
    /// How long the server may take to be ready, recovery from a crash included.
    pub start_timeout: Duration,
    /// How long the server may take to close its connections before they are cut.
    pub stop_timeout: Duration,
}

impl EmbeddedConfig {
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            binaries: None,
            tool_folders: crate::tool_folders(),
            run_as: None,
            port: None,
            max_connections: 100,
            durability: Durability::Full,
            start_timeout: Duration::from_secs(300),
            stop_timeout: Duration::from_secs(20),
        }
    }
}
