//! Live logs: one reader a watched build, any number of subscribers, each at its own place.
//!
//! The reader polls the database (at once when this process stored a chunk, else every [`POLL_INTERVAL`], which is how
//! lines that came through another replica are found) and keeps the newest lines, rendered once, in a ring bounded by
//! bytes. A subscriber takes what it needs from the ring, and from the database where the ring does not reach back far
//! enough: so a slow one falls behind by itself, misses nothing, and holds up nobody. The reader ends with the last
//! subscriber.

mod batch;
mod reader;
mod ring;
mod subscription;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use plimsoll_db::Db;
use plimsoll_db::logs::LogChunk;
use plimsoll_db::watch::BuildState;
use tokio::sync::{Notify, Semaphore, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use batch::Batch;
pub use subscription::{Item, Subscription};

use ring::Ring;

/// How soon lines that were stored through another replica are seen.
pub const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Reads of stored lines at a time, by readers who catch up or fetch a whole log. However many there are, connections
/// stay free for the builds that run.
const MAX_READS: usize = 3;

/// Hands out subscriptions to builds' logs. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct LogHub {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    shutdown: CancellationToken,
    reads: Semaphore,
    watched: Mutex<HashMap<Uuid, Entry>>,
}

/// The map holds builds weakly: subscriptions own them.
struct Entry {
    build: Weak<Watched>,
    wake: Arc<Notify>,
}

/// What the reader and the subscribers of one build share.
struct Watched {
    build_id: Uuid,
    hub: Weak<Inner>,
    head: watch::Sender<Head>,
    ring: Mutex<Ring>,
    wake: Arc<Notify>,
}

/// How far the reader has come.
#[derive(Debug, Clone, Default)]
struct Head {
    /// `None` until the first look.
    state: Option<Arc<BuildState>>,
    /// Number of the first line the reader has not seen.
    next_line: i64,
    /// The build is finished and all its lines are seen, or it is gone: nothing more will come.
    ended: bool,
}

impl LogHub {
    /// `shutdown` ends every subscription without an end event, so that clients come back to another replica.
    pub fn new(db: Db, shutdown: CancellationToken) -> Self {
        Self { inner: Arc::new(Inner { db, shutdown, reads: Semaphore::new(MAX_READS), watched: Mutex::default() }) }
    }

    /// Tells the readers of `build_id`, if there are any, that something about it was stored just now.
    pub fn changed(&self, build_id: Uuid) {
        if let Some(entry) = self.inner.lock().get(&build_id) {
            entry.wake.notify_one();
        }
    }

    /// Follows the build from line `from` (the first is 1). The caller has checked that it may be seen.
    pub fn subscribe(&self, build_id: Uuid, from: i64) -> Subscription {
        Subscription::new(self.clone(), self.watched(build_id), from)
    }

    /// Stored chunks from the one that holds line `from` on; waits while many others read. The caller has checked that
    /// the build may be seen.
    pub async fn read(&self, build_id: Uuid, from: i64, limit_chunks: i32) -> plimsoll_db::Result<Vec<LogChunk>> {
        let _turn = self.inner.reads.acquire().await.expect("the semaphore is never closed");
        self.inner.db.log_chunks_as_server(build_id, from, limit_chunks).await
    }

    /// Builds that are being read right now.
    pub fn watched_count(&self) -> usize {
        self.inner.lock().len()
    }

    fn watched(&self, build_id: Uuid) -> Arc<Watched> {
        let mut map = self.inner.lock();
        if let Some(build) = map.get(&build_id).and_then(|entry| entry.build.upgrade()) {
            return build;
        }
        let wake = Arc::new(Notify::new());
        let build = Arc::new(Watched {
            build_id,
            hub: Arc::downgrade(&self.inner),
            head: watch::Sender::new(Head::default()),
            ring: Mutex::default(),
            wake: wake.clone(),
        });
        map.insert(build_id, Entry { build: Arc::downgrade(&build), wake: wake.clone() });
        tokio::spawn(reader::run(self.inner.db.clone(), self.inner.shutdown.clone(), Arc::downgrade(&build), wake));
        build
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Entry>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watched {
    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(hub) = self.hub.upgrade() {
            let mut map = hub.lock();
            // A newcomer may have put its own entry here since the last subscriber left.
            if map.get(&self.build_id).is_some_and(|entry| Arc::ptr_eq(&entry.wake, &self.wake)) {
                map.remove(&self.build_id);
            }
        }
        self.wake.notify_one();
    }
}
