use jarm_core::authorization_server::Error;

/// Why nothing goes to the client. The host shows a page of its own.
///
/// A code that oxide-auth had issued is taken out of the authorizer again.
///
/// ```
/// # use axum::http::StatusCode;
/// # use axum::response::{Html, IntoResponse, Response};
/// # use jarm_oxide_auth::LocalError;
/// fn sorry<E>(error: &LocalError<E>) -> Response {
///     let status = StatusCode::from_u16(error.http_status());
///     let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
///     let page = format!("<!DOCTYPE html><title>Sorry</title><p>{}</p>", error.public_message());
///     (status, Html(page)).into_response()
/// }
/// # let _ = sorry::<()>;
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LocalError<E> {
    /// The registrar does not bind the client and the redirect URI of the request. It does not say
    /// which of them is wrong.
    #[error("the registrar does not know the client, or the redirect URI is not registered for it")]
    NotBound,
    /// The redirect URI or the scope is not the one any more that the user saw.
    #[error("redirect URI or scope have changed since the user was asked")]
    Changed,
    /// There is no answer.
    #[error(transparent)]
    NotAnswered(#[from] Error),
    /// What was to be redirected does not continue the redirect URI that the registrar bound, or
    /// has parameters that oxide-auth does not append.
    #[error("the redirect is not an authorization response to the bound redirect URI")]
    UnexpectedRedirect,
    /// The endpoint's own error.
    #[error("the endpoint failed")]
    Endpoint(E),
}

impl<E> LocalError<E> {
    /// The status of the host's page.
    pub fn http_status(&self) -> u16 {
        match self {
            Self::NotBound | Self::Changed => 400,
            Self::NotAnswered(error) => error.http_status(),
            Self::UnexpectedRedirect | Self::Endpoint(_) => 500,
        }
    }

    /// A sentence for the user, without any detail of the server.
    pub fn public_message(&self) -> &'static str {
        match self {
            Self::NotBound => {
                "The application, or the address where it wants the answer, is not registered here."
            }
            Self::Changed => {
                "The application's registration has changed. Go back to it and start again."
            }
            Self::NotAnswered(error) => error.public_message(),
            Self::UnexpectedRedirect | Self::Endpoint(_) => {
                "The server cannot answer the application now. Nothing was sent to it."
            }
        }
    }
}
