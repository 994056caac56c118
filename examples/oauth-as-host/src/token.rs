//! `/token`: `oauth-as` redeems codes. Nothing here knows of response modes.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse as _, Response};
use jarm::RequestParameters;
use jarm::axum::Parameters;
use oauth_as::client::ClientId;
use oauth_as::error::{ErrorCode, ErrorResponse};
use oauth_as::server::TokenRequest;

use crate::App;

/// `POST /token`
pub(crate) async fn token(State(app): State<App>, Parameters(form): Parameters) -> Response {
    let redeemed = match read(&form) {
        // In a task of its own: a client that goes away must not cut a redemption in two.
        Ok(request) => tokio::spawn(async move { app.oauth.token(request).await })
            .await
            .unwrap_or_else(|_| Err(ErrorResponse::new(ErrorCode::ServerError))),
        Err(error) => Err(error),
    };
    let no_store = [(CACHE_CONTROL, "no-store")];
    match redeemed {
        Ok(tokens) => (no_store, Json(tokens)).into_response(),
        Err(error) => {
            let status = StatusCode::from_u16(error.http_status());
            let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, no_store, Json(error)).into_response()
        }
    }
}

fn read(form: &RequestParameters) -> Result<TokenRequest, ErrorResponse> {
    let invalid = |why: String| ErrorResponse::new(ErrorCode::InvalidRequest).with_description(why);
    let single = |name| match form.single(name) {
        Ok(value) => Ok(value.map(str::to_owned)),
        Err(duplicate) => Err(invalid(duplicate.to_string())),
    };
    let required =
        |name: &'static str| single(name)?.ok_or_else(|| invalid(format!("{name} is missing")));
    if required("grant_type")? != "authorization_code" {
        return Err(ErrorResponse::new(ErrorCode::UnsupportedGrantType));
    }
    Ok(TokenRequest::AuthorizationCode {
        client_id: ClientId::new(required("client_id")?),
        client_secret: single("client_secret")?,
        code: required("code")?,
        redirect_uri: single("redirect_uri")?,
        code_verifier: single("code_verifier")?,
    })
}
