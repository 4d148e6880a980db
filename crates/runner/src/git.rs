//! git as a subprocess of an attempt: hardened, without prompts, without credentials on a command line.

use std::ffi::OsStr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::unistd::Pid;
use plimsoll_core::repo_url::{GIT_ENV, GIT_ENV_REMOVE, RepoUrl, Transport, UrlPolicy, git_args};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::error::{Error, Result};
use crate::family;
use crate::spawn::{Bond, Mark, spawn};
use crate::stop::{Halt, StopSignal};

/// Longest one git command may take.
const TIMEOUT: Duration = Duration::from_secs(3_600);
/// What is kept of git's output; the rest is read and dropped.
const MAX_STDOUT_BYTES: usize = 32 << 20;
const MAX_STDERR_BYTES: usize = 64 << 10;
/// What git needs of the runner's environment.
const PASSED: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "XDG_CONFIG_HOME",
    "SSH_AUTH_SOCK",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "GIT_SSL_CAINFO",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
];

/// Runs git for one attempt.
pub(crate) struct Git {
    policy: UrlPolicy,
    mark: Mark,
    stop: StopSignal,
    /// Stands in for the user's configuration, which it includes.
    config: PathBuf,
    /// The repository's address without password.
    address: String,
}

/// What a git command that ran to its end left.
pub(crate) struct Said {
    pub(crate) ok: bool,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Git {
    /// Writes the configuration into `folder`, which must be the attempt's own and not visible to steps.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn new(
        folder: &Path,
        repository: &RepoUrl,
        policy: UrlPolicy,
        mark: Mark,
        stop: StopSignal,
    ) -> std::io::Result<Self> {
        let (address, login) = split_login(repository);
        let config = folder.join("config");
        let mut text = String::new();
        for file in user_configurations() {
            text += &format!("[include]\n\tpath = {}\n", quoted(&file));
        }
        if repository.transport() == Transport::Local {
            // By policy the operator allows local repositories whoever owns them; git asks for each by name.
            let path = Path::new(repository.path());
            for path in [path.to_owned(), path.join(".git")] {
                text += &format!("[safe]\n\tdirectory = {}\n", quoted(&path));
            }
        }
        if let Some(login) = login {
            // Through a helper, because git puts an address with its password on the command line of its transport.
            let store = folder.join("credentials");
            write_private(&store, &format!("{login}\n"))?;
            let helper = format!("store --file '{}'", store.display().to_string().replace('\'', r"'\''"));
            text += &format!("[credential]\n\thelper =\n\thelper = {}\n", quoted(Path::new(&helper)));
        }
        write_private(&config, &text)?;
        Ok(Self { policy, mark, stop, config, address })
    }

    /// Waits until the attempt is stopped.
    pub(crate) async fn stopped(&self) -> crate::stop::Stop {
        self.stop.stopped().await
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Runs `git arguments…` in `folder`.
    ///
    /// # Errors
    /// When git cannot be started, takes too long, or the attempt is stopped. A failure of git's own is in the answer.
    pub(crate) async fn run(&self, folder: &Path, arguments: &[&str]) -> Result<Said, Halt> {
        let mut command = Command::new("git");
        command.env_clear();
        for name in PASSED {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command.envs(GIT_ENV.iter().copied()).env("GIT_CONFIG_GLOBAL", &self.config);
        for name in GIT_ENV_REMOVE {
            command.env_remove(name);
        }
        command.args(git_args(self.policy)).args(arguments).current_dir(folder);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        self.finish(command).await
    }

    async fn finish(&self, command: Command) -> Result<Said, Halt> {
        let failed = |error: std::io::Error| Halt::io("cannot run git", &error);
        let mut child = spawn(command, Bond::Attempt(self.mark.clone())).await.map_err(failed)?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw);
        let (stdout, stderr) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
        let work = async {
            tokio::join!(read_up_to(stdout, MAX_STDOUT_BYTES), read_up_to(stderr, MAX_STDERR_BYTES), child.wait())
        };
        let halt = tokio::select! {
            (stdout, stderr, status) = work => {
                let ok = status.map_err(failed)?.success();
                return Ok(Said { ok, stdout, stderr: String::from_utf8_lossy(&stderr).into_owned() });
            }
            () = tokio::time::sleep(TIMEOUT) => Halt::Infrastructure("git took longer than an hour".to_owned()),
            cause = self.stop.stopped() => Halt::Stopped(cause),
        };
        family::kill_all(&self.mark, group).await;
        Err(halt)
    }
}

/// Reads to the end and keeps the beginning.
async fn read_up_to(mut stream: impl AsyncRead + Unpin, limit: usize) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut buffer = vec![0; 16 << 10];
    while let Ok(n @ 1..) = stream.read(&mut buffer).await {
        kept.extend_from_slice(&buffer[..n.min(limit - kept.len())]);
    }
    kept
}

