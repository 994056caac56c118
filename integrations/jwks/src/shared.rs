use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;
use tokio::sync::Semaphore;

use crate::Limits;
use crate::remembered::Remembered;
use crate::transport::Transport;

/// How many fetches wait for each that runs.
const WAITING: usize = 8;

/// What all clones of a fetcher share.
pub(crate) struct Shared {
    pub(crate) limits: Limits,
    pub(crate) transport: Transport,
    /// For what runs.
    pub(crate) turns: Semaphore,
    /// For what runs and what waits.
    pub(crate) queue: Arc<Semaphore>,
    /// By URL and not by client: one document is one set, whoever registered it.
    pub(crate) urls: Mutex<LruCache<String, Arc<Remembered>>>,
}

impl Shared {
    pub(crate) fn new(transport: Transport, limits: Limits) -> Self {
        let at_once = limits.fetches_at_once.get();
        let permits = |number: usize| Semaphore::new(number.min(Semaphore::MAX_PERMITS));
        Self {
            turns: permits(at_once),
            queue: Arc::new(permits(at_once.saturating_mul(WAITING + 1))),
            urls: Mutex::new(LruCache::sparse(limits.urls)),
            transport,
            limits,
        }
    }

    /// Forgets the sets that were not asked for longest until the rest takes no more memory than it
    /// may.
    pub(crate) fn slim(&self) {
        let mut urls = self.urls.lock().unwrap_or_else(PoisonError::into_inner);
        let mut weight: usize = urls.iter().map(|(_, url)| url.state().weight()).sum();
        while weight > self.limits.memory {
            let Some((_, forgotten)) = urls.pop_lru() else {
                return;
            };
            // It may have become heavier since.
            weight = weight.saturating_sub(forgotten.state().weight());
        }
    }
}
