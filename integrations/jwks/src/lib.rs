//! Keys from a `jwks_uri`, fetched over HTTPS within limits, for both roles of jarm.
//!
//! A [`JwksFetcher`] is where an authorization server has its clients' encryption keys from:
//!
//! ```
//! use std::sync::Arc;
//!
//! use jarm_core::authorization_server::AuthorizationServerBuilder;
//! use jarm_jose::JwaEncrypter;
//! use jarm_jwks::{InvalidHost, JwksFetcher, Limits};
//! use rustls::ClientConfig;
//!
//! /// With the feature `native-roots`, `JwksFetcher::with_native_roots()?` needs no `tls`.
//! fn fetcher(tls: Arc<ClientConfig>) -> Result<JwksFetcher, InvalidHost> {
//!     let mut limits = Limits::default();
//!     limits.attempts_per_host = 30;
//!     Ok(JwksFetcher::builder(tls)
//!         .limits(limits)
//!         .allow_private_host("keys.internal")? // in the own network, and serves keys only
//!         .build())
//! }
//!
//! /// Servers of many issuers may share a fetcher.
//! fn with_encryption(
//!     server: AuthorizationServerBuilder,
//!     fetcher: &JwksFetcher,
//! ) -> AuthorizationServerBuilder {
//!     let client_keys = Arc::new(fetcher.clone());
//!     server.encrypter(Arc::new(JwaEncrypter)).client_keys(client_keys)
//! }
//! ```
//!
//! and a client has its issuer's keys from it, by [`IssuerKeys`]:
//!
//! ```
//! use jarm_core::client::IssuerKeySource;
//! use jarm_core::jose::{JwkSet, KeyLookup};
//! use jarm_core::{Issuer, JwksUri};
//! use jarm_jwks::JwksFetcher;
//!
//! async fn keys_of_issuer(fetcher: &JwksFetcher) -> Result<JwkSet, Box<dyn std::error::Error>> {
//!     let issuer: Issuer = "https://as.example.com".parse()?;
//!     let uri: JwksUri = "https://as.example.com/jwks".parse()?; // `jwks_uri` of its metadata
//!     let source = fetcher.issuer_keys(issuer.clone(), &uri)?;
//!     // The verifier of responses asks it so.
//!     let keys = source.keys(&issuer, KeyLookup::First).await?;
//!     Ok(keys.into_owned())
//! }
//! ```
//!
//! # What it does
//!
//! - One fetch of a URL at a time. It belongs to nobody who waits for it: who is cut off by a
//!   time-out neither ends it nor sets off another. It needs a tokio runtime with I/O and time.
//! - A set is used while it is fresh; then it is fetched again, and whoever asks waits for that.
//!   [`KeyLookup::AfterMiss`] fetches a fresh set again, too, but not within
//!   [`pause_between_misses`](Limits::pause_between_misses) of the last time.
//! - After a fetch nothing is used but what it brought. A key that was removed is gone with the
//!   next fetch, and so after [`most_freshness`](Limits::most_freshness) at the latest, unless the
//!   URL cannot be fetched.
//! - While it cannot, for whatever reason, the last set is used until it is
//!   [too old](Limits::stale_limit), and the URL is left alone longer and longer.
//! - Every connection is to an address that was looked up once and then checked: one of the public
//!   Internet, unless the host is [allowed](JwksFetcherBuilder::allow_private_host) to be private.
//!   Behind a NAT64 with a prefix of its own, which looks like any public net, private IPv4
//!   addresses must be blocked in the network. Ports are not restricted. Variables for proxies are
//!   not read.
//! - A redirect leads to an `https` URL that is checked and counted like the first one.
//! - Responses have the status 200, are not compressed, and are not declared as something else than
//!   JSON; no type, `text/plain` and `application/octet-stream` will do. Heads have at most 16 KiB.
//! - Nothing is forgotten of a set that is fetched for [`IssuerKeys`]; of clients' sets, what was
//!   not asked for longest. Let [`urls`](Limits::urls) be more than there are active clients.
//!
//! Why there are no keys is a [`FetchError`], the source of the core's error, and a `tracing` event,
//! a warning; neither has anything in it of what was received.
//!
//! # Limits
//!
//! | of [`Limits`] | default | why |
//! | --- | --- | --- |
//! | `least_freshness` | 60 s | a client that forbids caching is not fetched at every request |
//! | `most_freshness` | 1 h | a removed key is gone within a working hour |
//! | `usual_freshness` | 5 min | for servers of files, which say nothing |
//! | `pause_between_misses` | 30 s | half of `least_freshness`: a miss finds a rotated key sooner than freshness ends |
//! | `stale_limit` | 24 h | a night and a morning to mend a server |
//! | `pause_after_failure` | 30 s | a restart is over then |
//! | `longest_pause_after_failure` | 10 min | a dead URL costs six fetches in an hour |
//! | `deadline` | 5 s | a person waits; up to as long again if all turns are taken |
//! | `body` | 256 KiB | a hundred keys with certificates |
//! | `redirects` | 2 | to another host, and to another path |
//! | `urls` | 1,000 | three RSA keys take 6 KiB |
//! | `memory` | 32 MiB | a document of 27 kB can be made that takes 3 MB |
//! | `fetches_at_once` | 16 | eight times as many wait for their turn; more are refused at once |
//! | `attempts_per_host` | 60 a minute | whoever registers ten thousand URLs does not make this a flood |
//! | `attempts_per_address` | 240 a minute | nor by ten thousand names of one address |
//!
//! Who is refused by the last three gets the last set, if there is one. A set that is older than
//! `most_freshness` is fetched although its host or address was turned to as often as is allowed,
//! so that others that turn there do not keep a removed key in use.
//!
//! [`KeyLookup::AfterMiss`]: jarm_core::jose::KeyLookup::AfterMiss

mod address;
mod attempts;
mod builder;
mod error;
mod exchange;
mod fetcher;
mod flight;
mod freshness;
mod limits;
#[cfg(feature = "native-roots")]
mod native_roots;
mod reach;
mod remembered;
mod resolver;
mod shared;
mod sources;
mod transport;
mod weight;

pub use builder::{InvalidHost, JwksFetcherBuilder};
pub use error::{FetchError, Problem};
pub use fetcher::JwksFetcher;
pub use limits::Limits;
#[cfg(feature = "native-roots")]
pub use native_roots::NoNativeRoots;
pub use resolver::{Resolver, SystemResolver};
pub use sources::IssuerKeys;
