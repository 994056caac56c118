//! The client's role: keep what was asked for, verify what arrived, and only then read it.
//!
//! A [`ResponseVerifier`] is made once for a client and its issuer. A [`Transaction`] is what the
//! client asked for and keeps, bound to the user's browser; an [`ArrivedResponse`] is what came
//! back, as raw pairs. Together they make a [`VerifiedResponse`], or one [`RefusedResponse`].
//!
//! The integrations do that for their frameworks. Without one, a [`CallbackRequest`] says what a
//! request to the redirect URI is answered with, and [`InMemoryTransactions`] keeps transactions.
//!
//! | step | [JARM 2.4] | where |
//! | --- | --- | --- |
//! | one response, in the way that was asked for | | `arrived` |
//! | decryption | 1 | `decryption` |
//! | `iss` | 2 | `steps` |
//! | `aud` | 3 | `steps` |
//! | `exp` | 4 | `steps` |
//! | signature | 5 | `signature` |
//! | `state`, parameters | | `verified` |
//!
//! [JARM 2.4]: https://openid.net/specs/oauth-v2-jarm.html#section-2.4

mod arrived;
mod builder;
mod callback;
mod decryption;
mod header;
mod issuer_keys;
mod refused;
mod signature;
mod steps;
mod transaction;
mod transactions;
mod verified;
mod verifier;

pub use arrived::ArrivedResponse;
pub use builder::{ResponseVerifierBuilder, ResponseVerifierError};
pub use callback::{CallbackRejection, CallbackRequest, Relay, Unverified};
pub use issuer_keys::IssuerKeySource;
pub use refused::{Reason, RefusedResponse, Step};
pub use transaction::Transaction;
pub use transactions::InMemoryTransactions;
pub use verified::{VerifiedResponse, VerifiedSuccess};
pub use verifier::ResponseVerifier;
