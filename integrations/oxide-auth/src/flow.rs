use std::fmt;
use std::sync::Arc;

use jarm_core::authorization_server::{CurrentServer, Error, PendingError};
use jarm_core::metadata::Client;
use jarm_core::response::AuthorizationError;
use jarm_core::{AuthorizationServer, ClientId, RedirectUriPolicy, RequestParameters};
use oxide_auth::endpoint::{Endpoint, OwnerConsent, Solicitation, WebRequest};

use crate::answer::Answer;
use crate::bound::Bound;
use crate::consent::Consent;
use crate::intercept::{Executed, Stopped, execute};
use crate::local_error::LocalError;
use crate::redirect::Appended;
use crate::request::JarmRequest;
use crate::ticket::Ticket;
use crate::unsent::{Unsent, revoke};

/// How a host finds a client as jarm knows it.
type Clients = dyn Fn(&ClientId) -> Option<Client> + Send + Sync;

/// oxide-auth's authorization flow, answered in the negotiated response mode.
///
/// Both methods take the endpoint as a closure, and call it whenever they need one: oxide-auth's
/// endpoints hold locks, and none is held while a signature is awaited. The endpoint's own
/// solicitor is not asked; the third argument is the solicitor.
///
/// Clones share everything.
#[derive(Clone)]
pub struct JarmFlow {
    server: Arc<CurrentServer>,
    clients: Arc<Clients>,
    policy: RedirectUriPolicy,
}

impl JarmFlow {
    /// Answers by `server`, for clients that `clients` finds.
    ///
    /// `clients` is asked for clients that the registrar knows, and returns them with the metadata
    /// that they registered: oxide-auth's registrar has no room for it. Without its metadata a
    /// client's responses are signed with the server's default and never encrypted. One that `clients` does
    /// not find is not answered.
    pub fn new(
        server: AuthorizationServer,
        clients: impl Fn(&ClientId) -> Option<Client> + Send + Sync + 'static,
    ) -> Self {
        Self::following(Arc::new(CurrentServer::new(server)), clients)
    }

    /// The same, by whichever server is current, so that it can be replaced and its keys rotated.
    pub fn following(
        server: Arc<CurrentServer>,
        clients: impl Fn(&ClientId) -> Option<Client> + Send + Sync + 'static,
    ) -> Self {
        Self {
            server,
            clients: Arc::new(clients),
            policy: RedirectUriPolicy::default(),
        }
    }

    /// Admits other redirect URIs than the default policy does.
    #[must_use]
    pub fn with_redirect_uri_policy(self, policy: RedirectUriPolicy) -> Self {
        Self { policy, ..self }
    }

    /// The server that answers, for its keys and metadata.
    pub fn server(&self) -> Arc<AuthorizationServer> {
        self.server.get()
    }

