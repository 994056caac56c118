//! The browser's session. A real server ties it to a login.

use std::fmt::Write as _;

use axum::http::HeaderMap;
use axum::http::header::{COOKIE, HOST, ORIGIN};
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
        let cookies = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok());
        let mut pairs = cookies
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='));
        let (_, own) = pairs.find(|(name, _)| *name == "session")?;
        let is_ours = own.len() == 64 && own.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_ours.then(|| Self(own.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The `Set-Cookie`. Behind TLS, add `Secure`.
    pub(crate) fn cookie(&self) -> String {
        format!("session={}; Path=/; HttpOnly; SameSite=Lax", self.0)
    }
}

/// Whether a form comes from a page of this server, as far as browsers tell; a script may leave
/// `Origin` out. Else whoever planted a cookie in the browser could have it send a form of theirs.
///
/// It does if `Origin` is the issuer's, also behind a proxy that changes `Host`, or if the server
/// was called by another name and it is that.
pub(crate) fn is_same_origin(headers: &HeaderMap, issuer: &str) -> bool {
    let Some(origin) = headers.get(ORIGIN) else {
        return true;
    };
    let Some((scheme, authority)) = origin.to_str().ok().and_then(|own| own.split_once("://"))
    else {
        return false;
    };
    let (issuer_scheme, rest) = issuer.split_once("://").unwrap_or_default();
    let issuer_authority = rest.split('/').next().unwrap_or_default();
    if authority == issuer_authority {
        return scheme == issuer_scheme;
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    Some(authority) == host
}
