//! The catalogue in memory: read on first use, never older than a second, and looked at again at once when a request names
//! something it does not have.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use plimsoll_db::rest::Catalogue;
use plimsoll_db::{Db, DbError};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// A catalogue this old is served, and checked in the background.
const AGING_AFTER: Duration = Duration::from_millis(500);
/// A catalogue this old is checked before it is served.
const STALE_AFTER: Duration = Duration::from_secs(1);
/// Between two looks at the database, whatever is asked for.
const LEAST_INTERVAL: Duration = Duration::from_millis(100);

#[derive(Clone)]
pub(crate) struct CatalogueCache(Arc<Cache>);

struct Cache {
    db: Db,
    schemas: Vec<String>,
    current: RwLock<Option<Entry>>,
    /// Held while the database is asked, so that it is asked once for all who wait: when that last began.
    looking: Mutex<Option<Instant>>,
}

#[derive(Clone)]
struct Entry {
    catalogue: Arc<Catalogue>,
    /// When the look began that last confirmed it.
    confirmed: Instant,
}

impl CatalogueCache {
    pub(crate) fn new(db: Db, schemas: Vec<String>) -> Self {
        Self(Arc::new(Cache { db, schemas, current: RwLock::new(None), looking: Mutex::new(None) }))
    }

    /// The catalogue as it was at most a second ago.
    pub(crate) async fn get(&self) -> Result<Arc<Catalogue>, DbError> {
        let Some(entry) = self.0.entry() else {
            return self.0.first().await;
        };
        let age = entry.confirmed.elapsed();
        if age > STALE_AFTER {
            let asked = Instant::now();
            let mut looking = self.0.looking.lock().await;
            let entry = self.0.entry().unwrap_or(entry);
            // One look is enough for all who waited for it, also one that failed.
            if entry.confirmed.elapsed() <= STALE_AFTER || looking.is_some_and(|began| began >= asked) {
                return Ok(entry.catalogue);
            }
            return Ok(self.0.look(&mut looking, &entry).await.unwrap_or(entry).catalogue);
        }
        if age > AGING_AFTER {
            let (cache, entry) = (Arc::clone(&self.0), entry.clone());
            tokio::spawn(async move {
                if let Ok(mut looking) = cache.looking.try_lock() {
                    cache.look(&mut looking, &entry).await;
                }
            });
        }
        Ok(entry.catalogue)
    }

    /// A catalogue that is newer than `seen`, in which something was missing; `None` when nothing changed.
    pub(crate) async fn newer(&self, seen: &Arc<Catalogue>) -> Option<Arc<Catalogue>> {
        let asked = Instant::now();
        let mut looking = self.0.looking.lock().await;
        let entry = self.0.entry()?;
        // Another request may have looked meanwhile.
        let entry = if entry.confirmed >= asked {
            entry
        } else {
            tokio::time::sleep_until(entry.confirmed + LEAST_INTERVAL).await;
            self.0.look(&mut looking, &entry).await?
        };
        (!Arc::ptr_eq(&entry.catalogue, seen)).then_some(entry.catalogue)
    }
}

impl Cache {
    fn entry(&self) -> Option<Entry> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn store(&self, entry: Entry) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(entry);
    }

    async fn first(&self) -> Result<Arc<Catalogue>, DbError> {
        let _looking = self.looking.lock().await;
        if let Some(entry) = self.entry() {
            return Ok(entry.catalogue);
        }
        let confirmed = Instant::now();
        let catalogue = Arc::new(self.db.rest_catalogue(&self.schemas).await?);
        self.store(Entry { catalogue: Arc::clone(&catalogue), confirmed });
        Ok(catalogue)
    }

    /// Asks whether the catalogue changed, and reads it again if so. Only for who holds `looking`.
    async fn look(&self, looking: &mut Option<Instant>, entry: &Entry) -> Option<Entry> {
        let confirmed = Instant::now();
        *looking = Some(confirmed);
        let looked = async {
            let fingerprint = self.db.rest_fingerprint(&self.schemas).await?;
            if fingerprint == entry.catalogue.fingerprint {
                return Ok(Arc::clone(&entry.catalogue));
            }
            tracing::debug!("the schema changed: reading the catalogue again");
            self.db.rest_catalogue(&self.schemas).await.map(Arc::new)
        };
        match looked.await {
            Ok(catalogue) => {
                let entry = Entry { catalogue, confirmed };
                self.store(entry.clone());
                Some(entry)
            }
            // What is known is served on; the statements themselves say what is wrong.
            Err(error) => {
                tracing::debug!("error.cause" = %error, "the catalogue could not be checked: {error}");
                None
            }
        }
    }
}
