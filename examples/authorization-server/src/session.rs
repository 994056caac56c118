//! The browser's session, and who is logged in there.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use jarm::clock::UnixTime;
use jarm::jose::RandomSourceError;

use crate::cookie::SESSION;
use crate::expiring::Expiring;
use crate::request::Consent;
use crate::state::App;

/// Eight hours: a working day.
const LIFETIME: u64 = 8 * 3600;

/// Who is logged in.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) name: String,
    /// When they logged in: `auth_time`.
    pub(crate) since: UnixTime,
    /// What they have approved in this session.
    pub(crate) approved: BTreeSet<Consent>,
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

    pub(crate) fn has_approved(&self, consent: Option<&Consent>) -> bool {
        consent.is_some_and(|consent| self.approved.contains(consent))
    }

    /// Whether they logged in less than `max_age` seconds ago. With 0 nobody did: it is
    /// equivalent to `prompt=login` (OpenID Connect Core 3.1.2.1).
    pub(crate) fn is_recent(&self, max_age: Option<u64>, now: UnixTime) -> bool {
        max_age.is_none_or(|seconds| self.since.after(seconds) > now)
    }
}

/// A browser's session, as its cookie says; `None` when it has no cookie.
///
/// An unknown value is a session in which nobody is logged in, so nothing is kept for requests
/// of strangers.
#[derive(Clone)]
pub(crate) struct Session {
    id: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Session
where
    App: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let app = App::from_ref(state);
        let id = SESSION.read(&app.server, &parts.headers);
        Ok(Self { id })
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
    /// the browser gains nothing. Whoever was logged in by the old id is not any more.
    pub(crate) fn log_in(self, app: &App, name: &str) -> Result<(Self, User), RandomSourceError> {
        let id = app.random_text()?;
        let now = app.clock.now();
        if let Some(old) = self.id {
            app.sessions.take(&old, now);
        }
        let user = User::new(name, now);
        app.sessions
            .insert(id.clone(), user.clone(), now.after(LIFETIME), now);
        Ok((Self { id: Some(id) }, user))
    }

    /// Remembers what the user approved, if they are logged in still.
    pub(crate) fn remember(&self, app: &App, consent: Consent) {
        let Some(id) = &self.id else { return };
        app.sessions.change(id, |user| {
            user.approved.insert(consent);
        });
    }

    /// A response that sets the session's cookie.
    pub(crate) fn with_cookie(&self, app: &App, response: impl IntoResponse) -> Response {
        let Some(id) = &self.id else {
            return response.into_response();
        };
        (SESSION.set(&app.server, id), response).into_response()
    }
}

impl fmt::Debug for Session {
    /// The id is as good as a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

/// Users by session id.
pub(crate) type Sessions = Expiring<User>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_ages() {
        let (user, at) = (
            User::alice(UnixTime::from_seconds(100)),
            UnixTime::from_seconds,
        );
        assert!(user.is_recent(None, at(999)) && user.is_recent(Some(u64::MAX), at(999)));
        assert!(user.is_recent(Some(10), at(109)));
        assert!(!user.is_recent(Some(10), at(110)));
        assert!(!user.is_recent(Some(0), at(100)));
    }

    #[test]
    fn debug_does_not_show_the_id() {
        let id = Some("canary".to_owned());
        assert_eq!(format!("{:?}", Session { id }), "Session { .. }");
    }
}
