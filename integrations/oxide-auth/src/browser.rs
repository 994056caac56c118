//! The browser that was shown a page, by the session that its ticket is bound to.

use std::fmt::Write as _;

use jarm_core::Issuer;
use jarm_core::authorization_server::{Error, PendingError};
use jarm_core::jose::RandomSourceError;

/// The length of a random cookie in bytes, half of its length in text.
const COOKIE_BYTES: usize = 32;

/// What a ticket is bound to.
pub(crate) enum Browser {
    /// The host's session.
    Session(String),
    /// All cookies; ours is among them, or not yet.
    Cookies(String),
}

impl std::fmt::Debug for Browser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Session(_) => "Session(…)",
            Self::Cookies(_) => "Cookies(…)",
        })
    }
}

/// A browser's session, and the header that begins it.
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) set_cookie: Option<String>,
}

impl Browser {
    /// The session that the browser has.
    pub(crate) fn session(self, issuer: &Issuer) -> Result<String, Error> {
        match self {
            Self::Session(id) => Ok(id),
            Self::Cookies(cookies) => {
                let own = own_cookie(&cookies, Cookie::of(issuer).name).map(str::to_owned);
                own.ok_or_else(|| PendingError::NotAuthentic.into())
            }
        }
    }

    /// The session that the browser has, or a new one.
    pub(crate) fn session_or_new(self, issuer: &Issuer) -> Result<Session, Error> {
        let cookie = Cookie::of(issuer);
        if let Ok(id) = self.session(issuer) {
            return Ok(Session {
                id,
                set_cookie: None,
            });
        }
        let mut random = [0; COOKIE_BYTES];
        getrandom::getrandom(&mut random).map_err(|_| RandomSourceError)?;
        let id = random.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        let set_cookie = format!("{}={id}; {}", cookie.name, cookie.attributes);
        Ok(Session {
            id,
            set_cookie: Some(set_cookie),
        })
    }
}

struct Cookie {
    name: &'static str,
    attributes: &'static str,
}

impl Cookie {
    /// A neighbouring host cannot plant a `__Host-` cookie. It needs https, which an issuer on
    /// loopback may lack.
    fn of(issuer: &Issuer) -> Self {
        if issuer.as_str().starts_with("https:") {
            return Self {
                name: "__Host-jarm-ticket",
                attributes: "Path=/; HttpOnly; SameSite=Lax; Secure",
            };
        }
        Self {
            name: "jarm-ticket",
            attributes: "Path=/; HttpOnly; SameSite=Lax",
        }
    }
}

/// The value of the cookie, if it is one that we have made.
fn own_cookie<'a>(cookies: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = cookies.split(';').filter_map(|pair| {
        let (own, value) = pair.trim().split_once('=')?;
        (own == name).then_some(value)
    });
    let value = pairs.next()?;
    let is_ours =
        value.len() == 2 * COOKIE_BYTES && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_ours.then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_browser_gets_a_cookie_and_an_old_one_keeps_it() {
        let issuer: Issuer = "https://as.example".parse().unwrap();
        let first = Browser::Cookies("a=b".to_owned());
        let begun = first.session_or_new(&issuer).unwrap();
        let set_cookie = begun.set_cookie.unwrap();
        assert!(set_cookie.starts_with("__Host-jarm-ticket="));
        assert!(set_cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"));
        let cookie = set_cookie.split(';').next().unwrap();
        let again = Browser::Cookies(format!("a=b; {cookie}; c=d"));
        let again = again.session_or_new(&issuer).unwrap();
        assert_eq!((again.id, again.set_cookie), (begun.id, None));
    }

    #[test]
    fn a_cookie_that_is_not_ours_is_no_session() {
        let issuer: Issuer = "http://127.0.0.1:8020".parse().unwrap();
        for cookies in [
            "",
            "jarm-ticket=",
            "jarm-ticket=chosen",
            "__Host-jarm-ticket=00",
        ] {
            let browser = Browser::Cookies(cookies.to_owned());
            assert!(browser.session(&issuer).is_err(), "{cookies}");
        }
    }
}
