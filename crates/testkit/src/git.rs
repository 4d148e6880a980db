//! Real git repositories to clone from.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// A repository in a temporary folder, removed with the value. Its first branch is `main`.
pub struct Repo {
    folder: TempDir,
}

impl Default for Repo {
    fn default() -> Self {
        Self::new()
    }
}

impl Repo {
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("plimsoll-repo-").tempdir().expect("create a temporary folder");
        let repo = Self { folder };
        repo.git(&["init", "--quiet", "--initial-branch=main", "."]);
        // Runners fetch single commits by their name, which a server allows only when told to.
        repo.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
        repo
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Its `file://` address.
    pub fn url(&self) -> String {
        format!("file://{}", self.path().display())
    }

    /// Writes `files` (path, content), commits everything, and answers the commit's SHA.
    pub fn commit(&self, files: &[(&str, &str)], message: &str) -> String {
        for (path, content) in files {
            self.write(path, content.as_bytes());
        }
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.head()
    }

    /// Writes one file without committing it.
    pub fn write(&self, path: &str, content: &[u8]) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("create the file's folder");
        std::fs::write(path, content).expect("write the file");
    }

    /// Switches to branch `name`, which is created at HEAD if it does not exist.
    pub fn branch(&self, name: &str) {
        let known = self.run(&["rev-parse", "--verify", "--quiet", &format!("refs/heads/{name}")]).is_ok();
        let args: &[&str] = if known { &["checkout", "--quiet", name] } else { &["checkout", "--quiet", "-b", name] };
        self.git(args);
    }

    pub fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"])
    }

    /// Runs git in the repository and answers its output, trimmed. Panics with git's words when it fails.
    pub fn git(&self, args: &[&str]) -> String {
        self.run(args).unwrap_or_else(|error| panic!("git {}: {error}", args.join(" ")))
    }

    /// Without the developer's own configuration, and with fixed names and times, so that SHAs are the same everywhere.
    fn run(&self, args: &[&str]) -> Result<String, String> {
        let output = Command::new("git")
            .args(args)
            .current_dir(self.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env_remove("GIT_DIR")
            .env_remove("GIT_WORK_TREE")
            .env_remove("GIT_INDEX_FILE")
            .envs([("GIT_AUTHOR_NAME", "Ada"), ("GIT_AUTHOR_EMAIL", "ada@example.test")])
            .envs([("GIT_COMMITTER_NAME", "Ada"), ("GIT_COMMITTER_EMAIL", "ada@example.test")])
            .envs([("GIT_AUTHOR_DATE", "2026-01-02T03:04:05Z"), ("GIT_COMMITTER_DATE", "2026-01-02T03:04:05Z")])
            .output()
            .map_err(|e| e.to_string())?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
        }
    }
}
