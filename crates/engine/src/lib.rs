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
    /// Days that build logs are kept.
    pub log_retention_days: u32,
}

/// Runs every task until `stop`, then waits for those under way.
pub async fn run(db: Db, signals: Signals, settings: Settings, stop: CancellationToken) {
    let mut tasks = JoinSet::new();
    let mut start = |task: Task| tasks.spawn(task.run(stop.clone()));

    let (db_, queue) = (db.clone(), signals.queue.clone());
    start(Task::new("lost_leases", Duration::from_secs(2), Arc::default(), move || {
        leases::reap(db_.clone(), queue.clone())
    }));
    let (db_, queue) = (db.clone(), signals.queue.clone());
    start(Task::new("due_retries", Duration::from_secs(1), Arc::default(), move || {
        leases::promote_due(db_.clone(), queue.clone())
    }));
    let policy = UrlPolicy { local_paths: settings.local_repositories, plain_http: false };
    let db_ = db.clone();
    start(Task::new("branch_sync", Duration::from_secs(5), signals.sync.clone(), move || {
        sync::read_branches(db_.clone(), policy)
    }));
    let (db_, queue, sync) = (db.clone(), signals.queue.clone(), signals.sync.clone());
    start(Task::new("webhooks", Duration::from_secs(2), signals.webhooks.clone(), move || {
        webhooks::apply_due(db_.clone(), queue.clone(), sync.clone())
    }));
    let days = settings.log_retention_days;
    start(Task::new("housekeeping", Duration::from_secs(3600), Arc::default(), move || {
        housekeeping::tidy(db.clone(), days)
    }));
    drop(start);

    while let Some(ended) = tasks.join_next().await {
        if let Err(error) = ended {
            tracing::error!(error = %error, "a background task panicked");
        }
    }
}
