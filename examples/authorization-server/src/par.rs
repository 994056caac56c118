//! `/par`: clients push their authorization requests (RFC 9126).

use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use jarm::ResponseType;
use jarm::authorization_server::{Error, NotPushed, Refusal};
use jarm::axum::Parameters;
use jarm::response::AuthorizationError;

use crate::client_authentication::authenticate;
use crate::discovery::json_response;
use crate::request::Request;
use crate::state::App;
use crate::token::TokenError;

/// `POST /par`: what would be refused at `/authorize` is refused here, and told the client directly.
pub(crate) async fn push(
    State(app): State<App>,
    headers: HeaderMap,
    Parameters(form): Parameters,
) -> Result<Response, Unkept> {
    let client = authenticate(&app.clients, &headers, &form)?;
    let request = app.server.resolve(&client.client, &form).await?;
    let target = app.clients.target(&client, &request)?;
    // What it cannot be is refused by the library.
    let response_type = request.single("response_type").ok().flatten();
    let response_type = response_type.and_then(|own| ResponseType::try_new(own).ok());
    Request::read(&request, response_type.as_ref(), &client)?;
    let pushed = app.server.push(&client.client, target, &request).await?;
    Ok(json_response(StatusCode::CREATED, &pushed))
}

/// Why a request is not kept (RFC 9126 2.3).
#[derive(Debug)]
pub(crate) enum Unkept {
    /// The client is not who it says.
    Unauthenticated(TokenError),
    /// The request is at fault, or the server is, and the library has logged why.
    Refused(Refusal),
}

impl From<TokenError> for Unkept {
    fn from(error: TokenError) -> Self {
        Self::Unauthenticated(error)
    }
}

impl From<AuthorizationError> for Unkept {
    fn from(error: AuthorizationError) -> Self {
        Self::Refused(Refusal::Local(error))
    }
}

impl From<Refusal> for Unkept {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Error> for Unkept {
    fn from(error: Error) -> Self {
        Self::Refused(error.into())
    }
}

impl IntoResponse for Unkept {
    fn into_response(self) -> Response {
        let NotPushed {
            status,
            retry_after,
            error,
            ..
        } = match self {
            Self::Unauthenticated(error) => return error.into_response(),
            Self::Refused(refusal) => NotPushed::from(&refusal),
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = retry_after.map(|seconds| (RETRY_AFTER, seconds.to_string()));
        (AppendHeaders(retry_after), json_response(status, &error)).into_response()
    }
}
