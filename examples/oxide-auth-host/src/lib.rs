//! A small authorization server on oxide-auth and its axum front end, with PKCE, that answers its
//! authorization requests through `jarm`: in every standard response mode, success and error alike.
//!
//! `host.rs` is what `docs/oxide-auth.md` makes of `tests/host/plain.rs`, the same server without
//! it. The user is always `alice`, and everything is kept in memory.

#[expect(
    clippy::needless_pass_by_value,
    reason = "a solicitor receives what oxide-auth solicits by value"
)]
mod host;

pub use host::router;
