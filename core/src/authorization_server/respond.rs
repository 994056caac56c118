use super::negotiate::can_carry;
use super::{AuthorizationServer, Error, PendingError, PendingResponse};
use crate::jose::{ClientSecret, ClientSecretJws, CompactJws, least_secret_length};
use crate::metadata::Client;
use crate::provider::{EncodeContext, ResponseModeProvider, ResponseRequest};
use crate::response::{
    AuthorizationResponse, ClaimsContext, EncodedResponse, OutcomeError, RegisteredClaims,
    ResponseClaims, ResponseParameters,
};
use crate::rules::Permission;
use crate::vocabulary::{ClientId, JwsAlgorithm, Protection, ResponseMode};

impl AuthorizationServer {
    /// Answers a pending response: the way of every success and every error to the client.
    ///
    /// `client` is the client as the host's store knows it now. What was negotiated is checked
    /// again: the answer is protected at least as strongly, or there is none.
    ///
    /// Issue the code after this call, or revoke it when this call fails.
    ///
    /// # Errors
    ///
    /// [`Error`] when there is no answer. Nothing has gone out then; show a page of your own with
    /// [`Error::http_status`].
    pub async fn respond(
        &self,
        pending: PendingResponse,
        client: &Client,
        outcome: impl Into<AuthorizationResponse> + Send,
    ) -> Result<EncodedResponse, Error> {
        let answered = self.answer(&pending, client, outcome.into()).await;
        match &answered {
            Ok(_) => tracing::debug!(
                response_mode = %pending.response_mode, client_id = ?client.client_id(), "authorization response encoded"
            ),
            Err(error) => error.log(client.client_id(), &pending.response_mode),
        }
        answered
    }

    async fn answer(
        &self,
        pending: &PendingResponse,
        client: &Client,
        outcome: AuthorizationResponse,
    ) -> Result<EncodedResponse, Error> {
        self.check(pending, client)?;
        let is_success = matches!(outcome, AuthorizationResponse::Success(_));
        if is_success
            && self
                .check_response_type(client, pending.response_type())
                .is_err()
        {
            return Err(Error::ResponseTypeWithdrawn(pending.client_id.clone()));
        }
        let provider = self.provider_in_force(pending, is_success)?;
        let mut parameters = outcome.into_parameters(pending.response_type.as_ref())?;
        if let Some(state) = &pending.state {
            parameters
                .insert("state", state.clone())
                .map_err(OutcomeError::from)?;
        }
        let parameters = match provider.protection() {
            Protection::Plain => self.with_issuer(parameters)?,
            Protection::Jwt => self.jwt(pending, client, parameters).await?,
        };
        let context = EncodeContext::new(provider, &pending.target, &self.encode);
        let encoded = provider.encode(
            &context.with_nonce(pending.csp_nonce.as_deref()),
            &parameters,
        )?;
        self.use_up(pending).await?;
        Ok(encoded)
    }

    fn check(&self, pending: &PendingResponse, client: &Client) -> Result<(), PendingError> {
        if pending.issuer != self.issuer {
            return Err(PendingError::OtherIssuer);
        }
        if pending.client_id != *client.client_id() {
            return Err(PendingError::OtherClient);
        }
        if pending.expires_at <= self.clock.now() {
            return Err(PendingError::Expired);
        }
        Ok(())
    }

    /// The provider of the negotiated mode, if the rules still let it carry this.
    fn provider_in_force(
        &self,
        pending: &PendingResponse,
        is_success: bool,
    ) -> Result<&dyn ResponseModeProvider, Error> {
        let withdrawn = || Error::ModeWithdrawn(pending.response_mode.clone());
        let provider = self
            .modes
            .provider(&pending.response_mode)
            .ok_or_else(withdrawn)?;
        if provider.protection() < pending.protection {
            return Err(withdrawn());
        }
        let request = ResponseRequest {
            client_id: &pending.client_id,
            response_type: pending.response_type.as_ref(),
            target: &pending.target,
            protection: provider.protection(),
        };
        let rule = self.types.rule(pending.response_type.as_ref());
        let permission = rule.permission(provider.carrier(), provider.protection());
        // An error carries no token and may travel wherever it was negotiated to.
        let is_allowed = !is_success || permission == Permission::Allowed;
        if is_allowed && can_carry(provider.as_ref(), &request).is_ok() {
            Ok(provider.as_ref())
        } else {
            Err(withdrawn())
        }
    }