/// Version of the git on PATH.
///
/// # Errors
/// When there is none.
pub(crate) async fn version() -> Result<String> {
    let mut command = Command::new("git");
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = spawn(command, Bond::Runner).await.map_err(|error| Error::NoGit(error.to_string()))?;
    let output = child.wait_with_output().await.map_err(|error| Error::NoGit(error.to_string()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    match text.trim().strip_prefix("git version ") {
        Some(version) if output.status.success() => Ok(version.to_owned()),
        _ => Err(Error::NoGit(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
    }
}

/// The address without its login, and the login as git's credential store holds it. ssh has no passwords here.
fn split_login(repository: &RepoUrl) -> (String, Option<String>) {
    let text = repository.for_git();
    if !matches!(repository.transport(), Transport::Https | Transport::Http) {
        return (text.to_owned(), None);
    }
    let Ok(mut url) = url::Url::parse(text) else { return (text.to_owned(), None) };
    if url.username().is_empty() && url.password().is_none() {
        return (text.to_owned(), None);
    }
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let login = format!(
        "{}://{}:{}@{}{port}",
        url.scheme(),
        url.username(),
        url.password().unwrap_or_default(),
        url.host_str().unwrap_or_default()
    );
    let _ = url.set_username("");
    let _ = url.set_password(None);
    (url.into(), Some(login))
}

/// Password or token in a repository's address: to be masked like any secret.
pub(crate) fn secret_of(address: &str) -> Option<String> {
    let url = url::Url::parse(address).ok()?;
    if url.scheme() == "ssh" {
        return None;
    }
    url.password().or_else(|| Some(url.username())).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Where git would look for the user's own configuration.
fn user_configurations() -> Vec<PathBuf> {
    if let Some(file) = std::env::var_os("GIT_CONFIG_GLOBAL") {
        return vec![PathBuf::from(file)];
    }
    let Some(home) = std::env::var_os("HOME").map(PathBuf::from) else { return Vec::new() };
    let shared = std::env::var_os("XDG_CONFIG_HOME").map_or_else(|| home.join(".config"), PathBuf::from);
    let files = [shared.join("git/config"), home.join(".gitconfig")];
    files.into_iter().filter(|file| file.is_file()).collect()
}

fn quoted(path: &Path) -> String {
    format!("\"{}\"", path.display().to_string().replace('\\', "\\\\").replace('"', "\\\""))
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut file = std::fs::File::options().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

/// As an argument of git.
pub(crate) fn argument(path: &Path) -> Result<&str, Halt> {
    OsStr::to_str(path.as_os_str())
        .ok_or_else(|| Halt::Infrastructure("the runner's folders must have names in UTF-8".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_leave_the_address() {
        let policy = UrlPolicy::default();
        let split = |text: &str| split_login(&RepoUrl::parse(text, policy).unwrap());
        assert_eq!(
            split("https://ada:p%40ss@git.example:8443/a/b.git"),
            ("https://git.example:8443/a/b.git".to_owned(), Some("https://ada:p%40ss@git.example:8443".to_owned()))
        );
        assert_eq!(split("https://tok3n@git.example/a").1.unwrap(), "https://tok3n:@git.example");
        assert_eq!(split("git@git.example:a/b.git"), ("git@git.example:a/b.git".to_owned(), None));
        assert_eq!(secret_of("https://tok3n@git.example/a").unwrap(), "tok3n");
        assert_eq!(secret_of("https://ada:pass@git.example/a").unwrap(), "pass");
        assert_eq!(secret_of("https://git.example/a"), None);
        assert_eq!(secret_of("ssh://git@git.example/a"), None);
    }
}
