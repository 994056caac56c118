use std::fmt::Debug;

/// Authenticated encryption of pending responses between request and answer.
///
/// An implementation uses an AEAD with a fresh nonce for every value and carries the nonce in
/// what it returns.
pub trait Sealer: Debug + Send + Sync {
    /// Encrypts `plaintext` and binds it to `associated_data`.
    ///
    /// # Errors
    ///
    /// [`SealingError`] when the primitive or its source of nonces fails.
    fn seal(&self, associated_data: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, SealingError>;

    /// Decrypts what [`seal`](Self::seal) returned for the same `associated_data`.
    ///
    /// # Errors
    ///
    /// [`SealingError`], without a reason, for anything that was not sealed with one of this
    /// sealer's keys and this associated data, byte for byte.
    fn unseal(&self, associated_data: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealingError>;
}

/// A value could not be sealed or opened. There is no further detail, on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value could not be sealed or opened")]
pub struct SealingError;

const _: Option<&dyn Sealer> = None;
