//! The client's role: keep what was asked for, verify what arrived, and only then read it.

mod issuer_keys;

pub use issuer_keys::IssuerKeySource;
