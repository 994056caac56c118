//! `/resource`: what the access token is for. It is bound to a key, which a DPoP proof shows
//! ([RFC 9449 7]).
//!
//! [RFC 9449 7]: https://www.rfc-editor.org/rfc/rfc9449#section-7

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth_as::dpop::{DPOP_HEADER, verify_proof};
use oauth_as::jwt::CompactJws;
use oauth_as::store::Storage as _;
use oauth_as::token::IssuedToken;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::App;

/// `GET /resource`
pub(crate) async fn resource(
    State(app): State<Arc<App>>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let no_store = (CACHE_CONTROL, "no-store".to_owned());
    match admit(&app, &method, &headers).await {
        Ok(token) => {
            let body = json!({ "sub": token.subject, "scope": token.scope.to_string() });
            ([no_store], Json(body)).into_response()
        }
        Err((error, why)) => {
            let algs = app.algorithms().join(" ");
            let challenge =
                format!("DPoP algs=\"{algs}\", error=\"{error}\", error_description=\"{why}\"");
            let headers = [no_store, (WWW_AUTHENTICATE, challenge)];
            (StatusCode::UNAUTHORIZED, headers).into_response()
        }
    }
}

type Refused = (&'static str, &'static str);

async fn admit(
    app: &App,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Arc<IssuedToken>, Refused> {
    let bad_token = |why| ("invalid_token", why);
    let bad_proof = |why| ("invalid_dpop_proof", why);
    let text = |value: &'_ axum::http::HeaderValue| value.to_str().ok().map(str::to_owned);
    let presented = headers.get(AUTHORIZATION).and_then(text);
    let presented = presented.as_deref().and_then(|own| own.split_once(' '));
    let presented = presented.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("DPoP"));
    let (_, presented) = presented.ok_or(bad_token("there is no access token"))?;
    let token = app.oauth.introspect(presented).await;
    let token = token
        .ok()
        .flatten()
        .ok_or(bad_token("it is unknown or has expired"))?;

    let mut proofs = headers.get_all(DPOP_HEADER).iter();
    let proof = proofs.next().and_then(text);
    let proof = proof.ok_or(bad_proof("there is no DPoP proof"))?;
    if proofs.next().is_some() {
        return Err(bad_proof("there are several DPoP proofs"));
    }
    let url = app.url("/resource");
    let verified = verify_proof(&app.proofs, &proof, method.as_str(), &url, app.now());
    let verified = verified.map_err(|_| bad_proof("it is not for this request"))?;
    if token.jkt.as_deref() != Some(verified.jkt.as_str()) {
        return Err(bad_token("it is bound to another key"));
    }
    let ath = URL_SAFE_NO_PAD.encode(Sha256::digest(presented));
    let jws = CompactJws::parse(&proof).map_err(|_| bad_proof("it is no JWT"))?;
    if jws.claim_str("ath") != Some(&ath) {
        return Err(bad_proof("it is for another access token"));
    }
    // Once, and never with a proof that was meant for another endpoint: its URL is checked above.
    let id = format!("resource {} {}", verified.jkt, verified.jti);
    let store = app.oauth.store();
    match store.claim_replay_id(&id, verified.replay_until).await {
        Ok(true) => Ok(token),
        _ => Err(bad_proof("it was used before")),
    }
}
