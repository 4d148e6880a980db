//! What a runner needs to know before it starts.

use std::path::PathBuf;

use plimsoll_core::status::SandboxLevel;

/// Settings of one runner process.
#[derive(Debug, Clone)]
pub struct RunnerConfig {
    /// Address of the server, such as `https://plimsoll.example`.
    pub server_url: url::Url,
    pub credentials: Credentials,
    /// Shown in the runner list; the org sees builds by it.
    pub name: String,
    /// Builds it runs at a time; at least 1.
    pub slots: u32,
    /// Checkouts, spools and the remembered registration. Belongs to one runner process at a time.
    pub work_dir: PathBuf,
    /// Mirrors of repositories and what projects keep between builds.
    pub cache_dir: PathBuf,
    pub sandbox: SandboxChoice,
    /// Variables of the runner's own environment that steps see besides the built-in list.
    pub pass_env: Vec<String>,
    /// Whether projects may name a folder of this machine as their repository.
    pub local_repositories: bool,
    /// Folders steps must not see even when the rest of the machine is readable, such as the server's data directory.
    pub hidden_paths: Vec<PathBuf>,
    /// Time between SIGTERM and SIGKILL when a build is stopped.
    pub grace_seconds: u64,
    /// On shutdown, how long running builds may go on before they are handed back to the queue.
    pub drain_seconds: u64,
    /// Unacknowledged log kept on disk per build before the step's output is held back.
    pub spool_limit_bytes: u64,
    /// Largest single artifact that is uploaded.
    pub max_artifact_bytes: u64,
}

impl RunnerConfig {
    /// A runner with the usual limits, one slot, and the sandbox the machine allows.
    pub fn new(server_url: url::Url, credentials: Credentials, work_dir: PathBuf, cache_dir: PathBuf) -> Self {
        Self {
            server_url,
            credentials,
            name: nix::unistd::gethostname()
                .ok()
                .and_then(|name| name.into_string().ok())
                .unwrap_or_else(|| "runner".to_owned()),
            slots: 1,
            work_dir,
            cache_dir,
            sandbox: SandboxChoice::Auto,
            pass_env: Vec::new(),
            local_repositories: false,
            hidden_paths: Vec::new(),
            grace_seconds: 10,
            drain_seconds: 0,
            spool_limit_bytes: 256 << 20,
            max_artifact_bytes: 2 << 30,
        }
    }
}

/// How the runner proves to the server who it is.
#[derive(Clone)]
pub enum Credentials {
    /// API token with scope `runner`, or the service key: registers, and remembers the runner token it gets.
    Registration(String),
    /// A runner token from an earlier registration.
    Runner(String),
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Registration(_) => "Registration(…)",
            Self::Runner(_) => "Runner(…)",
        })
    }
}

/// Which fence builds get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SandboxChoice {
    /// bubblewrap where it works, else none.
    Auto,
    None,
    /// The runner refuses to start where bubblewrap does not work.
    Bubblewrap,
}

impl std::str::FromStr for SandboxChoice {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "none" => Ok(Self::None),
            text if text == SandboxLevel::Bubblewrap.as_str() => Ok(Self::Bubblewrap),
            other => Err(format!("{other:?} is not a sandbox: expected auto, none or bubblewrap")),
        }
    }
}
