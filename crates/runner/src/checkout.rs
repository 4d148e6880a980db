//! From a repository's address to a folder with one commit: a bare mirror per project, kept between builds, and a
//! checkout that borrows its objects.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use plimsoll_core::protocol::Claim;
use plimsoll_core::repo_url::{check_branch_name, check_commit_sha, explain_git_failure};
use plimsoll_core::status::{FailureReason, Level, Phase};

use crate::git::{Git, Said, argument};
use crate::journal::Journal;
use crate::stop::Halt;

/// How often a mirror that another build is fetching into is asked for again.
const LOCK_POLL: Duration = Duration::from_millis(50);
/// First characters of a commit's message that the server is told.
const MAX_MESSAGE_CHARS: usize = 2_000;

/// The commit that is to be built.
#[derive(Debug, Clone)]
pub(crate) struct CheckedOut {
    pub(crate) sha: String,
    pub(crate) message: String,
    pub(crate) author: String,
    /// Paths of all files of the commit.
    pub(crate) files: Vec<String>,
}

pub(crate) struct Checkout<'a> {
    pub(crate) git: &'a Git,
    pub(crate) claim: &'a Claim,
    pub(crate) journal: &'a Journal,
    /// The bare repository; its parent exists.
    pub(crate) mirror: PathBuf,
    /// An empty folder.
    pub(crate) target: PathBuf,
    /// Something failed that a damaged mirror could explain.
    pub(crate) suspect: AtomicBool,
}

