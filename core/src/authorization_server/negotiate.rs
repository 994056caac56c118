use super::asked::Asked;
use super::decide::{Decision, Way};
use super::explanation::Reason;
use super::observer::{About, Outcome};
use super::pending::Negotiated;
use super::{
    AuthorizationServer, Error, Explanation, PendingId, PendingResponse, Refusal, RefusedRequest,
};
use crate::metadata::Client;
use crate::provider::ResponseModeProvider;
use crate::request::{RequestParameters, RequestSource};
use crate::response::EncodedResponse;
use crate::vocabulary::{Protection, RedirectTarget, ResponseType};

impl AuthorizationServer {
    /// Decides how a request will be answered, before the user is asked for anything.
    ///
    /// Call it once client and redirect URI are validated. It reads `response_type`,
    /// `response_mode` and `state` from the raw parameters, refuses a registered parameter that
    /// occurs twice, checks the combination by the
    /// [rules](crate::rules) and proves that the answer can be given: the key is there.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] that carries the way in which its error must be delivered. Hand it to
    /// [`refuse`](Self::refuse).
    pub async fn negotiate(
        &self,
        client: &Client,
        target: RedirectTarget,
        request: &RequestParameters,
    ) -> Result<PendingResponse, Refusal> {
        let begin = self.begin();
        let asked = Asked::read(request);
        let mut decision = self.decide(client, &target, &asked);
        let about = (&target, asked.response_type.as_ref());
        let proven = self.prove(client, about, &mut decision).await;
        let about = About {
            client_id: client.client_id(),
            response_type: asked.response_type.as_ref(),
            response_mode: decision.provider().map(ResponseModeProvider::response_mode),
        };
        let explanation = &decision.explanation;
        let outcome = match (&proven, &decision.way) {
            (Err(error), _) => Outcome::Failed {
                error,
                explanation: Some(explanation),
            },
            (Ok(_), Way::Local(error)) => Outcome::Refused { error, explanation },
            (Ok(_), Way::Answer { complaint, .. }) => match complaint {
                Some(error) => Outcome::Refused { error, explanation },
                None => Outcome::Negotiated { explanation },
            },
        };
        self.tell(about, begin, outcome);
        let negotiated = proven.map_err(Refusal::Failed)?;
        let (provider, complaint) = match decision.way {
            Way::Answer {
                provider,
                complaint,
            } => (provider, complaint),
            Way::Local(error) => return Err(Refusal::Local(error)),
        };
        let pending = PendingResponse {
            issuer: self.issuer.clone(),
            client_id: client.client_id().clone(),
            target,
            response_type: asked.response_type,
            requested: decision.requested,
            response_mode: provider.response_mode().clone(),
            negotiated,
            state: asked.state,
            expires_at: self.clock.now().after(self.pending_lifetime),
            id: request_uri(request).map(PendingId::of_pushed_request),
            request_uri: request_uri(request).map(str::to_owned),
            host_data: None,
            csp_nonce: None,
        };
        match complaint {
            None => Ok(pending),
            Some(error) => Err(Refusal::Answer(RefusedRequest {
                pending: Box::new(pending),
                error,
            })),
        }
    }

    /// Tells why a request is answered as it is, without answering it: for support staff and tests
    /// of a configuration, and never for the client.
    pub async fn explain(
        &self,
        client: &Client,
        target: &RedirectTarget,
        request: &RequestParameters,
    ) -> Explanation {
        let asked = Asked::read(request);
        let mut decision = self.decide(client, target, &asked);
        let about = (target, asked.response_type.as_ref());
        let _ = self.prove(client, about, &mut decision).await; // a failure is explained
        decision.explanation
    }

    /// Answers a refused request as the refusal says: to the client in its mode, or not at all.
    ///
    /// # Errors
    ///
    /// [`Error`] when the error must stay local: show a page of your own.
    pub async fn refuse(
        &self,
        refusal: Refusal,
        client: &Client,
    ) -> Result<EncodedResponse, Error> {
        match refusal {
            Refusal::Answer(RefusedRequest { pending, error }) => {
                self.respond(*pending, client, error).await
            }
            Refusal::Local(error) => Err(Error::Local(error)),
            Refusal::Failed(error) => Err(error),
        }
    }

    /// Proves that the answer can be given as decided, and concludes the explanation.
    async fn prove(
        &self,
        client: &Client,
        about: (&RedirectTarget, Option<&ResponseType>),
        decision: &mut Decision<'_>,
    ) -> Result<Negotiated, Error> {
        let proven = match decision.provider().map(ResponseModeProvider::protection) {
            Some(Protection::Jwt) => self.prove_jwt(client).await,
            Some(Protection::Plain) | None => Ok(Negotiated::Plain),
        };
        decision.concluded(proven.as_ref().err());
        let instead = decision
            .provider()
            .filter(|_| proven.is_ok())
            .and_then(|own| self.instead_of_redirect(own, client, about));
        if let Some((other, limit)) = instead {
            let response_mode = other.response_mode().clone();
            let reason = Reason::LongRedirect {
                response_mode,
                limit,
            };
            decision.explanation.reasons.push(reason);
        }
        proven
    }

    /// Proves that a response JWT can be made for the client.
    async fn prove_jwt(&self, client: &Client) -> Result<Negotiated, Error> {
        self.signing(client)?;
        let encrypting = self.encrypting(client).await?;
        Ok(encrypting.map_or(Negotiated::Signed, |_| Negotiated::Encrypted))
    }
}

/// The handle by which the request was pushed.
fn request_uri(request: &RequestParameters) -> Option<&str> {
    match request.source() {
        RequestSource::Pushed { request_uri, .. } => Some(request_uri),
        RequestSource::Parameters | RequestSource::RequestObject => None,
    }
}
