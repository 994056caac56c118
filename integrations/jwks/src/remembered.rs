//! What is known of one URL, and what follows from it.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jarm_core::jose::{JwkSet, KeyLookup};
use tokio::sync::watch;
use tokio::time::Instant;
use url::Url;

use crate::exchange::Fetched;
use crate::transport::host;
use crate::weight::weight;
use crate::{FetchError, Limits, Problem};

/// One URL. Nothing waits while it is locked.
pub(crate) struct Remembered {
    pub(crate) url: Url,
    state: Mutex<State>,
}

impl Remembered {
    pub(crate) fn new(url: Url) -> Self {
        let state = Mutex::default();
        Self { url, state }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn blame(&self, problem: Problem) -> FetchError {
        FetchError::new(host(&self.url), problem)
    }
}

/// A query may hold a secret of the client's.
impl fmt::Debug for Remembered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remembered")
            .field("host", &host(&self.url))
            .finish_non_exhaustive()
    }
}

#[derive(Default)]
pub(crate) struct State {
    /// The newest set. An older one is nowhere, so that no removed key is used.
    set: Option<Known>,
    failure: Option<Failure>,
    /// When the last fetch ended.
    ended: Option<Instant>,
    /// Closed at the end of the fetch that is under way.
    flight: Option<watch::Receiver<()>>,
}

struct Known {
    set: JwkSet,
    since: Instant,
    freshness: Duration,
    weight: usize,
}

struct Failure {
    error: FetchError,
    pause: Duration,
}

/// What whoever asks for a set does.
#[derive(Debug)]
pub(crate) enum Next {
    /// Takes what is known.
    Known,
    /// Waits for a fetch that is under way.
    Wait(watch::Receiver<()>),
    /// Fetches.
    Fetch,
}

impl State {
    pub(crate) fn next(&self, lookup: KeyLookup, limits: &Limits) -> Next {
        let since = |at: Instant| Instant::now().saturating_duration_since(at);
        let ended_within = |pause| self.ended.is_some_and(|ended| since(ended) < pause);
        let is_fresh = || {
            let known = self.set.as_ref();
            known.is_some_and(|known| since(known.since) < known.freshness)
        };
        if lookup == KeyLookup::First && is_fresh() {
            return Next::Known;
        }
        if let Some(flight) = &self.flight {
            return Next::Wait(flight.clone());
        }
        let pause = match (&self.failure, lookup) {
            (Some(failure), _) => failure.pause,
            (None, KeyLookup::AfterMiss) => limits.pause_between_misses,
            (None, KeyLookup::First) => Duration::ZERO,
        };
        if ended_within(pause) {
            return Next::Known;
        }
        Next::Fetch
    }

    /// The set, if it is not too old.
    pub(crate) fn known(&self, limits: &Limits) -> Option<JwkSet> {
        let known = self.set.as_ref()?;
        let age = Instant::now().saturating_duration_since(known.since);
        (age < limits.stale_limit).then(|| known.set.clone())
    }

    /// Whether the last set is older than any may be that can be fetched.
    pub(crate) fn is_overdue(&self, limits: &Limits) -> bool {
        let age = |known: &Known| Instant::now().saturating_duration_since(known.since);
        let longest = limits.most_freshness.max(limits.least_freshness);
        self.set.as_ref().is_some_and(|known| age(known) >= longest)
    }

    /// Why there is no set.
    pub(crate) fn error(&self) -> Option<FetchError> {
        Some(self.failure.as_ref()?.error.clone())
    }

    /// What the set takes of memory.
    pub(crate) fn weight(&self) -> usize {
        self.set.as_ref().map_or(0, |known| known.weight)
    }

    /// A fetch begins; there is none under way.
    pub(crate) fn take_off(&mut self, end: watch::Receiver<()>) {
        self.flight = Some(end);
    }

    /// The fetch has ended.
    pub(crate) fn land(&mut self, outcome: Result<Fetched, FetchError>, limits: &Limits) {
        let now = Instant::now();
        self.flight = None;
        self.ended = Some(now);
        match outcome {
            Ok(Fetched { set, freshness }) => {
                self.failure = None;
                self.set = Some(Known {
                    weight: weight(&set),
                    set,
                    since: now,
                    freshness,
                });
            }
            Err(error) => {
                let pause = self.pause_after(error.problem(), limits);
                self.failure = Some(Failure { error, pause });
            }
        }
    }

    fn pause_after(&self, problem: &Problem, limits: &Limits) -> Duration {
        let before = self
            .failure
            .as_ref()
            .map_or(Duration::ZERO, |last| last.pause);
        match problem {
            Problem::Busy => Duration::ZERO, // which is not the URL's fault
            _ if before.is_zero() => limits.pause_after_failure,
            _ => before
                .saturating_mul(2)
                .min(limits.longest_pause_after_failure),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn failed(state: &mut State, problem: Problem) {
        let error = FetchError::new("a.example", problem);
        state.land(Err(error), &Limits::default());
    }

    fn fetches(state: &State) -> bool {
        let next = state.next(KeyLookup::First, &Limits::default());
        matches!(next, Next::Fetch)
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_remembered_twice_as_long_each_time_up_to_ten_minutes() {
        let mut state = State::default();
        assert!(fetches(&state));
        for seconds in [30, 60, 120, 240, 480, 600, 600] {
            failed(&mut state, Problem::Status(500));
            advance(Duration::from_secs(seconds - 1)).await;
            assert!(!fetches(&state), "{seconds}");
            advance(Duration::from_secs(1)).await;
            assert!(fetches(&state), "{seconds}");
        }
        let (set, freshness) = (JwkSet::default(), Duration::ZERO);
        state.land(Ok(Fetched { set, freshness }), &Limits::default());
        failed(&mut state, Problem::Status(500));
        advance(Duration::from_secs(30)).await;
        assert!(fetches(&state), "a success begins anew");
    }

    #[tokio::test(start_paused = true)]
    async fn a_url_that_had_no_turn_is_not_blamed() {
        let mut state = State::default();
        failed(&mut state, Problem::Busy);
        assert!(fetches(&state));
    }
}
