//! JOSE for `jarm`: the keys that sign response JWTs, the MACs under clients' secrets, the
//! encryption to clients' keys, and the sealing of pending responses between request and answer.
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
//! [`JwaEncrypter`] encrypts signed responses to a client's public key or under its secret.
//!
//! # Which library does what
//!
//! | operation | feature `aws-lc-rs` (default) | without it: pure Rust |
//! | --- | --- | --- |
//! | `RS256` `RS384` `RS512` `PS256` `PS384` `PS512` | `aws-lc-rs` | `rsa`, `sha2`, blinded by `rand_chacha` |
//! | `ES256` `ES384` `ES512` | `aws-lc-rs` | `p256`, `p384`, `p521` |
//! | `Ed25519` `EdDSA` | `aws-lc-rs` | `ed25519-dalek` |
//! | `HS256` `HS384` `HS512` | `aws-lc-rs` | `hmac`, `sha2` |
//! | key generation, and whether a key's numbers belong together | `aws-lc-rs` | the crates above |
//! | `RSA-OAEP` `RSA-OAEP-256` `RSA-OAEP-384` `RSA-OAEP-512` | `aws-lc-rs` | `rsa`, `sha1`, `sha2` |
//! | `ECDH-ES` `ECDH-ES+A128KW` `ECDH-ES+A192KW` `ECDH-ES+A256KW`: the ephemeral key and the agreement, and whether a point is on its curve | `aws-lc-rs` | `p256`, `p384`, `p521`, `x25519-dalek` |
//! | random octets: content keys, initialization vectors, nonces | `aws-lc-rs` | the operating system, by `getrandom` |
//! | what derives a key from what was agreed upon (Concat KDF) | `sha2` | `sha2` |
//! | whether an X25519 key is of low order | `x25519-dalek` | `x25519-dalek` |
//! | `A128KW` `A192KW` `A256KW`, and the wrap after an agreement | `aes-kw` | `aes-kw` |
//! | `A128GCMKW` `A192GCMKW` `A256GCMKW` | `aes-gcm`, `aes` | `aes-gcm`, `aes` |
//! | `dir`, and every key from a client's secret | `sha2` | `sha2` |
//! | `A128CBC-HS256` `A192CBC-HS384` `A256CBC-HS512` | `aes`, `cbc`, `hmac`, `sha2` | `aes`, `cbc`, `hmac`, `sha2` |
//! | `A128GCM` `A192GCM` `A256GCM` | `aes-gcm`, `aes` | `aes-gcm`, `aes` |
//! | sealing of pending responses with AES-256-GCM | `aes-gcm` | `aes-gcm` |
//! | reading and writing PEM, DER and JWK | `rsa` (its PKCS formats), `sec1`, `serde_json` | `rsa` (its PKCS formats), `sec1`, `serde_json` |
//! | key thumbprint (RFC 7638) | `sha2` | `sha2` |
//!
//! The `rsa` crate's private-key operation is not constant in time (RUSTSEC-2023-0071, open). The
//! pure build blinds it with random numbers; with `aws-lc-rs` it never runs, so keep that feature
//! where others can time many RSA signatures. The pure build compiles no C.
//!
//! # Refused keys
//!
//! For signing: RSA below 2048 and above 8192 bits, RSA with an even or tiny public exponent, RSA without its
//! CRT numbers or with more than two primes, curves other than P-256, P-384, P-521 and Ed25519,
//! encrypted PEM, public keys, and every key whose numbers contradict each other. [`KeyError`]
//! says which it was and what to do.
//!
//! Of clients, for encryption, by both builds alike: RSA below 2048 and above 8192 bits, or with an
//! even modulus, or with a public exponent that is even, 1 or above 33 bits; points that are not
//! on P-256, P-384 or P-521, and coordinates that have not exactly the field's length; X25519 keys
//! of low order; members that are missing, no text, no strict base64url, or longer than 4096
//! characters. [`PublicKeyError`] names the member. Leading zeros of RSA numbers are tolerated, and
//! X25519 keys are read as RFC 7748 says: without their highest bit, and reduced. Other key types
//! and curves are passed over.
//!
//! # Features
//!
//! - `aws-lc-rs` (default): private-key operations, and encryption to public keys, by aws-lc-rs, as
//!   the table says.
//! - `jsonwebtoken` (default): `TryFrom<&jsonwebtoken::EncodingKey>` for [`SigningKey`]. It
//!   switches on none of that crate's backends.
//!
//! [`JwsSigner`]: jarm_core::jose::JwsSigner
//! [`PublicKeyError`]: jarm_core::jose::PublicKeyError
#![forbid(unsafe_code)]

mod backend;
mod decryption;
mod encryption;
mod error;
mod format;
mod random;
mod schemes;
mod seal;
mod secret;
mod signing;
mod verification;

pub use decryption::{DecryptionKey, DecryptionKeyKind, DecryptionKeys, JwaDecrypter};
pub use encryption::JwaEncrypter;
pub use error::KeyError;
pub use random::SystemRandom;
pub use seal::Aes256GcmSealer;
pub use secret::HmacClientSecrets;
pub use signing::{KeyKind, SigningKey, SigningKeys};
pub use verification::JwaVerifier;
