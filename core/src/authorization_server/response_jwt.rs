//! How the response JWT of one answer is made.

use super::pending::Negotiated;
use super::{AuthorizationServer, EncryptionFailure, Error, PendingResponse};
use crate::jose::{ClientSecret, ClientSecretJws, CompactJws};
use crate::metadata::Client;
use crate::response::{
    ClaimsContext, OutcomeError, RegisteredClaims, ResponseClaims, ResponseParameters,
};
use crate::vocabulary::JwsAlgorithm;

impl AuthorizationServer {
    /// The parameters as one `response` (JARM 2.1, 2.2).
    pub(super) async fn jwt(
        &self,
        pending: &PendingResponse,
        client: &Client,
        parameters: ResponseParameters,
    ) -> Result<ResponseParameters, Error> {
        let failed = |failure| Error::Encryption {
            client_id: client.client_id().clone(),
            failure,
        };
        let encrypting = self.encrypting(client).await?;
        // What was negotiated is the least: a registration that changed meanwhile lowers nothing.
        if pending.negotiated == Negotiated::Encrypted && encrypting.is_none() {
            return Err(failed(EncryptionFailure::Withdrawn));
        }
        let payload = self.payload(pending, parameters)?;
        let jws = self.signing(client)?.sign(&payload).await?;
        let jwt = match encrypting {
            Some(encrypting) => encrypting.encrypt(jws).map_err(failed)?,
            None => jws,
        };
        let mut response = ResponseParameters::with_capacity(1);
        response
            .insert("response", jwt)
            .map_err(OutcomeError::from)?;
        Ok(response)
    }

    /// The claims set in JSON: parameters and hooks first, so that the library's own claims win.
    fn payload(
        &self,
        pending: &PendingResponse,
        parameters: ResponseParameters,
    ) -> Result<Vec<u8>, Error> {
        let response_type = pending.response_type.as_ref();
        let declared = self.in_force.types.declared_claims(response_type);
        let mut claims = ResponseClaims::of(parameters, &self.issuer, declared)?;
        let context = ClaimsContext {
            client_id: &pending.client_id,
            response_type,
            response_mode: &pending.response_mode,
        };
        for hook in &self.additional_claims {
            hook.add(&context, &mut claims)?;
        }
        let now = self.clock.now();
        let jti = self
            .response_jwt_jti
            .then(|| self.random_id())
            .transpose()?;
        Ok(claims.to_json(&RegisteredClaims {
            iss: &self.issuer,
            aud: &pending.client_id,
            exp: now.after(self.response_jwt_lifetime),
            iat: now,
            jti: jti.as_deref(),
        })?)
    }

    /// What signs a client's responses now.
    pub(super) fn signing<'a>(&'a self, client: &'a Client) -> Result<Signing<'a>, Error> {
        let registered = client.metadata().authorization_signed_response_alg.as_ref();
        let algorithm = registered.unwrap_or(&self.default_signing_alg);
        if !self.in_force.policy.admits_algorithm(algorithm) {
            return Err(Error::AlgorithmNotAllowed {
                algorithm: algorithm.clone(),
                client_id: client.client_id().clone(),
            });
        }
        if let Some(least) = algorithm.least_secret_octets() {
            let secret = client.usable_secret(self.clock.now(), least);
            return match (&self.client_secret_jws, secret) {
                (Some(jws), Some(secret)) => Ok(Signing::Secret {
                    jws,
                    algorithm,
                    secret,
                }),
                _ => Err(Error::NoClientSecret(client.client_id().clone())),
            };
        }
        let key = self.signer(algorithm).ok_or_else(|| Error::NoSigningKey {
            algorithm: algorithm.clone(),
            client_id: client.client_id().clone(),
        })?;
        Ok(Signing::Key(key))
    }
}

/// What signs a response.
pub(super) enum Signing<'a> {
    Key(&'a CompactJws),
    Secret {
        jws: &'a ClientSecretJws,
        algorithm: &'a JwsAlgorithm,
        secret: &'a ClientSecret,
    },
}

impl Signing<'_> {
    async fn sign(&self, payload: &[u8]) -> Result<String, Error> {
        let (signed, algorithm, key_id) = match self {
            Self::Key(key) => {
                let signer = key.signer();
                (
                    key.sign(payload).await,
                    signer.algorithm(),
                    Some(signer.key_id()),
                )
            }
            Self::Secret {
                jws,
                algorithm,
                secret,
            } => (jws.sign(algorithm, secret, payload), *algorithm, None),
        };
        signed.map_err(|source| Error::Signing {
            algorithm: algorithm.clone(),
            key_id: key_id.map(str::to_owned),
            source,
        })
    }
}
