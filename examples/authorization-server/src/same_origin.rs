//! Forms are posted by pages of this server.

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};
use axum::middleware::Next;
use axum::response::Response;

use crate::pages::LocalPage;

/// Refuses a form that a page of another origin posts.
///
/// A hidden input is bound to a session, but somebody may have planted their own session's cookie
/// in the user's browser: their form would log the user in under their name (login CSRF).
pub(crate) async fn required(request: Request, next: Next) -> Result<Response, LocalPage> {
    if is_same_origin(request.headers()) {
        Ok(next.run(request).await)
    } else {
        Err(LocalPage::bad_request(
            "the form was not sent by a page of this server",
        ))
    }
}

/// Browsers send `Origin` with every POST, `null` where they hide it; who sends none is a script.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else {
        return true;
    };
    let authority = origin.to_str().ok().and_then(|own| own.split_once("://"));
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    authority.is_some_and(|(_, authority)| Some(authority) == host)
}