    /// Takes an authorization request: negotiates, then has oxide-auth judge it and `solicitor` decide.
    ///
    /// A consent page of the solicitor holds the ticket, and its form is posted to where
    /// [`resume`](Self::resume) is called.
    ///
    /// # Errors
    ///
    /// [`LocalError`]: nothing goes to the client, and no code can be used.
    pub async fn authorize<R, E>(
        &self,
        request: JarmRequest<R>,
        endpoint: impl Fn() -> E,
        solicitor: impl FnMut(&mut R, Solicitation<'_>, &Ticket) -> OwnerConsent<R::Response>,
    ) -> Result<Answer<R::Response>, LocalError<E::Error>>
    where
        R: WebRequest,
        E: Endpoint<R>,
    {
        let server = self.server();
        let JarmRequest {
            inner,
            parameters,
            browser,
        } = request;
        // 1. Who asks, and where may the answer go? The registrar says, not the request.
        let bound = Bound::by(&mut endpoint(), &parameters)?;
        let client = self.client(&bound.client_id)?;
        let target = bound.target(&self.policy)?;
        let session = browser.session_or_new(server.issuer())?;
        // 2. In which mode will it be answered? A refusal brings its own.
        let pending = match server.negotiate(&client, target, &parameters).await {
            Ok(pending) => pending,
            Err(refusal) => {
                let refused = server.refuse(refusal, &client).await?;
                return Ok(Answer::response(refused));
            }
        };
        // 3. What does oxide-auth think of it, and what the user?
        let consent = Consent::begin(&server, &client, &session.id, pending);
        let asked = Asked {
            server: &server,
            client: &client,
            bound,
            parameters,
        };
        let answer = asked.answer(inner, consent, endpoint, solicitor).await?;
        Ok(answer.in_session(session.set_cookie))
    }

    /// Takes the form of a page that holds a ticket, and runs the flow again for the request that was
    /// negotiated. The query of this request does not count.
    ///
    /// If the solicitor shows another page, its form holds the ticket again: it is the same.
    ///
    /// # Errors
    ///
    /// [`LocalError`]: nothing goes to the client, and no code can be used.
    pub async fn resume<R, E>(
        &self,
        request: JarmRequest<R>,
        endpoint: impl Fn() -> E,
        solicitor: impl FnMut(&mut R, Solicitation<'_>, &Ticket) -> OwnerConsent<R::Response>,
    ) -> Result<Answer<R::Response>, LocalError<E::Error>>
    where
        R: WebRequest,
        E: Endpoint<R>,
    {
        let server = self.server();
        let JarmRequest {
            mut inner,
            parameters: _,
            browser,
        } = request;
        let session = browser.session(server.issuer())?;
        // 1. What was asked in this browser?
        let ticket = ticket(&mut inner);
        let ticket = ticket.as_deref().and_then(Ticket::parse);
        let (client_id, sealed) = ticket.ok_or(Error::from(PendingError::NotAuthentic))?;
        let client = self.client(&client_id)?;
        let (consent, parameters) = Consent::resume(&server, &client, &session, sealed)?;
        // 2. May the answer still go there?
        let bound = Bound::by(&mut endpoint(), &parameters)?;
        if !consent.is_for(bound.redirect_uri.as_str()) {
            return Err(LocalError::Changed);
        }
        // 3. What do oxide-auth and the user think now?
        let asked = Asked {
            server: &server,
            client: &client,
            bound,
            parameters,
        };
        asked.answer(inner, consent, endpoint, solicitor).await
    }

    fn client(&self, client_id: &ClientId) -> Result<Client, Error> {
        let client = (self.clients)(client_id).ok_or(Error::UnknownClient)?;
        // Another client's keys and secret must not answer for this one.
        if client.client_id() == client_id {
            Ok(client)
        } else {
            Err(Error::UnknownClient)
        }
    }
}

impl fmt::Debug for JarmFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JarmFlow")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

/// A request that was negotiated.
struct Asked<'a> {
    server: &'a AuthorizationServer,
    client: &'a Client,
    bound: Bound,
    parameters: RequestParameters,
}

impl Asked<'_> {
    async fn answer<R, E>(
        self,
        request: R,
        mut consent: Consent<'_>,
        endpoint: impl Fn() -> E,
        mut solicitor: impl FnMut(&mut R, Solicitation<'_>, &Ticket) -> OwnerConsent<R::Response>,
    ) -> Result<Answer<R::Response>, LocalError<E::Error>>
    where
        R: WebRequest,
        E: Endpoint<R>,
    {
        let query = self.parameters.present();
        let query = query.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let query = query.collect();
        let mut not_shown = None;
        let executed = execute(
            endpoint(),
            request,
            query,
            |request: &mut R, solicitation| {
                match consent.ticket(&solicitation, &self.parameters) {
                    Ok(ticket) => solicitor(request, solicitation, ticket),
                    Err(error) => {
                        not_shown = Some(error);
                        OwnerConsent::Denied // and answered by nobody: see below
                    }
                }
            },
        );
        if let Some(error) = not_shown {
            return Err(error);
        }
        let redirect = match executed {
            Ok(Executed::Page(page)) => {
                return Ok(Answer::page(page, consent.into_ticket()));
            }
            Ok(Executed::Redirect(redirect)) => redirect,
            Err(Stopped::Endpoint(error)) => return Err(LocalError::Endpoint(error)),
            Err(Stopped::Primitive) => {
                let error = AuthorizationError::server_error();
                let pending = consent.into_pending()?;
                let encoded = self.server.respond(pending, self.client, error).await?;
                return Ok(Answer::response(encoded));
            }
        };
        let appended = redirect.and_then(|url| Appended::split(&url, &self.bound.redirect_uri));
        let appended = appended.ok_or(LocalError::UnexpectedRedirect)?;
        // The code is in the authorizer already. It stays there only if it goes out.
        let unsent = Unsent::new(appended.code(), |code| revoke(&mut endpoint(), code));
        let outcome = appended.outcome().ok_or(LocalError::UnexpectedRedirect)?;
        let pending = consent.into_pending()?;
        let encoded = self.server.respond(pending, self.client, outcome).await?;
        unsent.sent();
        Ok(Answer::response(encoded))
    }
}

/// The ticket in a form.
fn ticket<R: WebRequest>(request: &mut R) -> Option<String> {
    let form = request.urlbody().ok()?;
    Some(form.unique_value(Ticket::NAME)?.into_owned())
}
