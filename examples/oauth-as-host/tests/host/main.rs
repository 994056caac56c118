//! The host as its clients and its user meet it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking, in their helpers, too"
)]

mod answer;
mod discovery;
mod every_redirect;
mod failures;
mod guide;
mod local;
mod modes;
mod support;
mod token;
