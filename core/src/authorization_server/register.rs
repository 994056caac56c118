use std::fmt::Display;
use std::str::FromStr;

use super::AuthorizationServer;
use super::encryption::{KEYS_OF_A_CLIENT, ResponseEncryption, is_granted};
use crate::configuration::RequireJarm;
use crate::jose::AlgAndEnc;
use crate::metadata::{
    Client, ClientMetadata, EncWithoutAlg, InvalidClientMetadata, SecretAvailability,
};
use crate::vocabulary::{
    ClientId, JweContentEncryptionAlgorithm, JwsAlgorithm, ResponseMode, ResponseType,
};

const SIGNED_ALG: &str = "authorization_signed_response_alg";
/// How many response types or modes a client may name; there are eight and seven standard ones.
const LISTED: usize = 32;
const SIGNING_LIST: &str = "authorization_signing_alg_values_supported";
const ENCRYPTED_ALG: &str = "authorization_encrypted_response_alg";
const ENCRYPTED_ENC: &str = "authorization_encrypted_response_enc";

pub(super) type Checked = Result<(), InvalidClientMetadata>;

/// What a client registers, or an operator configures for it, with what is known about it.
#[derive(Clone, Debug)]
pub struct Registration<'a> {
    metadata: ClientMetadata,
    secret: SecretAvailability<'a>,
    require_jarm: RequireJarm,
    is_dynamic: bool,
}

impl<'a> Registration<'a> {
    /// A client that registers itself ([RFC 7591]).
    ///
    /// [RFC 7591]: https://www.rfc-editor.org/rfc/rfc7591
    pub fn dynamic(metadata: ClientMetadata, secret: SecretAvailability<'a>) -> Self {
        Self {
            is_dynamic: true,
            ..Self::configured(metadata, secret)
        }
    }

    /// A client that the operator configures.
    pub fn configured(metadata: ClientMetadata, secret: SecretAvailability<'a>) -> Self {
        Self {
            metadata,
            secret,
            require_jarm: RequireJarm::No,
            is_dynamic: false,
        }
    }

    /// Demands JWTs for this client. Give [`Client::with_require_jarm`] the same.
    #[must_use]
    pub fn with_require_jarm(mut self, require_jarm: RequireJarm) -> Self {
        self.require_jarm = require_jarm;
        self
    }
}

impl AuthorizationServer {
    /// Validates what a client registers against what this server can really do, and completes
    /// it with the defaults, to be stored and echoed ([RFC 7591 3.2.1]).
    ///
    /// Call it for dynamic registrations and, at start-up, for every configured client: what it
    /// accepts does not fail later in front of a user, as far as the client's keys are among it.
    /// Every response type of the client is tried in every mode.
    ///
    /// Of the lists of [RP Metadata Choices] (`authorization_signing_alg_values_supported` and the
    /// two for encryption) the first value that can be used is taken, where the member itself is
    /// left out or cannot. The lists for encryption switch none on. They are not in what is returned.
    ///
    /// # Errors
    ///
    /// [`InvalidClientMetadata`] naming the member.
    ///
    /// [RFC 7591 3.2.1]: https://www.rfc-editor.org/rfc/rfc7591#section-3.2.1
    /// [RP Metadata Choices]: https://openid.net/specs/openid-connect-rp-metadata-choices-1_0.html
    pub fn register(
        &self,
        registration: Registration<'_>,
    ) -> Result<ClientMetadata, InvalidClientMetadata> {
        let Registration {
            mut metadata,
            secret,
            require_jarm,
            is_dynamic,
        } = registration;
        metadata
            .response_types
            .get_or_insert_with(|| vec![ResponseType::CODE]);
        check_sizes(&metadata)?;
        // Only this server says so. What it said once is kept when a stored client is checked again.
        metadata.authorization_signed_response_alg_defaulted &=
            !is_dynamic && metadata.authorization_signed_response_alg.is_some();
        self.choose_encryption(&mut metadata, secret)?;
        self.choose_signing(&mut metadata, secret)?;
        self.check_request_object_signing(&metadata, secret)?;

        let mut client = Client::new(ClientId::anybody()).with_require_jarm(require_jarm);
        if is_dynamic {
            client = client.dynamically_registered();
        }
        let client = client.with_metadata(metadata);
        self.check_mode_names(client.metadata())?;
        self.check_response_types(&client)?;
        self.check_response_modes(&client)?;
        Ok(client.into_metadata())
    }

