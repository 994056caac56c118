//! What client and authorization server tell each other about responses, with the names under
//! which the members are registered.

mod authorization_server;
mod client;
mod client_metadata;
mod known_members;

pub use authorization_server::AuthorizationServerMetadata;
pub use client::{Client, SecretAvailability};
pub(crate) use client_metadata::EncWithoutAlg;
pub use client_metadata::{ClientMetadata, InvalidClientMetadata};
