//! Forms are posted by pages of this server.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};
use axum::middleware::Next;
use axum::response::Response;

use crate::pages::LocalPage;
use crate::state::App;

/// Refuses a form that a page of another origin posts.
///
/// A hidden input is bound to a session, but somebody may have planted their own session's cookie
/// in the user's browser: their form would log the user in under their name (login CSRF).
pub(crate) async fn required(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Result<Response, LocalPage> {
    if is_same_origin(request.headers(), app.server.issuer().as_str()) {
        Ok(next.run(request).await)
    } else {
        Err(LocalPage::bad_request(
            "the form was not sent by a page of this server",
        ))
    }
}

/// Browsers send `Origin` with every POST, `null` where they hide it; who sends none is a script.
///
/// It is this server's if it is the issuer's, also behind a proxy that changes `Host`, or if the
/// server was called by another name and it is that.
fn is_same_origin(headers: &HeaderMap, issuer: &str) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_comes_from_the_issuer_or_from_the_name_that_was_called() {
        let accepted = |origin: &str, host: &str| {
            let headers = [(ORIGIN, origin), (HOST, host)];
            let headers = headers.map(|(name, value)| (name, value.parse().unwrap()));
            is_same_origin(&HeaderMap::from_iter(headers), "https://as.example/tenant")
        };
        assert!(accepted("https://as.example", "as.example"));
        assert!(
            accepted("https://as.example", "backend:8080"),
            "behind a proxy"
        );
        assert!(
            accepted("http://127.0.0.1:4000", "127.0.0.1:4000"),
            "called directly"
        );
        assert!(
            !accepted("http://as.example", "as.example"),
            "another scheme"
        );
        assert!(!accepted("https://evil.example", "as.example"));
        assert!(!accepted("null", "as.example"));
        assert!(is_same_origin(&HeaderMap::new(), "https://as.example"));
    }
}
