//! Time comes in as a value.

use std::fmt::Debug;
use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// Whole seconds since 1970-01-01T00:00:00Z: the `NumericDate` of [RFC 7519 2].
///
/// [RFC 7519 2]: https://www.rfc-editor.org/rfc/rfc7519#section-2
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixTime(u64);

impl UnixTime {
    /// Takes seconds since 1970.
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970.
    pub const fn as_seconds(self) -> u64 {
        self.0
    }

    /// The time `seconds` later.
    #[must_use]
    pub const fn after(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds))
    }
}

/// What tells the time.
pub trait Clock: Debug + Send + Sync {
    /// The time now.
    fn now(&self) -> UnixTime;

    /// The time since some point that stays the same, which never runs backwards: what durations
    /// are measured by. A clock that has none says zero.
    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

const _: Option<&dyn Clock> = None;

/// The operating system's clock: the default, and the only place that reads it.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one default implementation of Clock"
    )]
    fn now(&self) -> UnixTime {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
        UnixTime(since_1970.map_or(0, |duration| duration.as_secs()))
    }

    fn monotonic(&self) -> Duration {
        static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
        BEGIN.elapsed()
    }
}
