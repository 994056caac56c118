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

pub use jwk::{Jwk, JwkSet};
pub(crate) use jws::ClientSecretJws;
pub use jws::{ClientSecretMac, CompactJws, JwsSigner, SigningError};
pub use random::{RandomSource, RandomSourceError};
pub use seal::{Sealer, SealingError};
pub use secret::ClientSecret;
