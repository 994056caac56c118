//! Fetching from a server on this machine, over TLS.
// Says to clippy that the helpers are tests, too.
#![cfg(test)]

mod cache;
mod failures;
mod flights;
mod hostile;
mod limits;
mod reach;
mod roles;
mod rotation;
mod server;
mod setting;
