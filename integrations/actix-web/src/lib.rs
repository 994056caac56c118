//! jarm in actix-web 4: the request's raw parameters in, the answer out; and for clients the
//! verified response, by [`Callback`].
//!
//! ```
//! use actix_web::web::{self, Data};
//! use jarm_actix_web::{Answer, ErrorPage, Parameters};
//! use jarm_core::metadata::Client;
//! use jarm_core::response::AuthorizationResponse;
//! use jarm_core::{AuthorizationServer, RedirectTarget};
//! # fn look_up(_: &jarm_core::RequestParameters) -> Result<(Client, RedirectTarget), ErrorPage> { unimplemented!() }
//!
//! async fn authorize(
//!     server: Data<AuthorizationServer>,
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
//! # let _ = actix_web::App::new()
//! #     .route("/authorize", web::get().to(authorize))
//! #     .route("/authorize", web::post().to(authorize));
//! ```

mod answer;
mod callback;
mod request;

pub use answer::{Answer, ErrorPage};
pub use callback::{Callback, CallbackPage, ClientState};
pub use request::Parameters;
