//! The host as its clients and its user meet it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking, in their helpers, too"
)]

mod client;
mod discovery;
mod every_redirect;
mod failures;
mod guide;
mod in_earnest;
mod local;
mod modes;
#[expect(
    unreachable_pub,
    clippy::needless_pass_by_value,
    reason = "it is a crate of its own, and oxide-auth solicits by value"
)]
mod plain;
mod support;
