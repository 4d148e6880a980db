//! Runs one process of an attempt to its end: its own, or the one it is brought to.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use nix::unistd::Pid;
use plimsoll_core::status::Phase;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::family;
use crate::journal::Journal;
use crate::minder::Minder;
use crate::output::capture;
use crate::spawn::{Bond, Mark, spawn};
use crate::stop::{Stop, StopSignal};

/// How a process came to its end.
#[derive(Debug)]
pub(crate) enum Ended {
    Exited { code: i32, left_behind: Vec<String> },
    TimedOut,
    Stopped(Stop),
}

/// What every process of an attempt runs under.
pub(crate) struct Supervision {
    pub(crate) mark: Mark,
    pub(crate) stop: StopSignal,
    pub(crate) journal: Arc<Journal>,
    pub(crate) grace: Duration,
    /// The process started is a sandbox around the one meant.
    pub(crate) sandboxed: bool,
    pub(crate) minder: Option<tokio::sync::Mutex<Minder>>,
}

impl Supervision {
    /// Runs `command` with its output going to the log. When this returns nothing of it is running any more.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) async fn run(
        &self,
        mut command: Command,
        phase: Phase,
        deadline: Option<Instant>,
    ) -> std::io::Result<Ended> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = spawn(command, Bond::Attempt(self.mark.clone())).await?;
        let group = Pid::from_raw(child.id().and_then(|id| i32::try_from(id).ok()).expect("not waited for yet"));
        if let Some(minder) = &self.minder {
            minder.lock().await.add(group).await;
        }
        let (stdout, stderr) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
        let all_ended = CancellationToken::new();
        let reader = tokio::spawn(capture(stdout, stderr, phase, Arc::clone(&self.journal), all_ended.clone()));

        let ended = tokio::select! {
            status = child.wait() => {
                let left_behind = family::kill_all(&self.mark, Some(group)).await;
                Ended::Exited { code: exit_code(status?), left_behind }
            }
            () = sleep_until(deadline) => {
                self.terminate(group).await;
                Ended::TimedOut
            }
            cause = self.stop.stopped() => {
                match cause {
                    Stop::Lost(_) => drop(family::kill_all(&self.mark, Some(group)).await),
                    _ => self.terminate(group).await,
                }
                Ended::Stopped(cause)
            }
        };
        child.wait().await?;
        all_ended.cancel();
        if let Some(minder) = &self.minder {
            minder.lock().await.drop_group(group).await;
        }
        // Its lines must have their numbers before the next process writes.
        let _ = reader.await;
        Ok(ended)
    }

    /// A lease that is lost meanwhile ends the grace.
    async fn terminate(&self, group: Pid) {
        let supervisor = self.sandboxed.then_some(group);
        tokio::select! {
            () = family::terminate(&self.mark, group, supervisor, self.grace) => {}
            () = self.stop.lost() => drop(family::kill_all(&self.mark, Some(group)).await),
        }
    }
}

/// As shells count: 128 and the signal's number for what a signal ended.
fn exit_code(status: ExitStatus) -> i32 {
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1)
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
