//! jarm in axum 0.8: the request's raw parameters in, the answer out; and for clients the verified
//! response, by [`Callback`].
//!
//! ```
//! use axum::extract::State;
//! use jarm_axum::{Answer, ErrorPage, Parameters};
//! use jarm_core::metadata::Client;
//! use jarm_core::response::AuthorizationResponse;
//! use jarm_core::{AuthorizationServer, RedirectTarget};
//! # use std::sync::Arc;
//! # fn look_up(_: &jarm_core::RequestParameters) -> Result<(Client, RedirectTarget), ErrorPage> { unimplemented!() }
//!
//! async fn authorize(
//!     State(server): State<Arc<AuthorizationServer>>,
//!     Parameters(request): Parameters,
//! ) -> Result<Answer, ErrorPage> {
//!     let (client, target) = look_up(&request)?; // yours: client and redirect URI
//!     let pending = match server.negotiate(&client, target, &request).await {
//!         Ok(pending) => pending,
//!         Err(refusal) => return Ok(Answer(server.refuse(refusal, &client).await?)),
//!     };
//!     // … login and consent …
//!     let outcome = AuthorizationResponse::code("SplxlOBeZQQYbYS6WxSbIA");
//!     Ok(Answer(server.respond(pending, &client, outcome).await?))
//! }
//! # let _: axum::Router<Arc<AuthorizationServer>> = axum::Router::new()
//! #     .route("/authorize", axum::routing::get(authorize).post(authorize));
//! ```

mod answer;
mod callback;
mod request;

pub use answer::{Answer, ErrorPage};
pub use callback::{Callback, CallbackPage, ClientState};
pub use request::Parameters;
