//! JOSE for `jarm`, on both sides. For an authorization server: the keys that sign response JWTs,
//! the MACs under clients' secrets, the encryption to clients' keys, and the sealing of pending
//! responses between request and answer. For a client: verification, and the keys that decrypt.
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
//! A client verifies what was signed with [`JwaVerifier`]. It decrypts what was encrypted with
//! [`JwaDecrypter`], and gets at the content key with a [`DecryptionKey`] of its own or with its
//! secret. A key in a hardware security module is a [`JweDecryptionKey`] instead.
//!
//! ```
//! use jarm_core::jose::{
//!     Authenticated, EncryptedKey, JweDecrypter as _, JweDecryptionKey as _, JweEncrypter as _,
//!     JwsVerifier as _, Signed,
//! };
//! use jarm_core::{JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm, JwsAlgorithm};
//! use jarm_jose::{
//!     DecryptionKey, DecryptionKeyKind, JwaDecrypter, JwaEncrypter, JwaVerifier, KeyKind, SigningKey,
//! };
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let (alg, enc) = (JweKeyManagementAlgorithm::RSA_OAEP_256, JweContentEncryptionAlgorithm::A256GCM);
//! let clients = DecryptionKey::generate(DecryptionKeyKind::Rsa2048)?;
//! let servers = SigningKey::generate(KeyKind::P256)?;
//!
//! // The server signs and then encrypts to the key that the client has registered.
//! let signing_input = b"header.payload";
//! let signature = servers.signer(&JwsAlgorithm::ES256)?.sign(signing_input).await?;
//! let sent_key = JwaEncrypter.public_key(&alg, &clients.public_jwk())?.content_key(&enc)?;
//! let mut content = signature.clone();
//! let added = JwaEncrypter.encrypt(&enc, &sent_key, b"protected", &mut content)?;
//!
//! // The client decrypts and then verifies by the key that the server has published.
//! let encrypted = EncryptedKey::new(&alg, &enc, sent_key.encrypted_key().unwrap_or_default());
//! let found_key = clients.content_key(&encrypted).await?;
//! let authenticated = Authenticated { associated_data: b"protected", iv_and_tag: &added };
//! JwaDecrypter.decrypt(&enc, &found_key, authenticated, &mut content)?;
//! let signed = Signed { signing_input, signature: &content };
//! JwaVerifier.verify(&JwsAlgorithm::ES256, &servers.public_jwk(), signed)?;
//! # Ok(())
//! # }
//! # let mut waker = std::task::Context::from_waker(std::task::Waker::noop());
//! # let done = std::pin::pin!(example()).as_mut().poll(&mut waker);
//! # assert!(matches!(done, std::task::Poll::Ready(Ok(()))));
//! ```
//!
//! [`JweDecryptionKey`]: jarm_core::jose::JweDecryptionKey
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
//! | `ECDH-ES` `ECDH-ES+A128KW` `ECDH-ES+A192KW` `ECDH-ES+A256KW`: the keys and the agreement, and whether a point is on its curve | `aws-lc-rs` | `p256`, `p384`, `p521`, `x25519-dalek` |
//! | random octets: content keys, initialization vectors, nonces | `aws-lc-rs` | the operating system, by `getrandom` |
//! | whether an Ed25519 key, or the point of a signature, is one of its curve and not of low order | `ed25519-dalek` | `ed25519-dalek` |
//! | comparing MACs and tags in constant time | `subtle` | `subtle` |
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
//! where others can time many RSA signatures or decryptions. The pure build compiles no C.
//!
//! # Refused keys
//!
//! Private keys, for signing and for decryption: RSA below 2048 and above 8192 bits, RSA with an
//! even or tiny public exponent, RSA without its CRT numbers or with more than two primes, curves
//! other than P-256, P-384, P-521, and Ed25519 to sign or X25519 to decrypt, encrypted PEM, public
//! keys, JWKs that say they are for something else, and every key whose numbers contradict each
//! other. [`KeyError`] says which it was and what to do.
//!
//! Of clients, for encryption, by both builds alike: RSA below 2048 and above 8192 bits, or with an
//! even modulus, or with a public exponent that is even, 1 or above 33 bits; points that are not
//! on P-256, P-384 or P-521, and coordinates that have not exactly the field's length; X25519 keys
//! of low order; members that are missing, no text, no strict base64url, or longer than 4096
//! characters. Of authorization servers, for verification, the same; and Ed25519 keys that are no
//! point of the curve, not in its one encoding, or of low order. [`PublicKeyError`] names the
//! member. Leading zeros of RSA numbers are tolerated, and
//! X25519 keys are read as RFC 7748 says: without their highest bit, and reduced. Other key types
//! and curves are passed over.
//!
//! # Features
//!
//! - `aws-lc-rs` (default): operations with private and public keys by aws-lc-rs, as the table says.
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
