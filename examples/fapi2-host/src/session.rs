//! The browser's session. A real server ties it to a login.

use std::fmt::Write as _;

use axum::http::HeaderMap;
use axum::http::header::{COOKIE, ORIGIN};
use jarm::Issuer;
use jarm::authorization_server::Error;
use jarm::cookie;
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
        let is_ours =
            |own: &String| own.len() == 64 && own.bytes().all(|byte| byte.is_ascii_hexdigit());
        let mut cookies = cookie::values(headers.get_all(COOKIE), "session");
        cookies.find(is_ours).map(Self)
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
pub(crate) fn is_same_origin(headers: &HeaderMap, issuer: &Issuer) -> bool {
    let origin = headers.get(ORIGIN);
    origin.is_none_or(|origin| *origin == issuer.origin())
}
