use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequest, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use jarm_core::client::{ArrivedResponse, ResponseVerifier, Transaction, VerifiedResponse};
use jarm_core::{Carrier, RequestParameters};
use tokio::time::{Instant, sleep_until};

use crate::Parameters;
use crate::relay::{self, FRAGMENT, Relay};

/// Refusals are told at the next multiple of this since the request came, so that the time does
/// not tell in which step verification ended.
const REFUSED_EVERY: Duration = Duration::from_millis(250);

/// What a client's state offers to [`Callback`].
pub trait ClientState: Send + Sync {
    /// Takes out what this browser asked for, so that a response counts once; by a cookie, as a
    /// rule. `None` when nothing is under way. A response that is refused has used its transaction
    /// up, too.
    ///
    /// A browser sends cookies with `SameSite=Lax`, which is right for them, along with a `GET`
    /// from another site, and not along with its `POST`: [`Callback`] has such a form posted once
    /// more, from the client's own site.
    fn take_transaction(&self, request: &Parts)
    -> impl Future<Output = Option<Transaction>> + Send;

    /// Who verifies responses of the transaction's issuer.
    fn verifier(&self, transaction: &Transaction) -> Option<Arc<ResponseVerifier>>;
}

impl<S: ClientState> ClientState for Arc<S> {
    fn take_transaction(
        &self,
        request: &Parts,
    ) -> impl Future<Output = Option<Transaction>> + Send {
        S::take_transaction(self, request)
    }

    fn verifier(&self, transaction: &Transaction) -> Option<Arc<ResponseVerifier>> {
        S::verifier(self, transaction)
    }
}

/// The verified response at a client's redirect URI, whatever the mode: mount its handler for
/// `GET` and `POST`.
///
/// A response in the fragment does not leave the browser: a `GET` without one is answered with a
/// page whose script hands it over. Everything that is not verified is answered alike
/// ([`CallbackRejection`]).
///
/// ```
/// use axum::extract::State;
/// use axum::http::StatusCode;
/// use jarm_axum::{Callback, ClientState};
/// # fn redeem(_: &str, _: &str) -> String { unimplemented!() }
///
/// async fn callback<S: ClientState>(
///     _: State<S>,
///     Callback { response, transaction, .. }: Callback,
/// ) -> Result<String, (StatusCode, String)> {
///     let refused = |error| (StatusCode::FORBIDDEN, format!("{error}"));
///     let success = response.into_outcome().map_err(refused)?;
///     let code = success.code.unwrap_or_default(); // there, because it was asked for
///     Ok(redeem(&code, transaction.code_verifier()))
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Callback {
    /// The response, verified.
    pub response: VerifiedResponse,
    /// What it answers.
    pub transaction: Transaction,
}

impl<S: ClientState> FromRequest<S> for Callback {
    type Rejection = CallbackRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, CallbackRejection> {
        let begin = Instant::now();
        let verified = Self::verify(request, state).await;
        if matches!(verified, Err(CallbackRejection::Refused)) {
            let quanta = begin.elapsed().div_duration_f64(REFUSED_EVERY).floor() + 1.0;
            sleep_until(begin + REFUSED_EVERY.mul_f64(quanta)).await;
        }
        verified
    }
}

impl Callback {
    async fn verify<S: ClientState>(
        request: Request,
        state: &S,
    ) -> Result<Self, CallbackRejection> {
        let (parts, body) = request.into_parts();
        let is_post = parts.method == Method::POST;
        // Not HEAD, which axum hands to the handler of GET: it would end the login.
        if !is_post && parts.method != Method::GET {
            return Err(CallbackRejection::Refused);
        }
        let request = Request::from_parts(parts.clone(), body);
        let parameters = Parameters::from_request(request, &()).await;
        let Parameters(parameters) = parameters.map_err(|_| CallbackRejection::Refused)?;
        if !is_post && !relay::holds_response(&parameters) {
            return Err(CallbackRejection::Relay(Relay::fragment()));
        }
        let transaction = match state.take_transaction(&parts).await {
            Some(transaction) => transaction,
            None if is_post
                && is_from_elsewhere(&parts.headers)
                && relay::is_small(&parameters) =>
            {
                return Err(CallbackRejection::Relay(Relay::repost(&parameters)));
            }
            None => return Err(CallbackRejection::Refused),
        };
        let verifier = state.verifier(&transaction);
        let verifier = verifier.ok_or(CallbackRejection::Refused)?;
        let carrier = if is_post && is_handed_over(&parts) {
            Carrier::Fragment
        } else if is_post {
            Carrier::Body
        } else {
            Carrier::Query
        };
        let arrived = ArrivedResponse::from_pairs(carrier, parameters.iter());
        match verifier.verify(&transaction, &arrived).await {
            Ok(response) => Ok(Self {
                response,
                transaction,
            }),
            Err(_logged) => Err(CallbackRejection::Refused),
        }
    }
}

/// Whether the page with the script posted it.
fn is_handed_over(parts: &Parts) -> bool {
    let query = RequestParameters::from_urlencoded(parts.uri.query().unwrap_or_default());
    query.iter().any(|pair| pair == FRAGMENT)
}

/// Whether the browser says that another site's page posted the form, and so kept cookies back.
fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site");
    site.is_some_and(|site| site == "cross-site")
}

/// What is sent instead of what the handler would have.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum CallbackRejection {
    /// Nothing was verified: status 400, and one sentence that is the same for every reason. The
    /// reason is in the log.
    Refused,
    /// A page that has the browser send the response once more, in a way in which it can be read.
    Relay(Relay),
}

impl IntoResponse for CallbackRejection {
    fn into_response(self) -> Response {
        match self {
            Self::Refused => {
                let headers = [("cache-control", "no-store")];
                let sentence = "The authorization response is not valid. Go back and try again.";
                (StatusCode::BAD_REQUEST, headers, sentence).into_response()
            }
            Self::Relay(relay) => relay.into_response(),
        }
    }
}
