//! JOSE for `jarm`: the keys that sign response JWTs, the MACs under clients' secrets, and the
//! sealing of pending responses between request and answer.
//!
//! A [`SigningKey`] is one private key, from PEM, from a private JWK, from the `jsonwebtoken`
//! crate or newly generated. It is parsed and checked once, and every algorithm that it can sign
//! with is a [`JwsSigner`] that shares it. A key in a hardware security module or a cloud service
//! needs none of this crate: implement [`JwsSigner`] for it.
//!
//! ```
//! use jarm_core::JwsAlgorithm;
//! use jarm_jose::{KeyKind, SigningKey, SigningKeys};
//!
//! let current = SigningKey::generate(KeyKind::P256)?.with_key_id("2026-11");
//! let next = SigningKey::generate(KeyKind::P256)?.with_key_id("2026-12");
//!
//! let keys = SigningKeys::from_keys([current, next])?;
//! let signers = keys.signers();
//! assert_eq!(signers.len(), 2);
//! assert_eq!(signers[0].algorithm(), &JwsAlgorithm::ES256);
//! assert_eq!(signers[0].key_id(), "2026-11");
//! # Ok::<(), jarm_jose::KeyError>(())
//! ```
//!
//! # Which library does what
//!
//! | operation | feature `aws-lc-rs` (default) | without it: pure Rust |
//! | --- | --- | --- |
//! | `RS256` `RS384` `RS512` `PS256` `PS384` `PS512` | aws-lc-rs | `rsa`, blinded |
//! | `ES256`, `ES384`, `ES512` | aws-lc-rs | `p256`, `p384`, `p521` |
//! | `Ed25519`, `EdDSA` | aws-lc-rs | `ed25519-dalek` |
//! | `HS256` `HS384` `HS512` | aws-lc-rs | `hmac`, `sha2` |
//! | key generation, and whether a key's numbers belong together | aws-lc-rs | the crates above |
//! | random octets | aws-lc-rs | the operating system, by `getrandom` |
//! | AES-256-GCM for [`Aes256GcmSealer`] | `aes-gcm` | `aes-gcm` |
//! | reading and writing PEM, DER and JWK | `pkcs1`, `pkcs8`, `sec1`, `serde_json` | the same |
//! | key thumbprint (RFC 7638) | `sha2` | `sha2` |
//!
//! The `rsa` crate's private-key operation is not constant in time (RUSTSEC-2023-0071, open). The
//! pure build blinds it with random numbers; with `aws-lc-rs` it never runs, so keep that feature
//! where others can time many RSA signatures. The pure build compiles no C.
//!
//! # Refused keys
//!
//! RSA below 2048 and above 8192 bits, RSA with an even or tiny public exponent, RSA without its
//! CRT numbers or with more than two primes, curves other than P-256, P-384, P-521 and Ed25519,
//! encrypted PEM, public keys, and every key whose numbers contradict each other. [`KeyError`]
//! says which it was and what to do.
//!
//! # Features
//!
//! - `aws-lc-rs` (default): private-key operations by aws-lc-rs, as the table says.
//! - `jsonwebtoken` (default): `TryFrom<&jsonwebtoken::EncodingKey>` for [`SigningKey`]. It
//!   switches on none of that crate's backends.
//!
//! [`JwsSigner`]: jarm_core::jose::JwsSigner
#![forbid(unsafe_code)]

mod backend;
mod encryption;
mod error;
mod format;
mod random;
mod seal;
mod secret;
mod signing;

pub use encryption::JweAlgorithms;
pub use error::KeyError;
pub use random::SystemRandom;
pub use seal::Aes256GcmSealer;
pub use secret::HmacClientSecrets;
pub use signing::{KeyKind, SigningKey, SigningKeys};
