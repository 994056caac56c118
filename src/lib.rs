//! Response modes and JARM for existing Rust authorization servers.
//!
//! An authorization server answers an authorization request in the `response_mode` that the client
//! asked for: `query`, `fragment`, `form_post`, and the signed or nested forms of the JWT Secured
//! Authorization Response Mode ([JARM]): `query.jwt`, `fragment.jwt`, `form_post.jwt`, `jwt`. This
//! crate does that inside the authorize handler that you already have. Login, consent, the stores
//! of clients and codes, and the HTTP server stay yours. For clients it
//! [verifies](#the-client) what arrives.
//!
//! # The handler
//!
//! ```
//! # use jarm::{RequestParameters, RedirectUriPolicy, AuthorizationServer};
//! # use jarm::authorization_server::Error;
//! # use jarm::response::{AuthorizationResponse, EncodedResponse};
//! # use jarm::metadata::Client;
//! # struct Stored { client: Client, redirect_uris: Vec<String> }
//! # fn look_up(_: Option<&str>) -> Option<Stored> { None }
//! async fn authorize(server: &AuthorizationServer, query: &str) -> Result<EncodedResponse, String> {
//!     let request = RequestParameters::from_urlencoded(query); // the raw pairs, duplicates included
//!
//!     // Client and redirect URI first: what is wrong with them stays on a page of your own.
//!     let client_id = request.single("client_id").map_err(|error| error.to_string())?;
//!     let redirect_uri = request.single("redirect_uri").map_err(|error| error.to_string())?;
//!     let Stored { client, redirect_uris } = look_up(client_id).ok_or("unknown client")?;
//!     let target = RedirectUriPolicy::default()
//!         .select(&redirect_uris, redirect_uri)
//!         .map_err(|error| error.to_string())?;
//!
//!     // How it will be answered is settled before the user is asked for anything.
//!     let local_page = |error: Error| error.public_message().to_owned();
//!     let pending = match server.negotiate(&client, target, &request).await {
//!         Ok(pending) => pending,
//!         Err(refusal) => return server.refuse(refusal, &client).await.map_err(local_page),
//!     };
//!
//!     // … your login and consent; `server.seal` keeps the pending answer meanwhile …
//!     let outcome = AuthorizationResponse::code("SplxlOBeZQQYbYS6WxSbIA");
//!     server.respond(pending, &client, outcome).await.map_err(local_page)
//! }
//! # let _ = authorize;
//! ```
//!
//! An [`EncodedResponse`](response::EncodedResponse) is a redirect or a page in plain strings:
//! status, headers, body. With the feature `axum`, `jarm::axum` turns it into axum's response and
//! takes the raw parameters out of axum's request; so does `jarm::actix_web` for actix-web.
//!
//! # The server
//!
//! ```
//! use std::sync::Arc;
//!
//! use jarm::jose::{
//!     Aes256GcmSealer, HmacClientSecrets, JwaEncrypter, KeyKind, SigningKey, SystemRandom,
//! };
//! use jarm::{AuthorizationServer, Configuration};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let configuration: Configuration = toml::from_str(
//!     r#"
//!     issuer = "https://as.example.com"
//!     default_signing_alg = "ES256"
//!
//!     [[response_mode]]
//!     name = "query"
//!
//!     [[response_mode]]
//!     name = "query.jwt"
//!     "#,
//! )?;
//! let key = SigningKey::generate(KeyKind::P256)?; // or from_pem, from_jwk, …
//! let server = AuthorizationServer::builder(configuration)
//!     .signers(key.signers())
//!     .client_secret_mac(Arc::new(HmacClientSecrets)) // HS256, HS384, HS512
//!     .encrypter(Arc::new(JwaEncrypter)) // for clients that registered encryption
//!     .random(Arc::new(SystemRandom))
//!     .sealer(Arc::new(Aes256GcmSealer::generate()?))
//!     .build()?;
//!
//! let jwks = serde_json::to_string(&server.jwks())?; // publish it at your jwks_uri
//! let metadata = serde_json::to_value(server.metadata())?; // merge it into your discovery document
//! # assert!(jwks.contains("P-256") && metadata["response_modes_supported"][1] == "query.jwt");
//! # Ok(())
//! # }
//! ```
//!
//! Without `response_mode` in the configuration the seven standard modes are in force. Whatever is
//! wrong with configuration or keys is an error of `build`, with the key path.
//!
//! # The client
//!
//! ```
//! # use std::sync::Arc;
//! use jarm::client::{ArrivedResponse, ResponseVerifier, Transaction};
//! use jarm::jose::{JwaVerifier, JwkSet};
//! # use jarm::{Issuer, metadata::Client};
//!
//! # fn verifier(issuer: Issuer, client: Client, jwks: JwkSet) -> Result<ResponseVerifier, Box<dyn std::error::Error>> {
//! let verifier = ResponseVerifier::builder(issuer, client)
//!     .verifier(Arc::new(JwaVerifier))
//!     .issuer_keys(Arc::new(jwks)) // or fetched from its jwks_uri, with the feature `jwks`
//!     .build()?;
//! # Ok(verifier)
//! # }
//!
//! /// The transaction is what `verifier.begin` made for this browser, taken out of its session.
//! async fn code(
//!     verifier: &ResponseVerifier,
//!     transaction: Transaction,
//!     query: &str,
//! ) -> Result<Option<String>, Box<dyn std::error::Error>> {
//!     let response = verifier.verify(&transaction, &ArrivedResponse::query(query)).await?;
//!     Ok(response.into_outcome()?.code) // an error of the server's is one here, and verified as well
//! }
//! # let _ = (code, verifier);
//! ```
//!
//! With the feature `axum` or `actix-web`, a handler takes a `Callback`, which is verified whatever the mode.
//!
//! # What holds
//!
//! - Success and error take the same way. In a JWT mode both are signed, and then encrypted for a
//!   client that registered so.
//! - Where a JWT cannot be made there is no answer: [`Error`](authorization_server::Error), never a
//!   one with less protection.
//! - No response goes anywhere but to a [`RedirectTarget`], which only validation makes.
//! - A token never travels in a plain query, whatever a provider calls itself.
//! - A redirect URI is kept byte for byte.
//! - Nothing of a response is read by a client before it is verified, an error as little as a code.
//!
//! # Where to look
//!
//! | to … | see |
//! | --- | --- |
//! | answer a request | [`AuthorizationServer::negotiate`], [`AuthorizationServer::respond`] |
//! | keep the answer across login | [`AuthorizationServer::seal`], [`AuthorizationServer::unseal`] |
//! | choose modes in a file | [`Configuration`], [`configuration::read`] |
//! | validate a client's registration | [`AuthorizationServer::register`] |
//! | replace a server, rotate its keys | [`CurrentServer`](authorization_server::CurrentServer) |
//! | serve many issuers | [`Tenants`](authorization_server::Tenants) |
//! | count and audit | [`Observer`](authorization_server::Observer) |
//! | ask why | [`AuthorizationServer::explain`] |
//! | sign with an HSM or a cloud service | [`jose::JwsSigner`] |
//! | encrypt to clients' keys | [`jose::JwaEncrypter`], [`ClientKeySource`](authorization_server::ClientKeySource) |
//! | fetch keys, clients' or an issuer's | `jarm::jwks::JwksFetcher` |
//! | verify a response, as a client | [`ResponseVerifier`](client::ResponseVerifier), [`ArrivedResponse`](client::ArrivedResponse) |
//! | keep what a client asked for | [`Transaction`](client::Transaction) |
//! | decrypt, as a client | [`jose::DecryptionKey`], [`jose::JwaDecrypter`], [`jose::JweDecryptionKey`] |
//! | find out why a response was refused | [`Step`](client::Step), [`Reason`](client::Reason) |
//! | write a mode of your own | [`provider`], [`ResponseModeProvider`](provider::ResponseModeProvider) |
//! | render the form-post page yourself | [`response_modes::FormPost`] |
//! | read the table of what may travel where | [`rules`] |
//!
//! # Features
//!
//! - `aws-lc-rs` (default): public-key cryptography by aws-lc-rs. Without it everything is pure Rust.
//! - `link-time` (default): providers register before `main`; without it, by plain calls.
//! - `jsonwebtoken` (default): keys from that crate's `EncodingKey`.
//! - `axum`: `jarm::axum`, for servers and clients on axum 0.8.
//! - `actix-web`: `jarm::actix_web`, the same for actix-web 4.
//! - `jwks`: `jarm::jwks`, which fetches keys from a `jwks_uri`. With `aws-lc-rs` its TLS is ready to use.
//! - `testing`: `jarm::testing`, the suite that every provider must pass.
//! - `schema`: `jarm::configuration::schema`, the JSON Schema of the configuration, by schemars 1.
//!
//! [JARM]: https://openid.net/specs/oauth-v2-jarm.html

