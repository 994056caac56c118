use jarm_core::RequestParameters;

use crate::browser::Browser;

/// A request to the authorization endpoint: what oxide-auth reads of it, the parameters as they came, and the
/// browser that sent it.
///
/// In axum and actix-web it is an extractor: `JarmRequest<OAuthRequest>` in place of `OAuthRequest`. The
/// parameters of an authorization request are those of the query, as with oxide-auth.
#[derive(Debug)]
pub struct JarmRequest<R> {
    pub(crate) inner: R,
    pub(crate) parameters: RequestParameters,
    pub(crate) browser: Browser,
}

impl<R> JarmRequest<R> {
    /// Takes a front end's request, its query as it came, and its headers `Cookie`.
    ///
    /// For front ends other than these two. A query out of a map would hide duplicates. What a solicitor
    /// reads as the form of `inner` must come from the body of a `POST`: a link decides nothing.
    pub fn new(
        inner: R,
        query: impl AsRef<[u8]>,
        cookies: impl IntoIterator<Item: AsRef<[u8]>>,
    ) -> Self {
        Self {
            inner,
            parameters: RequestParameters::from_urlencoded(query),
            browser: Browser::with_cookies(cookies),
        }
    }

    /// Binds the ticket to a session of the host instead of to a cookie of its own.
    ///
    /// The session is a value that an attacker cannot give to somebody else's browser and that is
    /// the same when the consent form comes back, such as the id in the login's cookie. Then a page that one
    /// user was shown cannot be sent by another who logs in in the same browser.
    #[must_use]
    pub fn with_session(self, session: impl Into<String>) -> Self {
        Self {
            browser: Browser::Session(session.into()),
            ..self
        }
    }

    /// The request as the front end reads it.
    pub fn inner(&self) -> &R {
        &self.inner
    }
}
