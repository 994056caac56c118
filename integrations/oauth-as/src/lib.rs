//! jarm for hosts on [`oauth_as`]: oauth-as judges authorization requests, jarm answers them.
//!
//! | what | whose |
//! | --- | --- |
//! | who asks, where the answer may go, whether the request is granted, what a code is worth | oauth-as |
//! | which parameters count, in which mode the answer travels, signing and encrypting it | jarm |
//! | login, consent, the HTTP server | the host |
//!
//! [`OauthAsHost`] joins the two. The host's handler calls [`judge`](OauthAsHost::judge), then jarm's
//! `negotiate`, asks the user between [`before_consent`](OauthAsHost::before_consent) and
//! [`judge_again`](OauthAsHost::judge_again), and ends with [`grant`](OauthAsHost::grant) or
//! [`deny`](OauthAsHost::deny). Whatever is no answer is a [`LocalError`], and there is no way from it
//! into a redirect.
//!
//! # The authoritative source
//!
//! A request's parameters can stand in the query, in a request object, and in a pushed request. Which
//! of them count is decided by jarm alone
//! ([`resolve`](jarm_core::AuthorizationServer::resolve)), and oauth-as is handed what was resolved. The
//! pushed requests of oauth-as have a fixed set of fields and `response_mode` is not among them; it
//! also consumes a pushed request when it is validated, which is when the page is loaded, and jarm
//! when it is answered. Kept beside each other, one handle would have two stores that could disagree;
//! so there is one, jarm's, and the handle is jarm's.
//!
//! For such a host leave `require_pushed_authorization_requests` of its `ParConfig` off, and the feature
//! `jar` unused: both make oauth-as refuse what jarm has resolved. Look at
//! [`source`](jarm_core::RequestParameters::source) instead, and publish in the metadata what you demand.
//!
//! # Feature `fapi2`
//!
//! `OauthAsHost::push` is the endpoint for pushed requests, and `verifiers` lets oauth-as check
//! client assertions and DPoP proofs with jarm's verifier, so that a host needs no second set of
//! cryptography.

mod consent;
mod error;
mod host;
#[cfg(feature = "fapi2")]
mod push;
#[cfg(feature = "fapi2")]
mod verifier;

pub use error::{LocalError, authorization_error};
pub use host::{Judged, OauthAsHost};
#[cfg(feature = "fapi2")]
pub use push::PushError;
#[cfg(feature = "fapi2")]
pub use verifier::{JoseVerifier, verifiers};
