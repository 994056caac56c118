use std::fmt;
use std::sync::Arc;

use url::{Host, Url};

use super::{RedirectUriError, RedirectUriPolicy};

/// A redirect URI that has been validated for the client: the permission to answer there.
///
/// It can be made in two ways only, both in this file, and no response can be encoded without
/// one; a plain string is not accepted anywhere ([RFC 9700 4.11]). The URI is kept byte for byte,
/// its own query included, and can only be appended to.
///
/// ```
/// use jarm_core::{RedirectTarget, RedirectUriPolicy};
///
/// let registered = ["https://client.example/cb?keep=1&x=%20a+b"];
/// let target = RedirectUriPolicy::default().select(&registered, Some(registered[0]))?;
/// assert_eq!(target.as_str(), registered[0]);
/// # Ok::<(), jarm_core::RedirectTargetError>(())
/// ```
///
/// A string is no target:
///
/// ```compile_fail
/// # use jarm_core::{AuthorizationServer, RequestParameters, metadata::Client};
/// async fn answer(server: &AuthorizationServer, client: &Client, request: &RequestParameters) {
///     let _ = server.negotiate(client, "https://evil.example", request).await;
/// }
/// ```
///
/// [RFC 9700 4.11]: https://www.rfc-editor.org/rfc/rfc9700#section-4.11
#[derive(Clone, PartialEq, Eq)]
pub struct RedirectTarget {
    uri: Arc<str>,
    is_web: bool,
}

impl RedirectTarget {
    /// Selects the target among the client's registered redirect URIs; see
    /// [`RedirectUriPolicy::select`].
    pub(super) fn select<R: AsRef<str>>(
        policy: &RedirectUriPolicy,
        registered: &[R],
        requested: Option<&str>,
    ) -> Result<Self, RedirectTargetError> {
        let uri = match (requested, registered) {
            (_, []) => return Err(RedirectTargetError::NoneRegistered),
            (None, [only]) => only.as_ref(),
            (None, _) => return Err(RedirectTargetError::Missing),
            (Some(requested), _) => {
                let known = registered
                    .iter()
                    .any(|own| matches(own.as_ref(), requested));
                if !known {
                    return Err(RedirectTargetError::NotRegistered);
                }
                requested
            }
        };
        Self::validated_by_host(policy, uri)
    }

    /// Takes a redirect URI that the host itself has matched against the client's registration.
    ///
    /// For hosts whose own code selects the redirect URI. The caller vouches for the match; what
    /// `policy` demands of any redirect URI is checked here. Never pass a URI straight from a
    /// request: that is an open redirector.
    ///
    /// # Errors
    ///
    /// [`RedirectTargetError::Unusable`] when the policy refuses the URI.
    pub fn validated_by_host(
        policy: &RedirectUriPolicy,
        uri: &str,
    ) -> Result<Self, RedirectTargetError> {
        policy.check(uri)?;
        Ok(Self::restored(uri))
    }

    /// A target whose URI was checked before it was stored.
    pub(crate) fn restored(uri: &str) -> Self {
        let scheme = uri.split(':').next().unwrap_or_default();
        let is_web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
        Self {
            uri: uri.into(),
            is_web,
        }
    }

    /// The redirect URI, byte for byte as registered.
    pub fn as_str(&self) -> &str {
        &self.uri
    }

    /// Whether the scheme is `https` or `http`, so that a browser can post to it or message it.
    pub fn is_web(&self) -> bool {
        self.is_web
    }

    /// The web origin, such as `https://client.example`, or `None` for a private-use scheme.
    ///
    /// Non-ASCII hosts are in their ASCII form. This is the exact `targetOrigin` for
    /// `window.postMessage`.
    pub fn origin(&self) -> Option<String> {
        let url = self.is_web.then(|| Url::parse(&self.uri).ok()).flatten()?;
        let origin = url.origin();
        origin.is_tuple().then(|| origin.ascii_serialization())
    }

