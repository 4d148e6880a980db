//! Renews the lease of one attempt, and stops the attempt when that is asked for or the lease cannot be kept.

use std::time::Duration;

use futures::stream::{FuturesUnordered, StreamExt as _};
use plimsoll_core::lease::{Decision, KillReason, Lease};
use plimsoll_core::protocol::HeartbeatAnswer;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::api::{AttemptApi, CallError};
use crate::stop::{Stop, StopSignal};

/// When the claim was sent and answered, and what it granted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Granted {
    pub(crate) sent: Instant,
    pub(crate) answered: Instant,
    pub(crate) lease: Duration,
    pub(crate) heartbeat: Duration,
}

/// Renews until the lease is lost or the caller drops this. `proven` becomes true once work may start.
pub(crate) async fn keep(api: AttemptApi, stop: StopSignal, granted: Granted, proven: watch::Sender<bool>) {
    let origin = granted.sent;
    let answered = granted.answered - origin;
    let mut lease = Lease::claimed(Duration::ZERO, answered, granted.lease, granted.heartbeat);
    let mut in_flight = FuturesUnordered::new();
    // A claim that was answered at once proves the lease by itself.
    proven.send_replace(lease.is_proven(origin.elapsed()));
    loop {
        let wake_at = match lease.decide(origin.elapsed()) {
            Decision::Ok { wake_at } => wake_at,
            Decision::RenewNow => {
                let sent = origin.elapsed();
                lease.renew_sent(sent);
                // Own timeout, no longer than a lease: an answer that comes after it would tell nothing.
                let call = api.clone();
                in_flight.push(async move { (sent, call.heartbeat(granted.lease).await) });
                continue;
            }
            Decision::KillOwnWork(reason) => return stop.stop(Stop::Lost(why_lost(reason).to_owned())),
        };
        tokio::select! {
            Some((sent, answer)) = in_flight.next(), if !in_flight.is_empty() => {
                take_answer(&mut lease, &stop, sent, origin.elapsed(), answer);
                proven.send_replace(lease.is_proven(origin.elapsed()));
            }
            () = tokio::time::sleep_until(origin + wake_at) => {}
            () = stop.lost() => return,
        }
    }
}

fn take_answer(
    lease: &mut Lease,
    stop: &StopSignal,
    sent: Duration,
    now: Duration,
    answer: Result<HeartbeatAnswer, CallError>,
) {
    match answer {
        Ok(answer) => {
            lease.renewed(sent, Duration::from_millis(u64::try_from(answer.lease_remaining_ms).unwrap_or(0)));
            if let Some(reason) = answer.cancel {
                stop.stop(Stop::Cancel(reason));
            }
        }
        Err(CallError::Stale | CallError::Unauthorized(_)) => lease.refused(),
        Err(error) => {
            tracing::info!(error = %error, "cannot renew a lease now: {error}");
            lease.renew_failed(sent, now);
        }
    }
}

fn why_lost(reason: KillReason) -> &'static str {
    match reason {
        KillReason::Refused => "the server says that the lease is over or another runner's",
        KillReason::Unproven => "the lease could not be renewed in time",
    }
}
