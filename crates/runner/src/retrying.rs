//! Repeats a call until it is answered for good or the lease is lost.

use std::time::Duration;

use plimsoll_core::retry::http_backoff;

use crate::api::CallError;
use crate::stop::{Stop, StopSignal};

/// Waits between two tries of one call.
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    pub(crate) fn new() -> Self {
        Self { failures: 0 }
    }

    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }

    /// How long to wait after one more failure.
    pub(crate) fn next(&mut self, retry_after: Option<Duration>) -> Duration {
        self.failures = self.failures.saturating_add(1);
        http_backoff(self.failures, retry_after, rand::random())
    }
}

/// Repeats `call` while the server cannot be reached. A refused token marks the lease as lost.
///
/// # Errors
/// What the server will not change its mind about; `Stale` as well when the lease was lost meanwhile.
pub(crate) async fn while_leased<T, F>(stop: &StopSignal, what: &str, call: impl Fn() -> F) -> Result<T, CallError>
where
    F: Future<Output = Result<T, CallError>>,
{
    let mut backoff = Backoff::new();
    loop {
        let answer = tokio::select! {
            biased;
            () = stop.lost() => return Err(CallError::Stale),
            answer = call() => answer,
        };
        match answer {
            Err(CallError::Unreachable { message, retry_after }) => {
                let wait = backoff.next(retry_after);
                tracing::info!(call = what, "cannot {what} now, trying again: {message}");
                tokio::select! {
                    () = stop.lost() => return Err(CallError::Stale),
                    () = tokio::time::sleep(wait) => {}
                }
            }
            Err(error @ (CallError::Stale | CallError::Unauthorized(_))) => {
                stop.stop(Stop::Lost(error.to_string()));
                return Err(CallError::Stale);
            }
            answer => return answer,
        }
    }
}
