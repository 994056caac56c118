//! `/token`: `oauth-as` redeems codes. Nothing here knows of response modes.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use jarm::RequestParameters;
use jarm::axum::Parameters;
use oauth_as::client::ClientId;
use oauth_as::error::{ErrorCode, ErrorResponse};
use oauth_as::server::TokenRequest;
use oauth_as::token::TokenResponse;

use crate::App;
use crate::sender::{self, single};

/// `POST /token`
pub(crate) async fn token(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Parameters(form): Parameters,
) -> Response {
    // In a task of its own: a client that goes away must not cut a redemption in two.
    let redeemed = tokio::spawn(async move { redeem(&app, &headers, &form).await })
        .await
        .unwrap_or_else(|_| Err(ErrorResponse::new(ErrorCode::ServerError)));
    let no_store = [(CACHE_CONTROL, "no-store")];
    match redeemed {
        Ok(tokens) => (no_store, Json(tokens)).into_response(),
        Err(error) => {
            tracing::info!(%error, "a token request is refused");
            let status = StatusCode::from_u16(error.http_status());
            let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, no_store, Json(error)).into_response()
        }
    }
}

async fn redeem(
    app: &App,
    headers: &HeaderMap,
    form: &RequestParameters,
) -> Result<TokenResponse, ErrorResponse> {
    let sender = sender::read(form, headers)?;
    let missing = |name: &'static str| {
        let why = format!("{name} is missing");
        ErrorResponse::new(ErrorCode::InvalidRequest).with_description(why)
    };
    let required = |name: &'static str| single(form, name)?.ok_or_else(|| missing(name));
    if required("grant_type")? != "authorization_code" {
        return Err(ErrorResponse::new(ErrorCode::UnsupportedGrantType));
    }
    let request = TokenRequest::AuthorizationCode {
        client_id: ClientId::new(sender.client_id),
        client_secret: None,
        code: required("code")?.to_owned(),
        redirect_uri: single(form, "redirect_uri")?.map(str::to_owned),
        code_verifier: single(form, "code_verifier")?.map(str::to_owned),
    };
    app.oauth.token_with_context(request, sender.context).await
}
