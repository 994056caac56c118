//! A [`JwsSigner`](jarm::jose::JwsSigner) whose private key never leaves a PKCS #11 module: a
//! hardware security module, a smart card, or `SoftHSM`.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use hsm_signer::{Pin, Token};
//! use jarm::{AuthorizationServer, Configuration, JwsAlgorithm};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let configuration: Configuration = toml::from_str("")?;
//! let pin = Pin::from(std::env::var("HSM_PIN")?);
//! let token = Token::open("/usr/lib/softhsm/libsofthsm2.so", "authorization-server", pin)?;
//! let server = AuthorizationServer::builder(configuration)
//!     .signer(Arc::new(token.signer("responses-2026", &JwsAlgorithm::ES256)?))
//!     .signer(Arc::new(token.signer("responses-2026", &JwsAlgorithm::PS256)?))
//!     .build()?;
//! # Ok(())
//! # }
//! ```
//!
//! The token holds each key pair as two objects, one public and one private, that have the same
//! label; the private one cannot be read. The public key to publish and its `kid` are read from the
//! token. Opening a token and making a signer blocks: do it before the server serves.
//!
//! | where | what |
//! | --- | --- |
//! | `token.rs` | the module, and the login |
//! | `key.rs` | finding a key pair, and what must be true of it |
//! | `public.rs` | the public key as JWK |
//! | `sessions.rs` | the blocking calls |
//! | `signer.rs` | the `JwsSigner`, which makes them where they stop nobody |

mod error;
mod key;
mod public;
mod sessions;
mod signer;
mod token;

/// A PIN: never shown, and overwritten when it is dropped.
pub use cryptoki::types::AuthPin as Pin;
pub use error::{HsmError, KeyProblem};
pub use signer::HsmSigner;
pub use token::Token;
