//! The facade from request to message, as a host sees it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, its fixture too"
)]

mod answers;
mod client;
mod configuration;
mod conformance;
mod custom_mode;
mod documentation;
mod encryption;
mod errors;
mod fail_closed;
mod fixture;
mod form_post;
mod logs;
mod long_answers;
mod negotiation;
mod observer;
mod outcome;
mod pending;
mod policy;
mod refusals;
mod registration;
mod replacement;
mod response_jwt;