impl Checkout<'_> {
    /// Fetches, and checks out the claim's commit or the newest of its branch.
    ///
    /// # Errors
    /// `checkout_failed` with what to do about it.
    pub(crate) async fn run(&self) -> Result<CheckedOut, Halt> {
        if let Err(error) = check_branch_name(&self.claim.branch_name) {
            return Err(failed(error.to_string()));
        }
        let lock = self.lock().await?;
        let known = self.mirror.exists();
        let done = match self.fetch_and_check_out().await {
            // A mirror may be damaged in more ways than can be told apart; a new one heals them all. It is only worth
            // it where the repository itself answers.
            Err(halt @ Halt::Fail { .. }) if known && self.suspect.load(Ordering::Relaxed) && self.answers().await => {
                self.say(Level::Warn, "the cached mirror is damaged; cloning again");
                let project_id = self.claim.project_id;
                tracing::warn!(project.id = %project_id, "a mirror is damaged and is cloned again: {halt:?}");
                self.clear().await?;
                self.fetch_and_check_out().await
            }
            done => done,
        };
        drop(lock);
        done
    }

    /// One build at a time works on a mirror, across all runner processes that share the cache.
    async fn lock(&self) -> Result<Flock<std::fs::File>, Halt> {
        let path = self.mirror.with_extension("lock");
        let open = || std::fs::File::options().create(true).truncate(false).write(true).open(&path);
        let mut file = open().map_err(|error| Halt::io("cannot lock the mirror", &error))?;
        let mut told = false;
        loop {
            match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
                Ok(lock) => return Ok(lock),
                Err((back, Errno::EWOULDBLOCK)) => file = back,
                Err((_, error)) => return Err(Halt::io("cannot lock the mirror", &error.into())),
            }
            if !std::mem::replace(&mut told, true) {
                self.say(Level::Info, "waiting for another build that is fetching this repository");
            }
            tokio::select! {
                () = tokio::time::sleep(LOCK_POLL) => {}
                cause = self.git.stopped() => return Err(Halt::Stopped(cause)),
            }
        }
    }

    async fn fetch_and_check_out(&self) -> Result<CheckedOut, Halt> {
        self.prepare_mirror().await?;
        self.fetch().await?;
        let sha = self.resolve().await?;
        self.check_out(&sha).await?;
        self.describe(sha).await
    }

    async fn prepare_mirror(&self) -> Result<(), Halt> {
        if self.mirror.join("HEAD").is_file() {
            remove_stale_locks(&self.mirror);
            return Ok(());
        }
        self.clear().await?;
        std::fs::create_dir_all(&self.mirror).map_err(|error| Halt::io("cannot make the mirror's folder", &error))?;
        let said = self.git.run(&self.mirror, &["init", "--quiet", "--bare", "--template=", "."]).await?;
        self.expect(said, "cannot set up a mirror").map(drop)
    }

    async fn fetch(&self) -> Result<(), Halt> {
        self.say(Level::Info, &format!("fetching {}", self.git.address()));
        let arguments = [
            "fetch",
            "--quiet",
            "--prune",
            "--force",
            "--no-tags",
            "--no-recurse-submodules",
            "--",
            self.git.address(),
            "+refs/heads/*:refs/heads/*",
            "+refs/tags/*:refs/tags/*",
        ];
        let said = self.git.run(&self.mirror, &arguments).await?;
        self.expect(said, "cannot fetch the repository")?;
        let tidy = ["-c", "gc.auto=6700", "-c", "gc.autoDetach=false", "gc", "--auto", "--quiet", "--prune=never"];
        self.git.run(&self.mirror, &tidy).await.map(drop)
    }

    /// The full id of the commit to build, which is then in the mirror.
    async fn resolve(&self) -> Result<String, Halt> {
        let Some(wanted) = &self.claim.commit_sha else {
            let name = format!("refs/heads/{}", self.claim.branch_name);
            let message = || format!("there is no branch {:?} in this repository", self.claim.branch_name);
            return self.find(&name).await?.ok_or_else(|| failed(message()));
        };
        let sha = check_commit_sha(wanted).map_err(|error| failed(error.to_string()))?;
        if let Some(found) = self.find(&sha).await? {
            return Ok(found);
        }
        // Not on a branch or tag any more, after a force-push for instance; most hosts still hand it out by its id.
        let refspec = format!("+{sha}:refs/plimsoll/{sha}");
        let arguments =
            ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--", self.git.address(), &refspec];
        let said = self.git.run(&self.mirror, &arguments).await?;
        if said.ok
            && let Some(found) = self.find(&sha).await?
        {
            return Ok(found);
        }
        Err(failed(format!(
            "commit {sha} does not exist in this repository: it may have been removed by a force-push ({})",
            explain_git_failure(&said.stderr)
        )))
    }

    async fn find(&self, name: &str) -> Result<Option<String>, Halt> {
        let commit = format!("{name}^{{commit}}");
        let said =
            self.git.run(&self.mirror, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit]).await?;
        let sha = String::from_utf8_lossy(&said.stdout).trim().to_owned();
        Ok(said.ok.then_some(sha).filter(|sha| check_commit_sha(sha).is_ok()))
    }

    async fn check_out(&self, sha: &str) -> Result<(), Halt> {
        let (mirror, target) = (argument(&self.mirror)?, argument(&self.target)?);
        let clone = [
            "-c",
            "protocol.file.allow=always",
            "clone",
            "--quiet",
            "--shared",
            "--no-checkout",
            "--origin=origin",
            "--template=",
            "--",
            mirror,
            target,
        ];
        let parent = self.target.parent().unwrap_or(&self.target);
        let said = self.git.run(parent, &clone).await?;
        self.expect(said, "cannot make the checkout")?;
        let said = self.git.run(&self.target, &["remote", "set-url", "origin", self.git.address()]).await?;
        self.expect(said, "cannot make the checkout")?;
        let checkout = ["checkout", "--quiet", "--force", "--no-track", "-B", &self.claim.branch_name, sha, "--"];
        let said = self.git.run(&self.target, &checkout).await?;
        self.expect(said, "cannot check out the commit").map(drop)
    }

    async fn describe(&self, sha: String) -> Result<CheckedOut, Halt> {
        let format =
            ["-c", "i18n.logOutputEncoding=UTF-8", "log", "-1", "--no-show-signature", "--format=%an <%ae>%x00%B"];
        let said = self.git.run(&self.target, &format).await?;
        let text = String::from_utf8_lossy(&self.expect(said, "cannot read the commit")?).into_owned();
        let (author, message) = text.split_once('\0').unwrap_or((&text, ""));
        let said = self.git.run(&self.target, &["ls-tree", "-r", "-z", "--name-only", "--full-tree", "HEAD"]).await?;
        let files = self.expect(said, "cannot list the commit's files")?;
        let files = files.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        Ok(CheckedOut {
            sha,
            author: author.chars().filter(|c| !c.is_control()).take(300).collect(),
            message: message.trim().chars().filter(|c| *c != '\0').take(MAX_MESSAGE_CHARS).collect(),
            files: files.map(|path| String::from_utf8_lossy(path).into_owned()).collect(),
        })
    }

    /// Whether the repository itself can be reached.
    async fn answers(&self) -> bool {
        let arguments = ["ls-remote", "--quiet", "--heads", "--", self.git.address()];
        self.git.run(Path::new("/"), &arguments).await.is_ok_and(|said| said.ok)
    }

    /// Out of the way, both mirror and half-made checkout.
    async fn clear(&self) -> Result<(), Halt> {
        for folder in [&self.mirror, &self.target] {
            crate::workdir::remove_tree(folder)
                .await
                .map_err(|error| Halt::io("cannot remove a damaged mirror", &error))?;
        }
        std::fs::create_dir_all(&self.target).map_err(|error| Halt::io("cannot make the checkout's folder", &error))
    }

    fn say(&self, level: Level, text: &str) {
        self.journal.say(Phase::Checkout, level, text, None);
    }

    /// The output of a command that had to succeed.
    fn expect(&self, said: Said, what: &str) -> Result<Vec<u8>, Halt> {
        if said.ok {
            return Ok(said.stdout);
        }
        if is_disk_trouble(&said.stderr) {
            let message = format!("{what}: {}; is the runner's disk full?", explain_git_failure(&said.stderr));
            return Err(Halt::Infrastructure(message));
        }
        self.suspect.store(true, Ordering::Relaxed);
        for line in said.stderr.lines().filter(|line| !line.trim().is_empty()).take(20) {
            self.say(Level::Info, &format!("git: {line}"));
        }
        Err(failed(format!("{what}: {}", explain_git_failure(&said.stderr))))
    }
}

fn failed(message: String) -> Halt {
    Halt::fail(FailureReason::CheckoutFailed, message)
}

/// Whether git could not write. It does not always say why, and hardly ever is it the commit's fault.
fn is_disk_trouble(stderr: &str) -> bool {
    const WORDS: [&str; 6] = [
        "no space left on device",
        "disk quota exceeded",
        "unable to write file",
        "unable to write new index file",
        "unable to write loose object",
        "write error",
    ];
    let lower = stderr.to_lowercase();
    WORDS.iter().any(|words| lower.contains(words))
}

/// A git that was killed leaves lock files; the mirror's own lock says that nobody is using them.
fn remove_stale_locks(mirror: &Path) {
    let mut folders = vec![mirror.join("refs")];
    let mut files: Vec<PathBuf> =
        ["HEAD", "config", "packed-refs", "shallow"].map(|n| mirror.join(format!("{n}.lock"))).into();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                _ if entry.path().extension().is_some_and(|extension| extension == "lock") => files.push(entry.path()),
                _ => {}
            }
        }
    }
    for file in files {
        let _ = std::fs::remove_file(file);
    }
}
