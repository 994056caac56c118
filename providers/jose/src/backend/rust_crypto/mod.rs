//! The primitives by the `RustCrypto` crates.

mod decryption;
mod encryption;
mod signing;
mod verification;

use hmac::{Hmac, Mac as _};
use jarm_core::jose::{RandomSourceError, SigningError};
use rand_chacha::ChaCha20Rng;
use rsa::rand_core::{OsRng, SeedableRng as _};
use sha2::{Sha256, Sha384, Sha512};

pub(crate) use decryption::DecryptingKey;
pub(crate) use encryption::{AgreementKey, OaepKey};
pub(crate) use signing::PrivateKey;
pub(crate) use verification::verify;

use super::Hash;

pub(crate) fn hmac(hash: Hash, key: &[u8], input: &[u8]) -> Result<Vec<u8>, SigningError> {
    macro_rules! mac {
        ($hash:ty) => {
            Hmac::<$hash>::new_from_slice(key)
                .map(|mac| mac.chain_update(input).finalize().into_bytes().to_vec())
        };
    }
    let made = match hash {
        Hash::Sha256 => mac!(Sha256),
        Hash::Sha384 => mac!(Sha384),
        Hash::Sha512 => mac!(Sha512),
    };
    made.map_err(|_| SigningError::opaque())
}

pub(crate) fn fill(buffer: &mut [u8]) -> Result<(), RandomSourceError> {
    getrandom::getrandom(buffer).map_err(|_| RandomSourceError)
}

/// A generator for one operation. `OsRng` itself panics when the system has no entropy; seeding
/// reports it.
fn rng() -> Option<ChaCha20Rng> {
    ChaCha20Rng::from_rng(OsRng).ok()
}
