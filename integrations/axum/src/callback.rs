use std::future::Future;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::request::Parts;
use axum::response::{AppendHeaders, IntoResponse, Response};
use jarm_core::client::{
    CallbackRejection, CallbackRequest, ResponseVerifier, Transaction, VerifiedResponse,
};
use tokio::time::{Instant, sleep_until};

use crate::Parameters;
use crate::answer::status;

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
/// ([`CallbackPage`]).
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
    type Rejection = CallbackPage;

    async fn from_request(request: Request, state: &S) -> Result<Self, CallbackPage> {
        let begin = Instant::now();
        let verified = Self::verify(request, state).await;
        if let Err(rejection) = &verified {
            sleep_until(begin + rejection.told_after(begin.elapsed())).await;
        }
        verified.map_err(CallbackPage)
    }
}

impl Callback {
    async fn verify<S: ClientState>(
        request: Request,
        state: &S,
    ) -> Result<Self, CallbackRejection> {
        let (parts, body) = request.into_parts();
        let request = Request::from_parts(parts.clone(), body);
        let parameters = Parameters::from_request(request, &()).await;
        let Parameters(parameters) = parameters.map_err(|_| CallbackRejection::unreadable())?;
        let site = parts.headers.get("sec-fetch-site");
        let request = CallbackRequest {
            method: parts.method.as_str(),
            query: parts.uri.query().unwrap_or_default(),
            sec_fetch_site: site.and_then(|site| site.to_str().ok()),
            parameters,
        };
        let take_transaction = || state.take_transaction(&parts);
        let verified = request.verify(take_transaction, |own| state.verifier(own));
        let (response, transaction) = verified.await?;
        Ok(Self {
            response,
            transaction,
        })
    }
}

/// The page that a browser is sent where nothing is verified: a refusal, or one that has it send
/// the response once more. Hosts that render the refusal themselves match on the rejection.
#[derive(Clone, Debug)]
pub struct CallbackPage(pub CallbackRejection);

impl IntoResponse for CallbackPage {
    fn into_response(self) -> Response {
        let Self(rejection) = self;
        let headers: Vec<_> = rejection.headers().collect();
        let body = rejection.body().to_owned();
        (
            status(rejection.status()),
            AppendHeaders(headers),
            Body::from(body),
        )
            .into_response()
    }
}