    fn check_response_types(&self, client: &Client) -> Checked {
        let refuse = |why: String| refuse("response_types", why);
        let own = client
            .metadata()
            .response_types
            .as_deref()
            .unwrap_or_default();
        if own.is_empty() {
            return refuse("name one at least, or leave it out for `code`".into());
        }
        for response_type in own {
            if !self.in_force.types.contains(response_type) {
                let all = self.in_force.response_types();
                let all = all.map(|own| format!("`{own}`")).collect::<Vec<_>>();
                let all = all.join(", ");
                return refuse(format!(
                    "`{response_type}` is not supported here, choose among {all}"
                ));
            }
            let mut modes = self.in_force.modes.names().iter();
            if modes.any(|mode| self.in_force.is_usable(client, response_type, mode)) {
                continue;
            }
            let rule = self.in_force.types.rule(Some(response_type));
            let permission = self.in_force.modes.permission(rule);
            return refuse(if !is_granted(permission, client.metadata()) {
                format!(
                    "`{response_type}` is answered in encrypted responses only here: register {ENCRYPTED_ALG}"
                )
            } else if client.metadata().response_modes.is_some() {
                format!("`{response_type}` cannot be answered in any of your response_modes")
            } else {
                format!("`{response_type}` is not allowed for this client")
            });
        }
        Ok(())
    }

    fn check_mode_names(&self, metadata: &ClientMetadata) -> Checked {
        let own = metadata.response_modes.as_ref();
        if own.is_some_and(Vec::is_empty) {
            let why = "name one at least, or leave it out for all";
            return refuse("response_modes", why);
        }
        let is_unknown = |mode: &&ResponseMode| !self.in_force.modes.names().contains(mode);
        let Some(mode) = own.into_iter().flatten().find(is_unknown) else {
            return Ok(());
        };
        let all = self.in_force.response_modes().map(ResponseMode::as_str);
        let all = all.collect::<Vec<_>>().join(", ");
        let why = format!("`{mode}` is not supported here, choose among {all}");
        refuse("response_modes", why)
    }

    fn check_response_modes(&self, client: &Client) -> Checked {
        let ClientMetadata {
            response_modes,
            response_types,
            ..
        } = client.metadata();
        for mode in response_modes.iter().flatten() {
            let mut types = response_types.iter().flatten();
            if !types.any(|own| self.in_force.is_usable(client, own, mode)) {
                let why = format!("`{mode}` can answer none of your response_types");
                return refuse("response_modes", why);
            }
        }
        Ok(())
    }

    /// Checks the algorithm that signs, or takes the first of the list that can, or the default.
    fn choose_signing(
        &self,
        metadata: &mut ClientMetadata,
        secret: SecretAvailability<'_>,
    ) -> Checked {
        let sent = metadata.authorization_signing_alg_values_supported.take();
        let checked = self.check_signing(metadata, secret);
        let is_named = metadata.authorization_signed_response_alg.is_some();
        if is_named && checked.is_ok() {
            return checked;
        }
        let is_listed = sent.is_some();
        for algorithm in candidates(None, sent, &self.signing_algorithms()) {
            let mut other = metadata.clone();
            other.authorization_signed_response_alg = Some(algorithm);
            if self.check_signing(&other, secret).is_ok() {
                *metadata = other;
                return Ok(());
            }
        }
        if !is_named && is_listed && self.in_force.modes.has_jwt() {
            let all = self.signing_algorithms();
            let all = all.iter().map(JwsAlgorithm::as_str).collect::<Vec<_>>();
            let why = format!(
                "none of them is supported here, name one of {}",
                all.join(", ")
            );
            return refuse(SIGNING_LIST, why);
        }
        if !is_named && self.in_force.modes.has_jwt() {
            metadata.authorization_signed_response_alg = Some(self.default_signing_alg.clone());
            metadata.authorization_signed_response_alg_defaulted = true;
            return self.check_signing(metadata, secret);
        }
        checked
    }

