use super::issuer::is_loopback;
use super::{InvalidValue, wire_form};

/// The `jwks_uri` of a client or an authorization server: an `https` URL; `http` on loopback hosts
/// only, as with an [`Issuer`](super::Issuer) ([RFC 7591 2], [RFC 8414 2]).
///
/// Whether an address may be connected to is for whoever fetches to decide.
///
/// [RFC 7591 2]: https://www.rfc-editor.org/rfc/rfc7591#section-2
/// [RFC 8414 2]: https://www.rfc-editor.org/rfc/rfc8414#section-2
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct JwksUri(String);

impl JwksUri {
    /// Takes a URL.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when it is no absolute URL with the scheme `https`, or `http` on a loopback
    /// host, or has user info or a fragment.
    pub fn try_new(url: impl Into<String>) -> Result<Self, InvalidValue> {
        let url = url.into();
        let is_visible = url.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
        let parsed = url::Url::parse(&url).ok().filter(|_| is_visible);
        let is_sound = parsed.is_some_and(|parsed| {
            (parsed.scheme() == "https" || parsed.scheme() == "http" && is_loopback(&parsed))
                && parsed.username().is_empty()
                && parsed.password().is_none()
                && parsed.fragment().is_none()
        });
        if !is_sound {
            let why =
                "a jwks_uri is an https URL without user info and fragment (http on loopback only)";
            return Err(InvalidValue(why.into()));
        }
        Ok(Self(url))
    }

    /// The URL as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

wire_form!(JwksUri);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jwks_uri_is_fetched_over_https() {
        assert!(JwksUri::try_new("https://client.example/jwks?v=1").is_ok());
        assert!(JwksUri::try_new("http://127.0.0.1:4000/jwks").is_ok());
        for other in [
            "http://client.example/jwks",
            "file:///etc/passwd",
            "https://user@client.example/jwks",
            "https://:word@client.example/jwks",
            "https://client.example/jwks#x",
            "https://client.example/j\twks",
            "/jwks",
            "",
        ] {
            assert!(JwksUri::try_new(other).is_err(), "{other}");
        }
    }
}
