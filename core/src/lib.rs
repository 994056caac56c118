//! Vocabulary, rules and contracts of response modes and JARM.

pub mod authorization_server;
pub mod clock;
pub mod configuration;
pub mod jose;
pub mod metadata;
pub mod provider;
mod request;
pub mod response;
pub mod rules;
#[cfg(feature = "testing")]
pub mod testing;
mod vocabulary;

pub use authorization_server::AuthorizationServer;
pub use configuration::Configuration;
pub use request::{DuplicateParameter, RequestParameters};
pub use vocabulary::*;