    /// The source expression by which a content security policy names this target
    /// ([CSP 3, source expressions](https://www.w3.org/TR/CSP3/#framework-directive-source-list)).
    ///
    /// Add it to the `form-action` of your own login and consent pages: browsers apply that
    /// directive to the redirect that follows the form, too, and Chromium to those that the client
    /// answers with: a client that sends the user on to another origin needs pages without
    /// `form-action`. The result is an origin, or
    /// `scheme:` where an origin cannot be expressed; path and query never enter the header.
    pub fn csp_source(&self) -> String {
        let url = Url::parse(&self.uri).ok();
        // The grammar of policies has neither IPv6 addresses nor `_`, and a browser that does not
        // understand a source drops it.
        let has_host_source = url.is_some_and(|url| match url.host() {
            Some(Host::Domain(name)) => !name.contains('_'),
            Some(Host::Ipv4(_)) => true,
            Some(Host::Ipv6(_)) | None => false,
        });
        let scheme = || {
            self.uri
                .split(':')
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase()
        };
        match self.origin() {
            Some(origin) if has_host_source => origin,
            _ => format!("{}:", scheme()),
        }
    }

    /// The URI with `encoded` appended to its query; what the query already holds stays.
    pub(crate) fn with_query(&self, encoded: &str) -> String {
        let separator = match self.uri.split_once('?') {
            None => "?",
            Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
            Some(_) => "&",
        };
        [&self.uri, separator, encoded].concat()
    }

    /// The URI with `encoded` as its fragment.
    pub(crate) fn with_fragment(&self, encoded: &str) -> String {
        [&self.uri, "#", encoded].concat()
    }

    /// Whether the URI's own query has a parameter of this name.
    pub(crate) fn has_query_parameter(&self, name: &str) -> bool {
        self.uri.split_once('?').is_some_and(|(_, query)| {
            form_urlencoded::parse(query.as_bytes()).any(|(own, _)| own == name)
        })
    }
}

impl fmt::Debug for RedirectTarget {
    /// Shows the URI without its query, which belongs to the client.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.uri.split('?').next().unwrap_or_default();
        f.debug_tuple("RedirectTarget").field(&shown).finish()
    }
}

/// Simple string comparison, except that the port of a loopback IP address may differ.
fn matches(registered: &str, requested: &str) -> bool {
    if registered == requested {
        return true;
    }
    match (
        loopback_without_port(registered),
        loopback_without_port(requested),
    ) {
        (Some(registered), Some(requested)) => registered == requested,
        _ => false,
    }
}

