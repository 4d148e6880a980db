//! Why an attempt must not go on, told to all its parts at once.

use plimsoll_core::protocol::Outcome;
use plimsoll_core::status::FailureReason;
use tokio::sync::watch;

/// What ends an attempt from outside its steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The server asked for it.
    Cancel(FailureReason),
    LogLimit(String),
    /// The runner cannot do its part.
    Infrastructure(String),
    /// The runner is shutting down.
    Shutdown,
    /// The lease is not ours any more, or may not be: nothing more may be written, and nothing may go on running.
    Lost(String),
}

impl Stop {
    /// What the server is told. `Lost` tells it nothing.
    pub(crate) fn outcome(self) -> Option<Outcome> {
        Some(match self {
            Self::Cancel(reason) => {
                let message = match reason {
                    FailureReason::Superseded => "stopped: a newer commit of this branch is waiting",
                    _ => "cancelled while it was running",
                };
                Outcome::Cancelled { reason, message: message.to_owned() }
            }
            Self::LogLimit(message) => Outcome::Failed { reason: FailureReason::LogLimit, message },
            Self::Infrastructure(message) => Outcome::Infrastructure { message },
            Self::Shutdown => Outcome::Infrastructure { message: "the runner was shut down".to_owned() },
            Self::Lost(_) => return None,
        })
    }
}

/// Shared by all parts of one attempt. The first cause stays, except that a lost lease replaces any other.
#[derive(Debug, Clone)]
pub(crate) struct StopSignal {
    cause: watch::Sender<Option<Stop>>,
}

impl StopSignal {
    pub(crate) fn new() -> Self {
        Self { cause: watch::Sender::new(None) }
    }

    pub(crate) fn stop(&self, cause: Stop) {
        self.cause.send_if_modified(|current| {
            let replaces = match (&current, &cause) {
                (None, _) => true,
                (Some(Stop::Lost(_)), _) => false,
                (Some(_), Stop::Lost(_)) => true,
                (Some(_), _) => false,
            };
            if replaces {
                *current = Some(cause);
            }
            replaces
        });
    }

    pub(crate) fn cause(&self) -> Option<Stop> {
        self.cause.borrow().clone()
    }

    pub(crate) fn is_lost(&self) -> bool {
        matches!(*self.cause.borrow(), Some(Stop::Lost(_)))
    }

    /// Waits for any cause.
    pub(crate) async fn stopped(&self) -> Stop {
        self.wait(|_| true).await
    }

    /// Waits until nothing may be written any more.
    pub(crate) async fn lost(&self) {
        self.wait(|cause| matches!(cause, Stop::Lost(_))).await;
    }

    async fn wait(&self, fits: impl Fn(&Stop) -> bool) -> Stop {
        let mut causes = self.cause.subscribe();
        let found = causes.wait_for(|cause| cause.as_ref().is_some_and(&fits)).await;
        // `self` holds the sender, so the channel cannot close while this waits.
        found.ok().and_then(|cause| cause.clone()).unwrap_or_else(|| Stop::Lost("the attempt has ended".to_owned()))
    }
}

/// Why a part of an attempt did not come to its end.
#[derive(Debug)]
pub(crate) enum Halt {
    Fail { reason: FailureReason, message: String },
    Infrastructure(String),
    Stopped(Stop),
}

impl Halt {
    pub(crate) fn fail(reason: FailureReason, message: impl Into<String>) -> Self {
        Self::Fail { reason, message: message.into() }
    }

    /// An I/O error of the runner's own: nobody's fault who wrote the build, so it is worth another try.
    pub(crate) fn io(what: impl std::fmt::Display, error: &std::io::Error) -> Self {
        Self::Infrastructure(io_message(what, error))
    }
}

/// Says what to do about the errors that a machine's owner can do something about.
pub(crate) fn io_message(what: impl std::fmt::Display, error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            format!("the runner's disk is full, so it {what}: free some space or move its work directory ({error})")
        }
        _ => format!("the runner {what}: {error}"),
    }
}
