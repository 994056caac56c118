use std::sync::Arc;

use super::arrived::LONGEST;
use super::decryption::{Decryption, DecryptionKeys};
use super::steps::{Decrypted, Expected};
use super::verified::parameters_of;
use super::{
    ArrivedResponse, IssuerKeySource, Reason, RefusedResponse, ResponseVerifierBuilder, Step,
    Transaction, VerifiedResponse,
};
use crate::clock::Clock;
use crate::jose::{JwsVerifier, RandomSource, RandomSourceError};
use crate::metadata::Client;
use crate::response::ResponseParameters;
use crate::vocabulary::{Issuer, JwsAlgorithm, Protection};

/// One client of one issuer: verifies the responses that arrive at its redirect URI ([JARM 2.4]).
///
/// It is made once, by [`builder`](Self::builder), and shared. Algorithms are those that the client
/// registered; nothing in a response picks another.
///
/// [JARM 2.4]: https://openid.net/specs/oauth-v2-jarm.html#section-2.4
#[derive(Debug)]
pub struct ResponseVerifier {
    pub(super) issuer: Issuer,
    pub(super) client: Client,
    pub(super) signing_alg: JwsAlgorithm,
    pub(super) verifier: Arc<dyn JwsVerifier>,
    /// `None` where the client's secret signs.
    pub(super) issuer_keys: Option<Arc<dyn IssuerKeySource>>,
    /// `None` where no encryption is registered.
    pub(super) decryption: Option<Decryption>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) clock_skew: u64,
    pub(super) longest_lifetime: Option<u64>,
    pub(super) sole_audience: bool,
    pub(super) iss_parameter: IssParameter,
}

/// Whether a plain response has to name its issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IssParameter {
    Required,
    MayBeMissing,
}

impl ResponseVerifier {
    /// Starts from the issuer as its metadata name it, and from the client with what it registered
    /// there and its secrets.
    pub fn builder(issuer: Issuer, client: Client) -> ResponseVerifierBuilder {
        ResponseVerifierBuilder::new(issuer, client)
    }

    /// The issuer whose responses are verified.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// Whom they are for.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Begins a transaction of this client with this issuer.
    ///
    /// # Errors
    ///
    /// [`RandomSourceError`] when there is no randomness.
    pub fn begin(&self, random: &dyn RandomSource) -> Result<Transaction, RandomSourceError> {
        let client_id = self.client.client_id().clone();
        Transaction::begin(self.issuer.clone(), client_id, random)
    }

    /// Verifies what arrived for a transaction.
    ///
    /// The transaction is the one of this user's browser, taken out of where it was kept.
    ///
    /// # Errors
    ///
    /// [`RefusedResponse`] when there is anything wrong with it. An error that the server sent is
    /// none: it is the [outcome](VerifiedResponse::outcome) of a verified response.
    pub async fn verify(
        &self,
        transaction: &Transaction,
        arrived: &ArrivedResponse,
    ) -> Result<VerifiedResponse, RefusedResponse> {
        let verified = self.verify_unlogged(transaction, arrived).await;
        verified.inspect_err(|refused| self.log(refused))
    }

    async fn verify_unlogged(
        &self,
        transaction: &Transaction,
        arrived: &ArrivedResponse,
    ) -> Result<VerifiedResponse, RefusedResponse> {
        let refuse = |reason| Step::Arrival.refuses(reason);
        let is_own = transaction.issuer() == &self.issuer
            && transaction.client_id() == self.client.client_id();
        if !is_own {
            return Err(refuse(Reason::OtherTransaction));
        }
        let registered = self.client.metadata();
        let (parameters, jwt_id) = match transaction.protection() {
            Protection::Jwt => {
                let response = arrived.jwt(transaction, registered).map_err(refuse)?;
                self.verify_jwt(response).await?
            }
            Protection::Plain => {
                let parameters = arrived.plain(transaction, registered).map_err(refuse)?;
                let named = self.check_iss_parameter(&parameters);
                named.map_err(|reason| Step::Issuer.refuses(reason))?;
                (parameters, None)
            }
        };
        let verified = VerifiedResponse::try_new(parameters, jwt_id, transaction)?;
        if verified.outcome().is_ok() {
            arrived
                .check_carrier(transaction, registered)
                .map_err(refuse)?;
        }
        Ok(verified)
    }

