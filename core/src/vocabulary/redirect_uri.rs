use url::Url;

use super::issuer::is_loopback;
use super::{InvalidValue, RESPONSE_PARAMETERS, RedirectTarget};

/// Schemes that run or read something on the user's machine: no opt-in admits them.
const NEVER: [&str; 20] = [
    "about",
    "blob",
    "chrome",
    "chrome-extension",
    "cid",
    "content",
    "data",
    "file",
    "filesystem",
    "ftp",
    "intent",
    "jar",
    "javascript",
    "mailto",
    "moz-extension",
    "resource",
    "vbscript",
    "view-source",
    "ws",
    "wss",
];

/// Which redirect URIs may be registered and answered to.
///
/// The default admits `https`, `http` on loopback, and private-use schemes that contain a dot
/// ([RFC 8252 7.1]). Everything else is a named opt-in. The same gate stands before every
/// response mode.
///
/// ```
/// use jarm_core::RedirectUriPolicy;
///
/// let policy = RedirectUriPolicy::default();
/// assert!(policy.check("https://client.example/cb?tenant=7").is_ok());
/// assert!(policy.check("com.example.app:/cb").is_ok());
/// assert!(policy.check("javascript:alert(1)").is_err());
/// assert!(policy.check("https://client.example/cb?code=1").is_err());
/// ```
///
/// [RFC 8252 7.1]: https://www.rfc-editor.org/rfc/rfc8252#section-7.1
#[derive(Clone, Debug, Default)]
pub struct RedirectUriPolicy {
    schemes: Vec<String>,
    http_beyond_loopback: bool,
}

impl RedirectUriPolicy {
    /// Also admits one private-use scheme without a dot, such as `myapp`.
    ///
    /// Any application on the user's device can claim such a scheme; prefer `com.example.app`.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when the scheme is malformed, `http` (see
    /// [`also_allow_http_beyond_loopback`](Self::also_allow_http_beyond_loopback)), or one that
    /// would run or read something on the user's machine.
    pub fn also_allow_scheme(mut self, scheme: &str) -> Result<Self, InvalidValue> {
        let scheme = scheme.to_ascii_lowercase();
        if !is_scheme(&scheme) || scheme == "http" || NEVER.contains(&scheme.as_str()) {
            return Err(InvalidValue(format!(
                "{scheme:?} cannot be allowed as a redirect URI scheme"
            )));
        }
        self.schemes.push(scheme);
        Ok(self)
    }

    /// Also admits `http` on hosts that are not loopback.
    ///
    /// Responses then cross the network in clear: for laboratories only ([RFC 9700 2.1]).
    ///
    /// [RFC 9700 2.1]: https://www.rfc-editor.org/rfc/rfc9700#section-2.1
    #[must_use]
    pub fn also_allow_http_beyond_loopback(mut self) -> Self {
        self.http_beyond_loopback = true;
        self
    }

    /// Checks a redirect URI, at registration and again before it is used.
    ///
    /// # Errors
    ///
    /// [`RedirectUriError`] says what is wrong; at registration it is `invalid_redirect_uri`.
    pub fn check(&self, uri: &str) -> Result<(), RedirectUriError> {
        if uri.is_empty() || uri.len() > 4096 {
            return Err(RedirectUriError::Length);
        }
        let printable = |byte: u8| (0x21..=0x7e).contains(&byte) && byte != b'\\';
        if !uri.bytes().all(printable) {
            return Err(RedirectUriError::Characters);
        }
        if uri.contains('#') {
            return Err(RedirectUriError::Fragment);
        }
        let (scheme, rest) = uri.split_once(':').ok_or(RedirectUriError::NotAbsolute)?;
        let scheme = scheme.to_ascii_lowercase();
        if !is_scheme(&scheme) {
            return Err(RedirectUriError::NotAbsolute);
        }
        let url = Url::parse(uri).map_err(|_| RedirectUriError::NotAbsolute)?;
        check_authority(rest)?;
        match scheme.as_str() {
            "https" => has_host(&url, rest)?,
            "http" if self.http_beyond_loopback || is_loopback(&url) => has_host(&url, rest)?,
            "http" => return Err(RedirectUriError::HttpBeyondLoopback),
            other if NEVER.contains(&other) => return Err(RedirectUriError::Scheme),
            other if other.contains('.') || self.schemes.iter().any(|own| own == other) => {}
            _ => return Err(RedirectUriError::Scheme),
        }
        // Else the client would see a parameter twice, or a forged one.
        let query = uri.split_once('?').map_or("", |(_, query)| query);
        for (name, _) in form_urlencoded::parse(query.as_bytes()) {
            if let Some(known) = RESPONSE_PARAMETERS.into_iter().find(|known| *known == name) {
                return Err(RedirectUriError::ResponseParameter(known));
            }
        }
        Ok(())
    }

