//! The primitives. Two files with one interface, of which the feature `aws-lc-rs` picks one:
//!
//! - `PrivateKey`: `try_new`, `generate`, `public`, `sign`, `to_pkcs8`;
//! - `hmac(hash, key, input)`;
//! - `fill(buffer)` with random octets.

#[cfg(feature = "aws-lc-rs")]
mod aws_lc;
#[cfg(not(feature = "aws-lc-rs"))]
mod rust_crypto;

#[cfg(feature = "aws-lc-rs")]
pub(crate) use aws_lc::{PrivateKey, fill, hmac};
#[cfg(not(feature = "aws-lc-rs"))]
pub(crate) use rust_crypto::{PrivateKey, fill, hmac};

use crate::format::Curve;

/// The hash of an algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// What a JWS algorithm does, without its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// RSASSA-PKCS1-v1_5.
    RsaPkcs1(Hash),
    /// RSASSA-PSS, with a salt as long as the hash.
    RsaPss(Hash),
    /// ECDSA, with the hash that belongs to the curve and `R || S` as the signature.
    Ecdsa(Curve),
    /// Ed25519.
    Ed25519,
}
