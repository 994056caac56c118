use super::decide::can_carry;
use super::in_force::Unusable;
use super::long_redirect::Carried;
use super::observer::{About, Outcome, ResponseJwtDetails};
use super::pending::Negotiated;
use super::{AuthorizationServer, Error, PendingError, PendingResponse};
use crate::metadata::Client;
use crate::provider::{ResponseModeProvider, ResponseRequest};
use crate::response::{AuthorizationResponse, EncodedResponse, OutcomeError, ResponseParameters};
use crate::vocabulary::Protection;

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
        let begin = self.begin();
        let outcome = outcome.into();
        let error = match &outcome {
            AuthorizationResponse::Error(error) if begin.is_some() => Some(error.clone()),
            _ => None,
        };
        let answered = self.answer(&pending, client, outcome).await;
        let response_mode = match &answered {
            Ok((carried, _)) => carried.provider.response_mode(),
            Err(_) => pending.response_mode(),
        };
        let about = About {
            client_id: client.client_id(),
            response_type: pending.response_type(),
            response_mode: Some(response_mode),
        };
        let told = match &answered {
            Ok((carried, response_jwt)) => Outcome::Answered {
                error: error.as_ref(),
                response_jwt: response_jwt.as_ref(),
                long_redirect: carried.long_redirect.as_ref(),
            },
            Err(error) => Outcome::Failed {
                error,
                explanation: None,
            },
        };
        self.tell(about, begin, told);
        answered.map(|(carried, _)| carried.encoded)
    }

    async fn answer(
        &self,
        pending: &PendingResponse,
        client: &Client,
        outcome: AuthorizationResponse,
    ) -> Result<(Carried<'_>, Option<ResponseJwtDetails>), Error> {
        self.check(pending, client)?;
        let is_success = matches!(outcome, AuthorizationResponse::Success(_));
        if is_success
            && self
                .check_response_type(client, pending.response_type())
                .is_err()
        {
            return Err(Error::ResponseTypeWithdrawn(pending.client_id.clone()));
        }
        let provider = self.provider_in_force(pending, client, is_success)?;
        let mut parameters = outcome.into_parameters(pending.response_type.as_ref())?;
        if let Some(state) = &pending.state {
            parameters
                .insert("state", state.clone())
                .map_err(OutcomeError::from)?;
        }
        let (parameters, response_jwt) = match provider.protection() {
            Protection::Plain => (self.with_issuer(parameters)?, None),
            Protection::Jwt => self.jwt(pending, client, parameters).await?,
        };
        let carried = self.carry(provider, (pending, client), &parameters)?;
        self.use_up(pending).await?;
        Ok((carried, response_jwt))
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

    /// The provider of the negotiated mode, if rules and policy still let it carry this.
    fn provider_in_force(
        &self,
        pending: &PendingResponse,
        client: &Client,
        is_success: bool,
    ) -> Result<&dyn ResponseModeProvider, Error> {
        let withdrawn = || Error::ModeWithdrawn(pending.response_mode.clone());
        let provider = self
            .in_force
            .modes
            .provider(&pending.response_mode)
            .ok_or_else(withdrawn)?;
        let protection = provider.protection();
        if protection == Protection::Plain && pending.negotiated > Negotiated::Plain {
            return Err(withdrawn());
        }
        let response_type = pending.response_type.as_ref();
        let rule = self.in_force.types.rule(response_type);
        // A policy that became stricter while the user was asked holds.
        let admitted = if is_success {
            let requested = (&pending.requested, provider.as_ref());
            self.in_force.admits(client, response_type, requested, rule)
        } else {
            let in_force = &self.in_force;
            in_force.admits_error(client, response_type, protection)
        };
        admitted.map_err(|why| match why {
            Unusable::ByPolicy(setting) => Error::AgainstPolicy {
                client_id: pending.client_id.clone(),
                setting,
            },
            Unusable::ByRule(_) | Unusable::NotInForce => withdrawn(),
        })?;
        let request = ResponseRequest {
            client_id: &pending.client_id,
            response_type,
            target: &pending.target,
            protection,
        };
        can_carry(provider.as_ref(), &request).map_err(|_| withdrawn())?;
        Ok(provider.as_ref())
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

    /// Comes last, so that a response that fails or is cut off can still be answered once.
    async fn use_up(&self, pending: &PendingResponse) -> Result<(), Error> {
        let Some(id) = &pending.id else { return Ok(()) };
        // The signer may have waited; a store may forget an id once it has expired.
        let now = self.clock.now();
        if pending.expires_at <= now {
            return Err(PendingError::Expired.into());
        }
        if let Some(request_uri) = &pending.request_uri {
            let forgotten = self.pushed_requests.forget(request_uri).await;
            forgotten.map_err(Error::PushedRequests)?;
        }
        let is_first = self.one_time_ids.use_up(id, pending.expires_at, now).await;
        if is_first.map_err(Error::OneTimeIds)? {
            Ok(())
        } else {
            Err(PendingError::AlreadyUsed.into())
        }
    }
}
