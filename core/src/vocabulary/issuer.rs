use std::sync::Arc;

use url::{Host, Url};

use super::{InvalidValue, wire_form};

/// The authorization server's issuer identifier, kept byte for byte.
///
/// It is the `iss` of every response, plain or JWT, and must equal the `issuer` in the server's
/// metadata exactly ([RFC 8414 2], [RFC 9207 2]). Cheap to clone.
///
/// ```
/// use jarm_core::Issuer;
///
/// let issuer: Issuer = "https://as.example.com".parse()?;
/// assert_eq!(issuer.as_str(), "https://as.example.com", "no slash is added");
/// assert!("http://as.example.com".parse::<Issuer>().is_err());
/// # Ok::<(), jarm_core::InvalidValue>(())
/// ```
///
/// [RFC 8414 2]: https://www.rfc-editor.org/rfc/rfc8414#section-2
/// [RFC 9207 2]: https://www.rfc-editor.org/rfc/rfc9207#section-2
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Issuer(Arc<str>);

impl Issuer {
    /// Makes an issuer identifier.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when it is not an absolute `https` URL without query, fragment and user
    /// information; `http` is accepted on loopback hosts only.
    pub fn try_new(value: impl Into<Arc<str>>) -> Result<Self, InvalidValue> {
        let value = value.into();
        let refuse = |why: &str| Err(InvalidValue(format!("{value:?} is not an issuer: {why}")));
        if !value.bytes().all(|byte| (0x21..=0x7e).contains(&byte)) {
            return refuse("it has characters that a URL cannot hold");
        }
        let Ok(url) = Url::parse(&value) else {
            return refuse("write an absolute URL such as https://as.example.com");
        };
        // What is written counts: the parser repairs `HTTPS:as.example`, and `iss` would not be.
        let is_written = |scheme: &str| {
            let rest = value.strip_prefix(scheme);
            rest.is_some_and(|rest| !rest.starts_with('/'))
        };
        if !(is_written("https://") || is_written("http://") && is_loopback(&url)) {
            return refuse("the scheme is https:// (http:// on loopback only)");
        }
        if url.host().is_none() {
            return refuse("it has no host");
        }
        if value.contains(['?', '#', '\\']) || value.contains('@') {
            return refuse("it has no query, fragment or user information");
        }
        Ok(Self(value))
    }

    /// The identifier, byte for byte.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The origin of its URL, as browsers write it in `Origin`: in lower case, without a path and without
    /// the scheme's own port ([RFC 6454 6.2]).
    ///
    /// [RFC 6454 6.2]: https://www.rfc-editor.org/rfc/rfc6454#section-6.2
    pub fn origin(&self) -> String {
        let url = Url::parse(&self.0);
        url.map_or_else(
            |_| "null".to_owned(),
            |url| url.origin().ascii_serialization(),
        )
    }
}

/// Whether a URL's host is the machine itself (RFC 8252 7.3 and 8.3).
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(domain)) => domain == "localhost",
        None => false,
    }
}

wire_form!(Issuer);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_do() {
        for (issuer, origin) in [
            ("https://a.example", "https://a.example"),
            ("https://A.example:443/Tenant/", "https://a.example"),
            ("https://a.example:8443/", "https://a.example:8443"),
            ("http://127.0.0.1:80/x", "http://127.0.0.1"),
            ("http://[::1]:4000", "http://[::1]:4000"),
        ] {
            assert_eq!(Issuer::try_new(issuer).unwrap().origin(), origin);
        }
    }

    #[test]
    fn an_issuer_is_https_without_query_or_fragment() {
        for good in [
            "https://a.example",
            "https://a.example/",
            "https://a.example/t/1",
            "http://127.0.0.1:4000",
            "http://[::1]:1",
            "http://localhost",
        ] {
            assert_eq!(Issuer::try_new(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "a.example",
            "http://a.example",
            "https://a.example?x",
            "https://a.example#x",
            "https://u@a.example",
            "https://",
            "https://a.example/\n",
            "ftp://a.example",
            "HTTPS://a.example",
            "https:a.example",
            "https:/a.example",
            "https:///a.example",
            "http://localhost.evil.example",
        ] {
            assert!(Issuer::try_new(bad).is_err(), "{bad}");
        }
    }
}
