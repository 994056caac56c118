//! The contracts behind which cryptography stands. No key and no primitive lives here.
//!
//! A signer may wait (a hardware security module, a cloud service), so [`JwsSigner::sign`] returns
//! a boxed future; everything else answers at once. The serialisations are composed here, so an
//! implementer handles bytes and never a header.

mod jwk;
mod jws;
mod random;
mod seal;
mod secret;

use std::future::Future;
use std::pin::Pin;

pub use jwk::{Jwk, JwkSet};
pub(crate) use jws::ClientSecretJws;
pub use jws::{ClientSecretMac, CompactJws, JwsSigner, SigningError};
pub use random::{RandomSource, RandomSourceError};
pub use seal::{Sealer, SealingError};
pub use secret::ClientSecret;

/// A future that a trait object returns.
///
/// Dropping it before it is ready leaves nothing half done, so a host can put its own time-out
/// around any call of this library.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A source of an error, as remote signers and stores report it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
