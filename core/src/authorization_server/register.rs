use std::fmt::Display;

use super::AuthorizationServer;
use super::encryption::{KEYS_OF_A_CLIENT, ResponseEncryption, is_granted};
use crate::jose::AlgAndEnc;
use crate::metadata::{ClientMetadata, EncWithoutAlg, InvalidClientMetadata, SecretAvailability};
use crate::vocabulary::ResponseType;

const SIGNED_ALG: &str = "authorization_signed_response_alg";
const ENCRYPTED_ALG: &str = "authorization_encrypted_response_alg";
const ENCRYPTED_ENC: &str = "authorization_encrypted_response_enc";

type Checked = Result<(), InvalidClientMetadata>;

impl AuthorizationServer {
    /// Validates what a client registers against what this server can really do, and completes
    /// it with the defaults, to be stored and echoed ([RFC 7591 3.2.1]).
    ///
    /// Call it for dynamic registrations and, at start-up, for every configured client: what it
    /// accepts does not fail later in front of a user, as far as the client's keys are among it.
    ///
    /// # Errors
    ///
    /// [`InvalidClientMetadata`] naming the member.
    ///
    /// [RFC 7591 3.2.1]: https://www.rfc-editor.org/rfc/rfc7591#section-3.2.1
    pub fn register(
        &self,
        mut metadata: ClientMetadata,
        secret: SecretAvailability<'_>,
    ) -> Result<ClientMetadata, InvalidClientMetadata> {
        metadata
            .response_types
            .get_or_insert_with(|| vec![ResponseType::CODE]);
        self.check_response_types(&metadata)?;
        if metadata.jwks.is_some() && metadata.jwks_uri.is_some() {
            let why = "send the keys as `jwks` or by `jwks_uri`, not both";
            return Err(InvalidClientMetadata::new("jwks_uri", why));
        }
        if let Some(set) = metadata
            .jwks
            .as_ref()
            .filter(|set| set.keys.len() > KEYS_OF_A_CLIENT)
        {
            let (found, most) = (set.keys.len(), KEYS_OF_A_CLIENT);
            let why = format!("a client has {most} keys at most, and these are {found}");
            return Err(InvalidClientMetadata::new("jwks", why));
        }
        self.check_encryption(&metadata, secret)?;
        if metadata.authorization_encrypted_response_alg.is_some() {
            metadata
                .authorization_encrypted_response_enc
                .get_or_insert_default();
        }
        if self.modes.has_jwt() || metadata.authorization_signed_response_alg.is_some() {
            metadata
                .authorization_signed_response_alg
                .get_or_insert_with(|| self.default_signing_alg.clone());
        }
        self.check_signing(&metadata, secret)?;
        Ok(metadata)
    }

    fn check_response_types(&self, metadata: &ClientMetadata) -> Checked {
        let refuse = |why: String| refuse("response_types", why);
        let own = metadata.response_types.as_deref().unwrap_or_default();
        if own.is_empty() {
            return refuse("name one at least, or leave it out for `code`".into());
        }
        for response_type in own {
            if !self.types.contains(response_type) {
                return refuse(format!("`{response_type}` is not supported here"));
            }
            let rule = self.types.rule(Some(response_type));
            if !is_granted(self.modes.permission(rule), metadata) {
                return refuse(format!(
                    "`{response_type}` is answered in encrypted responses only here: register {ENCRYPTED_ALG}"
                ));
            }
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
        let Some(encryption) = self.encryption.as_ref().filter(|_| self.modes.has_jwt()) else {
            let why = "encrypted responses are not available on this server: leave it out";
            return refuse(ENCRYPTED_ALG, why);
        };
        check_algorithms(encryption, algorithms)?;
        let AlgAndEnc { alg, enc } = algorithms;
        if let Some(least) = alg.least_secret_octets(enc) {
            return self
                .check_secret(metadata, secret, least)
                .or_else(|why| refuse(ENCRYPTED_ALG, format!("`{alg}` needs {why}")));
        }
        match &metadata.jwks {
            Some(set) => encryption.check(&set.keys, alg),
            None => encryption.client_keys.admits(metadata),
        }
    }

    /// Whether the client has a secret that may be used as a key; if not, what it would need.
    fn check_secret(
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
                "a client secret of {least} octets, and this one has {actual}"
            ));
        }
        Ok(())
    }
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

fn unsupported<T: Display>(found: &T, supported: &[T]) -> String {
    let names: Vec<_> = supported.iter().map(T::to_string).collect();
    let names = names.join(", ");
    format!("`{found}` is not supported here, choose one of {names}")
}

fn refuse(member: impl Into<std::borrow::Cow<'static, str>>, reason: impl Into<String>) -> Checked {
    Err(InvalidClientMetadata::new(member, reason))
}
