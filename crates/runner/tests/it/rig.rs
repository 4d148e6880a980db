//! A runner with its folders, beside a server made for tests.

use std::path::{Path, PathBuf};

use plimsoll_core::protocol::Claim;
use plimsoll_runner::{Credentials, Runner, RunnerConfig, SandboxChoice};
use plimsoll_testkit::git::Repo;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::server::{Build, REGISTRATION_TOKEN, Server};

pub(crate) struct Rig {
    pub(crate) server: Server,
    pub(crate) folder: TempDir,
    shutdown: CancellationToken,
    running: JoinHandle<plimsoll_runner::Result<()>>,
    project_id: Uuid,
}

impl Rig {
    /// A runner without sandbox.
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn sandboxed() -> Self {
        Self::with(|config| config.sandbox = SandboxChoice::Bubblewrap).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut RunnerConfig)) -> Self {
        let server = Server::start().await;
        let folder = tempfile::Builder::new().prefix("plimsoll-runner-").tempdir().unwrap();
        let mut config = config(&server, folder.path());
        change(&mut config);
        let shutdown = CancellationToken::new();
        let running = tokio::spawn(Runner::run(config, shutdown.clone()));
        Self { server, folder, shutdown, running, project_id: Uuid::new_v4() }
    }

    pub(crate) fn work_dir(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    pub(crate) fn cache_dir(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    /// Queues a build of `main`'s newest commit.
    pub(crate) fn queue(&self, repo: &Repo) -> Uuid {
        self.queue_with(repo, |_| {})
    }

    pub(crate) fn queue_with(&self, repo: &Repo, change: impl FnOnce(&mut Claim)) -> Uuid {
        let mut claim = claim(&repo.path().display().to_string());
        claim.project_id = self.project_id;
        change(&mut claim);
        let build_id = claim.build_id;
        self.server.change(|inner| inner.queue.push_back(claim));
        build_id
    }

    /// Runs a build of `main`'s newest commit to its end.
    pub(crate) async fn build(&self, repo: &Repo) -> Build {
        let build_id = self.queue(repo);
        self.server.finished(build_id).await
    }

    pub(crate) fn shut_down(&self) {
        self.shutdown.cancel();
    }

    /// Shuts the runner down, and sees that it leaves nothing behind. Its folder is for who starts another there.
    pub(crate) async fn stop(self) -> TempDir {
        self.shutdown.cancel();
        self.running.await.unwrap().unwrap();
        let left: Vec<_> = std::fs::read_dir(self.folder.path().join("work/attempts")).unwrap().collect();
        assert!(left.is_empty(), "folders are left: {left:?}");
        self.folder
    }

    /// How the runner ended by itself.
    pub(crate) async fn ended(self) -> plimsoll_runner::Result<()> {
        self.running.await.unwrap()
    }
}

pub(crate) fn config(server: &Server, folder: &Path) -> RunnerConfig {
    config_for(server.url(), folder)
}

pub(crate) fn config_for(server_url: url::Url, folder: &Path) -> RunnerConfig {
    let credentials = Credentials::Registration(REGISTRATION_TOKEN.to_owned());
    let mut config = RunnerConfig::new(server_url, credentials, folder.join("work"), folder.join("cache"));
    config.name = "test-runner".to_owned();
    config.sandbox = SandboxChoice::None;
    config.local_repositories = true;
    config
}

pub(crate) fn claim(repo_url: &str) -> Claim {
    let build_id = Uuid::new_v4();
    Claim {
        build_id,
        queue_id: Uuid::new_v4(),
        org_id: Uuid::new_v4(),
        project_id: Uuid::new_v4(),
        project_slug: "shop".to_owned(),
        branch_id: Uuid::new_v4(),
        branch_name: "main".to_owned(),
        build_number: 7,
        repo_url: repo_url.to_owned(),
        commit_sha: None,
        attempt: 1,
        attempt_token: format!("plim_att_{}", build_id.simple()),
        fencing_token: 42,
        lease_seconds: 30,
        heartbeat_seconds: 1,
        next_line: 1,
        secrets: [].into(),
        params: serde_json::json!({}),
        max_log_bytes: 100 << 20,
    }
}

/// A repository whose build file has one step that runs `script`.
pub(crate) fn repo_of(script: &str) -> Repo {
    let repo = Repo::new();
    commit_step(&repo, script, "");
    repo
}

/// Commits a build file with one step; `more` are further lines of it.
pub(crate) fn commit_step(repo: &Repo, script: &str, more: &str) -> String {
    let file = format!("[[step]]\nname = \"Run\"\nrun = '''\n{script}\n'''\n{more}\n");
    repo.commit(&[("plimsoll.toml", &file)], "Add a step\n\nWith a body.")
}

/// Live processes whose command line holds `text`.
pub(crate) fn processes_with(text: &str) -> Vec<String> {
    let own = std::process::id().to_string();
    std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().parse::<u32>().is_ok())
        .filter(|entry| entry.file_name() != own.as_str())
        .filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok())
        .map(|bytes| String::from_utf8_lossy(&bytes).replace('\0', " "))
        .filter(|line| line.contains(text))
        .collect()
}

/// An odd number of seconds to sleep, by which a process is recognised.
pub(crate) fn marked_sleep() -> String {
    format!("90000.{}", Uuid::new_v4().as_u128() % 1_000_000_000_000)
}
