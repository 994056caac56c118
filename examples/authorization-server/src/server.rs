//! How the library's server is built, and replaced while it runs.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use jarm::AuthorizationServer;
use jarm::authorization_server::{AuthorizationServerBuilder, CurrentServer};
use jarm::clock::SystemClock;
use jarm::configuration::ConfigurationError;
use jarm::jose::{ClientSecret, HmacClientSecrets, JwaVerifier, JwsSigner, SystemRandom};
use jarm::provider::ResponseModeRegistry;

use crate::clients::{Clients, Registration, Trust};
use crate::expiring::Expiring;
use crate::fetching::Fetching;
use crate::state::Host;
use crate::{
    Configuration, ConfiguredClient, InvalidRegistration, Keys, StartError, playground, router,
};

// Naming the crate links its registration.
#[cfg(feature = "link-time")]
use jarm_web_message as _;

/// How many sessions, codes and transactions of the built-in client there may be.
const CAPACITY: usize = 10_000;

/// The server, which can be told another configuration and other keys while it runs.
#[derive(Clone, Debug)]
pub struct Server {
    host: Arc<Host>,
}

impl Server {
    /// Puts the server together.
    ///
    /// # Errors
    ///
    /// [`StartError`] when the configuration or a configured client is refused.
    pub fn new(configuration: Configuration, keys: Keys) -> Result<Self, StartError> {
        let Configuration {
            jarm,
            clients,
            approval,
            ask_before_errors,
            require_pushed_requests,
            fetch,
        } = configuration;
        let fetching = Fetching::new(fetch)?;
        let server = builder(jarm, &keys, &fetching)?.build()?;
        let clients = register(&server, clients)?;
        let host = Arc::new(Host {
            current: CurrentServer::new(server),
            clients,
            sessions: Expiring::new(CAPACITY),
            codes: Expiring::new(CAPACITY),
            transactions: Expiring::new(CAPACITY),
            keys,
            random: Arc::new(SystemRandom),
            clock: Arc::new(SystemClock),
            approval,
            ask_before_errors: AtomicBool::new(ask_before_errors),
            require_pushed_requests: AtomicBool::new(require_pushed_requests),
            fetching: Mutex::new(fetching),
        });
        Ok(Self { host })
    }

    /// The routes, which answer every request with the server that is in force when it comes.
    pub fn router(&self) -> Router {
        router(self.host.clone())
    }

    /// The signers of the start.
    pub fn signers(&self) -> Vec<Arc<dyn JwsSigner>> {
        self.host.keys.signers.clone()
    }

    /// Puts another configuration and other signing keys into force, for the requests that follow
    /// and for those that wait for the user. Clients that registered themselves stay, and are
    /// checked when they ask.
    ///
    /// # Errors
    ///
    /// [`StartError`] as of [`new`](Self::new), and for another issuer. Nothing has changed then.
    pub fn reload(
        &self,
        configuration: Configuration,
        signers: Vec<Arc<dyn JwsSigner>>,
    ) -> Result<(), StartError> {
        let Configuration {
            jarm,
            clients,
            approval: _, // is a flag's
            ask_before_errors,
            require_pushed_requests,
            fetch,
        } = configuration;
        let fetching = self.host.fetching().renewed(fetch)?;
        let keys = Keys {
            signers,
            ..self.host.keys.clone()
        };
        // Configured clients are tried with a server that nobody is answered by: one that would
        // fail stops everything while the old server is still in force.
        let trial = builder(jarm.clone(), &keys, &fetching)?.build()?;
        let clients = register(&trial, clients)?;
        self.host
            .current
            .replace(builder(jarm, &keys, &fetching)?)?;
        self.host.clients.replace_configured(clients);
        self.host
            .ask_before_errors
            .store(ask_before_errors, Ordering::Relaxed);
        self.host
            .require_pushed_requests
            .store(require_pushed_requests, Ordering::Relaxed);
        self.host.fetch_with(fetching);
        Ok(())
    }
}

fn builder(
    jarm: jarm::Configuration,
    keys: &Keys,
    fetching: &Fetching,
) -> Result<AuthorizationServerBuilder, ConfigurationError> {
    let Keys {
        signers,
        sealer,
        encrypter,
        client_keys,
    } = keys.clone();
    let builder = AuthorizationServer::builder(jarm)
        .registry(registry()?)
        .signers(signers)
        .client_secret_mac(Arc::new(HmacClientSecrets))
        .encrypter(encrypter)
        .verifier(Arc::new(JwaVerifier))
        .sealer(sealer)
        .random(Arc::new(SystemRandom));
    Ok(match client_keys.or_else(|| fetching.source()) {
        Some(source) => builder.client_keys(source),
        None => builder,
    })
}

/// The kinds of response modes that linked crates registered. A host that leaves the builder
/// without a registry has the same.
#[cfg(feature = "link-time")]
fn registry() -> Result<ResponseModeRegistry, ConfigurationError> {
    ResponseModeRegistry::linked()
}

