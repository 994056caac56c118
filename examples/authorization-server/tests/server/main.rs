//! The demonstration server from inside, by the same router that the binary serves.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, its fixture too"
)]

mod callback;
mod code;
mod configuration;
mod consent;
mod every_redirect;
mod explain;
mod failing_encryption;
mod failing_signer;
mod inspect;
mod interaction;
#[cfg(feature = "fetch")]
mod jwks_uri;
mod pushed;
mod registration;
mod reload;
mod request_object;
mod same_origin;
mod session;
mod support;
mod ticket;
