//! The configuration file.

use std::path::PathBuf;

use jarm::authorization_server::Registration;
use jarm::metadata::{Client, ClientMetadata, SecretAvailability};
use jarm::{AuthorizationServer, ClientId, RedirectUriPolicy};
use oauth_as::client::ClientAuth;
use oauth_as::client_assertion::AssertionKeys;
use oauth_as::grant::GrantType;
use oauth_as::jwt::{Jwk, classify_alg};
use oauth_as::scope::ScopeSet;
use serde::Deserialize;
use serde_json::Value;

use crate::{Oauth, StartError};

/// The file: see `fapi2-host.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// The URL under which clients know the server; where it listens, if left out.
    pub(crate) issuer: Option<String>,
    /// PEM files: an RSA key for PS256, a P-256 key for ES256, an Ed25519 key.
    #[serde(default)]
    pub(crate) signing_keys: Vec<PathBuf>,
    /// For how many seconds a pushed request can be brought to the authorization endpoint.
    #[serde(default = "request_uri_lifetime")]
    pub(crate) request_uri_lifetime: u64,
    /// The clients.
    #[serde(default, rename = "client")]
    pub(crate) clients: Vec<ClientEntry>,
}

/// 600 at most (FAPI 2.0 Security Profile 5.3.2.2).
fn request_uri_lifetime() -> u64 {
    90
}

/// A client.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ClientEntry {
    client_id: String,
    redirect_uris: Vec<String>,
    scope: String,
    /// The one algorithm of its client assertions.
    token_endpoint_auth_signing_alg: String,
    /// `jwks`, `authorization_signed_response_alg`, `request_object_signing_alg`, …
    #[serde(flatten, deserialize_with = "ClientMetadata::deny_unknown_members")]
    metadata: ClientMetadata,
}

impl Configuration {
    /// Reads the text of the file.
    ///
    /// # Errors
    ///
    /// [`StartError`] naming the line.
    pub fn parse(text: &str) -> Result<Self, StartError> {
        let configuration: Self = toml::from_str(text)?;
        if !(5..=600).contains(&configuration.request_uri_lifetime) {
            return Err("request_uri_lifetime: from 5 to 600 seconds".into());
        }
        Ok(configuration)
    }
}

impl ClientEntry {
    /// Registers the client with both libraries: what would fail in front of a user fails here.
    pub(crate) async fn register(
        self,
        jarm: &AuthorizationServer,
        oauth: &Oauth,
        policy: &RedirectUriPolicy,
    ) -> Result<Client, StartError> {
        let client_id = self.client_id.clone();
        let registered = self.with_both(jarm, oauth, policy).await;
        registered.map_err(|error| format!("client {client_id}: {error}").into())
    }

    async fn with_both(
        self,
        jarm: &AuthorizationServer,
        oauth: &Oauth,
        policy: &RedirectUriPolicy,
    ) -> Result<Client, StartError> {
        let Self {
            client_id,
            redirect_uris,
            scope,
            token_endpoint_auth_signing_alg: alg,
            mut metadata,
        } = self;
        for redirect_uri in &redirect_uris {
            policy.check(redirect_uri)?;
        }
        let keys = metadata.jwks.as_ref().ok_or("jwks is missing")?;
        let keys: Result<Vec<_>, _> = keys
            .keys
            .iter()
            .map(|key| Jwk::from_json(&Value::Object(key.members().clone())))
            .collect();
        let alg = classify_alg(&alg)
            .filter(|alg| oauth.config().jws_alg_allow_list.is_allowed(*alg))
            .ok_or("token_endpoint_auth_signing_alg is ES256, PS256 or EdDSA")?;
        // Its assertions are signed with one of the keys that are for that.
        let keys = keys?
            .into_iter()
            .filter(|key| oauth_as::jwt::consistent(alg, key))
            .collect();
        let method = &mut metadata.token_endpoint_auth_method;
        if method.get_or_insert_with(|| "private_key_jwt".to_owned()) != "private_key_jwt" {
            return Err("token_endpoint_auth_method is private_key_jwt".into());
        }
        let registration = Registration::configured(metadata, SecretAvailability::NoSecret);
        let metadata = jarm.register(registration)?;

        let scope = ScopeSet::parse(&scope)?;
        oauth
            .register_client(oauth_as::client::Client {
                client_id: oauth_as::client::ClientId::new(client_id.as_str()),
                auth: ClientAuth::ConfidentialAssertion {
                    keys: AssertionKeys::PublicKeys { alg, keys },
                },
                grant_types: vec![GrantType::AuthorizationCode],
                redirect_uris,
                allowed_scopes: scope.clone(),
                default_scopes: scope,
                name: None,
                registration: None,
            })
            .await?;
        Ok(Client::new(ClientId::try_new(client_id)?).with_metadata(metadata))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jarm::clock::SystemClock;

    use super::*;
    use crate::{Approval, Environment, Host, SAMPLE, keys};

    #[test]
    fn what_nobody_would_read_is_refused() {
        for (right, slip, hint) in [
            (
                "request_uri_lifetime",
                "request_uri_lifetme",
                "request_uri_lifetime",
            ),
            (
                "authorization_signed_response_alg =",
                "authorization_signed_alg =",
                "did you mean `authorization_signed_response_alg`?",
            ),
            (
                "= \"ES256\"\n\n# The algorithm that",
                "= \"none\"\n#",
                "request_object_signing_alg: ",
            ),
            ("= 90", "= 900", "from 5 to 600"),
        ] {
            assert!(SAMPLE.contains(right));
            let error = Configuration::parse(&SAMPLE.replacen(right, slip, 1)).unwrap_err();
            assert!(error.to_string().contains(hint), "{error}");
        }
    }

    #[tokio::test]
    async fn what_cannot_be_answered_is_refused_at_the_start() {
        let sample = Configuration::parse(SAMPLE).unwrap();
        let environment = Environment {
            url: "https://as.example".to_owned(),
            signers: keys(&sample, "".as_ref()).unwrap(),
            approval: Approval::ByUser,
            clock: Arc::new(SystemClock),
        };
        Host::new(sample, environment.clone()).await.unwrap();
        let twice = &SAMPLE[SAMPLE.find("[[client]]").unwrap()..];
        for (right, wrong, why) in [
            ("http://127.0.0.1:4004", "javascript:", "client sample: "),
            (
                "auth_signing_alg = \"ES256\"",
                "auth_signing_alg = \"RS256\"",
                "client sample: token_endpoint_auth_signing_alg is ES256",
            ),
            (
                "scope =",
                "token_endpoint_auth_method = \"none\"\nscope =",
                "client sample: token_endpoint_auth_method is private_key_jwt",
            ),
            (
                "[[client]]",
                &format!("{twice}\n[[client]]"),
                "two clients are called sample",
            ),
        ] {
            let configuration = Configuration::parse(&SAMPLE.replacen(right, wrong, 1)).unwrap();
            let refused = Host::new(configuration, environment.clone()).await;
            let error = refused.unwrap_err().to_string();
            assert!(error.starts_with(why), "{error}");
        }
    }
}
