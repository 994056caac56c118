//! The browser that was shown a page, by the session that its ticket is bound to.

use std::fmt::Write as _;

use jarm_core::authorization_server::{Error, PendingError};
use jarm_core::jose::RandomSourceError;
use jarm_core::{Issuer, cookie};

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
    /// One that sent these headers `Cookie`.
    pub(crate) fn with_cookies(headers: impl IntoIterator<Item: AsRef<[u8]>>) -> Self {
        let headers = headers.into_iter();
        let headers = headers.map(|header| String::from_utf8_lossy(header.as_ref()).into_owned());
        Self::Cookies(headers.collect::<Vec<_>>().join("; "))
    }

    /// The session that the browser has.
    pub(crate) fn session(self, issuer: &Issuer) -> Result<String, Error> {
        match self {
            Self::Session(id) => Ok(id),
            Self::Cookies(cookies) => {
                let mut own = cookie::values([cookies], Cookie::of(issuer).name);
                let own = own.find(|value| is_ours(value));
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

/// Whether a cookie is one that we have made.
fn is_ours(value: &str) -> bool {
    value.len() == 2 * COOKIE_BYTES && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_browser_gets_a_cookie_and_an_old_one_keeps_it() {
        let issuer: Issuer = "https://as.example".parse().unwrap();
        let first = Browser::with_cookies(["a=b"]);
        let begun = first.session_or_new(&issuer).unwrap();
        let set_cookie = begun.set_cookie.unwrap();
        assert!(set_cookie.starts_with("__Host-jarm-ticket="));
        assert!(set_cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"));
        let cookie = set_cookie.split(';').next().unwrap();
        let again = Browser::with_cookies(["a=b".to_owned(), format!("{cookie}; c=d")]);
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
            let browser = Browser::with_cookies([cookies]);
            assert!(browser.session(&issuer).is_err(), "{cookies}");
        }
    }

    /// Hosts beside this one set cookies for it, too, and so do careless scripts.
    #[test]
    fn the_cookies_of_others_neither_stand_for_ours_nor_hide_it() {
        let issuer: Issuer = "https://as.example".parse().unwrap();
        let [own, planted] = ["0a", "0b"].map(|octet| octet.repeat(COOKIE_BYTES));
        for space in ["\u{2000}", "\u{a0}", "\u{b}", "\t"] {
            let cookies = format!("{space}__Host-jarm-ticket={planted}; __Host-jarm-ticket={own}");
            let browser = Browser::with_cookies([cookies]);
            assert_eq!(browser.session(&issuer).unwrap(), own);
        }
        let latin_1 = [
            b"name=Jos\xe9; __Host-jarm-ticket=junk; __Host-jarm-ticket=",
            own.as_bytes(),
        ];
        let browser = Browser::with_cookies([latin_1.concat()]);
        assert_eq!(browser.session(&issuer).unwrap(), own);
    }
}
