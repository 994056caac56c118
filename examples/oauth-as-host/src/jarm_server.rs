//! What `jarm` needs to know: the modes in force, the keys, and the clients.

use std::collections::HashMap;
use std::sync::Arc;

use jarm::jose::{Aes256GcmSealer, JwaEncrypter, JwsSigner, SystemRandom};
use jarm::metadata::Client;
use jarm::{AuthorizationServer, RedirectUriPolicy};
use small_host::{ClientEntry, StartError};

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
        signers: Vec<Arc<dyn JwsSigner>>,
        clients: &[ClientEntry],
    ) -> Result<Self, StartError> {
        let mut configuration: toml::Table = CONFIGURATION.parse()?;
        configuration.insert("issuer".to_owned(), issuer.into());
        let server = AuthorizationServer::builder(jarm::configuration::read(configuration)?)
            .signers(signers)
            .encrypter(Arc::new(JwaEncrypter))
            .random(Arc::new(SystemRandom))
            .sealer(Arc::new(Aes256GcmSealer::generate()?))
            .build()?;
        Ok(Self {
            clients: small_host::register(clients, &server)?,
            server,
            policy: RedirectUriPolicy::default(),
        })
    }

    pub(crate) fn client(&self, client_id: &str) -> Option<&Client> {
        self.clients.get(client_id)
    }
}
