//! The browser's session, and who is logged in there.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::response::{AppendHeaders, IntoResponse, Response};
use jarm::clock::UnixTime;
use jarm::jose::RandomSourceError;

use crate::expiring::Expiring;
use crate::request::Request;
use crate::state::App;

/// Eight hours: a working day.
const LIFETIME: u64 = 8 * 3600;

/// Who is logged in.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) name: String,
    /// When they logged in: `auth_time`.
    pub(crate) since: UnixTime,
    /// The clients and scopes that they have approved in this session.
    pub(crate) approved: BTreeSet<String>,
}

impl User {
    /// Who approves everything where nobody is asked.
    pub(crate) fn alice(now: UnixTime) -> Self {
        Self::new("alice", now)
    }

    fn new(name: &str, now: UnixTime) -> Self {
        Self {
            name: name.to_owned(),
            since: now,
            approved: BTreeSet::new(),
        }
    }

    pub(crate) fn has_approved(&self, request: &Request) -> bool {
        self.approved.contains(&request.consent())
    }
}

/// A browser's session, as its cookie says; `None` when it has no cookie.
///
/// An unknown value is a session in which nobody is logged in, so nothing is kept for requests
/// of strangers.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    id: Option<String>,
}

impl FromRequestParts<Arc<App>> for Session {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Infallible> {
        let cookies = parts
            .headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|header| header.to_str().ok());
        let mut pairs = cookies
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        let id = pairs.find_map(|(name, value)| (name == "session").then(|| value.to_owned()));
        Ok(Self {
            id: id.filter(|id| id.len() == 43),
        })
    }
}

impl Session {
    /// The value to which forms are bound.
    pub(crate) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The user who is logged in.
    pub(crate) fn user(&self, app: &App) -> Option<User> {
        app.sessions.get(self.id()?, app.clock.now())
    }

    /// This session, or a new one where the browser has none.
    pub(crate) fn or_new(self, app: &App) -> Result<Self, RandomSourceError> {
        match self.id {
            Some(_) => Ok(self),
            None => Ok(Self {
                id: Some(app.random_text()?),
            }),
        }
    }

    /// Logs a user in. The session gets a new id, so that an id which somebody else planted in
    /// the browser gains nothing.
    pub(crate) fn log_in(app: &App, name: &str) -> Result<(Self, User), RandomSourceError> {
        let id = app.random_text()?;
        let now = app.clock.now();
        let user = User::new(name, now);
        app.sessions
            .insert(id.clone(), user.clone(), now.after(LIFETIME), now);
        Ok((Self { id: Some(id) }, user))
    }

    /// Remembers that the user approved something.
    pub(crate) fn remember(&self, app: &App, mut user: User, approved: String) {
        let Some(id) = &self.id else { return };
        let now = app.clock.now();
        let end = user.since.after(LIFETIME);
        user.approved.insert(approved);
        app.sessions.insert(id.clone(), user, end, now);
    }

    /// A response that sets the session's cookie.
    pub(crate) fn with_cookie(&self, app: &App, response: impl IntoResponse) -> Response {
        let Some(id) = &self.id else {
            return response.into_response();
        };
        let secure = if app.server.issuer().as_str().starts_with("https:") {
            "; Secure"
        } else {
            ""
        };
        let cookie = format!("session={id}; Path=/; HttpOnly; SameSite=Lax{secure}");
        (AppendHeaders([(SET_COOKIE, cookie)]), response).into_response()
    }
}

/// Users by session id.
pub(crate) type Sessions = Expiring<User>;
