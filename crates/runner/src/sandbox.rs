//! The fence around steps: bubblewrap where it works, else none. Which one, and why, is said in every log.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use plimsoll_core::status::SandboxLevel;

use crate::config::SandboxChoice;
use crate::error::{Error, Result};
use crate::spawn::{Bond, spawn};

const PROBE_TIMEOUT: Duration = Duration::from_secs(10);
/// What root keeps inside: what package managers and test databases need, and nothing that reaches the machine.
const KEPT_CAPABILITIES: &[&str] = &[
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_NET_BIND_SERVICE",
    "CAP_SETGID",
    "CAP_SETUID",
];

#[derive(Debug, Clone)]
pub(crate) enum Sandbox {
    None { why: String },
    Bubblewrap { program: PathBuf, why: String },
}

/// What a build may see and change.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// Writable, at the same path as outside.
    pub(crate) writable: Vec<PathBuf>,
    /// Becomes /tmp and /var/tmp.
    pub(crate) tmp: PathBuf,
    /// Readable though it lies under something hidden.
    pub(crate) readable: Vec<PathBuf>,
    /// Not to be seen at all.
    pub(crate) hidden: Vec<PathBuf>,
}

impl Sandbox {
    /// Finds out what works on this machine.
    ///
    /// # Errors
    /// When bubblewrap is demanded and does not work.
    pub(crate) async fn probe(choice: SandboxChoice) -> Result<Self> {
        if choice == SandboxChoice::None {
            return Ok(Self::None { why: "the configuration says so".to_owned() });
        }
        match try_bubblewrap().await {
            Ok(sandbox) => Ok(sandbox),
            Err(why) if choice == SandboxChoice::Bubblewrap => Err(Error::NoSandbox(why)),
            Err(why) => Ok(Self::None { why }),
        }
    }

    pub(crate) fn level(&self) -> SandboxLevel {
        match self {
            Self::None { .. } => SandboxLevel::None,
            Self::Bubblewrap { .. } => SandboxLevel::Bubblewrap,
        }
    }

    pub(crate) fn why(&self) -> &str {
        match self {
            Self::None { why } | Self::Bubblewrap { why, .. } => why,
        }
    }

    pub(crate) fn is_bubblewrap(&self) -> bool {
        matches!(self, Self::Bubblewrap { .. })
    }

    /// `program` with `arguments`, to be run in `folder`, inside the fence. The environment is the caller's to set: it
    /// reaches the inside as it is, and never stands on a command line.
    pub(crate) fn command(&self, place: &Place, folder: &Path, program: &str, arguments: &[&str]) -> Command {
        match self {
            Self::None { .. } => {
                let mut command = Command::new(program);
                command.args(arguments).current_dir(folder);
                command
            }
            Self::Bubblewrap { program: bwrap, .. } => {
                let mut command = Command::new(bwrap);
                command.args(fence(place)).arg("--chdir").arg(folder).arg("--").arg(program).args(arguments);
                command.current_dir("/");
                command
            }
        }
    }
}

async fn try_bubblewrap() -> std::result::Result<Sandbox, String> {
    let program = on_path("bwrap").ok_or("bubblewrap is not installed")?;
    let mut command = Command::new(&program);
    command.args(namespaces()).args(["--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--", "true"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let child = spawn(command, Bond::Runner).await.map_err(|error| format!("bubblewrap cannot be started: {error}"))?;
    let output = tokio::time::timeout(PROBE_TIMEOUT, child.wait_with_output())
        .await
        .map_err(|_| "bubblewrap did not answer".to_owned())?
        .map_err(|error| format!("bubblewrap cannot be started: {error}"))?;
    if output.status.success() {
        return Ok(Sandbox::Bubblewrap { why: format!("{} works here", program.display()), program });
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("bubblewrap does not work here: {}", said.trim().lines().last().unwrap_or("it said nothing")))
}

fn namespaces() -> Vec<OsString> {
    let mut arguments: Vec<OsString> =
        ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent", "--new-session"]
            .map(Into::into)
            .into();
    // Without root bubblewrap makes a user namespace, where all capabilities are gone already.
    if nix::unistd::geteuid().is_root() {
        arguments.extend(["--cap-drop", "ALL"].map(Into::into));
        for capability in KEPT_CAPABILITIES {
            arguments.extend(["--cap-add", capability].map(Into::into));
        }
    }
    arguments
}

/// Later mounts cover earlier ones, so what is hidden comes before what is seen in spite of it.
fn fence(place: &Place) -> Vec<OsString> {
    let mut arguments = namespaces();
    let mut mount = |kind: &str, from: Option<&Path>, to: &Path| {
        arguments.push(kind.into());
        arguments.extend(from.map(Into::into));
        arguments.push(to.into());
    };
    let root = Path::new("/");
    mount("--ro-bind", Some(root), root);
    mount("--proc", None, Path::new("/proc"));
    mount("--dev", None, Path::new("/dev"));
    mount("--bind", Some(&place.tmp), Path::new("/tmp"));
    if Path::new("/var/tmp").is_dir() {
        mount("--bind", Some(&place.tmp), Path::new("/var/tmp"));
    }
    for path in place.hidden.iter().filter(|path| path.is_dir() && path.as_path() != root) {
        mount("--tmpfs", None, path);
    }
    for path in place.readable.iter().filter(|path| path.exists()) {
        mount("--ro-bind", Some(path), path);
    }
    for path in &place.writable {
        mount("--bind", Some(path), path);
    }
    arguments
}

/// Where `program` is found by the runner's own PATH.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}
