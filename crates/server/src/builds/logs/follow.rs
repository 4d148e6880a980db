//! Following a log on behalf of a caller: the subscription, the signs of life, and the caller's right to go on.

use std::time::Duration;

use plimsoll_db::Db;
use tokio::time::Interval;
use uuid::Uuid;

use crate::live_caller::LiveCaller;
use crate::log_hub::{Item, Subscription};
use crate::sse;
use crate::state::AppState;

/// Between tries while the database does not answer; the client's connection stays up meanwhile.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// What a follower has for its client.
pub(crate) enum Step {
    Item(Item),
    /// Nothing for a while.
    Quiet,
}

/// Follows one build for one caller.
pub(crate) struct Follower {
    db: Db,
    caller: LiveCaller,
    build_id: Uuid,
    subscription: Subscription,
    pulse: Interval,
}

impl Follower {
    /// The caller has been checked once; from now on every `pulse` of the configuration.
    pub(crate) fn new(state: &AppState, caller: LiveCaller, build_id: Uuid, from: i64) -> Self {
        Self {
            db: state.db.clone(),
            caller,
            build_id,
            subscription: state.logs.subscribe(build_id, from),
            pulse: sse::pulse(state.config.stream_pulse),
        }
    }

    /// What comes next; `None` after the end, when the server stops, or when the caller may no longer see the build.
    pub(crate) async fn next(&mut self) -> Option<Step> {
        loop {
            let item = tokio::select! {
                item = self.subscription.next() => item,
                _ = self.pulse.tick() => return self.still_allowed().await.then_some(Step::Quiet),
            };
            match item {
                Ok(item) => return item.map(Step::Item),
                Err(error) => {
                    tracing::warn!(build.id = %self.build_id, %error, "could not read a followed log, trying again");
                    tokio::time::sleep(RETRY_INTERVAL).await;
                }
            }
        }
    }

    /// Number of the next line that will be handed over.
    pub(crate) fn next_line(&self) -> i64 {
        self.subscription.next_line()
    }

    /// A database that does not answer takes nobody's right away; what is shown comes from it anyway.
    async fn still_allowed(&mut self) -> bool {
        if !self.caller.is_good().await {
            return false;
        }
        match self.db.may_see_build(self.caller.actor(), self.build_id).await {
            Ok(allowed) => allowed,
            Err(error) => {
                tracing::warn!(build.id = %self.build_id, %error, "could not check a follower's access, trying again");
                true
            }
        }
    }
}
