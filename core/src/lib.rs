//! Vocabulary, rules and contracts of response modes and JARM, for the facade `jarm` and for those
//! who write response modes of their own.
//!
//! A server's or client's author depends on `jarm`. A mode's author depends on this crate alone: implement
//! [`ResponseModeProvider`](provider::ResponseModeProvider), keep a
//! [`ResponseModeRegistration`](provider::ResponseModeRegistration) of it as a constant, submit it
//! with [`register_response_mode!`], and check it with the suite in `testing` (a feature).
//!
//! There is no I/O here, no key, no cryptographic primitive but the SHA-256 that a content security
//! policy needs, and no web framework. The clock is read in one place,
//! [`SystemClock`](clock::SystemClock), which a host replaces.
//!
//! | floor | rooms |
//! | --- | --- |
//! | 4, roles | [`authorization_server`] answers, [`client`] verifies |
//! | 3, extension point | [`provider`] |
//! | 2, rules and messages | [`rules`], [`response`], [`metadata`], [`jose`] (contracts), [`configuration`] |
//! | 1, vocabulary | [`ResponseMode`], [`ResponseType`], [`RedirectTarget`], [`Issuer`], [`ClientId`], … |
//!
//! Features: `link-time` (default) registers providers before `main`; `testing` brings the suite
//! that every provider must pass; `schema` the JSON Schema of the configuration.

pub mod authorization_server;
pub mod client;
pub mod clock;
pub mod configuration;
pub mod cookie;
mod future;
pub mod jose;
pub mod metadata;
mod origin;
mod policy;
pub mod provider;
mod request;
pub mod response;
pub mod rules;
#[cfg(feature = "testing")]
pub mod testing;
mod vocabulary;

pub use authorization_server::AuthorizationServer;
pub use configuration::Configuration;
pub use future::{BoxError, BoxFuture};
/// For `register_response_mode!`, so that extension authors need no dependency on it.
#[cfg(feature = "link-time")]
#[doc(hidden)]
pub use inventory as __inventory;
pub use request::{DuplicateParameter, RequestParameters, RequestSource};
pub use vocabulary::*;
