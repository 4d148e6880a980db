//! Keeps a cluster's server running until told otherwise.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep};

use crate::Result;
use crate::server::{Plan, Server};

const FIRST_BACKOFF: Duration = Duration::from_millis(250);
const LONGEST_BACKOFF: Duration = Duration::from_secs(30);
/// A server that ran this long has got over whatever ended it before.
const STABLE: Duration = Duration::from_secs(60);

/// How the server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// `restarts` counts how often it was started again since [`crate::Cluster::start`].
    Running { pid: i32, restarts: u32 },
    /// It died or could not be started again; the next try follows by itself.
    Down { reason: String, restarts: u32 },
    /// It was stopped by [`crate::Cluster::stop`].
    Stopped,
}

pub(crate) type Stop = oneshot::Sender<Result<()>>;

/// Runs until `orders` brings a stop or closes; the server is left running when it closes.
pub(crate) async fn run(plan: Plan, mut server: Server, state: watch::Sender<State>, mut orders: mpsc::Receiver<Stop>) {
    let mut restarts = 0;
    let mut backoff = FIRST_BACKOFF;
    loop {
        let began = Instant::now();
        let reason = tokio::select! {
            order = orders.recv() => return obey(order, &plan, &mut server, &state).await,
            reason = plan.ended(&mut server) => reason,
        };
        tracing::error!(postgres.pid = server.pid, "{reason}; starting it again");
        state.send_replace(State::Down { reason, restarts });
        if began.elapsed() >= STABLE {
            backoff = FIRST_BACKOFF;
        }
        let port = server.door.port;
        server = loop {
            // Only the wait is broken off for an order: a start that is under way is seen through, or a server that
            // nobody knows of would be left.
            tokio::select! {
                order = orders.recv() => return nothing_to_stop(order, &state),
                () = sleep(backoff) => {}
            }
            let tried = plan.bring_up(Some(port), |step| tracing::info!("{step}")).await;
            backoff = (backoff * 2).min(LONGEST_BACKOFF);
            match tried {
                Ok(server) => break server,
                Err(error) => {
                    tracing::error!("PostgreSQL cannot be started again: {error}; trying on");
                    state.send_replace(State::Down { reason: error.to_string(), restarts });
                }
            }
        };
        restarts += 1;
        tracing::info!(postgres.pid = server.pid, "PostgreSQL is running again");
        state.send_replace(State::Running { pid: server.pid, restarts });
    }
}

async fn obey(order: Option<Stop>, plan: &Plan, server: &mut Server, state: &watch::Sender<State>) {
    let Some(answer) = order else { return };
    let stopped = plan.stop(server).await;
    if stopped.is_ok() {
        state.send_replace(State::Stopped);
    }
    // Whoever asked may have gone.
    let _ = answer.send(stopped);
}

fn nothing_to_stop(order: Option<Stop>, state: &watch::Sender<State>) {
    if let Some(answer) = order {
        state.send_replace(State::Stopped);
        let _ = answer.send(Ok(()));
    }
}
