//! A data directory for one test, and what a test asks of a cluster.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use plimsoll_embedded::{Cluster, Durability, EmbeddedConfig, State};
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

/// A machine that is busy with other tests may take long; a test that hangs is ended by the runner.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("pe-").tempdir_in("/tmp").unwrap();
        // The server's user has to come through.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        Self { folder }
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    pub(crate) fn config(&self) -> EmbeddedConfig {
        config(self.data_dir())
    }

    pub(crate) async fn start(&self) -> Cluster {
        Cluster::start(self.config(), |_| {}).await.unwrap()
    }

    /// The pid in `postmaster.pid`.
    pub(crate) fn server_pid(&self) -> i32 {
        let text = std::fs::read_to_string(self.data_dir().join("cluster/postmaster.pid")).unwrap();
        text.lines().next().unwrap().parse().unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // A test that failed may have left its server.
        if let Ok(text) = std::fs::read_to_string(self.data_dir().join("cluster/postmaster.pid"))
            && let Some(Ok(pid)) = text.lines().next().map(str::parse)
        {
            kill(pid, nix::sys::signal::Signal::SIGQUIT);
        }
    }
}

pub(crate) fn config(data_dir: PathBuf) -> EmbeddedConfig {
    let mut config = EmbeddedConfig::new(data_dir);
    config.binaries = std::env::var_os("PLIMSOLL_POSTGRES_BINARIES").map(PathBuf::from);
    config.durability = Durability::None;
    config.max_connections = 20;
    config.start_timeout = PATIENCE;
    config
}

pub(crate) async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

pub(crate) async fn text(client: &Client, sql: &str) -> String {
    client.query_one(sql, &[]).await.unwrap().get(0)
}

pub(crate) fn kill(pid: i32, signal: nix::sys::signal::Signal) {
    let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), signal);
}

/// Waits until the server runs after its `restarts`th restart, and answers its pid.
pub(crate) async fn running_after(cluster: &Cluster, wanted: u32) -> i32 {
    let mut states = cluster.watch();
    let reached = states.wait_for(|state| matches!(state, State::Running { restarts, .. } if *restarts >= wanted));
    match *tokio::time::timeout(PATIENCE, reached).await.expect("the server came back").unwrap() {
        State::Running { pid, .. } => pid,
        _ => unreachable!("waited for a running server"),
    }
}
