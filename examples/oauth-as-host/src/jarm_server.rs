//! What `jarm` needs to know: the modes in force, the key, and the clients.

use std::collections::HashMap;
use std::sync::Arc;

use jarm::authorization_server::Registration;
use jarm::jose::{Aes256GcmSealer, JwsSigner, SystemRandom};
use jarm::metadata::{Client, ClientMetadata, SecretAvailability};
use jarm::{AuthorizationServer, ClientId, RedirectUriPolicy};

use crate::StartError;

/// The modes in force; the issuer is known when the listener is bound.
const CONFIGURATION: &str = r#"
response_types = ["code"]
default_signing_alg = "ES256"

[[response_mode]]
name = "query"

[[response_mode]]
name = "query.jwt"

[[response_mode]]
name = "form_post.jwt"

[[response_mode]]
name = "jwt"
"#;

/// `jarm`'s side of the server.
pub(crate) struct Responses {
    pub(crate) server: AuthorizationServer,
    pub(crate) policy: RedirectUriPolicy,
    /// What `oauth-as` has no room for in its own clients.
    clients: HashMap<String, Client>,
}

impl Responses {
    pub(crate) fn new(
        issuer: &str,
        signer: Arc<dyn JwsSigner>,
        clients: &[oauth_as::client::Client],
    ) -> Result<Self, StartError> {
        let mut configuration: toml::Table = CONFIGURATION.parse()?;
        configuration.insert("issuer".to_owned(), issuer.into());
        let server = AuthorizationServer::builder(jarm::configuration::read(configuration)?)
            .signer(signer)
            .random(Arc::new(SystemRandom))
            .sealer(Arc::new(Aes256GcmSealer::generate()?))
            .build()?;

        // What would fail in front of a user fails here.
        let policy = RedirectUriPolicy::default();
        let mut known = HashMap::new();
        for client in clients {
            for redirect_uri in &client.redirect_uris {
                policy.check(redirect_uri)?;
            }
            let mut metadata = ClientMetadata::default();
            metadata.token_endpoint_auth_method = Some("none".to_owned());
            let metadata = server.register(Registration::configured(
                metadata,
                SecretAvailability::NoSecret,
            ))?;
            let client_id = client.client_id.as_str();
            let client = Client::new(ClientId::try_new(client_id)?).with_metadata(metadata);
            known.insert(client_id.to_owned(), client);
        }
        Ok(Self {
            server,
            policy,
            clients: known,
        })
    }

    pub(crate) fn client(&self, client_id: &str) -> Option<&Client> {
        self.clients.get(client_id)
    }
}