    /// Verifies a response JWT of which no transaction is known, to look at it: whether it answers
    /// anything that was asked, and in whose browser, is not known then. Nobody is logged in by
    /// that.
    ///
    /// # Errors
    ///
    /// [`RefusedResponse`], of the steps from decryption to signature, or of arrival if it is too
    /// long.
    pub async fn verify_without_transaction(
        &self,
        response: &str,
    ) -> Result<ResponseParameters, RefusedResponse> {
        let verified = self.verify_jwt(response).await;
        let (parameters, _) = verified.inspect_err(|refused| self.log(refused))?;
        Ok(parameters)
    }

    /// The numbered steps of [JARM 2.4](https://openid.net/specs/oauth-v2-jarm.html#section-2.4).
    async fn verify_jwt(
        &self,
        response: &str,
    ) -> Result<(ResponseParameters, Option<String>), RefusedResponse> {
        if response.len() > LONGEST {
            return Err(Step::Arrival.refuses(Reason::TooLong { limit: LONGEST }));
        }
        let expected = Expected {
            client_id: self.client.client_id(),
            sole_audience: self.sole_audience,
            now: self.clock.now(),
            skew: self.clock_skew,
            longest_lifetime: self.longest_lifetime,
        };
        // 1. Decryption.
        let decrypted = self.decrypted(response).await;
        let decrypted = decrypted.map_err(|reason| Step::Decryption.refuses(reason))?;
        // 2. The issuer, before any key of it is looked up.
        let of_issuer = decrypted.issued_by(&self.issuer)?;
        // 3. The audience. 4. Expiry.
        let for_client = of_issuer.with_claims(expected);
        // 5. The signature. Nothing can be read before.
        let verified = self.check_signature(for_client.jws()).await;
        let claims = for_client.with_signature(verified)?;
        let jwt_id = claims.get("jti").and_then(|jti| jti.as_str());
        let jwt_id = jwt_id.map(str::to_owned);
        Ok((parameters_of(claims), jwt_id))
    }

    /// What is registered decides whether it must be encrypted, and not what arrived.
    async fn decrypted(&self, response: &str) -> Result<Decrypted, Reason> {
        let is_encrypted = response.split('.').count() == 5;
        let (Some(decryption), Ok(Some(algorithms))) =
            (&self.decryption, self.client.metadata().encryption())
        else {
            if is_encrypted {
                return Err(Reason::EncryptedUnasked);
            }
            return Ok(Decrypted::new(response.to_owned()));
        };
        if !is_encrypted {
            return Err(Reason::NotEncrypted);
        }
        let keys = match algorithms.alg.least_secret_octets(algorithms.enc) {
            Some(least) => {
                let secrets = self.client.usable_secrets(self.clock.now(), least);
                DecryptionKeys::Secrets(secrets.collect())
            }
            None => DecryptionKeys::Private(&decryption.keys),
        };
        let jws = decryption.decrypt(response, algorithms, keys).await?;
        Ok(Decrypted::new(jws))
    }

    /// [RFC 9207 2.4](https://www.rfc-editor.org/rfc/rfc9207#section-2.4).
    fn check_iss_parameter(&self, parameters: &ResponseParameters) -> Result<(), Reason> {
        match parameters.get("iss").map(|iss| iss.as_text()) {
            Some(iss) if iss == self.issuer.as_str() => Ok(()),
            Some(_) => Err(Reason::OtherIssuer),
            None if self.iss_parameter == IssParameter::MayBeMissing => Ok(()),
            None => Err(Reason::Missing("iss")),
        }
    }

    fn log(&self, refused: &RefusedResponse) {
        let (issuer, client_id) = (&self.issuer, self.client.client_id());
        let (step, reason) = (refused.step(), refused.reason());
        let source = std::error::Error::source(reason).map(tracing::field::display);
        tracing::warn!(%issuer, %client_id, %step, %reason, source, "authorization response refused");
    }
}

const _: () = {
    const fn shareable<T: Send + Sync>() {}
    shareable::<ResponseVerifier>();
};
