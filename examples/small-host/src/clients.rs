//! The clients. All of them are public and use PKCE.

use std::collections::HashMap;
use std::fmt::Display;
use std::path::Path;

use jarm::authorization_server::Registration;
use jarm::metadata::{Client, ClientMetadata, SecretAvailability};
use jarm::{AuthorizationServer, ClientId, RedirectUriPolicy};
use serde::Deserialize;

use crate::StartError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "client")]
    clients: Vec<ClientEntry>,
}

/// A client, as the file has it.
#[derive(Clone, Debug, Deserialize)]
pub struct ClientEntry {
    /// Its identifier.
    pub client_id: ClientId,
    /// Where it may be answered; the first is for requests that name none.
    pub redirect_uris: Vec<String>,
    /// What it registers beside them: `authorization_signed_response_alg`, `jwks`, …
    #[serde(flatten, deserialize_with = "ClientMetadata::deny_unknown_members")]
    pub metadata: ClientMetadata,
}

/// Reads the text of the file.
///
/// # Errors
///
/// [`StartError`] naming the line.
pub fn read(text: &str) -> Result<Vec<ClientEntry>, StartError> {
    let File { clients } = toml::from_str(text)?;
    Ok(clients)
}

pub(crate) fn of_file(file: &Path) -> Result<Vec<ClientEntry>, StartError> {
    let in_file = |error: &dyn Display| format!("{}: {error}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| in_file(&error))?;
    Ok(read(&text).map_err(|error| in_file(&error))?)
}

/// The clients as `jarm` knows them, by their identifiers: what would fail in front of a user fails here.
///
/// # Errors
///
/// [`StartError`] naming the client.
pub fn register(
    clients: &[ClientEntry],
    server: &AuthorizationServer,
) -> Result<HashMap<String, Client>, StartError> {
    let mut registered = HashMap::new();
    for client in clients {
        let client_id = client.client_id.as_str();
        let own = client.register(server);
        let own = own.map_err(|error| format!("client {client_id}: {error}"))?;
        if registered.insert(client_id.to_owned(), own).is_some() {
            return Err(format!("two clients are called {client_id}").into());
        }
    }
    Ok(registered)
}

impl ClientEntry {
    fn register(&self, server: &AuthorizationServer) -> Result<Client, StartError> {
        for redirect_uri in &self.redirect_uris {
            RedirectUriPolicy::default().check(redirect_uri)?;
        }
        let mut metadata = self.metadata.clone();
        let method = &mut metadata.token_endpoint_auth_method;
        if method.get_or_insert_with(|| "none".to_owned()) != "none" {
            return Err("token_endpoint_auth_method is none: all clients are public".into());
        }
        let registration = Registration::configured(metadata, SecretAvailability::NoSecret);
        let metadata = server.register(registration)?;
        Ok(Client::new(self.client_id.clone()).with_metadata(metadata))
    }
}

#[cfg(test)]
mod tests {
    use jarm::Configuration;
    use jarm::JwsAlgorithm;
    use jarm::jose::{KeyKind, SigningKey};

    use super::*;

    const CLIENT: &str = r#"
        [[client]]
        client_id = "app"
        redirect_uris = ["https://app.example/callback"]
    "#;

    fn registered(text: &str) -> Result<HashMap<String, Client>, StartError> {
        let key = SigningKey::generate(KeyKind::Rsa2048)?;
        let issuer = "https://as.example".parse()?;
        let server = AuthorizationServer::builder(Configuration::new(issuer))
            .signers(key.signers())
            .build()?;
        register(&read(text)?, &server)
    }

    #[test]
    fn a_client_is_known_with_what_it_registers() {
        let file = format!("{CLIENT} authorization_signed_response_alg = \"PS256\"");
        let clients = registered(&file).unwrap();
        let metadata = clients.get("app").unwrap().metadata();
        let signed = metadata.authorization_signed_response_alg.as_ref();
        assert_eq!(signed, Some(&JwsAlgorithm::PS256));
    }

    #[test]
    fn what_cannot_be_answered_is_refused_at_the_start() {
        for (file, why) in [
            (format!("{CLIENT}{CLIENT}"), "two clients are called app"),
            (
                format!("{CLIENT} authorization_signed_response_alg = \"HS256\""),
                "client app",
            ),
            (CLIENT.replace("https:", "javascript:"), "client app"),
            (
                format!("{CLIENT} token_endpoint_auth_method = \"client_secret_basic\""),
                "client app: token_endpoint_auth_method is none",
            ),
            (CLIENT.replace("[[client]]", "[[clients]]"), "clients"),
            (
                format!("{CLIENT} authorization_encrypted_response_alq = \"ECDH-ES\""),
                "did you mean `authorization_encrypted_response_alg`?",
            ),
            (
                format!("{CLIENT} authorization_encrypted_response_alg = \"none\""),
                "authorization_encrypted_response_alg: ",
            ),
        ] {
            let error = registered(&file).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
