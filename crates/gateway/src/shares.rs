//! No caller takes the whole pool: each has a share of it, and what is beyond waits its turn.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use plimsoll_db::Actor;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use crate::error::ApiError;

/// As long as the pool itself lets somebody wait.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// Callers remembered before those with nothing under way are forgotten.
const MOST_REMEMBERED: usize = 1_000;

pub(crate) struct Shares {
    statements_per_caller: usize,
    /// By person; `None` are all who are nobody.
    callers: Mutex<HashMap<Option<Uuid>, Arc<Semaphore>>>,
}

impl Shares {
    pub(crate) fn new(statements_per_caller: usize) -> Self {
        Self { statements_per_caller, callers: Mutex::default() }
    }

    /// The right to run one statement, until it is dropped. The service has no limit: its callers are the operator's own.
    pub(crate) async fn enter(&self, actor: &Actor) -> Result<Option<OwnedSemaphorePermit>, ApiError> {
        if actor.is_service() {
            return Ok(None);
        }
        let share = self.share(actor.user_id());
        match tokio::time::timeout(LONGEST_WAIT, share.acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Some(permit)),
            _ => Err(ApiError::unavailable("PGRST003", "Timed out acquiring connection from connection pool.")
                .details(format!("One caller may run {} statements at a time.", self.statements_per_caller))),
        }
    }

    fn share(&self, caller: Option<Uuid>) -> Arc<Semaphore> {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if callers.len() >= MOST_REMEMBERED {
            callers.retain(|_, share| Arc::strong_count(share) > 1);
        }
        Arc::clone(callers.entry(caller).or_insert_with(|| Arc::new(Semaphore::new(self.statements_per_caller))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(number: u128) -> Actor {
        Actor::User { user_id: Uuid::from_u128(number), claims: None }
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_their_share_waits_and_nobody_else_does() {
        let shares = Shares::new(2);
        let first = shares.enter(&person(1)).await.unwrap();
        let _second = shares.enter(&person(1)).await.unwrap();
        let refused = shares.enter(&person(1)).await.unwrap_err();
        assert_eq!((refused.status(), refused.json()["code"].as_str()), (503, Some("PGRST003")));
        shares.enter(&person(2)).await.unwrap();
        shares.enter(&Actor::Anonymous).await.unwrap();
        for _ in 0..3 {
            assert!(shares.enter(&Actor::Service).await.unwrap().is_none());
        }
        drop(first);
        shares.enter(&person(1)).await.unwrap();
    }

    #[tokio::test]
    async fn those_with_nothing_under_way_are_forgotten() {
        let shares = Shares::new(1);
        let busy = shares.enter(&person(0)).await.unwrap();
        for number in 1..3_000 {
            shares.enter(&person(number)).await.unwrap();
        }
        assert!(shares.callers.lock().unwrap().len() <= MOST_REMEMBERED);
        assert!(shares.callers.lock().unwrap().contains_key(&Some(Uuid::from_u128(0))));
        drop(busy);
    }
}
