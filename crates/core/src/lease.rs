//! The runner's side of a lease: when to renew, and when to kill its own work because it can no longer prove its right.
//!
//! Time is "elapsed since some moment the runner chose", read from a monotonic clock, so a wall clock that jumps does
//! no harm. The database counts the lease from when it handles a request, which is never before the request was sent;
//! so counting from the sending is safe however late the answer comes.

use std::time::Duration;

/// What SIGTERM's grace takes, in seconds, before SIGKILL.
pub const TERM_GRACE_SECONDS: u64 = 10;
/// How long before the lease's end the runner starts to kill: the grace, and room to do it in.
pub const KILL_MARGIN: Duration = Duration::from_secs(TERM_GRACE_SECONDS + 2);
/// Wait after a failed renewal before the next one.
const RETRY_AFTER_FAILURE: Duration = Duration::from_secs(1);

/// What the runner must do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Nothing; ask again at `wake_at` or after any answer, whichever comes first.
    Ok { wake_at: Duration },
    /// Send a renewal (and call [`Lease::renew_sent`]).
    RenewNow,
    /// Kill everything the build started, and write nothing more.
    KillOwnWork(KillReason),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KillReason {
    /// The server said the lease is another's, or over.
    Refused,
    /// The lease may be about to end and could not be renewed.
    Unproven,
}

/// One lease as its holder sees it.
#[derive(Debug, Clone)]
pub struct Lease {
    /// Up to here the lease is certainly ours.
    ends_at: Duration,
    /// A claim may wait long on the server, so its lease counted from the sending may be over before the answer is
    /// here. Until a first renewal succeeds no work may be running, hence nothing needs killing before this time.
    unproven_until: Option<Duration>,
    renew_at: Duration,
    in_flight_since: Option<Duration>,
    heartbeat: Duration,
    kill_margin: Duration,
    refused: bool,
}

impl Lease {
    /// A lease just claimed: the claim was `sent` and `answered` at these times. Work may start once
    /// [`Lease::is_proven`], which after a claim that waited long takes a first renewal.
    pub fn claimed(sent: Duration, answered: Duration, lease: Duration, heartbeat: Duration) -> Self {
        let answered = answered.max(sent);
        // A lease too short for the grace still leaves half of itself to work in.
        let kill_margin = KILL_MARGIN.min(lease / 2);
        let heartbeat = heartbeat.max(Duration::from_millis(1));
        let proven = answered + kill_margin < sent + lease;
        Self {
            ends_at: sent + lease,
            unproven_until: (!proven).then_some(answered + lease),
            renew_at: if proven { answered.max(sent + heartbeat) } else { answered },
            in_flight_since: None,
            heartbeat,
            kill_margin,
            refused: false,
        }
    }

    /// Whether work may be running at `now`.
    pub fn is_proven(&self, now: Duration) -> bool {
        !self.refused && self.unproven_until.is_none() && now + self.kill_margin < self.ends_at
    }

    /// Up to when the lease is certainly ours.
    pub fn ends_at(&self) -> Duration {
        self.ends_at
    }

    /// A renewal was sent at `now`.
    pub fn renew_sent(&mut self, now: Duration) {
        self.in_flight_since = Some(now);
        self.renew_at = self.renew_at.max(now + self.heartbeat);
    }

    /// The renewal `sent` then was granted with `remaining` on the database's clock. Answers may come late and out of
    /// order: an older one never shortens the lease.
    pub fn renewed(&mut self, sent: Duration, remaining: Duration) {
        self.in_flight_since = self.in_flight_since.filter(|since| *since > sent);
        self.unproven_until = None;
        self.ends_at = self.ends_at.max(sent + remaining);
    }

    /// The renewal `sent` then failed, by the network or by a server error: it says nothing about the lease.
    pub fn renew_failed(&mut self, sent: Duration, now: Duration) {
        self.in_flight_since = self.in_flight_since.filter(|since| *since > sent);
        self.renew_at = self.renew_at.min(now + RETRY_AFTER_FAILURE.min(self.heartbeat));
    }

    /// The server refused the token, on a renewal or on any write.
    pub fn refused(&mut self) {
        self.refused = true;
    }

    /// What to do at `now`.
    pub fn decide(&self, now: Duration) -> Decision {
        if self.refused {
            return Decision::KillOwnWork(KillReason::Refused);
        }
        let kill_at = self.unproven_until.unwrap_or_else(|| self.ends_at.saturating_sub(self.kill_margin));
        if now >= kill_at {
            return Decision::KillOwnWork(KillReason::Unproven);
        }
        // A request that hangs for a whole heartbeat is sent again beside it.
        let renew_at = self.in_flight_since.map_or(self.renew_at, |since| since + self.heartbeat);
        if now >= renew_at {
            return Decision::RenewNow;
        }
        Decision::Ok { wake_at: renew_at.min(kill_at) }
    }
}

#[cfg(test)]
mod tests;
