//! The browser's session. A real server ties it to a login.

use std::fmt::Write as _;

use axum::http::HeaderMap;
use axum::http::header::{COOKIE, ORIGIN};
use jarm::authorization_server::Error;
use jarm::jose::{RandomSource as _, SystemRandom};

/// A random value in a cookie: 64 hexadecimal digits.
pub(crate) struct Session(String);

impl Session {
    pub(crate) fn new() -> Result<Self, Error> {
        let mut random = [0; 32];
        SystemRandom.fill(&mut random)?;
        Ok(Self(random.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })))
    }

    /// The session of a request's cookie.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let cookies = headers.get_all(COOKIE).iter();
        let mut pairs = cookies
            .filter_map(|value| value.to_str().ok())
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='));
        let (_, own) = pairs.find(|(name, _)| *name == "session")?;
        let is_ours = own.len() == 64 && own.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_ours.then(|| Self(own.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The `Set-Cookie`.
    pub(crate) fn cookie(&self, issuer: &str) -> String {
        let secure = if issuer.starts_with("https:") {
            "; Secure"
        } else {
            ""
        };
        format!("session={}; Path=/; HttpOnly; SameSite=Lax{secure}", self.0)
    }
}

/// Whether a form comes from a page of this server, as far as browsers tell; a script may leave
/// `Origin` out. Else whoever planted a cookie in the browser could have it send a form of theirs.
pub(crate) fn is_same_origin(headers: &HeaderMap, issuer: &str) -> bool {
    let own = issuer
        .match_indices('/')
        .nth(2)
        .map_or(issuer, |(end, _)| &issuer[..end]);
    headers.get(ORIGIN).is_none_or(|origin| origin == own)
}
