//! The client store, and what it lets in.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use jarm::authorization_server::Error;
use jarm::configuration::RequireJarm;
use jarm::jose::ClientSecret;
use jarm::metadata::{Client, ClientMetadata, InvalidClientMetadata, SecretAvailability};
use jarm::{
    AuthorizationServer, ClientId, RedirectTarget, RedirectTargetError, RedirectUriPolicy,
    RequestParameters,
};

use crate::InvalidRegistration;

/// The methods of client authentication at the token endpoint.
pub(crate) const AUTH_METHODS: [&str; 3] = ["client_secret_basic", "client_secret_post", "none"];

/// How many clients there may be: the registration endpoint is open to everybody.
const CAPACITY: usize = 10_000;

/// Who may ask for authorization.
#[derive(Debug, Default)]
pub(crate) struct Clients {
    policy: RedirectUriPolicy,
    clients: RwLock<HashMap<String, Arc<RegisteredClient>>>,
}

/// A client as it was registered, completed with the defaults.
#[derive(Debug)]
pub(crate) struct RegisteredClient {
    /// What the library needs to know.
    pub(crate) client: Client,
    pub(crate) secret: Option<ClientSecret>,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) name: Option<String>,
    pub(crate) trust: Trust,
}

/// What a client or the configuration file asks to be registered.
#[derive(Debug, Default)]
pub(crate) struct Registration {
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) metadata: ClientMetadata,
    pub(crate) name: Option<String>,
    pub(crate) trust: Trust,
    pub(crate) require_jarm: RequireJarm,
}

/// Who vouches for a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Nobody: it came through the registration endpoint.
    #[default]
    SelfRegistered,
    /// The operator.
    Configured,
}

impl Clients {
    /// The client that an authorization request names. Without it nothing may be sent anywhere
    /// (RFC 6749 4.1.2.1).
    pub(crate) fn named(
        &self,
        request: &RequestParameters,
    ) -> Result<Arc<RegisteredClient>, Error> {
        let client_id = request.single("client_id")?;
        let client = client_id.and_then(|id| self.get(id));
        client.ok_or(Error::UnknownClient)
    }

    /// The redirect target that a request names, of whose parameters none but those that count are left.
    pub(crate) fn target(
        &self,
        client: &RegisteredClient,
        request: &RequestParameters,
    ) -> Result<RedirectTarget, Error> {
        Ok(self.select(client, request.single("redirect_uri")?)?)
    }

    /// The redirect target among those that the client has registered.
    pub(crate) fn select(
        &self,
        client: &RegisteredClient,
        redirect_uri: Option<&str>,
    ) -> Result<RedirectTarget, RedirectTargetError> {
        self.policy.select(&client.redirect_uris, redirect_uri)
    }

    pub(crate) fn get(&self, client_id: &str) -> Option<Arc<RegisteredClient>> {
        self.clients
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(client_id)
            .cloned()
    }

    /// Checks and keeps a client. The library decides what concerns responses.
    pub(crate) fn register(
        &self,
        server: &AuthorizationServer,
        client_id: &ClientId,
        secret: Option<ClientSecret>,
        registration: Registration,
    ) -> Result<Arc<RegisteredClient>, InvalidRegistration> {
        let Registration {
            redirect_uris,
            mut metadata,
            name,
            trust,
            require_jarm,
        } = registration;
        if redirect_uris.is_empty() {
            return Err(InvalidRegistration::NoRedirectUri);
        }
        for (index, uri) in redirect_uris.iter().enumerate() {
            self.policy
                .check(uri)
                .map_err(|why| InvalidRegistration::RedirectUri { index, why })?;
        }
        if let Some(name) = &name {
            check_name(name)?;
        }
        let method = metadata
            .token_endpoint_auth_method
            .get_or_insert_with(|| AUTH_METHODS[0].to_owned());
        check_method(method, secret.is_some())?;
        let availability = secret
            .as_ref()
            .map_or(SecretAvailability::NoSecret, SecretAvailability::Plaintext);
        let asked = match trust {
            Trust::SelfRegistered => jarm::authorization_server::Registration::dynamic,
            Trust::Configured => jarm::authorization_server::Registration::configured,
        }(metadata, availability);
        let metadata = server.register(asked.with_require_jarm(require_jarm))?;

        let mut client = Client::new(client_id.clone())
            .with_metadata(metadata)
            .with_require_jarm(require_jarm);
        if trust == Trust::SelfRegistered {
            client = client.dynamically_registered();
        }
        if let Some(secret) = &secret {
            client = client.with_secret(secret.clone());
        }
        let registered = Arc::new(RegisteredClient {
            client,
            secret,
            redirect_uris,
            name,
            trust,
        });
        let mut clients = self.clients.write().unwrap_or_else(PoisonError::into_inner);
        if clients.len() >= CAPACITY {
            return Err(InvalidRegistration::Full);
        }
        if clients.contains_key(client_id.as_str()) {
            return Err(refused("client_id", "another client has it"));
        }
        clients.insert(client_id.as_str().to_owned(), registered.clone());
        Ok(registered)
    }

    /// Takes over other clients in the place of the configured ones. Those that registered
    /// themselves stay.
    pub(crate) fn replace_configured(&self, other: Self) {
        let other = other.clients.into_inner();
        let mut clients = self.clients.write().unwrap_or_else(PoisonError::into_inner);
        clients.retain(|_, own| own.trust == Trust::SelfRegistered);
        clients.extend(other.unwrap_or_else(PoisonError::into_inner));
    }
}

impl RegisteredClient {
    /// What the consent page calls the client.
    pub(crate) fn display_name(&self) -> &str {
        self.name
            .as_deref()
            .unwrap_or_else(|| self.client.client_id().as_str())
    }

    /// How the client authenticates at the token endpoint.
    pub(crate) fn auth_method(&self) -> &str {
        self.client
            .metadata()
            .token_endpoint_auth_method
            .as_deref()
            .unwrap_or(AUTH_METHODS[0])
    }

    /// Whether the client has no secret, so that PKCE is all that protects its codes.
    pub(crate) fn is_public(&self) -> bool {
        self.auth_method() == "none"
    }
}

/// A name is text that the consent page shows as it is: it cannot turn the words beside it around.
fn check_name(name: &str) -> Result<(), InvalidRegistration> {
    // Unicode's property Bidi_Control
    let turns = |c: char| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if name.trim().is_empty() || name.chars().count() > 100 {
        return Err(refused("client_name", "a name has 1 to 100 characters"));
    }
    if name.chars().any(|c| c.is_control() || turns(c)) {
        let why = "a name has no control and no bidirectional-control characters";
        return Err(refused("client_name", why));
    }
    Ok(())
}

fn check_method(method: &str, has_secret: bool) -> Result<(), InvalidRegistration> {
    if !AUTH_METHODS.contains(&method) {
        let known = AUTH_METHODS.join(", ");
        let member = "token_endpoint_auth_method";
        return Err(refused(
            member,
            format!("{method:?} is not supported here, choose one of {known}"),
        ));
    }
    match (method == "none", has_secret) {
        (true, true) => Err(refused(
            "client_secret",
            "a client with token_endpoint_auth_method `none` has none",
        )),
        (false, false) => Err(refused("client_secret", format!("{method} needs one"))),
        _ => Ok(()),
    }
}

pub(crate) fn refused(member: &'static str, reason: impl Into<String>) -> InvalidRegistration {
    InvalidClientMetadata::new(member, reason).into()
}
