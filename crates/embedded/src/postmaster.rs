//! Processes of a cluster as the system sees them: the server that `postmaster.pid` names, and what one left behind.

use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::error::During;
use crate::{EmbeddedError, Result};

/// What `postmaster.pid` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PidFile {
    pub pid: i32,
    pub port: Option<u16>,
    pub socket_folder: Option<PathBuf>,
}

/// What stands behind a pid file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// No server: nothing, or a stale file that is gone now.
    Nothing,
    Running(PidFile),
}

impl PidFile {
    /// Lines: pid, data directory, start time, port, socket folder, listen address, shared memory key, status.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        // A server that stands alone (single-user) writes its pid negated.
        let pid = lines.next()?.trim().parse::<i32>().ok()?.abs();
        let port = lines.nth(2).and_then(|line| line.trim().parse().ok());
        let socket_folder = lines.next().map(str::trim).filter(|line| !line.is_empty()).map(PathBuf::from);
        Some(Self { pid, port, socket_folder })
    }
}

/// Reads the pid file and sees who is behind it. A file whose process is no server of this cluster is removed, since
/// PostgreSQL itself refuses to start while any process of its user has that pid.
pub(crate) fn look(cluster: &Path) -> Result<Found> {
    let path = cluster.join("postmaster.pid");
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(cause) => return Err(EmbeddedError::Io { what: "reading", path, cause }),
    };
    if let Some(file) = PidFile::parse(&text)
        && is_server_of(file.pid, cluster)
    {
        return Ok(Found::Running(file));
    }
    // Backends of a killed server may still write; PostgreSQL's own check of the shared memory in the file must then
    // stay in force.
    if orphans(cluster).is_empty() {
        std::fs::remove_file(&path).during("removing", &path)?;
    }
    Ok(Found::Nothing)
}

/// Whether process `pid` lives (a process that ended but was not waited for does not).
pub(crate) fn is_alive(pid: i32) -> bool {
    match kill(Pid::from_raw(pid), None) {
        Err(Errno::ESRCH) => false,
        _ => !is_zombie(pid),
    }
}

fn is_zombie(pid: i32) -> bool {
    // The state follows the command's name, which is in parentheses and may itself hold some.
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('Z')))
}

/// Whether `pid` is a PostgreSQL server working in `cluster`, and not a process that came to the same number.
pub(crate) fn is_server_of(pid: i32, cluster: &Path) -> bool {
    if pid <= 1 || pid == std::process::id() as i32 || !is_alive(pid) {
        return false;
    }
    match std::fs::read_link(format!("/proc/{pid}/cwd")) {
        Ok(folder) => folder == cluster,
        // No /proc (macOS), or a process of another user: its command line has to do.
        Err(_) => command_of(pid)
            .is_some_and(|command| command.contains("postgres") && command.contains(&cluster.display().to_string())),
    }
}

fn command_of(pid: i32) -> Option<String> {
    let output = std::process::Command::new("ps").args(["-o", "args=", "-p", &pid.to_string()]).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Processes that a dead server of `cluster` left behind. They end by themselves once they notice, which one that is
/// busy may take long to do. Where there is no /proc, none are found and PostgreSQL's own check has to do.
pub(crate) fn orphans(cluster: &Path) -> Vec<i32> {
    std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|folder| folder == cluster))
        .filter(|pid| std::fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|exe| exe.ends_with("postgres")))
        .filter(|pid| is_alive(*pid))
        .collect()
}

/// Ends the orphans at once. Their server is dead, so what they had not committed is lost either way.
pub(crate) fn end_orphans(cluster: &Path) {
    for pid in orphans(cluster) {
        signal(pid, Signal::SIGKILL);
    }
}

/// A process that is gone already needs no signal.
pub(crate) fn signal(pid: i32, signal: Signal) {
    let _ = kill(Pid::from_raw(pid), signal);
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUNNING: &str = "4242\n/data/cluster\n1700000000\n15433\n/data/run\n127.0.0.1\n  1234567 3\nready   \n";

    #[test]
    fn a_pid_file_tells_process_and_door() {
        let file = PidFile::parse(RUNNING).unwrap();
        assert_eq!(file, PidFile { pid: 4242, port: Some(15_433), socket_folder: Some("/data/run".into()) });
        assert_eq!(PidFile::parse("77\n/data\n").unwrap().port, None);
        assert_eq!(PidFile::parse("garbage\n"), None);
        assert_eq!(PidFile::parse(""), None);
    }

    #[test]
    fn a_file_whose_number_is_now_another_process_is_stale_and_removed() {
        let cluster = tempfile::tempdir().unwrap();
        let path = cluster.path().join("postmaster.pid");
        let mut sleeper = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        std::fs::write(&path, RUNNING.replace("4242", &sleeper.id().to_string())).unwrap();
        assert_eq!(look(cluster.path()).unwrap(), Found::Nothing);
        assert!(!path.exists());
        sleeper.kill().unwrap();
        sleeper.wait().unwrap();
    }
}
