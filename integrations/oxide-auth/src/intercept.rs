//! oxide-auth's flow, run so that its redirects do not go out.
//!
//! The endpoint, the request and the response of the host are wrapped. A response can be made a
//! redirect by one method alone, [`WebResponse::redirect`]; the wrapped one keeps the URL, and the
//! host's own response is never asked to.

use std::borrow::Cow;

use oxide_auth::endpoint::{
    AuthorizationFlow, Authorizer, Endpoint, Extension, Issuer, NormalizedParameter, OAuthError,
    OwnerConsent, OwnerSolicitor, QueryParameter, Registrar, Scopes, Solicitation, Template,
    WebRequest, WebResponse,
};
use url::Url;

/// What the flow came to.
pub(crate) enum Executed<W> {
    /// The page of the solicitor.
    Page(W),
    /// What oxide-auth would have sent to the client.
    Redirect(Option<Url>),
}

/// Why the flow came to nothing.
pub(crate) enum Stopped<E> {
    /// A primitive of the server failed.
    Primitive,
    /// Everything else.
    Endpoint(E),
}

/// Runs the flow for a query, which is not necessarily the one that the request came with.
pub(crate) fn execute<R, E, S>(
    endpoint: E,
    request: R,
    query: NormalizedParameter,
    solicitor: S,
) -> Result<Executed<R::Response>, Stopped<E::Error>>
where
    R: WebRequest,
    E: Endpoint<R>,
    S: FnMut(&mut R, Solicitation<'_>) -> OwnerConsent<R::Response>,
{
    let endpoint = Intercepted {
        endpoint,
        solicitor,
    };
    let request = InterceptedRequest { request, query };
    match AuthorizationFlow::prepare(endpoint)?.execute(request)? {
        InterceptedResponse::Page(page) => Ok(Executed::Page(page)),
        InterceptedResponse::Redirect(url) => Ok(Executed::Redirect(url)),
    }
}

struct Intercepted<E, S> {
    endpoint: E,
    solicitor: S,
}

impl<R, E, S> Endpoint<InterceptedRequest<R>> for Intercepted<E, S>
where
    R: WebRequest,
    E: Endpoint<R>,
    S: FnMut(&mut R, Solicitation<'_>) -> OwnerConsent<R::Response>,
{
    type Error = Stopped<E::Error>;

    fn registrar(&self) -> Option<&dyn Registrar> {
        self.endpoint.registrar()
    }

    fn authorizer_mut(&mut self) -> Option<&mut dyn Authorizer> {
        self.endpoint.authorizer_mut()
    }

    fn issuer_mut(&mut self) -> Option<&mut dyn Issuer> {
        self.endpoint.issuer_mut()
    }

    fn owner_solicitor(&mut self) -> Option<&mut dyn OwnerSolicitor<InterceptedRequest<R>>> {
        Some(self)
    }

    fn scopes(&mut self) -> Option<&mut dyn Scopes<InterceptedRequest<R>>> {
        None // they guard resources
    }

    fn response(
        &mut self,
        request: &mut InterceptedRequest<R>,
        mut kind: Template<'_>,
    ) -> Result<InterceptedResponse<R::Response>, Self::Error> {
        // The endpoint may explain an error. What it would send with it is not sent, and a granted
        // request is not shown to it: if it failed then, a code would be left over.
        if let Some(error) = kind.authorization_error() {
            let kind = Template::new_redirect(Some(error));
            let explained = self.endpoint.response(&mut request.request, kind);
            explained.map_err(Stopped::Endpoint)?;
        }
        Ok(InterceptedResponse::Redirect(None))
    }

    fn error(&mut self, error: OAuthError) -> Self::Error {
        let own = self.endpoint.error(error);
        match error {
            OAuthError::PrimitiveError => Stopped::Primitive,
            OAuthError::DenySilently | OAuthError::BadRequest => Stopped::Endpoint(own),
        }
    }

    fn web_error(&mut self, error: R::Error) -> Self::Error {
        Stopped::Endpoint(self.endpoint.web_error(error))
    }

    fn extension(&mut self) -> Option<&mut dyn Extension> {
        self.endpoint.extension()
    }
}

impl<R, E, S> OwnerSolicitor<InterceptedRequest<R>> for Intercepted<E, S>
where
    R: WebRequest,
    S: FnMut(&mut R, Solicitation<'_>) -> OwnerConsent<R::Response>,
{
    fn check_consent(
        &mut self,
        request: &mut InterceptedRequest<R>,
        solicitation: Solicitation<'_>,
    ) -> OwnerConsent<InterceptedResponse<R::Response>> {
        match (self.solicitor)(&mut request.request, solicitation) {
            OwnerConsent::Denied => OwnerConsent::Denied,
            OwnerConsent::InProgress(page) => {
                OwnerConsent::InProgress(InterceptedResponse::Page(page))
            }
            OwnerConsent::Authorized(owner) => OwnerConsent::Authorized(owner),
            OwnerConsent::Error(error) => OwnerConsent::Error(error),
        }
    }
}

struct InterceptedRequest<R> {
    request: R,
    query: NormalizedParameter,
}

impl<R: WebRequest> WebRequest for InterceptedRequest<R> {
    type Error = R::Error;
    type Response = InterceptedResponse<R::Response>;

    fn query(&mut self) -> Result<Cow<'_, dyn QueryParameter + 'static>, R::Error> {
        Ok(Cow::Borrowed(&self.query))
    }

    fn urlbody(&mut self) -> Result<Cow<'_, dyn QueryParameter + 'static>, R::Error> {
        self.request.urlbody()
    }

    fn authheader(&mut self) -> Result<Option<Cow<'_, str>>, R::Error> {
        self.request.authheader()
    }
}

enum InterceptedResponse<W> {
    /// Made by the solicitor; oxide-auth hands it on as it is.
    Page(W),
    /// Made by oxide-auth, which makes nothing but redirects here.
    Redirect(Option<Url>),
}

impl<W: WebResponse> WebResponse for InterceptedResponse<W> {
    type Error = W::Error;

    fn redirect(&mut self, url: Url) -> Result<(), W::Error> {
        *self = Self::Redirect(Some(url));
        Ok(())
    }

    fn ok(&mut self) -> Result<(), W::Error> {
        self.page(WebResponse::ok)
    }

    fn client_error(&mut self) -> Result<(), W::Error> {
        self.page(WebResponse::client_error)
    }

    fn unauthorized(&mut self, kind: &str) -> Result<(), W::Error> {
        self.page(|page| page.unauthorized(kind))
    }

    fn body_text(&mut self, text: &str) -> Result<(), W::Error> {
        self.page(|page| page.body_text(text))
    }

    fn body_json(&mut self, data: &str) -> Result<(), W::Error> {
        self.page(|page| page.body_json(data))
    }
}

impl<W: WebResponse> InterceptedResponse<W> {
    fn page(&mut self, write: impl FnOnce(&mut W) -> Result<(), W::Error>) -> Result<(), W::Error> {
        match self {
            Self::Page(page) => write(page),
            Self::Redirect(_) => Ok(()),
        }
    }
}
