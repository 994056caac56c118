use std::fmt::Debug;

/// A source of unpredictable bytes, for the ids of pending responses and JWTs.
///
/// Randomness belongs to the crypto backend; core has none of its own.
pub trait RandomSource: Debug + Send + Sync {
    /// Fills the buffer.
    ///
    /// # Errors
    ///
    /// [`RandomSourceError`] when the source has no entropy; nothing is answered then.
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomSourceError>;
}

/// The source of randomness failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the source of randomness failed")]
pub struct RandomSourceError;

const _: Option<&dyn RandomSource> = None;
