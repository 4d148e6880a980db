//! What all attempts of one runner share.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use plimsoll_core::protocol::Claim;
use plimsoll_core::repo_url::UrlPolicy;
use tokio_util::sync::CancellationToken;

use crate::api::Api;
use crate::config::RunnerConfig;
use crate::environment::toolchains;
use crate::sandbox::{Place, Sandbox};

pub(crate) struct Host {
    pub(crate) config: RunnerConfig,
    pub(crate) api: Api,
    pub(crate) sandbox: Sandbox,
    pub(crate) git_version: String,
    /// Where attempts have their folders; no links in it.
    pub(crate) attempts: PathBuf,
    pub(crate) work_dir: PathBuf,
    pub(crate) cache_dir: PathBuf,
    /// The runner's environment.
    pub(crate) own: BTreeMap<OsString, OsString>,
    pub(crate) shutdown: CancellationToken,
}

/// Folders of one attempt, and of its project's cache.
#[derive(Debug, Clone)]
pub(crate) struct Paths {
    pub(crate) attempt: PathBuf,
    pub(crate) checkout: PathBuf,
    pub(crate) tmp: PathBuf,
    pub(crate) spool: PathBuf,
    pub(crate) git: PathBuf,
    pub(crate) mirror: PathBuf,
    pub(crate) home: PathBuf,
    pub(crate) cache: PathBuf,
    pub(crate) kept: PathBuf,
}

impl Paths {
    pub(crate) fn new(host: &Host, claim: &Claim, mark: &str) -> Self {
        let attempt = host.attempts.join(mark);
        let project = host.cache_dir.join("projects").join(claim.project_id.to_string());
        // A project may get another address: its mirror is another one then.
        let digest = ring::digest::digest(&ring::digest::SHA256, claim.repo_url.as_bytes());
        let mirror = format!("{}-{}.git", claim.project_id, hex::encode(&digest.as_ref()[..6]));
        Self {
            checkout: attempt.join("checkout"),
            tmp: attempt.join("tmp"),
            spool: attempt.join("spool"),
            git: attempt.join("git"),
            mirror: host.cache_dir.join("mirrors").join(mirror),
            home: project.join("home"),
            cache: project.join("cache"),
            kept: project.join("kept"),
            attempt,
        }
    }

    /// Makes all of them but the mirror, which git makes.
    ///
    /// # Errors
    /// As the file system says.
    pub(crate) fn create(&self) -> std::io::Result<()> {
        let mirrors = self.mirror.parent().unwrap_or(Path::new("/"));
        for folder in [&self.checkout, &self.tmp, &self.spool, &self.git, &self.home, &self.cache, &self.kept] {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::create_dir_all(mirrors)?;
        let mode = |folder: &Path, mode| std::fs::set_permissions(folder, Permissions::from_mode(mode));
        mode(&self.attempt, 0o711)?;
        mode(&self.spool, 0o700)?;
        mode(&self.git, 0o700)?;
        // Becomes /tmp.
        mode(&self.tmp, 0o1777)
    }
}

impl Host {
    pub(crate) fn url_policy(&self) -> UrlPolicy {
        UrlPolicy { local_paths: self.config.local_repositories, plain_http: false }
    }

    /// What steps of an attempt may see and change.
    pub(crate) fn place(&self, paths: &Paths) -> Place {
        let home = self.own.get(OsStr::new("HOME")).map(PathBuf::from).and_then(|home| home.canonicalize().ok());
        let mut hidden: Vec<PathBuf> = home.iter().cloned().collect();
        hidden.extend(self.config.hidden_paths.iter().filter_map(|path| path.canonicalize().ok()));
        hidden.extend([self.work_dir.clone(), self.cache_dir.clone()]);
        // Programs that lie in the hidden home, such as those of ~/.cargo/bin.
        let path = self.own.get(OsStr::new("PATH")).cloned().unwrap_or_default();
        let mut readable: Vec<PathBuf> = std::env::split_paths(&path)
            .filter(|folder| home.as_ref().is_some_and(|home| folder.starts_with(home) && folder != home))
            .collect();
        readable.extend(toolchains(&self.own).into_iter().map(|(_, folder)| folder));
        readable.push(paths.mirror.clone());
        Place {
            writable: vec![paths.checkout.clone(), paths.home.clone(), paths.cache.clone()],
            tmp: paths.tmp.clone(),
            readable,
            hidden,
        }
    }
}
