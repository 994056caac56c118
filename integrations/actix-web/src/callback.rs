use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::error::ErrorInternalServerError;
use actix_web::http::StatusCode;
use actix_web::rt::time::{Instant, sleep_until};
use actix_web::web::Data;
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse, ResponseError};
use jarm_core::client::{
    CallbackRejection, CallbackRequest, ResponseVerifier, Transaction, VerifiedResponse,
};

use crate::Parameters;
use crate::answer::status;

/// What a client's state offers to [`Callback`].
pub trait ClientState: 'static {
    /// Takes out what this browser asked for, so that a response counts once; by a cookie, as a
    /// rule. `None` when nothing is under way.
    ///
    /// A browser sends cookies with `SameSite=Lax`, which is right for them, along with a `GET`
    /// from another site, and not along with its `POST`: [`Callback`] has such a form posted once
    /// more, from the client's own site.
    fn take_transaction(&self, request: &HttpRequest) -> impl Future<Output = Option<Transaction>>;

    /// Who verifies responses of the transaction's issuer.
    fn verifier(&self, transaction: &Transaction) -> Option<Arc<ResponseVerifier>>;
}

/// The verified response at a client's redirect URI, whatever the mode: mount its handler for
/// `GET` and `POST`, in an app that holds the state as `Data<S>`.
///
/// A response in the fragment does not leave the browser: a `GET` without one is answered with a
/// page whose script hands it over. Everything that is not verified is answered alike
/// ([`CallbackPage`]).
///
/// ```
/// use actix_web::error::ErrorForbidden;
/// use actix_web::http::header::COOKIE;
/// use actix_web::web::{self, Data};
/// use actix_web::{App, HttpRequest, Result};
/// use jarm_actix_web::{Callback, ClientState};
/// use jarm_core::client::{InMemoryTransactions, ResponseVerifier, Transaction};
/// # use std::sync::Arc;
/// # fn redeem(_: &str, _: &str) -> String { unimplemented!() }
///
/// struct Client {
///     transactions: InMemoryTransactions,
///     verifier: Option<Arc<ResponseVerifier>>,
/// }
///
/// impl ClientState for Client {
///     async fn take_transaction(&self, request: &HttpRequest) -> Option<Transaction> {
///         self.transactions.take(request.headers().get_all(COOKIE))
///     }
///
///     fn verifier(&self, _: &Transaction) -> Option<Arc<ResponseVerifier>> {
///         self.verifier.clone()
///     }
/// }
///
/// async fn callback(callback: Callback<Client>) -> Result<String> {
///     let success = callback.response.into_outcome().map_err(ErrorForbidden)?;
///     let code = success.code.unwrap_or_default(); // there, because it was asked for
///     Ok(redeem(&code, callback.transaction.code_verifier()))
/// }
///
/// # fn app(client: Data<Client>) -> App<impl actix_web::dev::ServiceFactory<
/// #     actix_web::dev::ServiceRequest, Config = (), Error = actix_web::Error, InitError = ()>> {
/// App::new()
///     .app_data(client)
///     .route("/callback", web::get().to(callback))
///     .route("/callback", web::post().to(callback))
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Callback<S> {
    /// The response, verified.
    pub response: VerifiedResponse,
    /// What it answers.
    pub transaction: Transaction,
    /// The client's state, to which the transaction belongs.
    pub state: Data<S>,
}

impl<S: ClientState> FromRequest for Callback<S> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let Some(state) = request.app_data::<Data<S>>() else {
                return Err(ErrorInternalServerError("the app has no Data of the state"));
            };
            let begin = Instant::now();
            let verified = Self::verify(&request, payload, state).await;
            if let Err(rejection) = &verified {
                sleep_until(begin + rejection.told_after(begin.elapsed())).await;
            }
            Ok(verified.map_err(CallbackPage)?)
        })
    }
}

impl<S: ClientState> Callback<S> {
    async fn verify(
        request: &HttpRequest,
        mut payload: Payload,
        state: &Data<S>,
    ) -> Result<Self, CallbackRejection> {
        let parameters = Parameters::read(request, &mut payload).await;
        let Parameters(parameters) = parameters.map_err(|_| CallbackRejection::unreadable())?;
        let site = request.headers().get("sec-fetch-site");
        let arrived = CallbackRequest {
            method: request.method().as_str(),
            query: request.query_string(),
            sec_fetch_site: site.and_then(|site| site.to_str().ok()),
            parameters,
        };
        let take_transaction = || state.take_transaction(request);
        let verified = arrived.verify(take_transaction, |own| state.verifier(own));
        let (response, transaction) = verified.await?;
        Ok(Self {
            response,
            transaction,
            state: state.clone(),
        })
    }
}

/// The page that a browser is sent where nothing is verified: a refusal, or one that has it send
/// the response once more. Hosts that render the refusal themselves match on the rejection.
#[derive(Clone, Debug)]
pub struct CallbackPage(pub CallbackRejection);

impl fmt::Display for CallbackPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for CallbackPage {
    fn status_code(&self) -> StatusCode {
        status(self.0.status())
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        for header in self.0.headers() {
            response.append_header(header);
        }
        response.body(self.0.body().to_owned())
    }
}
