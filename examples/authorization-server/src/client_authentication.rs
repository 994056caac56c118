//! Which client calls, where tokens are asked for and requests are pushed (RFC 6749 2.3.1).

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jarm::RequestParameters;
use subtle::ConstantTimeEq as _;

use crate::clients::{Clients, RegisteredClient};
use crate::token::TokenError;

/// The client, authenticated by the method that it registered and by no other.
pub(crate) fn authenticate(
    clients: &Clients,
    headers: &HeaderMap,
    form: &RequestParameters,
) -> Result<Arc<RegisteredClient>, TokenError> {
    let (form_id, form_secret) = (form.single("client_id")?, form.single("client_secret")?);
    let basic = headers
        .get(AUTHORIZATION)
        .map(|value| value.to_str().ok().and_then(basic))
        .map(|read| read.ok_or(TokenError::InvalidClient))
        .transpose()?;
    let (method, client_id, secret) = match (&basic, form_secret) {
        (Some(_), Some(_)) => {
            return Err(TokenError::InvalidRequest(
                "one method of authentication at a time",
            ));
        }
        (Some((id, secret)), None) => (
            "client_secret_basic",
            Some(id.as_str()),
            Some(secret.as_str()),
        ),
        (None, Some(secret)) => ("client_secret_post", form_id, Some(secret)),
        (None, None) => ("none", form_id, None),
    };
    if form_id.is_some() && form_id != client_id {
        return Err(TokenError::InvalidRequest("two different client_ids"));
    }
    let client = client_id
        .and_then(|id| clients.get(id))
        .ok_or(TokenError::InvalidClient)?;
    let is_own = match (&client.secret, secret) {
        (Some(own), Some(secret)) => own.as_bytes().ct_eq(secret.as_bytes()).into(),
        (None, None) => true,
        _ => false,
    };
    if is_own && client.auth_method() == method {
        Ok(client)
    } else {
        Err(TokenError::InvalidClient)
    }
}

/// The `Authorization` header's client id and secret, each of them form-urlencoded.
fn basic(authorization: &str) -> Option<(String, String)> {
    let (scheme, encoded) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((urldecode(id)?, urldecode(secret)?))
}

/// Decodes one form-urlencoded value.
fn urldecode(value: &str) -> Option<String> {
    let is_plain = !value.contains(['&', '=']);
    let parsed = RequestParameters::from_urlencoded(format!("value={value}"));
    parsed
        .single("value")
        .ok()
        .flatten()
        .filter(|_| is_plain)
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_halves_are_form_urlencoded() {
        let header = |text: &str| format!("basic {}", STANDARD.encode(text));
        assert_eq!(
            basic(&header("a%3Ab:c+d%25")),
            Some(("a:b".into(), "c d%".into()))
        );
        assert_eq!(basic(&header("nothing")), None);
        assert_eq!(basic("Bearer x"), None);
        assert_eq!(basic("Basic ***"), None);
    }
}
