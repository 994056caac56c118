//! How the response JWT of one answer is made.

use sha2::{Digest as _, Sha256};

use super::encryption::Encrypting;
use super::observer::ResponseJwtDetails;
use super::pending::Negotiated;
use super::{AuthorizationServer, EncryptionFailure, Error, PendingResponse};
use crate::jose::{ClientSecret, ClientSecretJws, CompactJws};
use crate::metadata::Client;
use crate::response::{
    ClaimsContext, OutcomeError, RegisteredClaims, ResponseClaims, ResponseParameters,
};
use crate::vocabulary::JwsAlgorithm;

impl AuthorizationServer {
    /// The parameters as one `response` (JARM 2.1, 2.2), and what an observer is told about it.
    pub(super) async fn jwt(
        &self,
        pending: &PendingResponse,
        client: &Client,
        parameters: ResponseParameters,
    ) -> Result<(ResponseParameters, Option<ResponseJwtDetails>), Error> {
        let failed = |failure| Error::Encryption {
            client_id: client.client_id().clone(),
            failure,
        };
        let encrypting = self.encrypting(client).await?;
        // What was negotiated is the least: a registration that changed meanwhile lowers nothing.
        if pending.negotiated == Negotiated::Encrypted && encrypting.is_none() {
            return Err(failed(EncryptionFailure::Withdrawn));
        }
        let jti = self.response_jwt_jti.then(|| self.random_id());
        let jti = jti.transpose()?;
        let payload = self.payload(pending, parameters, jti.as_deref())?;
        let signing = self.signing(client)?;
        let jws = signing.sign(&payload).await?;
        let told = self.is_observed().then(|| ResponseJwtDetails {
            algorithm: signing.algorithm().clone(),
            key_id: signing.key_id().map(str::to_owned),
            jti,
            sha256: Sha256::digest(&jws).into(),
            encryption: encrypting.as_ref().map(Encrypting::details),
        });
        let jwt = match encrypting {
            Some(encrypting) => encrypting.encrypt(jws).map_err(failed)?,
            None => jws,
        };
        let mut response = ResponseParameters::with_capacity(1);
        response
            .insert("response", jwt)
            .map_err(OutcomeError::from)?;
        Ok((response, told))
    }

    /// The claims set in JSON: parameters and hooks first, so that the library's own claims win.
    fn payload(
        &self,
        pending: &PendingResponse,
        parameters: ResponseParameters,
        jti: Option<&str>,
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
        Ok(claims.to_json(&RegisteredClaims {
            iss: &self.issuer,
            aud: &pending.client_id,
            exp: now.after(self.response_jwt_lifetime),
            iat: now,
            jti,
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
    fn algorithm(&self) -> &JwsAlgorithm {
        match self {
            Self::Key(key) => key.signer().algorithm(),
            Self::Secret { algorithm, .. } => algorithm,
        }
    }

    fn key_id(&self) -> Option<&str> {
        match self {
            Self::Key(key) => Some(key.signer().key_id()),
            Self::Secret { .. } => None,
        }
    }

    async fn sign(&self, payload: &[u8]) -> Result<String, Error> {
        let signed = match self {
            Self::Key(key) => key.sign(payload).await,
            Self::Secret {
                jws,
                algorithm,
                secret,
            } => jws.sign(algorithm, secret, payload),
        };
        signed.map_err(|source| Error::Signing {
            algorithm: self.algorithm().clone(),
            key_id: self.key_id().map(str::to_owned),
            source,
        })
    }
}