    /// Checks how responses are encrypted, or takes the first of the lists that can be used.
    fn choose_encryption(
        &self,
        metadata: &mut ClientMetadata,
        secret: SecretAvailability<'_>,
    ) -> Checked {
        let algs = metadata
            .authorization_encryption_alg_values_supported
            .take();
        let encs = metadata
            .authorization_encryption_enc_values_supported
            .take();
        let checked = self.check_encryption(metadata, secret);
        let (alg, enc) = (
            metadata.authorization_encrypted_response_alg.clone(),
            metadata.authorization_encrypted_response_enc.clone(),
        );
        // What the client could decrypt does not say that it wants encryption.
        if let Some(ResponseEncryption { encrypter, .. }) = &self.encryption
            && alg.is_some()
            && (checked.is_err() || (enc.is_none() && encs.is_some()))
        {
            let enc = enc.or_else(|| encs.is_none().then(JweContentEncryptionAlgorithm::default));
            let encs = candidates(enc, encs, encrypter.content_encryption_algorithms());
            for alg in candidates(alg, algs, encrypter.key_management_algorithms()) {
                for enc in &encs {
                    let mut other = metadata.clone();
                    other.authorization_encrypted_response_alg = Some(alg.clone());
                    other.authorization_encrypted_response_enc = Some(enc.clone());
                    if self.check_encryption(&other, secret).is_ok() {
                        *metadata = other;
                        return Ok(());
                    }
                }
            }
        }
        checked?;
        if metadata.authorization_encrypted_response_alg.is_some() {
            metadata
                .authorization_encrypted_response_enc
                .get_or_insert_default();
        }
        Ok(())
    }

    fn check_signing(&self, metadata: &ClientMetadata, secret: SecretAvailability<'_>) -> Checked {
        let Some(algorithm) = &metadata.authorization_signed_response_alg else {
            return Ok(());
        };
        let supported = self.signing_algorithms();
        if !supported.contains(algorithm) {
            return refuse(SIGNED_ALG, unsupported(algorithm, &supported));
        }
        match algorithm.least_secret_octets() {
            None => Ok(()),
            Some(least) => self
                .check_secret(metadata, secret, least)
                .or_else(|why| refuse(SIGNED_ALG, format!("`{algorithm}` needs {why}"))),
        }
    }

    fn check_encryption(
        &self,
        metadata: &ClientMetadata,
        secret: SecretAvailability<'_>,
    ) -> Checked {
        let algorithms = match metadata.encryption() {
            Ok(Some(algorithms)) => algorithms,
            Ok(None) => return Ok(()),
            Err(EncWithoutAlg) => {
                let why = format!("it is registered together with {ENCRYPTED_ALG} only");
                return refuse(ENCRYPTED_ENC, why);
            }
        };
        let Some(encryption) = self
            .encryption
            .as_ref()
            .filter(|_| self.in_force.modes.has_jwt())
        else {
            let why = "encrypted responses are not available on this server: leave it out";
            return refuse(ENCRYPTED_ALG, why);
        };
        check_algorithms(encryption, algorithms)?;
        let AlgAndEnc { alg, enc } = algorithms;
        if let Some(least) = alg.least_secret_octets(enc) {
            return self
                .check_secret(metadata, secret, least)
                .or_else(|why| refuse(ENCRYPTED_ALG, format!("`{alg}` with `{enc}` needs {why}")));
        }
        match &metadata.jwks {
            Some(set) => encryption.check(set, alg),
            None => encryption.client_keys.admits(metadata),
        }
    }