    /// Plain responses name their issuer in a parameter of its own (RFC 9207 2).
    fn with_issuer(&self, mut parameters: ResponseParameters) -> Result<ResponseParameters, Error> {
        let issuer = self.issuer.as_str();
        match parameters.get("iss") {
            Some(own) if own.as_text() == issuer => {}
            _ => parameters
                .insert("iss", issuer.to_owned())
                .map_err(OutcomeError::from)?,
        }
        Ok(parameters)
    }

    /// The parameters as one `response` (JARM 2.1, 2.2).
    async fn jwt(
        &self,
        pending: &PendingResponse,
        client: &Client,
        parameters: ResponseParameters,
    ) -> Result<ResponseParameters, Error> {
        let response_type = pending.response_type.as_ref();
        let declared = self.types.declared_claims(response_type);
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
        let jti = self.jti()?;
        let payload = claims.to_json(&RegisteredClaims {
            iss: &self.issuer,
            aud: &pending.client_id,
            exp: now.after(self.response_jwt_lifetime),
            iat: now,
            jti: jti.as_deref(),
        })?;
        let jws = match self.signing(client)? {
            Signing::Key(key) => key.sign(&payload).await.map_err(|source| Error::Signing {
                algorithm: key.signer().algorithm().clone(),
                key_id: Some(key.signer().key_id().to_owned()),
                source,
            })?,
            Signing::Secret {
                jws,
                algorithm,
                secret,
            } => jws
                .sign(algorithm, secret, &payload)
                .map_err(|source| Error::Signing {
                    algorithm: algorithm.clone(),
                    key_id: None,
                    source,
                })?,
        };
        let mut response = ResponseParameters::with_capacity(1);
        response
            .insert("response", jws)
            .map_err(OutcomeError::from)?;
        Ok(response)
    }

    fn jti(&self) -> Result<Option<String>, Error> {
        match (&self.random, self.response_jwt_jti) {
            (Some(random), true) => {
                let mut id = [0; 16];
                random.fill(&mut id)?;
                Ok(Some(super::PendingId::new(id).as_str().to_owned()))
            }
            _ => Ok(None),
        }
    }

    /// What signs a client's responses now. Encryption that was registered is never left out.
    pub(super) fn signing<'a>(&'a self, client: &'a Client) -> Result<Signing<'a>, Error> {
        if client.metadata().wants_encryption() {
            return Err(Error::EncryptionUnavailable(client.client_id().clone()));
        }
        let registered = client.metadata().authorization_signed_response_alg.as_ref();
        let algorithm = registered.unwrap_or(&self.default_signing_alg);
        if algorithm.uses_client_secret() {
            let secret = client.secret_at(self.clock.now()).filter(|secret| {
                let is_long_enough = secret.as_bytes().len() >= least_secret_length(algorithm);
                is_long_enough && !client.metadata().is_public()
            });
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

    /// Comes last, so that a response that fails or is cut off can still be answered once.
    async fn use_up(&self, pending: &PendingResponse) -> Result<(), Error> {
        let Some(id) = &pending.id else { return Ok(()) };
        // The signer may have waited; a store may forget an id once it has expired.
        let now = self.clock.now();
        if pending.expires_at <= now {
            return Err(PendingError::Expired.into());
        }
        let is_first = self.one_time_ids.use_up(id, pending.expires_at, now).await;
        if is_first.map_err(Error::OneTimeIds)? {
            Ok(())
        } else {
            Err(PendingError::AlreadyUsed.into())
        }
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

impl Error {
    /// Tells the host's log what failed: mode, client, algorithm and key, never a parameter.
    pub(super) fn log(&self, client_id: &ClientId, response_mode: &ResponseMode) {
        let error: &dyn std::error::Error = self; // with its sources
        if self.http_status() == 400 {
            // Anybody can cause it.
            tracing::debug!(%response_mode, ?client_id, error, "no authorization response");
        } else {
            tracing::error!(%response_mode, ?client_id, error, "no authorization response");
        }
    }
}
