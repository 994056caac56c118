use super::AuthorizationServer;
use crate::metadata::{ClientMetadata, InvalidClientMetadata, SecretAvailability};
use crate::vocabulary::{JwsAlgorithm, ResponseType};

impl AuthorizationServer {
    /// Validates what a client registers against what this server can really do, and completes
    /// it with the defaults, to be stored and echoed ([RFC 7591 3.2.1]).
    ///
    /// Call it for dynamic registrations and, at start-up, for every configured client: what it
    /// accepts does not fail later in front of a user.
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
        let response_types = metadata
            .response_types
            .get_or_insert_with(|| vec![ResponseType::CODE]);
        if response_types.is_empty() {
            return refuse(
                "response_types",
                "name one at least, or leave it out for `code`",
            );
        }
        if let Some(unknown) = response_types.iter().find(|own| !self.types.contains(own)) {
            return refuse(
                "response_types",
                format!("`{unknown}` is not supported here"),
            );
        }
        if metadata.authorization_encrypted_response_alg.is_some() {
            return refuse("authorization_encrypted_response_alg", NO_ENCRYPTION);
        }
        if metadata.authorization_encrypted_response_enc.is_some() {
            return refuse("authorization_encrypted_response_enc", NO_ENCRYPTION);
        }
        if !self.modes.has_jwt() && metadata.authorization_signed_response_alg.is_none() {
            return Ok(metadata);
        }
        let is_public = metadata.is_public();
        let algorithm = metadata
            .authorization_signed_response_alg
            .get_or_insert_with(|| self.default_signing_alg.clone());
        self.check_algorithm(algorithm, is_public, secret)
            .or_else(|why| refuse(SIGNED_ALG, why))?;
        Ok(metadata)
    }

    fn check_algorithm(
        &self,
        algorithm: &JwsAlgorithm,
        is_public: bool,
        secret: SecretAvailability<'_>,
    ) -> Result<(), String> {
        let supported = self.signing_algorithms();
        if !supported.contains(algorithm) {
            let names: Vec<_> = supported.iter().map(JwsAlgorithm::as_str).collect();
            return Err(format!(
                "`{algorithm}` is not supported here, choose one of {}",
                names.join(", ")
            ));
        }
        let Some(least) = algorithm.least_secret_octets() else {
            return Ok(());
        };
        if is_public {
            return Err(format!(
                "`{algorithm}` needs a client secret, and a public client has none"
            ));
        }
        let secret = match secret {
            SecretAvailability::Plaintext(secret) => secret,
            SecretAvailability::NoSecret => {
                return Err(format!(
                    "`{algorithm}` needs a client secret, and the client has none"
                ));
            }
            SecretAvailability::HashOnly => {
                return Err(format!(
                    "`{algorithm}` needs the client secret in plaintext, and the server keeps a hash of it only"
                ));
            }
        };
        if !secret.is_valid_at(self.clock.now()) {
            return Err(format!(
                "`{algorithm}` needs a client secret, and this one has expired"
            ));
        }
        let actual = secret.as_bytes().len();
        if actual < least {
            return Err(format!(
                "`{algorithm}` needs a client secret of {least} octets, and this one has {actual}"
            ));
        }
        Ok(())
    }
}

const SIGNED_ALG: &str = "authorization_signed_response_alg";
const NO_ENCRYPTION: &str = "encrypted responses are not available on this server: leave it out";

fn refuse<T>(member: &'static str, reason: impl Into<String>) -> Result<T, InvalidClientMetadata> {
    Err(InvalidClientMetadata::new(member, reason))
}
