//! Forms are posted by pages of this server.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};
use axum::middleware::Next;
use axum::response::Response;
use jarm::Issuer;

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
    if is_same_origin(request.headers(), app.server.issuer()) {
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
fn is_same_origin(headers: &HeaderMap, issuer: &Issuer) -> bool {
    let Some(origin) = headers.get(ORIGIN) else {
        return true;
    };
    let own = issuer.origin();
    if *origin == own {
        return true;
    }
    let origin = origin.to_str().unwrap_or_default();
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    match (origin.split_once("://"), own.split_once("://")) {
        // By the issuer's name it is reached with the issuer's scheme alone.
        (Some((_, called)), Some((_, own))) => called != own && Some(called) == host,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_comes_from_the_issuer_or_from_the_name_that_was_called() {
        let issuer: Issuer = "https://AS.example:443/tenant".parse().unwrap();
        let accepted = |origin: &str, host: &str| {
            let headers = [(ORIGIN, origin), (HOST, host)];
            let headers = headers.map(|(name, value)| (name, value.parse().unwrap()));
            is_same_origin(&HeaderMap::from_iter(headers), &issuer)
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
        assert!(is_same_origin(&HeaderMap::new(), &issuer));
    }
}
