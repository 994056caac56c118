//! `/token`: a code becomes tokens once (RFC 6749 4.1.3, 5).

use axum::extract::State;
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jarm::DuplicateParameter;
use jarm::axum::Parameters;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::error::Error;
use subtle::ConstantTimeEq as _;

use crate::client_authentication::authenticate;
use crate::discovery::json_response;
use crate::grants::{Grant, TOKEN_LIFETIME};
use crate::id_token::{self, IdTokenError, IdTokenRequest};
use crate::state::App;

/// `POST /token`
pub(crate) async fn token(
    State(app): State<App>,
    headers: HeaderMap,
    Parameters(form): Parameters,
) -> Result<Response, TokenError> {
    let client = authenticate(&app.clients, &headers, &form)?;
    match form.single("grant_type")? {
        Some("authorization_code") => {}
        Some(_) => return Err(TokenError::UnsupportedGrantType),
        None => return Err(TokenError::InvalidRequest("grant_type is missing")),
    }
    let code = form
        .single("code")?
        .ok_or(TokenError::InvalidRequest("code is missing"))?;
    let (redirect_uri, verifier) = (form.single("redirect_uri")?, form.single("code_verifier")?);
    let now = app.clock.now();
    // Another client cannot spoil the code; by its own it is used up, whatever comes of it.
    let is_own = |grant: &Grant| grant.request.client_id == *client.client.client_id();
    let grant = app
        .codes
        .get(code, now)
        .filter(is_own)
        .and_then(|_| app.codes.take(code, now))
        .ok_or(TokenError::InvalidGrant("the code is not valid"))?;
    check(&grant, redirect_uri, verifier)?;

    let access_token = app.random_text().map_err(IdTokenError::from)?;
    let mut body = json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": TOKEN_LIFETIME,
        "scope": grant.request.scope,
    });
    if grant
        .request
        .scope
        .split(' ')
        .any(|scope| scope == "openid")
    {
        let request = IdTokenRequest {
            grant: &grant,
            code: None,
            access_token: Some(&access_token),
        };
        let id_token = id_token::sign(&app, request).await?;
        if let Value::Object(members) = &mut body {
            members.insert("id_token".to_owned(), id_token.into());
        }
    }
    Ok(json_response(StatusCode::OK, &body))
}

fn check(
    grant: &Grant,
    redirect_uri: Option<&str>,
    verifier: Option<&str>,
) -> Result<(), TokenError> {
    let same_uri = match redirect_uri {
        Some(uri) => uri == grant.redirect_uri,
        None => !grant.request.has_redirect_uri,
    };
    if !same_uri {
        return Err(TokenError::InvalidGrant(
            "the redirect_uri is not that of the authorization request",
        ));
    }
    match (&grant.request.code_challenge, verifier) {
        (None, None) => Ok(()),
        (Some(challenge), Some(verifier)) if is_verifier(challenge, verifier) => Ok(()),
        // A verifier without a challenge: somebody took the challenge out (RFC 9700 4.8.2).
        _ => Err(TokenError::InvalidGrant(
            "the code_verifier does not fit the code_challenge",
        )),
    }
}

/// The method S256 (RFC 7636 4.6).
fn is_verifier(challenge: &str, verifier: &str) -> bool {
    let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    (43..=128).contains(&verifier.len()) && bool::from(hash.as_bytes().ct_eq(challenge.as_bytes()))
}

/// An error of the token endpoint (RFC 6749 5.2).
#[derive(Debug)]
pub(crate) enum TokenError {
    InvalidRequest(&'static str),
    Duplicate(DuplicateParameter),
    InvalidClient,
    InvalidGrant(&'static str),
    UnsupportedGrantType,
    Server(IdTokenError),
}

impl From<DuplicateParameter> for TokenError {
    fn from(error: DuplicateParameter) -> Self {
        Self::Duplicate(error)
    }
}

impl From<IdTokenError> for TokenError {
    fn from(error: IdTokenError) -> Self {
        Self::Server(error)
    }
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        let (status, error, description) = match self {
            Self::InvalidRequest(why) => {
                (StatusCode::BAD_REQUEST, "invalid_request", why.to_owned())
            }
            Self::Duplicate(why) => (StatusCode::BAD_REQUEST, "invalid_request", why.to_string()),
            Self::InvalidClient => (
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                "authentication failed".to_owned(),
            ),
            Self::InvalidGrant(why) => (StatusCode::BAD_REQUEST, "invalid_grant", why.to_owned()),
            Self::UnsupportedGrantType => {
                let why = "the grant_type is authorization_code";
                (
                    StatusCode::BAD_REQUEST,
                    "unsupported_grant_type",
                    why.to_owned(),
                )
            }
            Self::Server(error) => {
                tracing::error!(error = &error as &dyn Error, "no token response");
                let why = "the server failed";
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "server_error",
                    why.to_owned(),
                )
            }
        };
        let response = json_response(
            status,
            &json!({ "error": error, "error_description": description }),
        );
        match status {
            StatusCode::UNAUTHORIZED => {
                ([(WWW_AUTHENTICATE, "Basic realm=\"token\"")], response).into_response()
            }
            _ => response,
        }
    }
}
