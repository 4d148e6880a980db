//! What runs without a request: lost leases, backoffs, branch lists, webhook effects, housekeeping.
//!
//! Each task takes no input, may run twice without harm, and runs on its signal and on a timer: one code path. The
//! database decides who wins where two servers run the same task, so any number of replicas may run an engine.

pub mod housekeeping;
pub mod leases;
pub mod sync;
mod task;
pub mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use plimsoll_core::repo_url::UrlPolicy;
use plimsoll_db::Db;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use crate::housekeeping::Retention;
use crate::task::Task;

/// Wakes a task before its timer does. Lost signals cost only the wait for the timer.
#[derive(Clone, Default)]
pub struct Signals {
    /// A project asked for its branches to be read.
    pub sync: Arc<Notify>,
    /// A webhook was received.
    pub webhooks: Arc<Notify>,
    /// The engine made a run claimable; the server's waiting claims listen.
    pub queue: Arc<Notify>,
}

#[derive(Clone)]
pub struct Settings {
    /// Whether repositories may be paths on this machine.
    pub local_repositories: bool,
    pub retention: Retention,
}

/// Runs every task until `stop`, then waits for those under way.
pub async fn run(db: Db, signals: Signals, settings: Settings, stop: CancellationToken) {
    let mut tasks = JoinSet::new();
    for task in tasks_of(&db, &signals, &settings) {
        tasks.spawn(task.run(stop.clone()));
    }
    while let Some(ended) = tasks.join_next().await {
        if let Err(error) = ended {
            tracing::error!(error = %error, "a background task panicked");
        }
    }
}

fn tasks_of(db: &Db, signals: &Signals, settings: &Settings) -> [Task; 5] {
    let policy = UrlPolicy { local_paths: settings.local_repositories, plain_http: false };
    let keep = settings.retention;
    let (queue, sync_again) = (signals.queue.clone(), signals.sync.clone());
    let seconds = Duration::from_secs;
    let timer_only = Arc::<Notify>::default;
    let (reaped, promoted, read, applied, tidied) = (db.clone(), db.clone(), db.clone(), db.clone(), db.clone());
    let (reap_queue, promote_queue) = (queue.clone(), queue.clone());
    [
        Task::new("lost_leases", seconds(2), timer_only(), move || leases::reap(reaped.clone(), reap_queue.clone())),
        Task::new("due_retries", seconds(1), timer_only(), move || {
            leases::promote_due(promoted.clone(), promote_queue.clone())
        }),
        Task::new("branch_sync", seconds(5), signals.sync.clone(), move || sync::read_branches(read.clone(), policy)),
        Task::new("webhooks", seconds(2), signals.webhooks.clone(), move || {
            webhooks::apply_due(applied.clone(), queue.clone(), sync_again.clone())
        }),
        Task::new("housekeeping", seconds(3600), timer_only(), move || housekeeping::tidy(tidied.clone(), keep)),
    ]
}
