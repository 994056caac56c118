//! The primitives by aws-lc-rs. No `RustCrypto` crate is named below here.

mod decryption;
mod encryption;
mod signing;
mod verification;

use aws_lc_rs::hmac as mac;
use aws_lc_rs::rand;
use jarm_core::jose::{RandomSourceError, SigningError};

pub(crate) use decryption::DecryptingKey;
pub(crate) use encryption::{AgreementKey, OaepKey};
pub(crate) use signing::PrivateKey;
pub(crate) use verification::verify;

use super::Hash;

pub(crate) fn hmac(hash: Hash, key: &[u8], input: &[u8]) -> Result<Vec<u8>, SigningError> {
    let algorithm = match hash {
        Hash::Sha256 => mac::HMAC_SHA256,
        Hash::Sha384 => mac::HMAC_SHA384,
        Hash::Sha512 => mac::HMAC_SHA512,
    };
    let mut made = vec![0; algorithm.tag_len()];
    let key = mac::Key::new(algorithm, key);
    mac::sign_to_buffer(&key, input, &mut made).map_err(|_| SigningError::opaque())?;
    Ok(made)
}

pub(crate) fn fill(buffer: &mut [u8]) -> Result<(), RandomSourceError> {
    rand::fill(buffer).map_err(|_| RandomSourceError)
}
