//! `/par`: clients push their authorization requests (RFC 9126).

use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jarm::ResponseType;
use jarm::authorization_server::{Error, Refusal};
use jarm::axum::Parameters;
use jarm::response::{AuthorizationError, ErrorCode};

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
) -> Result<Response, NotPushed> {
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
pub(crate) enum NotPushed {
    /// The client is not who it says.
    Unauthenticated(TokenError),
    /// The request is at fault, or the server is, and the library has logged why.
    Refused(Refusal),
}

impl From<TokenError> for NotPushed {
    fn from(error: TokenError) -> Self {
        Self::Unauthenticated(error)
    }
}

impl From<AuthorizationError> for NotPushed {
    fn from(error: AuthorizationError) -> Self {
        Self::Refused(Refusal::Local(error))
    }
}

impl From<Refusal> for NotPushed {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Error> for NotPushed {
    fn from(error: Error) -> Self {
        Self::Refused(error.into())
    }
}

impl IntoResponse for NotPushed {
    fn into_response(self) -> Response {
        let refusal = match self {
            Self::Unauthenticated(error) => return error.into_response(),
            Self::Refused(refusal) => refusal,
        };
        if let Refusal::Failed(Error::PushedRequestsFull(full)) = refusal {
            let error = AuthorizationError::new(ErrorCode::TEMPORARILY_UNAVAILABLE);
            let response = json_response(StatusCode::SERVICE_UNAVAILABLE, &error);
            return ([(RETRY_AFTER, full.retry_after.to_string())], response).into_response();
        }
        let Some(error) = refusal.error() else {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            return json_response(status, &AuthorizationError::server_error());
        };
        json_response(StatusCode::BAD_REQUEST, error)
    }
}
