//! One poller a process notices which builds changed, for everybody who listens.
//!
//! It runs while somebody does, looks only at their orgs, and compares with what it saw before. A listener first gets
//! everything the poller knows of its orgs and then the changes; one that falls behind gets everything again, so it may
//! see a state twice but never stays with an old one.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use plimsoll_db::Db;
use plimsoll_db::watch::BuildState;
use tokio::sync::{Notify, broadcast, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How soon changes made through another replica, or by another client of the database, are seen.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// Changes of this process are seen at once, but many in a row are taken together.
const MIN_INTERVAL: Duration = Duration::from_millis(50);
/// Changes a listener may be behind before it gets everything again.
const BACKLOG: usize = 256;

/// Tells listeners which builds changed. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct EventHub {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    shutdown: CancellationToken,
    wake: Notify,
    changes: broadcast::Sender<Arc<BuildState>>,
    /// Counts finished looks.
    looks: watch::Sender<u64>,
    shared: Mutex<Shared>,
}

#[derive(Default)]
struct Shared {
    next_listener: u64,
    listeners: HashMap<u64, Arc<HashSet<Uuid>>>,
    known: HashMap<Uuid, Arc<BuildState>>,
    /// Orgs that the last look covered.
    covered: HashSet<Uuid>,
    polling: bool,
}

impl EventHub {
    pub fn new(db: Db, shutdown: CancellationToken) -> Self {
        let inner = Inner {
            db,
            shutdown,
            wake: Notify::new(),
            changes: broadcast::Sender::new(BACKLOG),
            looks: watch::Sender::new(0),
            shared: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Says that some build was changed just now.
    pub fn changed(&self) {
        self.inner.wake.notify_one();
    }

    /// Listens to the builds of `orgs`. The caller has checked that they may be seen.
    pub(super) fn listen(&self, orgs: HashSet<Uuid>) -> Listener {
        let changes = self.inner.changes.subscribe();
        let mut shared = self.inner.lock();
        let id = shared.next_listener;
        shared.next_listener += 1;
        shared.listeners.insert(id, Arc::new(orgs));
        if !std::mem::replace(&mut shared.polling, true) {
            tokio::spawn(poll(self.inner.clone()));
        }
        drop(shared);
        self.inner.wake.notify_one();
        Listener { hub: self.inner.clone(), id, changes, looks: self.inner.looks.subscribe(), needs_all: true }
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The orgs somebody listens to; `None` ends the poller, and the next listener starts another.
    fn wanted(&self) -> Option<(HashSet<Uuid>, Vec<Uuid>)> {
        let mut shared = self.lock();
        if shared.listeners.is_empty() || self.shutdown.is_cancelled() {
            shared.polling = false;
            shared.known.clear();
            shared.covered.clear();
            return None;
        }
        let orgs = shared.listeners.values().flat_map(|orgs| orgs.iter().copied()).collect();
        let unfinished = shared.known.values().filter(|build| !build.is_finished()).map(|build| build.id).collect();
        Some((orgs, unfinished))
    }

    fn take(&self, orgs: HashSet<Uuid>, builds: Vec<BuildState>) {
        let mut shared = self.lock();
        let known: HashMap<Uuid, Arc<BuildState>> =
            builds.into_iter().map(|build| (build.id, Arc::new(build))).collect();
        let mut changed: Vec<&Arc<BuildState>> =
            known.values().filter(|build| shared.known.get(&build.id) != Some(*build)).collect();
        changed.sort_by_key(|build| (build.created_at, build.id));
        // While the lock is held, so that nobody can take everything between a change and its announcement.
        for build in changed {
            let _ = self.changes.send(build.clone());
        }
        shared.known = known;
        shared.covered = orgs;
        drop(shared);
        self.looks.send_modify(|looks| *looks += 1);
    }
}

async fn poll(hub: Arc<Inner>) {
    while let Some((orgs, unfinished)) = hub.wanted() {
        let ids: Vec<Uuid> = orgs.iter().copied().collect();
        match hub.db.changed_builds(&ids, &unfinished).await {
            Ok(builds) => hub.take(orgs, builds),
            Err(error) => tracing::warn!(%error, "could not look for changed builds, trying again"),
        }
        tokio::time::sleep(MIN_INTERVAL).await;
        tokio::select! {
            () = hub.wake.notified() => {}
            () = tokio::time::sleep(POLL_INTERVAL) => {}
            () = hub.shutdown.cancelled() => {}
        }
    }
}

/// What a listener is handed.
pub(super) enum News {
    /// Everything known of the listener's orgs: replaces what it had.
    All(Vec<Arc<BuildState>>),
    One(Arc<BuildState>),
}

/// See [`EventHub::listen`]. Dropping it is all it takes to leave.
pub(super) struct Listener {
    hub: Arc<Inner>,
    id: u64,
    changes: broadcast::Receiver<Arc<BuildState>>,
    looks: watch::Receiver<u64>,
    needs_all: bool,
}

impl Listener {
    /// Waits for news; `None` when the server stops. Cancel safe.
    pub(super) async fn next(&mut self) -> Option<News> {
        let shutdown = self.hub.shutdown.clone();
        tokio::select! {
            news = self.wait() => Some(news),
            () = shutdown.cancelled() => None,
        }
    }

    /// Changes what is listened to, once rights changed.
    pub(super) fn set_orgs(&mut self, orgs: HashSet<Uuid>) {
        let mut shared = self.hub.lock();
        if shared.listeners.get(&self.id).is_some_and(|known| **known == orgs) {
            return;
        }
        shared.listeners.insert(self.id, Arc::new(orgs));
        drop(shared);
        self.needs_all = true;
        self.hub.wake.notify_one();
    }

    async fn wait(&mut self) -> News {
        loop {
            if self.needs_all {
                self.looks.mark_unchanged();
                if let Some(all) = self.all() {
                    self.needs_all = false;
                    return News::All(all);
                }
                // The sender lives in the hub, which this listener holds.
                let _ = self.looks.changed().await;
                continue;
            }
            match self.changes.recv().await {
                Ok(build) if self.orgs().contains(&build.org_id) => return News::One(build),
                Ok(_) => {}
                Err(_) => self.needs_all = true,
            }
        }
    }

    fn orgs(&self) -> Arc<HashSet<Uuid>> {
        self.hub.lock().listeners.get(&self.id).cloned().unwrap_or_default()
    }

    /// Everything known, once the poller has looked at all our orgs.
    fn all(&mut self) -> Option<Vec<Arc<BuildState>>> {
        let shared = self.hub.lock();
        let orgs = shared.listeners.get(&self.id)?;
        if !orgs.iter().all(|org| shared.covered.contains(org)) {
            return None;
        }
        // What was announced so far is in what is known.
        self.changes = self.changes.resubscribe();
        let mut all: Vec<Arc<BuildState>> =
            shared.known.values().filter(|build| orgs.contains(&build.org_id)).cloned().collect();
        all.sort_by_key(|build| (build.created_at, build.id));
        Some(all)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.hub.lock().listeners.remove(&self.id);
    }
}