    /// Selects the redirect target of a request among the client's registered redirect URIs.
    ///
    /// Compares by simple string comparison; only the port of a loopback IP address may differ
    /// ([RFC 9700 4.1.3], [RFC 8252 7.3]). Without a requested URI the client must have exactly
    /// one registered. See [`RedirectTarget`] for what the result keeps.
    ///
    /// # Errors
    ///
    /// [`RedirectTargetError`](super::RedirectTargetError): tell the user on a local page with
    /// status 400, never by a redirect ([RFC 6749 4.1.2.1]).
    ///
    /// [RFC 9700 4.1.3]: https://www.rfc-editor.org/rfc/rfc9700#section-4.1.3
    /// [RFC 8252 7.3]: https://www.rfc-editor.org/rfc/rfc8252#section-7.3
    /// [RFC 6749 4.1.2.1]: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1
    pub fn select<R: AsRef<str>>(
        &self,
        registered: &[R],
        requested: Option<&str>,
    ) -> Result<RedirectTarget, super::RedirectTargetError> {
        RedirectTarget::select(self, registered, requested)
    }
}

fn is_scheme(scheme: &str) -> bool {
    let tail = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(tail)
}

/// The authority, read as a URL parser reads it: between `//` and the next `/` or `?`.
fn authority(rest: &str) -> Option<&str> {
    rest.strip_prefix("//")?.split(['/', '?']).next()
}

fn check_authority(rest: &str) -> Result<(), RedirectUriError> {
    match authority(rest) {
        Some(authority) if authority.contains('@') => Err(RedirectUriError::UserInformation),
        _ => Ok(()),
    }
}

/// URL parsers read `https:client.example` and `https:///client.example` as if they had a proper
/// authority, `http://0x7f.1` as `http://127.0.0.1`, and admit `;` and `,` in a host, which would end
/// a directive of a content security policy. Refused is what two parsers could read differently.
fn has_host(url: &Url, rest: &str) -> Result<(), RedirectUriError> {
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    let is_as_written = authority(rest)
        .zip(url.host_str())
        .is_some_and(|(written, parsed)| {
            let port = written.get(parsed.len()..).unwrap_or("?");
            let host = written.get(..parsed.len()).unwrap_or_default();
            written.chars().all(plain)
                && !parsed.is_empty()
                && host.eq_ignore_ascii_case(parsed)
                && (port.is_empty() || port.starts_with(':'))
        });
    let is_there = authority(rest).is_some_and(|written| !written.is_empty());
    match (is_there, is_as_written) {
        (_, true) => Ok(()),
        (true, false) => Err(RedirectUriError::Host),
        (false, false) => Err(RedirectUriError::NotAbsolute),
    }
}

