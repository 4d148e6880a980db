//! How long to wait before the next try, and when to stop trying.
//!
//! Full jitter (a uniform draw between zero and the cap) spreads a herd better than a jittered cap; see "Exponential
//! Backoff And Jitter", AWS Architecture Blog, 2015. The draw is an argument: a number in `0.0..1.0`.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::status::FailureReason;

/// Shortest cap for a lost build's wait, in seconds; it doubles with every loss.
pub const FIRST_BACKOFF_SECONDS: u64 = 5;
/// Longest cap for a lost build's wait, in seconds.
pub const MAX_BACKOFF_SECONDS: u64 = 300;
/// Attempts a build gets when its runners are lost, unless the queue row says otherwise.
pub const MAX_ATTEMPTS: i32 = 3;

/// Longest a runner waits between two tries of one request.
const MAX_HTTP_BACKOFF: Duration = Duration::from_secs(15);
/// Cap of the first wait between two tries of one request.
const FIRST_HTTP_BACKOFF: Duration = Duration::from_millis(250);
/// Longest `Retry-After` that is believed, so that a bad header cannot park a runner for a day.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(300);

/// The cap `min(300 s, 5 s · 2ⁿ)` for a build that lost `losses` runners before this one.
pub fn backoff_cap(losses: u32) -> Duration {
    doubled(Duration::from_secs(FIRST_BACKOFF_SECONDS), losses, Duration::from_secs(MAX_BACKOFF_SECONDS))
}

/// A wait between zero and [`backoff_cap`]; `unit` is a draw from `0.0..1.0`.
pub fn full_jitter(losses: u32, unit: f64) -> Duration {
    backoff_cap(losses).mul_f64(clamp_unit(unit))
}

/// How long a client waits before it sends a failed request again. `failures` counts those so far, at least 1;
/// `retry_after` is what the server asked for, which is waited out whole with the jitter on top.
pub fn http_backoff(failures: u32, retry_after: Option<Duration>, unit: f64) -> Duration {
    let jitter = doubled(FIRST_HTTP_BACKOFF, failures.saturating_sub(1), MAX_HTTP_BACKOFF).mul_f64(clamp_unit(unit));
    // A draw near zero must not turn a refused connection into a busy loop.
    let jitter = jitter.max(Duration::from_millis(50));
    retry_after.map_or(jitter, |wait| wait.min(MAX_RETRY_AFTER) + jitter)
}

/// Whether the same request may succeed later: too many requests, timeouts, and what a restarting server or its proxy
/// answers.
pub const fn is_retryable_status(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
}

/// What becomes of a build whose runner is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LostLease {
    /// Back into the queue, not to be claimed before `at`.
    Requeue { at: Timestamp },
    /// No attempts left.
    Dead { reason: FailureReason, message: String },
}

/// Decides about a build whose `attempt`-th lease (from 1) ended without an answer.
pub fn decide_lost_lease(attempt: i32, max_attempts: i32, now: Timestamp, unit: f64) -> LostLease {
    if attempt >= max_attempts {
        let times = if attempt == 1 { "once".to_owned() } else { format!("{attempt} times") };
        return LostLease::Dead {
            reason: FailureReason::RunnerLost,
            message: format!(
                "the runner was lost {times}, which is the limit of {max_attempts}; rebuild once a runner is healthy"
            ),
        };
    }
    let losses = u32::try_from(attempt.saturating_sub(1)).unwrap_or(0);
    let wait = SignedDuration::try_from(full_jitter(losses, unit)).unwrap_or(SignedDuration::ZERO);
    LostLease::Requeue { at: now.checked_add(wait).unwrap_or(now) }
}

fn doubled(first: Duration, times: u32, cap: Duration) -> Duration {
    first.checked_mul(1_u32.checked_shl(times).unwrap_or(u32::MAX)).map_or(cap, |wait| wait.min(cap))
}

fn clamp_unit(unit: f64) -> f64 {
    if unit.is_finite() { unit.clamp(0.0, 1.0) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn the_cap_doubles_up_to_five_minutes() {
        let caps: Vec<u64> = (0..9).map(|n| backoff_cap(n).as_secs()).collect();
        assert_eq!(caps, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
        assert_eq!(backoff_cap(u32::MAX).as_secs(), 300);
    }

    #[test]
    fn jitter_covers_zero_to_the_cap_and_survives_bad_draws() {
        assert_eq!(full_jitter(3, 0.0), Duration::ZERO);
        assert_eq!(full_jitter(3, 0.5), Duration::from_secs(20));
        assert_eq!(full_jitter(3, 7.0), Duration::from_secs(40));
        assert_eq!(full_jitter(3, f64::NAN), Duration::from_secs(40));
    }

    #[test]
    fn a_lost_lease_is_requeued_until_the_attempts_are_used_up() {
        assert_eq!(decide_lost_lease(1, 3, at(100), 1.0), LostLease::Requeue { at: at(105) });
        assert_eq!(decide_lost_lease(2, 3, at(100), 1.0), LostLease::Requeue { at: at(110) });
        let LostLease::Dead { reason, message } = decide_lost_lease(3, 3, at(100), 1.0) else { panic!("not dead") };
        assert_eq!(reason, FailureReason::RunnerLost);
        assert!(message.contains("3 times"), "{message}");
    }

    #[test]
    fn a_client_obeys_retry_after_within_reason_and_never_spins() {
        assert!(http_backoff(1, None, 0.0) >= Duration::from_millis(50));
        assert!(http_backoff(30, None, 1.0) <= MAX_HTTP_BACKOFF);
        assert!(http_backoff(1, Some(Duration::from_secs(7)), 0.0) >= Duration::from_secs(7));
        assert!(http_backoff(1, Some(Duration::from_secs(1_000_000)), 1.0) < Duration::from_secs(400));
        assert!(is_retryable_status(503) && !is_retryable_status(409));
    }
}