#[cfg(feature = "actix-web")]
pub use jarm_actix_web as actix_web;
#[cfg(feature = "axum")]
pub use jarm_axum as axum;
pub use jarm_core::*;
#[cfg(feature = "jwks")]
pub use jarm_jwks as jwks;
// Naming the crate is what makes the linker keep its registrations.
pub use jarm_response_modes as response_modes;

/// Keys, signatures, encryption and sealing: the contracts, and their implementation by `jarm-jose`.
pub mod jose {
    pub use jarm_core::jose::*;
    pub use jarm_jose::*;
}

/// The examples of README and guides compile.
#[cfg(all(doctest, feature = "axum"))]
mod guides {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[cfg(feature = "jwks")]
    #[doc = include_str!("../docs/encrypted-responses.md")]
    struct EncryptedResponses;
    #[doc = include_str!("../docs/configure.md")]
    struct Configure;
    #[cfg(feature = "jwks")]
    #[doc = include_str!("../docs/operate.md")]
    struct Operate;
    #[cfg(feature = "jwks")]
    #[doc = include_str!("../docs/verify-responses.md")]
    struct VerifyResponses;
    #[doc = include_str!("../docs/wire-it-in.md")]
    struct WireItIn;
    #[doc = include_str!("../docs/write-your-own-mode.md")]
    struct WriteYourOwnMode;
}
