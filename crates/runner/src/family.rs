//! Everything an attempt started: finding it, asking it to stop, and killing it.

use std::collections::HashSet;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::time::Instant;

use crate::spawn::Mark;

/// How often the processes are looked at while they are given time to end.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Longest the kernel may take to end what was sent SIGKILL.
const KILL_DEADLINE: Duration = Duration::from_secs(10);

/// A live process of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) pid: Pid,
    pub(crate) parent: Pid,
    pub(crate) name: String,
    /// Whether SIGTERM has a handler.
    handles_term: bool,
}

/// Asks the processes of an attempt to stop, waits up to `grace`, then kills what is left.
///
/// `supervisor` is a sandbox process that would take everything down with it at once, so it is spared the polite part.
pub(crate) async fn terminate(mark: &Mark, group: Pid, supervisor: Option<Pid>, grace: Duration) {
    let deadline = Instant::now() + grace;
    let mut asked = HashSet::new();
    if supervisor.is_none() && !can_look() {
        let _ = kill(negative(group), Signal::SIGTERM);
    }
    while Instant::now() < deadline {
        let members: Vec<Member> = members(mark).into_iter().filter(|m| !is_supervision(m, supervisor)).collect();
        if members.is_empty() && (can_look() || kill(negative(group), None).is_err()) {
            break;
        }
        for member in &members {
            // A shell without a handler dies at once, and in a sandbox everything else with it: its children go first.
            let waits = !member.handles_term && members.iter().any(|other| other.parent == member.pid);
            if !waits && asked.insert(member.pid) {
                let _ = kill(member.pid, Signal::SIGTERM);
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    kill_all(mark, Some(group)).await;
}

/// Kills what an attempt started, at once. Answers the names of what was found besides the group's leader.
pub(crate) async fn kill_all(mark: &Mark, group: Option<Pid>) -> Vec<String> {
    let mut names = Vec::new();
    let mut seen = HashSet::new();
    let deadline = Instant::now() + KILL_DEADLINE;
    if let Some(group) = group {
        let _ = kill(negative(group), Signal::SIGKILL);
    }
    loop {
        let members = members(mark);
        if members.is_empty() {
            return names;
        }
        for member in members {
            let _ = kill(member.pid, Signal::SIGKILL);
            // The sandbox's init may take a moment longer than its outer half: that is not something the step left.
            if seen.insert(member.pid) && Some(member.pid) != group && member.name != "bwrap" {
                names.push(member.name);
            }
        }
        if Instant::now() > deadline {
            tracing::warn!(attempt.id = mark.as_str(), "processes of an attempt do not die: {}", names.join(", "));
            return names;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn negative(group: Pid) -> Pid {
    Pid::from_raw(-group.as_raw())
}

/// The sandbox's own two processes: the one outside, and its init inside.
fn is_supervision(member: &Member, supervisor: Option<Pid>) -> bool {
    supervisor
        .is_some_and(|supervisor| member.pid == supervisor || (member.parent == supervisor && member.name == "bwrap"))
}

#[cfg(target_os = "linux")]
fn can_look() -> bool {
    true
}

#[cfg(not(target_os = "linux"))]
fn can_look() -> bool {
    false
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn members(_mark: &Mark) -> Vec<Member> {
    Vec::new()
}

/// Live processes that carry the mark. A process that ends while it is looked at is left out.
#[cfg(target_os = "linux")]
pub(crate) fn members(mark: &Mark) -> Vec<Member> {
    let own = nix::unistd::getpid();
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok())
        .map(Pid::from_raw)
        .filter(|pid| *pid != own)
        .filter_map(|pid| look(pid, mark))
        .collect()
}

#[cfg(target_os = "linux")]
fn look(pid: Pid, mark: &Mark) -> Option<Member> {
    let folder = std::path::PathBuf::from(format!("/proc/{pid}"));
    if !has_limit(&folder, mark) && !has_variable(&folder, mark) {
        return None;
    }
    let status = std::fs::read_to_string(folder.join("status")).ok()?;
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    if field("State:")?.starts_with(['Z', 'X']) {
        return None;
    }
    let caught = u64::from_str_radix(field("SigCgt:")?, 16).ok()?;
    Some(Member {
        pid,
        parent: Pid::from_raw(field("PPid:")?.parse().ok()?),
        name: field("Name:")?.to_owned(),
        handles_term: caught >> (Signal::SIGTERM as i32 - 1) & 1 == 1,
    })
}

#[cfg(target_os = "linux")]
fn has_limit(folder: &std::path::Path, mark: &Mark) -> bool {
    let Ok(limits) = std::fs::read_to_string(folder.join("limits")) else { return false };
    limits
        .lines()
        .find_map(|line| line.strip_prefix("Max realtime timeout"))
        .and_then(|rest| rest.split_whitespace().nth(1)?.parse::<u64>().ok())
        .is_some_and(|hard| hard == mark.limit())
}

#[cfg(target_os = "linux")]
fn has_variable(folder: &std::path::Path, mark: &Mark) -> bool {
    let Ok(environment) = std::fs::read(folder.join("environ")) else { return false };
    environment.split(|byte| *byte == 0).any(|variable| {
        variable
            .strip_prefix(crate::spawn::MARK_VARIABLE.as_bytes())
            .and_then(|rest| rest.strip_prefix(b"="))
            .is_some_and(|value| value == mark.as_str().as_bytes())
    })
}