/// Why a redirect URI is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RedirectUriError {
    /// It is empty or longer than 4,096 bytes.
    #[error("a redirect URI has 1 to 4096 bytes")]
    Length,
    /// It has a control character, a space, a backslash or a character outside ASCII.
    #[error(
        "a redirect URI has no control characters, spaces, backslashes or non-ASCII characters; percent-encode them"
    )]
    Characters,
    /// It has a fragment, or an empty one.
    #[error("a redirect URI has no fragment: remove `#` and what follows")]
    Fragment,
    /// It is not an absolute URI.
    #[error("a redirect URI is absolute, such as https://client.example/callback")]
    NotAbsolute,
    /// Its host is written in a way that URL parsers change or do not agree on.
    #[error(
        "the host of a redirect URI is written as URL parsers write it: a name in ASCII, an IPv4 address in four \
         decimal numbers, or an IPv6 address in its shortest form"
    )]
    Host,
    /// It carries a user name or password.
    #[error("a redirect URI has no user information: remove what stands before `@`")]
    UserInformation,
    /// Its scheme is not admitted.
    #[error(
        "the scheme of a redirect URI is https, http on loopback, or a private-use scheme with a dot such as com.example.app"
    )]
    Scheme,
    /// It is `http` on a host that is not loopback.
    #[error("http redirect URIs are for loopback hosts only: use https")]
    HttpBeyondLoopback,
    /// Its query already has a parameter of authorization responses.
    #[error("the query of a redirect URI cannot hold the response parameter `{0}`")]
    ResponseParameter(&'static str),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirect_uris_are_https_loopback_or_private_use() {
        let policy = RedirectUriPolicy::default();
        for good in [
            "https://rp.example",
            "https://rp.example/cb?keep=1&x=%20a+b&z",
            "https://rp.example/cb?",
            "http://127.0.0.1:8080/cb",
            "http://[::1]/cb",
            "http://localhost/cb",
            "com.example.app:/cb",
            "com.example.app://cb",
            "https://rp.example/cb\"><script>",
        ] {
            assert_eq!(policy.check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn dangerous_and_malformed_redirect_uris_are_refused() {
        use RedirectUriError as E;
        let policy = RedirectUriPolicy::default();
        for (bad, why) in [
            ("", E::Length),
            ("https://rp.example/a b", E::Characters),
            ("https://rp.example/\u{e9}", E::Characters),
            ("java\tscript:alert(1)", E::Characters),
            ("https://rp.example\\@evil.example", E::Characters),
            ("https://rp.example/cb\r\nX: y", E::Characters),
            ("https://rp.example/cb#x", E::Fragment),
            ("https://rp.example/cb#", E::Fragment),
            ("/cb", E::NotAbsolute),
            ("rp.example/cb", E::NotAbsolute),
            ("https:rp.example/cb", E::NotAbsolute),
            ("https:/rp.example/cb", E::NotAbsolute),
            ("https:///rp.example/cb", E::NotAbsolute),
            ("http://0x7f.1/cb", E::Host),
            ("https://1/cb", E::Host),
            ("https://rp%2eexample/cb", E::Host),
            ("https://rp.example;script-src/cb", E::Host),
            ("https://rp.example,evil.example/cb", E::Host),
            ("https://user@rp.example/cb", E::UserInformation),
            ("https://user:pw@rp.example/cb", E::UserInformation),
            ("JavaScript:alert(1)", E::Scheme),
            ("javascript://rp.example/%0aalert(1)", E::Scheme),
            ("data:text/html,x", E::Scheme),
            ("blob:https://rp.example/1", E::Scheme),
            ("intent:x", E::Scheme),
            ("vbscript:x", E::Scheme),
            ("file:///etc/passwd", E::Scheme),
            ("myapp:/cb", E::Scheme),
            ("http://rp.example/cb", E::HttpBeyondLoopback),
            (
                "https://rp.example/cb?response=x",
                E::ResponseParameter("response"),
            ),
            (
                "https://rp.example/cb?a=1&c%6fde=x",
                E::ResponseParameter("code"),
            ),
            ("https://rp.example/cb?state", E::ResponseParameter("state")),
        ] {
            assert_eq!(policy.check(bad), Err(why), "{bad:?}");
        }
    }

    #[test]
    fn opt_ins_are_named_and_have_limits() {
        let policy = RedirectUriPolicy::default()
            .also_allow_scheme("myapp")
            .unwrap();
        assert_eq!(policy.check("myapp:/cb"), Ok(()));
        for never in NEVER.into_iter().chain(["http", "", "1x", "a b"]) {
            assert!(
                RedirectUriPolicy::default()
                    .also_allow_scheme(never)
                    .is_err(),
                "{never}"
            );
        }
        let laboratory = RedirectUriPolicy::default().also_allow_http_beyond_loopback();
        assert_eq!(laboratory.check("http://rp.example/cb"), Ok(()));
    }
}
