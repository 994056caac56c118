//! What a request to the client's redirect URI is answered with, whatever the framework.

mod rejection;
mod relay;

use std::fmt;
use std::sync::Arc;

pub use rejection::{CallbackRejection, Unverified};
pub use relay::Relay;

use super::{ArrivedResponse, ResponseVerifier, Transaction, VerifiedResponse};
use crate::RequestParameters;
use crate::vocabulary::Carrier;

/// Parameters of which a response in a query has at least one; one to the type `none` has `state`.
const OF_RESPONSES: [&str; 4] = ["response", "code", "error", "state"];

/// A request to the client's redirect URI, in plain strings: what an integration takes out of its
/// framework's.
///
/// ```
/// use jarm_core::RequestParameters;
/// use jarm_core::client::{CallbackRejection, CallbackRequest};
///
/// # let waiting = std::pin::pin!(async {
/// let request = CallbackRequest {
///     method: "GET",
///     query: "tenant=7",
///     sec_fetch_site: Some("cross-site"),
///     parameters: RequestParameters::from_urlencoded("tenant=7"),
/// };
/// let verified = request.verify(async || None, |_| None).await; // yours: transaction and verifier
/// // The response may stand in the fragment: a page is sent that hands it over.
/// let Err(CallbackRejection::Relay(page)) = verified else { panic!() };
/// assert!(page.html().contains("location.hash"));
/// # });
/// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// # assert!(waiting.poll(&mut context).is_ready());
/// ```
///
/// `Debug` shows no parameter.
#[derive(Clone)]
pub struct CallbackRequest<'a> {
    /// The method, such as `GET`.
    pub method: &'a str,
    /// What stands behind the `?`, as it came, also in a POST.
    pub query: &'a str,
    /// The header `Sec-Fetch-Site`, if it came.
    pub sec_fetch_site: Option<&'a str>,
    /// The query of a GET, the form of a POST.
    pub parameters: RequestParameters,
}

impl CallbackRequest<'_> {
    /// Verifies the response, or says what is sent instead.
    ///
    /// `take_transaction` takes out what this browser asked for, so that a response counts once.
    /// It is not called for a request that cannot hold a response. `verifier` says who verifies
    /// responses of the transaction's issuer.
    ///
    /// # Errors
    ///
    /// [`CallbackRejection`]: send it, and not before
    /// [`told_after`](CallbackRejection::told_after).
    pub async fn verify<F>(
        self,
        take_transaction: impl FnOnce() -> F,
        verifier: impl FnOnce(&Transaction) -> Option<Arc<ResponseVerifier>>,
    ) -> Result<(VerifiedResponse, Transaction), CallbackRejection>
    where
        F: Future<Output = Option<Transaction>>,
    {
        let carrier = match self.method {
            "GET" => Carrier::Query,
            "POST" if self.is_handed_over() => Carrier::Fragment,
            "POST" => Carrier::Body,
            // HEAD among them, which frameworks hand to the handler of GET: it would end the login.
            _ => return Err(CallbackRejection::unreadable()),
        };
        let is_form = carrier != Carrier::Query;
        if !is_form && !self.holds_response() {
            return Err(CallbackRejection::Relay(Relay::fragment()));
        }
        let arrived = ArrivedResponse::from_pairs(carrier, self.parameters.iter());
        // A page takes many times what a form took that is full of small fields.
        let is_small = arrived.check_size().is_ok();
        let transaction = match take_transaction().await {
            Some(transaction) => transaction,
            None if is_form && self.is_from_elsewhere() && is_small => {
                return Err(CallbackRejection::Relay(Relay::repost(&self.parameters)));
            }
            None => return Err(Unverified::NothingUnderWay.rejected()),
        };
        let verifier = verifier(&transaction).ok_or_else(|| Unverified::NoVerifier.rejected())?;
        match verifier.verify(&transaction, &arrived).await {
            Ok(response) => Ok((response, transaction)),
            Err(refused) => Err(Unverified::Refused(Arc::new(refused)).rejected()),
        }
    }

    fn holds_response(&self) -> bool {
        let mut parameters = self.parameters.iter();
        parameters.any(|(name, _)| OF_RESPONSES.contains(&name))
    }

    /// Whether the page with the script posted it.
    fn is_handed_over(&self) -> bool {
        let query = RequestParameters::from_urlencoded(self.query);
        query.iter().any(|pair| pair == relay::FRAGMENT)
    }

    /// Whether the browser says that another site's page posted the form, and so kept cookies back.
    fn is_from_elsewhere(&self) -> bool {
        self.sec_fetch_site == Some("cross-site")
    }
}

impl fmt::Debug for CallbackRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackRequest")
            .field("method", &self.method)
            .field("sec_fetch_site", &self.sec_fetch_site)
            .finish_non_exhaustive()
    }
}
