//! Cookies that hold a random text: which there are, and how they are read and set.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName};
use axum::response::AppendHeaders;
use jarm::{AuthorizationServer, cookie};

/// How many characters 256 random bits have in base64url.
const LENGTH: usize = 43;

/// A cookie's name. Behind TLS it has a prefix, which keeps hosts beside this one from planting a
/// value of their own (RFC 6265bis 4.1.3.2).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cookie {
    name: &'static str,
    behind_tls: &'static str,
}

/// Who is logged in.
pub(crate) const SESSION: Cookie = Cookie {
    name: "session",
    behind_tls: "__Host-session",
};

/// What the built-in client asked for. Cookies are the same for all ports of a host, where others
/// may call theirs `transaction`.
pub(crate) const TRANSACTION: Cookie = Cookie {
    name: "built-in-client",
    behind_tls: "__Host-built-in-client",
};

impl Cookie {
    /// What the browser sent. What this server has not made is as good as nothing.
    pub(crate) fn read(self, server: &AuthorizationServer, headers: &HeaderMap) -> Option<String> {
        let (own, _) = self.name_and_attribute(server);
        let mut values = cookie::values(headers.get_all(COOKIE), own);
        values.find(|value| value.len() == LENGTH)
    }

    /// The header that sets it. `Lax`: it comes along when another site sends the browser here,
    /// and not with what that site posts.
    pub(crate) fn set(
        self,
        server: &AuthorizationServer,
        value: &str,
    ) -> AppendHeaders<[(HeaderName, String); 1]> {
        let (name, secure) = self.name_and_attribute(server);
        let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}");
        AppendHeaders([(SET_COOKIE, cookie)])
    }

    fn name_and_attribute(self, server: &AuthorizationServer) -> (&'static str, &'static str) {
        if server.issuer().as_str().starts_with("https:") {
            (self.behind_tls, "; Secure")
        } else {
            (self.name, "")
        }
    }
}
