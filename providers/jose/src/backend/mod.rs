//! The primitives that the two builds do with different libraries. Two directories with one
//! interface, of which the feature `aws-lc-rs` picks one:
//!
//! - `PrivateKey`: `try_new`, `generate`, `public`, `sign`, `to_pkcs8`;
//! - `OaepKey`: `try_new`, `encrypt`;
//! - `AgreementKey`: `try_new`, `agree`;
//! - `DecryptingKey`: `try_new`, `generate`, `public`, `decrypt`, `agree`, `to_pkcs8`;
//! - `verify(scheme, key, signed)`;
//! - `hmac(hash, key, input)`;
//! - `fill(buffer)` with random octets.

#[cfg(feature = "aws-lc-rs")]
mod aws_lc;
#[cfg(not(feature = "aws-lc-rs"))]
mod rust_crypto;

#[cfg(feature = "aws-lc-rs")]
pub(crate) use aws_lc::{AgreementKey, DecryptingKey, OaepKey, PrivateKey, fill, hmac, verify};
#[cfg(not(feature = "aws-lc-rs"))]
pub(crate) use rust_crypto::{
    AgreementKey, DecryptingKey, OaepKey, PrivateKey, fill, hmac, verify,
};

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

/// The hash of RSAES-OAEP, which is also that of its mask generation function
/// ([RFC 7518 4.3](https://www.rfc-editor.org/rfc/rfc7518#section-4.3)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OaepHash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}
