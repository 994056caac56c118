//! oxide-auth's redirects, read back: what it appended to the redirect URI that the registrar bound.

use jarm_core::response::{AuthorizationError, AuthorizationResponse, ErrorCode};
use oxide_auth::primitives::registrar::RegisteredUrl;
use url::Url;

/// The parameters that oxide-auth appended, in order. What the redirect URI held itself is not among them,
/// even where it has the same name.
pub(crate) struct Appended(Vec<(String, String)>);

impl Appended {
    /// Splits a redirect where the bound redirect URI ends. `None`, if it does not begin with it.
    pub(crate) fn split(redirect: &Url, bound: &RegisteredUrl) -> Option<Self> {
        // What is appended to is the URI as it was parsed, not as it was written.
        let bound = bound.to_url();
        if bound.fragment().is_some() || redirect.fragment().is_some() {
            return None;
        }
        let rest = redirect.as_str().strip_prefix(bound.as_str())?;
        let appended = match bound.query() {
            None => rest.strip_prefix('?')?,
            Some("") => rest,
            Some(_) => rest.strip_prefix('&')?,
        };
        let pairs = form_urlencoded::parse(appended.as_bytes());
        Some(Self(pairs.into_owned().collect()))
    }

    pub(crate) fn code(&self) -> Option<&str> {
        self.single("code")
    }

    /// What it says. `state` is left out: the pending response has it. `None` for what is neither a
    /// code nor an error, or has more than oxide-auth appends.
    pub(crate) fn outcome(&self) -> Option<AuthorizationResponse> {
        if let Some(code) = self.code() {
            self.has_only(&["code", "state"])?;
            return Some(AuthorizationResponse::code(code));
        }
        // RFC 6749 4.1.2.1 calls them error_description and error_uri; oxide-auth does not.
        self.has_only(&["error", "description", "uri", "state"])?;
        let code = ErrorCode::try_new(self.single("error")?.to_owned()).ok()?;
        let mut error = AuthorizationError::new(code);
        if let Some(description) = self.single("description") {
            error = error.description(description.to_owned());
        }
        if let Some(uri) = self.single("uri") {
            error = error.clone().uri(uri.to_owned()).unwrap_or(error);
        }
        Some(error.into())
    }

    fn single(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(own, _)| own == name);
        values.next().map(|(_, value)| value.as_str())
    }

    fn has_only(&self, names: &[&str]) -> Option<()> {
        let is_known = |(own, _): &(String, String)| names.contains(&own.as_str());
        let is_once = |name: &&str| self.0.iter().filter(|(own, _)| own == name).count() < 2;
        (self.0.iter().all(is_known) && names.iter().all(is_once)).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use oxide_auth::code_grant::authorization::ErrorUrl;
    use oxide_auth::code_grant::error::{
        AuthorizationError as OxideError, AuthorizationErrorType as Kind,
    };
    use oxide_auth::primitives::registrar::ExactUrl;

    use super::*;

    fn bound(uri: &str) -> RegisteredUrl {
        ExactUrl::new(uri.to_owned()).unwrap().into()
    }

    /// What `Pending::authorize` of oxide-auth does.
    fn success(bound: &RegisteredUrl, code: &str, state: Option<&str>) -> Url {
        let mut url = bound.to_url();
        url.query_pairs_mut()
            .append_pair("code", code)
            .extend_pairs(state.map(|state| ("state", state)));
        url
    }

    #[test]
    fn a_code_is_what_follows_the_bound_redirect_uri() {
        for uri in [
            "https://client.example",
            "https://client.example/cb",
            "https://client.example/cb?",
            "https://client.example/cb?a=1",
            "https://client.example/cb?a=1&",
            "https://client.example/cb?x=%20a+b&z",
            "https://CLIENT.example:443/a/../cb?a=%7e'",
        ] {
            let bound = bound(uri);
            let redirect = success(&bound, "a+b/c==", Some("a+b c&d=é"));
            let appended = Appended::split(&redirect, &bound).unwrap();
            assert_eq!(appended.code(), Some("a+b/c=="), "{uri}");
            assert_eq!(
                appended.outcome(),
                Some(AuthorizationResponse::code("a+b/c==")),
                "{uri}"
            );
        }
    }

    #[test]
    fn parameters_of_the_redirect_uri_itself_are_never_the_answer() {
        let bound = bound("https://client.example/cb?code=forged&state=forged");
        let redirect = success(&bound, "real", None);
        let appended = Appended::split(&redirect, &bound).unwrap();
        assert_eq!(appended.code(), Some("real"));
        let redirect = bound.to_url();
        assert!(Appended::split(&redirect, &bound).is_none());
    }

    #[test]
    fn another_redirect_uri_is_no_answer() {
        let bound = bound("https://client.example/cb");
        for other in [
            "https://client.example/cb2?code=c",
            "https://client.example.evil.example/cb?code=c",
            "https://client.example/cb",
            "https://client.example/cb#code=c",
            "https://client.example/?code=c",
        ] {
            assert!(
                Appended::split(&other.parse().unwrap(), &bound).is_none(),
                "{other}"
            );
        }
    }

    #[test]
    fn more_than_oxide_auth_appends_is_no_answer() {
        let bound = bound("https://client.example/cb");
        for appended in [
            "",
            "state=s",
            "code=c&code=d",
            "code=c&error=e",
            "code=c&iss=i",
            "error=e&error=f",
        ] {
            let redirect = format!("https://client.example/cb?{appended}");
            let split = Appended::split(&redirect.parse().unwrap(), &bound).unwrap();
            assert_eq!(split.outcome(), None, "{appended}");
        }
    }

    #[test]
    fn errors_keep_what_the_endpoint_explained_under_their_registered_names() {
        let bound = bound("https://client.example/cb?a=1");
        let mut error = OxideError::default();
        error.set_type(Kind::InvalidScope);
        error.explain("not for you");
        error.explain_uri("https://as.example/help".parse().unwrap());
        let redirect: Url = ErrorUrl::new(bound.to_url(), Some("s"), error).into();
        let outcome = Appended::split(&redirect, &bound).unwrap().outcome();
        let Some(AuthorizationResponse::Error(error)) = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(error.error(), &ErrorCode::INVALID_SCOPE);
        assert_eq!(error.error_description(), Some("not for you"));
        assert_eq!(error.error_uri(), Some("https://as.example/help"));
    }
}
