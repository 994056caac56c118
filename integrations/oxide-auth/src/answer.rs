use jarm_core::response::EncodedResponse;

use crate::Ticket;

/// What goes to the browser.
#[derive(Debug)]
pub struct Answer<W> {
    content: Content<W>,
    ticket: Option<Ticket>,
    set_cookie: Option<String>,
}

/// A page of the host's own, or the authorization response.
#[derive(Debug)]
pub enum Content<W> {
    /// What the solicitor gave with `OwnerConsent::InProgress`: login, consent.
    Page(W),
    /// The answer to the client.
    Response(EncodedResponse),
}

impl<W> Answer<W> {
    pub(crate) fn page(page: W, ticket: Option<Ticket>) -> Self {
        Self {
            content: Content::Page(page),
            ticket,
            set_cookie: None,
        }
    }

    pub(crate) fn response(encoded: EncodedResponse) -> Self {
        Self {
            content: Content::Response(encoded),
            ticket: None,
            set_cookie: None,
        }
    }

    /// Begins a session with the cookie, if there is a ticket to be bound to it.
    pub(crate) fn in_session(mut self, set_cookie: Option<String>) -> Self {
        self.set_cookie = set_cookie.filter(|_| self.ticket.is_some());
        self
    }

    /// The page or the response.
    pub fn content(&self) -> &Content<W> {
        &self.content
    }

    /// The ticket that the solicitor was handed for its page, for the page's headers; none beside a
    /// response, which has a policy of its own.
    ///
    /// ```
    /// # use axum::http::header::CONTENT_SECURITY_POLICY;
    /// # use axum::response::{IntoResponse, Response};
    /// # use jarm_oxide_auth::Answer;
    /// # use oxide_auth_axum::OAuthResponse;
    /// fn send(answer: Answer<OAuthResponse>) -> Response {
    ///     let Some(ticket) = answer.ticket() else {
    ///         return answer.into_response();
    ///     };
    ///     let client = ticket.csp_source();
    ///     let policy = format!("default-src 'none'; frame-ancestors 'none'; form-action 'self' {client}");
    ///     ([(CONTENT_SECURITY_POLICY, policy)], answer).into_response()
    /// }
    /// # let _ = send;
    /// ```
    pub fn ticket(&self) -> Option<&Ticket> {
        self.ticket.as_ref()
    }

    /// The value of the header `Set-Cookie` that must go out with it, if any.
    pub fn set_cookie(&self) -> Option<&str> {
        self.set_cookie.as_deref()
    }

    /// Takes the page or the response out, for front ends other than axum and actix-web.
    pub fn into_content(self) -> Content<W> {
        self.content
    }
}