/// Splits `http://127.0.0.1:PORT/rest` into its fixed parts; `None` for any other URI.
fn loopback_without_port(uri: &str) -> Option<(&'static str, &str)> {
    let (host, rest) = ["http://127.0.0.1", "http://[::1]"]
        .into_iter()
        .find_map(|host| Some((host, uri.strip_prefix(host)?)))?;
    let path = match rest.strip_prefix(':') {
        Some(port) => port.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    (path.is_empty() || path.starts_with(['/', '?'])).then_some((host, path))
}

/// Why there is no redirect target. The user is told on a local page, never by a redirect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RedirectTargetError {
    /// The request names no redirect URI and the client has several.
    #[error("redirect_uri is missing and the client has several registered")]
    Missing,
    /// The requested redirect URI is not among the registered ones.
    #[error("redirect_uri is not registered for this client")]
    NotRegistered,
    /// The client has no redirect URI at all.
    #[error("the client has no redirect_uris registered")]
    NoneRegistered,
    /// The redirect URI breaks the policy.
    #[error("redirect_uri cannot be used: {0}")]
    Unusable(#[from] RedirectUriError),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(
        registered: &[&str],
        requested: Option<&str>,
    ) -> Result<RedirectTarget, RedirectTargetError> {
        RedirectUriPolicy::default().select(registered, requested)
    }

    #[test]
    fn redirect_uris_are_compared_as_strings() {
        let registered = ["https://rp.example/cb"];
        assert!(select(&registered, Some("https://rp.example/cb")).is_ok());
        for other in [
            "https://rp.example/cb/",
            "https://RP.example/cb",
            "https://rp.example/cb?x",
            "https://rp.example:443/cb",
            "https://rp.example/c%62",
        ] {
            assert_eq!(
                select(&registered, Some(other)),
                Err(RedirectTargetError::NotRegistered),
                "{other}"
            );
        }
    }

    #[test]
    fn only_the_port_of_a_loopback_address_may_vary() {
        let registered = ["http://127.0.0.1/cb", "http://[::1]:1/cb?a=1"];
        for good in [
            "http://127.0.0.1:49152/cb",
            "http://[::1]:50000/cb?a=1",
            "http://[::1]/cb?a=1",
        ] {
            assert_eq!(select(&registered, Some(good)).unwrap().as_str(), good);
        }
        for bad in [
            "http://127.0.0.1:1/other",
            "https://127.0.0.1:1/cb",
            "http://127.0.0.1:1@evil.example/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://localhost:1/cb",
            "http://127.0.0.1:99999/cb",
            "http://127.0.0.1:x/cb",
        ] {
            assert!(select(&registered, Some(bad)).is_err(), "{bad}");
        }
        assert!(select(&["http://localhost:1/cb"], Some("http://localhost:2/cb")).is_err());
    }

    #[test]
    fn an_absent_redirect_uri_needs_a_single_registration() {
        assert!(select(&["https://rp.example/cb"], None).is_ok());
        assert_eq!(
            select(&["https://rp.example/a", "https://rp.example/b"], None),
            Err(RedirectTargetError::Missing)
        );
        assert_eq!(select(&[], None), Err(RedirectTargetError::NoneRegistered));
    }

    #[test]
    fn parameters_are_appended_and_nothing_else_changes() {
        let query = |uri: &str| select(&[uri], None).unwrap().with_query("response=j");
        assert_eq!(query("https://rp.example"), "https://rp.example?response=j");
        assert_eq!(
            query("https://rp.example/cb?"),
            "https://rp.example/cb?response=j"
        );
        assert_eq!(
            query("https://rp.example/cb?a=1"),
            "https://rp.example/cb?a=1&response=j"
        );
        assert_eq!(
            query("https://rp.example/cb?a=1&"),
            "https://rp.example/cb?a=1&response=j"
        );
        assert_eq!(
            query("https://rp.example/cb?keep=1&x=%20a+b&z"),
            "https://rp.example/cb?keep=1&x=%20a+b&z&response=j"
        );
        let fragment = select(&["https://rp.example/cb?a=1"], None)
            .unwrap()
            .with_fragment("response=j");
        assert_eq!(fragment, "https://rp.example/cb?a=1#response=j");
    }

    #[test]
    fn csp_sources_hold_no_path_query_or_separator() {
        let source = |uri: &str| select(&[uri], None).unwrap().csp_source();
        assert_eq!(
            source("https://rp.example/cb?x=1;script-src*"),
            "https://rp.example"
        );
        assert_eq!(
            source("https://rp.example:8443/cb"),
            "https://rp.example:8443"
        );
        assert_eq!(source("com.example.app:/cb"), "com.example.app:");
        assert_eq!(source("http://127.0.0.1:4000/cb"), "http://127.0.0.1:4000");
        assert_eq!(source("http://[::1]:4000/cb"), "http:");
        assert_eq!(source("https://r_p.example/cb"), "https:");
        assert_eq!(
            source("https://xn--bcher-kva.example/cb"),
            "https://xn--bcher-kva.example"
        );
        assert_eq!(
            source("COM.example.App://rp.example/cb"),
            "com.example.app:"
        );
    }
}