/// The same kinds, named one by one: nothing runs before `main`.
#[cfg(not(feature = "link-time"))]
fn registry() -> Result<ResponseModeRegistry, ConfigurationError> {
    let mut registry = ResponseModeRegistry::new();
    registry.register_all(jarm::response_modes::registrations())?;
    registry.register(jarm_web_message::WEB_MESSAGE)?;
    Ok(registry)
}

/// The clients of the configuration file and the built-in one, as this server accepts them.
fn register(
    server: &AuthorizationServer,
    configured: Vec<ConfiguredClient>,
) -> Result<Clients, StartError> {
    let clients = Clients::default();
    for (index, client) in configured.into_iter().enumerate() {
        register_one(&clients, server, client)
            .map_err(|refused| StartError::Client { index, refused })?;
    }
    playground::register(&clients, server).map_err(StartError::BuiltInClient)?;
    Ok(clients)
}

fn register_one(
    clients: &Clients,
    server: &AuthorizationServer,
    client: ConfiguredClient,
) -> Result<(), InvalidRegistration> {
    let ConfiguredClient {
        client_id,
        client_secret,
        client_name,
        redirect_uris,
        response_types,
        response_modes,
        require_jarm,
        token_endpoint_auth_method,
        authorization_signed_response_alg,
        authorization_encrypted_response_alg,
        authorization_encrypted_response_enc,
        request_object_signing_alg,
        jwks,
        jwks_uri,
    } = client;
    let public = || client_secret.is_none().then(|| "none".to_owned());
    let mut registration = Registration {
        redirect_uris,
        name: client_name,
        trust: Trust::Configured,
        require_jarm,
        ..Registration::default()
    };
    let metadata = &mut registration.metadata;
    metadata.response_types = response_types;
    metadata.response_modes = response_modes;
    metadata.token_endpoint_auth_method = token_endpoint_auth_method.or_else(public);
    metadata.authorization_signed_response_alg = authorization_signed_response_alg;
    metadata.authorization_encrypted_response_alg = authorization_encrypted_response_alg;
    metadata.authorization_encrypted_response_enc = authorization_encrypted_response_enc;
    metadata.request_object_signing_alg = request_object_signing_alg;
    metadata.jwks = jwks;
    metadata.jwks_uri = jwks_uri;
    let secret = client_secret.map(ClientSecret::new);
    clients
        .register(server, &client_id, secret, registration)
        .map(drop)
}

#[cfg(test)]
mod tests {
    use axum::extract::FromRef as _;
    use jarm::RequestParameters;
    use jarm::response::AuthorizationError;

    use super::*;
    use crate::authorize::respond;
    use crate::clients::RegisteredClient;
    use crate::request::Request;
    use crate::session::User;
    use crate::state::App;
    use crate::{Approval, grants};

    const CLIENT: &str =
        "[[client]]\nclient_id = \"web\"\nclient_secret = \"s\"\nredirect_uris = [\"https://a/b\"]";

    fn parse(text: &str) -> Configuration {
        Configuration::parse(text, None, "http://127.0.0.1:4000").unwrap()
    }

    async fn pending(
        app: &App,
    ) -> (
        jarm::authorization_server::PendingResponse,
        Arc<RegisteredClient>,
        Request,
    ) {
        let asked = RequestParameters::from_urlencoded("client_id=web&response_type=code");
        let client = app.clients.named(&asked).unwrap();
        let target = app.clients.target(&client, &asked).unwrap();
        let pending = app.server.negotiate(&client.client, target, &asked).await;
        let pending = pending.unwrap();
        let request = Request::read(&asked, pending.response_type(), &client).unwrap();
        (pending, client, request)
    }

    #[tokio::test]
    async fn a_code_whose_answer_the_new_policy_forbids_is_not_kept() {
        let keys = Keys::generate().unwrap();
        let server = Server::new(parse(CLIENT).with_approval(Approval::ByUser), keys).unwrap();
        let app = || App::from_ref(&server.host);
        let user = User::alice(app().clock.now());
        let (lax, client, request) = pending(&app()).await;
        let (denied, ..) = pending(&app()).await;
        let (kept, ..) = pending(&app()).await;
        let stricter = format!("[jarm]\nrequire_jarm = true\n{CLIENT}");
        server.reload(parse(&stricter), server.signers()).unwrap();
        let approved = grants::approve(&app(), lax, &client, &request, &user).await;
        assert!(approved.is_err() && app().codes.is_empty());
        let error = AuthorizationError::access_denied();
        assert!(respond(&app(), denied, &client, error).await.is_err());
        server.reload(parse(CLIENT), server.signers()).unwrap();
        let approved = grants::approve(&app(), kept, &client, &request, &user).await;
        assert!(approved.is_ok() && !app().codes.is_empty());
    }
}
