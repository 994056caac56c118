use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::exchange::Fetched;
use crate::remembered::Remembered;
use crate::shared::Shared;
use crate::transport::host;
use crate::{FetchError, Problem};

/// A fetch that is under way, for all who wait for it. However it ends it lands, and those who wait
/// go on.
pub(crate) struct Flight {
    shared: Arc<Shared>,
    remembered: Arc<Remembered>,
    is_overdue: bool,
    outcome: Option<Result<Fetched, FetchError>>,
    _ends: watch::Sender<()>,
}

impl Flight {
    pub(crate) fn new(
        shared: Arc<Shared>,
        remembered: Arc<Remembered>,
        is_overdue: bool,
        ends: watch::Sender<()>,
    ) -> Self {
        Self {
            shared,
            remembered,
            is_overdue,
            outcome: None,
            _ends: ends,
        }
    }

    pub(crate) async fn fly(mut self) {
        let started = Instant::now();
        let outcome = self.fetch().await;
        let (host, took) = (host(&self.remembered.url), started.elapsed());
        match &outcome {
            Ok(Fetched { set, freshness }) => {
                let keys = set.keys.len();
                tracing::debug!(host, keys, ?freshness, ?took, "fetched a JWK Set");
            }
            Err(error) => tracing::warn!(host, %error, ?took, "no JWK Set was fetched"),
        }
        self.outcome = Some(outcome);
    }

    /// Waits for its turn, and then fetches, each for as long as the deadline at most.
    async fn fetch(&self) -> Result<Fetched, FetchError> {
        let Shared {
            limits,
            transport,
            turns,
            ..
        } = &*self.shared;
        let limit = limits.deadline;
        let blame = |problem| self.remembered.blame(problem);
        let Ok(Ok(_turn)) = timeout(limit, turns.acquire()).await else {
            return Err(blame(Problem::Busy));
        };
        let fetch = transport.fetch(&self.remembered.url, limits, self.is_overdue);
        let timed_out = |_| Err(blame(Problem::TimedOut { limit }));
        timeout(limit, fetch).await.unwrap_or_else(timed_out)
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let cut_off = || Err(self.remembered.blame(Problem::CutOff));
        let outcome = self.outcome.take().unwrap_or_else(cut_off);
        self.remembered.state().land(outcome, &self.shared.limits);
        self.shared.slim();
    }
}
