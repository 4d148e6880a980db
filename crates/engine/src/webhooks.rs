//! What received webhooks do. The endpoint only verifies and stores; the effect happens here, once.

use std::sync::Arc;

use plimsoll_core::github::{self, Event};
use plimsoll_core::retry::full_jitter;
use plimsoll_db::webhooks::DueWebhook;
use plimsoll_db::{Db, DbError};
use tokio::sync::Notify;

const BATCH: i64 = 100;
/// A delivery that failed this often is closed with its last error.
const MAX_ATTEMPTS: i32 = 10;

/// Applies every delivery that is due.
pub async fn apply_due(db: Db, queue: Arc<Notify>, sync: Arc<Notify>) -> Result<usize, DbError> {
    let mut done = 0;
    loop {
        let due = db.due_webhooks(BATCH).await?;
        let count = due.len();
        for delivery in due {
            match apply(&db, &delivery).await {
                Ok(outcome) => db.finish_webhook(delivery.id, &outcome).await?,
                Err(error) if is_transient(&error) && delivery.attempts < MAX_ATTEMPTS => {
                    let wait = full_jitter(delivery.attempts.max(0) as u32, rand::random());
                    db.postpone_webhook(delivery.id, wait, &error.to_string()).await?;
                }
                Err(error) => db.finish_webhook(delivery.id, &format!("failed: {error}")).await?,
            }
            done += 1;
        }
        if count > 0 {
            crate::leases::wake(&queue);
            sync.notify_one();
        }
        if count < BATCH as usize {
            return Ok(done);
        }
    }
}

/// The effect of one delivery, in words for the ledger.
async fn apply(db: &Db, delivery: &DueWebhook) -> Result<String, DbError> {
    match github::parse(&delivery.event, &delivery.payload) {
        Ok(Event::Push(push)) => db.apply_push(delivery.id, &push).await,
        Ok(Event::Ping) => Ok("ping answered".to_owned()),
        Ok(Event::Ignored(why)) => Ok(format!("ignored: {why}")),
        Err(why) => Ok(format!("ignored: {why}")),
    }
}

fn is_transient(error: &DbError) -> bool {
    matches!(error, DbError::Unavailable(_) | DbError::Postgres(_) | DbError::Conflict(_))
}
