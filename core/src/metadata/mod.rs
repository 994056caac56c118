//! What client and authorization server tell each other about responses, with the names under
//! which the members are registered.

mod authorization_server;
mod client;
mod known_members;

pub use authorization_server::AuthorizationServerMetadata;
pub(crate) use client::EncWithoutAlg;
pub use client::{Client, ClientMetadata, InvalidClientMetadata, SecretAvailability};