    /// Whether the client has a secret that may be used as a key; if not, what it would need.
    pub(super) fn check_secret(
        &self,
        metadata: &ClientMetadata,
        secret: SecretAvailability<'_>,
        least: usize,
    ) -> Result<(), String> {
        if metadata.is_public() {
            return Err("a client secret, and a public client has none".into());
        }
        let secret = match secret {
            SecretAvailability::Plaintext(secret) => secret,
            SecretAvailability::NoSecret => {
                return Err("a client secret, and the client has none".into());
            }
            SecretAvailability::HashOnly => {
                let why = "the client secret in plaintext, and the server keeps a hash of it only";
                return Err(why.into());
            }
        };
        if !secret.is_valid_at(self.clock.now()) {
            return Err("a client secret, and this one has expired".into());
        }
        let actual = secret.as_bytes().len();
        if actual < least {
            return Err(format!(
                "a client secret of at least {least} octets, and this one has {actual}"
            ));
        }
        Ok(())
    }
}

/// What a client names and then lists, as far as it is offered, each once: there are never more than
/// are offered, however many are sent.
fn candidates<T: Clone + PartialEq + FromStr>(
    named: Option<T>,
    sent: Option<Vec<String>>,
    offered: &[T],
) -> Vec<T> {
    let sent = sent
        .into_iter()
        .flatten()
        .filter_map(|name| name.parse().ok());
    let mut all: Vec<T> = Vec::new();
    for candidate in named.into_iter().chain(sent) {
        if offered.contains(&candidate) && !all.contains(&candidate) {
            all.push(candidate);
        }
    }
    all
}

/// What takes time for each entry is limited before anything is done with it.
fn check_sizes(metadata: &ClientMetadata) -> Checked {
    if metadata.jwks.is_some() && metadata.jwks_uri.is_some() {
        let why = "send the keys as `jwks` or by `jwks_uri`, not both";
        return refuse("jwks_uri", why);
    }
    let count = metadata.jwks.as_ref().map_or(0, |set| set.keys.len());
    if count > KEYS_OF_A_CLIENT {
        let why = format!("a client has {KEYS_OF_A_CLIENT} keys at most, and these are {count}");
        return refuse("jwks", why);
    }
    let listed = |count: Option<usize>| count.unwrap_or_default() > LISTED;
    let why = format!("name {LISTED} at most");
    if listed(metadata.response_types.as_ref().map(Vec::len)) {
        return refuse("response_types", why);
    }
    if listed(metadata.response_modes.as_ref().map(Vec::len)) {
        return refuse("response_modes", why);
    }
    Ok(())
}

fn check_algorithms(encryption: &ResponseEncryption, algorithms: AlgAndEnc<'_>) -> Checked {
    let AlgAndEnc { alg, enc } = algorithms;
    let all = encryption.encrypter.key_management_algorithms();
    if !all.contains(alg) {
        return refuse(ENCRYPTED_ALG, unsupported(alg, all));
    }
    let all = encryption.encrypter.content_encryption_algorithms();
    if !all.contains(enc) {
        return refuse(ENCRYPTED_ENC, unsupported(enc, all));
    }
    Ok(())
}

pub(super) fn unsupported<T: Display>(found: &T, supported: &[T]) -> String {
    let names: Vec<_> = supported.iter().map(T::to_string).collect();
    let names = names.join(", ");
    format!("`{found}` is not supported here, choose one of {names}")
}

pub(super) fn refuse(
    member: impl Into<std::borrow::Cow<'static, str>>,
    reason: impl Into<String>,
) -> Checked {
    Err(InvalidClientMetadata::new(member, reason))
}
