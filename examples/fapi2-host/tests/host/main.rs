//! The host as its clients and their users meet it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking, in their helpers, too"
)]

mod authorize;
mod client;
mod discovery;
mod failures;
mod par;
mod redirects;
mod support;
mod token;
