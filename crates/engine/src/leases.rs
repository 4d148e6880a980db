//! Leases that ran out, and retries whose time has come.

use std::sync::Arc;

use plimsoll_core::retry::{LostLease, decide_lost_lease};
use plimsoll_db::{Db, DbError};
use tokio::sync::Notify;

/// Most leases handled in one go; the rest follow at once in the next.
const BATCH: i64 = 100;

/// Requeues the builds of lost runners with a backoff, or ends those that were tried often enough. Guarded in the
/// database by token and expiry: a lease renewed in the meantime is left alone.
pub async fn reap(db: Db, queue: Arc<Notify>) -> Result<usize, DbError> {
    let mut done = 0;
    for lease in db.expired_leases(BATCH).await? {
        let detail = format!("runner {} was silent since {} and its lease ended", lease.runner_id, lease.renewed_at);
        let changed = match decide_lost_lease(lease.attempt, lease.max_attempts, lease.now, rand::random()) {
            LostLease::Requeue { at } => db.requeue_run(lease.build_id, lease.token, at, &detail).await?,
            LostLease::Dead { message, .. } => db.fail_lost_run(lease.build_id, lease.token, &message).await?,
        };
        if changed {
            done += 1;
            tracing::warn!(
                build.id = %lease.build_id, build.attempt = lease.attempt, runner.id = %lease.runner_id,
                "build {} lost its runner: {detail}", lease.build_id
            );
        }
    }
    if done > 0 {
        wake(&queue);
    }
    Ok(done)
}

/// Makes runs claimable whose backoff is over.
pub async fn promote_due(db: Db, queue: Arc<Notify>) -> Result<usize, DbError> {
    let promoted = db.promote_due_runs().await?;
    if promoted > 0 {
        wake(&queue);
    }
    Ok(promoted as usize)
}

/// Wakes every waiting claim, and whatever waits next: claims come and go, and one between two waits must hear of it too.
pub(crate) fn wake(queue: &Notify) {
    queue.notify_waiters();
    queue.notify_one();
}
