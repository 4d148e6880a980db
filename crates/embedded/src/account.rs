//! The user PostgreSQL runs as. It refuses to be root, so root hands it to somebody else.

use std::io::Write as _;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::unistd::{Gid, Uid, User, geteuid};

use crate::error::During;
use crate::{Binaries, EmbeddedError, Result};

/// Who the server runs as.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// None: as this process, which is not root.
    other: Option<Other>,
}

#[derive(Debug, Clone)]
struct Other {
    name: String,
    uid: Uid,
    gid: Gid,
}

impl Account {
    pub(crate) fn choose(run_as: Option<&str>) -> Result<Self> {
        if !geteuid().is_root() {
            return match run_as {
                Some(name) if User::from_name(name).ok().flatten().is_none_or(|user| user.uid != geteuid()) => {
                    Err(EmbeddedError::Account(format!(
                        "PostgreSQL can run as {name} only when plimsoll is started as root or as {name}"
                    )))
                }
                _ => Ok(Self { other: None }),
            };
        }
        let names = match run_as {
            Some(name) => vec![name],
            None => vec!["postgres", "nobody"],
        };
        let found =
            names.iter().find_map(|name| User::from_name(name).ok().flatten()).filter(|user| !user.uid.is_root());
        match found {
            Some(User { name, uid, gid, .. }) => Ok(Self { other: Some(Other { name, uid, gid }) }),
            None => Err(EmbeddedError::Account(format!(
                "PostgreSQL does not run as root, and there is no unprivileged user {} to run it as: create one \
                 (`useradd --system postgres`) or name one",
                names.join(" or ")
            ))),
        }
    }

    /// How to speak of it.
    pub(crate) fn name(&self) -> &str {
        self.other.as_ref().map_or("this user", |other| &other.name)
    }

    pub(crate) fn is_other(&self) -> bool {
        self.other.is_some()
    }

    pub(crate) fn uid(&self) -> u32 {
        self.other.as_ref().map_or(geteuid(), |other| other.uid).as_raw()
    }

    /// A command that runs as this account, away from the terminal's signals, with nothing of our environment that
    /// would bend PostgreSQL (`PG*`).
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
            command.env_remove(name);
        }
        // Messages are read by us, and a folder the account cannot enter is no place to start in.
        command.env("LC_MESSAGES", "C").current_dir("/").stdin(Stdio::null()).process_group(0);
        if let Some(other) = &self.other {
            command.uid(other.uid.as_raw()).gid(other.gid.as_raw());
        }
        command
    }

    /// Appends to a file as the account: root follows no link that the account may have laid.
    pub(crate) fn append(&self, path: &Path, text: &str) -> Result<()> {
        let mut command = self.command(Path::new("/bin/sh"));
        command.args(["-c", "umask 077; cat >> \"$0\""]).arg(path).stdin(Stdio::piped());
        let written = command.spawn().and_then(|mut child| {
            let fed = child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(text.as_bytes()));
            fed.and(child.wait())
        });
        match written.during("writing", path)? {
            status if status.success() => Ok(()),
            _ => Err(EmbeddedError::Account(format!("{} cannot write {}", self.name(), path.display()))),
        }
    }

    pub(crate) fn give(&self, path: &Path) -> Result<()> {
        match &self.other {
            Some(other) => chown(path, Some(other.uid.as_raw()), Some(other.gid.as_raw())).during("giving away", path),
            None => Ok(()),
        }
    }

    /// A folder of the account's own, mode 0700.
    pub(crate) fn private_folder(&self, path: &Path) -> Result<()> {
        std::fs::create_dir_all(path).during("creating", path)?;
        self.give(path)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).during("closing", path)
    }

    /// Fails in words when the account cannot come to `folder`, which exists and is ours.
    pub(crate) fn require_way_to(&self, folder: &Path) -> Result<()> {
        let Some(other) = &self.other else { return Ok(()) };
        match first_closed(folder, other) {
            None => Ok(()),
            Some(closed) => Err(EmbeddedError::Account(format!(
                "PostgreSQL does not run as root but as {0}, and {0} may not enter {1}: choose a data directory that other \
                 users can reach (such as /var/lib/plimsoll), or open the way with `chmod o+x {1}`",
                other.name,
                closed.display()
            ))),
        }
    }

    /// The programs, copied below `data_dir` when the account cannot run them where they are.
    pub(crate) fn reachable(&self, binaries: Binaries, data_dir: &Path) -> Result<Binaries> {
        let mut check = self.command(&binaries.program("postgres"));
        check.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
        if !self.is_other() || check.status().is_ok_and(|status| status.success()) {
            return Ok(binaries);
        }
        let copy = data_dir.join("binaries").join(binaries.version.to_string());
        if !copy.join("bin/postgres").exists() {
            let unfinished = data_dir.join("binaries").join("unfinished");
            if unfinished.exists() {
                std::fs::remove_dir_all(&unfinished).during("removing", &unfinished)?;
            }
            copy_tree(binaries.prefix(), &unfinished)?;
            std::fs::rename(&unfinished, &copy).during("moving into place", &copy)?;
        }
        Ok(Binaries { folder: copy.join("bin"), version: binaries.version })
    }
}

/// Whether the user that [`crate::Cluster::start`] would choose can come to `folder`: for callers that have a choice of
/// places.
pub fn can_be_reached(folder: &Path, run_as: Option<&str>) -> bool {
    Account::choose(run_as).is_ok_and(|account| account.require_way_to(folder).is_ok())
}

/// The first folder on the way to `folder` that the account may not enter.
fn first_closed(folder: &Path, account: &Other) -> Option<PathBuf> {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let mut way: Vec<&Path> = folder.ancestors().collect();
    way.reverse();
    way.into_iter()
        .find(|step| {
            let Ok(meta) = std::fs::metadata(step) else { return false };
            let bit = match () {
                () if meta.uid() == account.uid.as_raw() => 0o100,
                () if meta.gid() == account.gid.as_raw() => 0o010,
                () => 0o001,
            };
            meta.mode() & bit == 0
        })
        .map(Path::to_owned)
}

/// Copies folders, files with their modes, and links as links; everybody may read the copy.
fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to).during("creating", to)?;
    std::fs::set_permissions(to, std::fs::Permissions::from_mode(0o755)).during("opening", to)?;
    for entry in std::fs::read_dir(from).during("reading", from)? {
        let entry = entry.during("reading", from)?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().during("reading", &source)?;
        if kind.is_dir() {
            copy_tree(&source, &target)?;
        } else if kind.is_symlink() {
            let leads_to = std::fs::read_link(&source).during("reading", &source)?;
            std::os::unix::fs::symlink(leads_to, &target).during("creating", &target)?;
        } else {
            std::fs::copy(&source, &target).during("copying to", &target)?;
            let mode = if entry.metadata().during("reading", &source)?.mode() & 0o111 == 0 { 0o644 } else { 0o755 };
            std::fs::set_permissions(&target, std::fs::Permissions::from_mode(mode)).during("opening", &target)?;
        }
    }
    Ok(())
}
