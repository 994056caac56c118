use super::ClientMetadata;
use crate::clock::UnixTime;
use crate::configuration::RequireJarm;
use crate::jose::ClientSecret;
use crate::vocabulary::ClientId;

/// A client as the host's store knows it now: whom an answer is for.
///
/// Make it afresh for each call; the library keeps none.
///
/// ```
/// use jarm_core::metadata::Client;
/// use jarm_core::ClientId;
///
/// let client = Client::new(ClientId::try_new("s6BhdRkqt3")?);
/// # let _ = client;
/// # Ok::<(), jarm_core::InvalidValue>(())
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    id: ClientId,
    metadata: ClientMetadata,
    secrets: Vec<ClientSecret>,
    require_jarm: RequireJarm,
    is_dynamically_registered: bool,
}

impl Client {
    /// A client with the default metadata: `code` only, signed with the server's default.
    pub fn new(client_id: ClientId) -> Self {
        Self {
            id: client_id,
            metadata: ClientMetadata::default(),
            secrets: Vec::new(),
            require_jarm: RequireJarm::default(),
            is_dynamically_registered: false,
        }
    }

    /// Sets what the client registered.
    #[must_use]
    pub fn with_metadata(mut self, metadata: ClientMetadata) -> Self {
        self.metadata = metadata;
        self
    }

    /// Adds a secret in plaintext; needed where it signs (`HS*`) or encrypts (`dir`, `A128KW`, …).
    /// While several are valid, the newest is used: add the newest last.
    #[must_use]
    pub fn with_secret(mut self, secret: ClientSecret) -> Self {
        self.secrets.push(secret);
        self
    }

    /// Demands JWTs for this client; the strictest of this and the server's settings holds.
    #[must_use]
    pub fn with_require_jarm(mut self, require_jarm: RequireJarm) -> Self {
        self.require_jarm = require_jarm;
        self
    }

    /// Says that the client registered itself ([RFC 7591]), so that `registration.require_jarm`
    /// holds for it.
    ///
    /// [RFC 7591]: https://www.rfc-editor.org/rfc/rfc7591
    #[must_use]
    pub fn dynamically_registered(mut self) -> Self {
        self.is_dynamically_registered = true;
        self
    }

    /// The identifier.
    pub fn client_id(&self) -> &ClientId {
        &self.id
    }

    /// What the client registered.
    pub fn metadata(&self) -> &ClientMetadata {
        &self.metadata
    }

    pub(crate) fn into_metadata(self) -> ClientMetadata {
        self.metadata
    }

    /// What is demanded for this client in particular.
    pub(crate) fn require_jarm(&self) -> RequireJarm {
        self.require_jarm
    }

    pub(crate) fn is_dynamically_registered(&self) -> bool {
        self.is_dynamically_registered
    }

    /// The newest valid secret, if it has as many octets as it needs at least. A public client's
    /// is none.
    pub(crate) fn usable_secret(&self, now: UnixTime, least: usize) -> Option<&ClientSecret> {
        let newest = self.valid_secrets(now).next();
        newest.filter(|secret| secret.as_bytes().len() >= least)
    }

    /// All valid secrets that have as many octets, the newest first: what may have been used while
    /// they change.
    pub(crate) fn usable_secrets(
        &self,
        now: UnixTime,
        least: usize,
    ) -> impl Iterator<Item = &ClientSecret> {
        self.valid_secrets(now)
            .filter(move |secret| secret.as_bytes().len() >= least)
    }

    fn valid_secrets(&self, now: UnixTime) -> impl Iterator<Item = &ClientSecret> {
        let all = self.secrets.iter().rev();
        all.filter(move |secret| secret.is_valid_at(now) && !self.metadata.is_public())
    }
}

/// In which form the server keeps a client's secret. To sign or encrypt with it takes the
/// plaintext.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum SecretAvailability<'a> {
    /// The client has no secret.
    NoSecret,
    /// The server can read it.
    Plaintext(&'a ClientSecret),
    /// The server keeps a password hash only.
    HashOnly,
}
