//! jarm for [oxide-auth](https://docs.rs/oxide-auth/0.6): whatever oxide-auth would redirect to the client,
//! a code or an error, is answered in the response mode that the client asked for.
//!
//! oxide-auth decides: which client asks, where the answer may go, whether the request is granted,
//! and what its codes are worth. It hands out finished redirects. A [`JarmFlow`] takes the place
//! of its `AuthorizationFlow`:
//!
//! 1. [`JarmFlow::authorize`] has the registrar bind client and redirect URI, and negotiates how
//!    the answer will be given, before anybody is asked for consent.
//! 2. The consent page holds a [`Ticket`]: the pending response, sealed for this browser.
//! 3. [`JarmFlow::resume`] takes the ticket and runs oxide-auth's flow with the request that was
//!    negotiated, not with what the form's URL says.
//!
//! Whenever oxide-auth redirects, in 1 or in 3, the redirect does not go out. What it appended to
//! the redirect URI that the registrar bound is the outcome, and
//! [`respond`](jarm_core::AuthorizationServer::respond) gives the answer. Where that fails, nothing goes
//! out, and the code is taken out of the authorizer again.
//!
//! ```
//! # use std::sync::{Mutex, MutexGuard};
//! # use axum::extract::State;
//! # use axum::response::IntoResponse;
//! # use jarm_oxide_auth::{JarmRequest, JarmFlow};
//! # use oxide_auth::endpoint::{OwnerConsent, Solicitation};
//! # use oxide_auth::frontends::simple::endpoint::{Generic, Vacant};
//! # use oxide_auth::primitives::prelude::{AuthMap, ClientMap, RandomGenerator, TokenMap};
//! # use oxide_auth_axum::{OAuthRequest, OAuthResponse};
//! # use std::sync::Arc;
//! # struct Shared { flow: JarmFlow, registrar: Mutex<ClientMap>, authorizer: Mutex<AuthMap<RandomGenerator>>, issuer: Mutex<TokenMap<RandomGenerator>> }
//! # type App = Arc<Shared>;
//! # impl Shared {
//! #     fn endpoint(&self) -> Generic<MutexGuard<'_, ClientMap>, MutexGuard<'_, AuthMap<RandomGenerator>>, MutexGuard<'_, TokenMap<RandomGenerator>>> {
//! #         Generic { registrar: self.registrar.lock().unwrap(), authorizer: self.authorizer.lock().unwrap(), issuer: self.issuer.lock().unwrap(), solicitor: Vacant, scopes: Vacant, response: Vacant }
//! #     }
//! # }
//! async fn authorize(State(app): State<App>, request: JarmRequest<OAuthRequest>) -> impl IntoResponse {
//!     let page = |grant: Solicitation<'_>, hidden_input: String| {
//!         let client_id = &grant.pre_grant().client_id; // escape it, in earnest
//!         OAuthResponse::default().body(&format!(
//!             r#"{client_id} asks. <form method="post">{hidden_input}<button name="allow">Allow</button></form>"#
//!         ))
//!     };
//!     app.flow
//!         .authorize(request, || app.endpoint(), |_, grant, ticket| {
//!             OwnerConsent::InProgress(page(grant, ticket.hidden_input()))
//!         })
//!         .await
//! }
//! # let _: axum::Router<App> = axum::Router::new().route("/authorize", axum::routing::get(authorize));
//! ```

#[cfg(feature = "actix-web")]
mod actix_web;
mod answer;
#[cfg(feature = "axum")]
mod axum;
mod bound;
mod browser;
mod consent;
mod flow;
mod intercept;
mod local_error;
mod redirect;
mod request;
mod ticket;
mod unsent;

pub use answer::{Answer, Content};
pub use flow::JarmFlow;
pub use local_error::LocalError;
pub use request::JarmRequest;
pub use ticket::Ticket;
