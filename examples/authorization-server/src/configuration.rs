//! The configuration file: the library's part in `[jarm]`, the server's own in `[[client]]`.

use std::path::Path;

use jarm::configuration::{RequireJarm, read};
use jarm::jose::JwkSet;
use jarm::{
    ClientId, Issuer, JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm, JwksUri,
    JwsAlgorithm, ResponseMode, ResponseType,
};
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use crate::{FetchSettings, StartError};

/// Everything that the server is told at start-up, apart from its keys.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The library's part.
    pub jarm: jarm::Configuration,
    /// The clients of the file.
    pub clients: Vec<ConfiguredClient>,
    /// Who approves requests.
    pub approval: Approval,
    /// Whether the user is asked before an error takes them to a client that registered itself
    /// (RFC 9700 4.11.2).
    pub ask_before_errors: bool,
    /// Whether authorization requests must have been pushed to `/par` (RFC 9126 5).
    pub require_pushed_requests: bool,
    /// How keys are fetched that clients publish at a `jwks_uri`.
    pub fetch: FetchSettings,
}

/// Who approves requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Approval {
    /// The user, after login, on the consent page.
    #[default]
    ByUser,
    /// Nobody is asked: every request is approved as `alice`, unless its `login_hint` is `deny`.
    Automatic,
}

/// One `[[client]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfiguredClient {
    /// The identifier.
    pub client_id: ClientId,
    /// The secret; a client without one is a public client.
    pub client_secret: Option<String>,
    /// What the consent page calls the client.
    pub client_name: Option<String>,
    /// Where responses may go.
    pub redirect_uris: Vec<String>,
    /// What the client may ask for; `["code"]`, if left out.
    pub response_types: Option<Vec<ResponseType>>,
    /// The modes that the client may ask for; all in force, if left out.
    pub response_modes: Option<Vec<ResponseMode>>,
    /// Whether the client's responses must be JWTs, whatever holds for others.
    #[serde(default)]
    pub require_jarm: RequireJarm,
    /// How the client authenticates at the token endpoint: `client_secret_basic`, if left out, or
    /// `none` without a secret.
    pub token_endpoint_auth_method: Option<String>,
    /// What signs the client's response JWTs; `jarm.default_signing_alg`, if left out.
    pub authorization_signed_response_alg: Option<JwsAlgorithm>,
    /// By which algorithm they are encrypted; they are not, if left out.
    pub authorization_encrypted_response_alg: Option<JweKeyManagementAlgorithm>,
    /// What encrypts their content; `A128CBC-HS256`, if left out.
    pub authorization_encrypted_response_enc: Option<JweContentEncryptionAlgorithm>,
    /// What signs the client's request objects; any for which it has a public key, if left out.
    pub request_object_signing_alg: Option<JwsAlgorithm>,
    /// The client's public keys.
    pub jwks: Option<JwkSet>,
    /// The URL of the client's public keys, in the place of `jwks`.
    pub jwks_uri: Option<JwksUri>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    jarm: jarm::Configuration,
    #[serde(default)]
    ask_before_errors: bool,
    #[serde(default)]
    require_pushed_requests: bool,
    #[serde(default)]
    jwks_uri: FetchSettings,
    #[serde(default)]
    client: Vec<ConfiguredClient>,
}

/// The same without the clients.
#[derive(Serialize)]
struct Explained {
    ask_before_errors: bool,
    require_pushed_requests: bool,
    jwks_uri: FetchSettings,
    jarm: jarm::Configuration,
}

impl Configuration {
    /// Reads the file, if there is one. `issuer` overrides the file's; `url`, under which the
    /// server is bound, stands in where neither says anything.
    ///
    /// # Errors
    ///
    /// [`StartError`] naming the file and the key path.
    pub fn load(file: Option<&Path>, issuer: Option<&str>, url: &str) -> Result<Self, StartError> {
        let text = match file {
            None => String::new(),
            Some(path) => {
                std::fs::read_to_string(path).map_err(|error| StartError::Unreadable {
                    path: path.to_owned(),
                    source: error,
                })?
            }
        };
        let mut configuration =
            Self::parse(&text, issuer, url).map_err(|error| error.in_file(file))?;
        if let Some(file) = file {
            configuration.fetch.beside(file);
        }
        Ok(configuration)
    }

    /// The same for the text of a file.
    ///
    /// # Errors
    ///
    /// [`StartError`] naming the key path.
    pub fn parse(text: &str, issuer: Option<&str>, url: &str) -> Result<Self, StartError> {
        let mut file: Table = text.parse().map_err(StartError::Toml)?;
        let jarm = file.entry("jarm").or_insert_with(|| Table::new().into());
        if let Value::Table(jarm) = jarm {
            if let Some(issuer) = issuer {
                jarm.insert("issuer".to_owned(), flag(issuer)?.into());
            } else if !jarm.contains_key("issuer") {
                jarm.insert("issuer".to_owned(), bound(url)?.into());
            }
        }
        let File {
            jarm,
            ask_before_errors,
            require_pushed_requests,
            jwks_uri,
            client,
        } = read(Value::Table(file))?;
        Ok(Self {
            jarm,
            clients: client,
            approval: Approval::default(),
            ask_before_errors,
            require_pushed_requests,
            fetch: jwks_uri,
        })
    }

    /// The file as it counts: a profile written out as settings, defaults beside what the file says.
    /// Clients are left out, because they have secrets.
    ///
    /// # Errors
    ///
    /// [`StartError::Configuration`] where a setting is laxer than the profile.
    pub fn explained(&self) -> Result<String, StartError> {
        let explained = Explained {
            ask_before_errors: self.ask_before_errors,
            require_pushed_requests: self.require_pushed_requests,
            jwks_uri: self.fetch.clone(),
            jarm: self.jarm.clone().expanded()?,
        };
        Ok(toml::to_string(&explained)?)
    }

    /// Decides who approves requests.
    #[must_use]
    pub fn with_approval(mut self, approval: Approval) -> Self {
        self.approval = approval;
        self
    }
}

fn flag(issuer: &str) -> Result<&str, StartError> {
    let explain = |error| StartError::Issuer(format!("--issuer: {error}"));
    Issuer::try_new(issuer).map(|_| issuer).map_err(explain)
}

fn bound(url: &str) -> Result<&str, StartError> {
    let explain = |_| {
        StartError::Issuer(format!(
            "{url} cannot be the issuer: name one with --issuer or jarm.issuer"
        ))
    };
    Issuer::try_new(url).map(|_| url).map_err(explain)
}
