use crate::future::BoxError;

/// How urgently keys are looked up: a source that keeps what it fetched answers the first from
/// what it has, and fetches anew for the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyLookup {
    /// Nothing is known yet: keys that are fresh enough will do.
    First,
    /// In those keys the needed one was not found. Whoever asks does so once; whether there is
    /// anything newer, and whether it is time to look, is for the source to decide.
    AfterMiss,
}

/// Keys could not be had. The source is for the log.
#[derive(Debug, thiserror::Error)]
#[error("the keys cannot be had")]
pub struct KeySourceError(#[source] BoxError);

impl KeySourceError {
    /// Says why.
    pub fn new(source: impl Into<BoxError>) -> Self {
        Self(source.into())
    }
}
