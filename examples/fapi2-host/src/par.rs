//! `/par`: the only door for authorization requests.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse as _, Response};
use jarm::RequestParameters;
use jarm::authorization_server::PushedResponse;
use jarm::axum::Parameters;
use jarm::response::{AuthorizationError, ErrorCode};
use jarm_oauth_as::PushError;

use crate::{App, sender};

/// `POST /par`
pub(crate) async fn push(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Parameters(form): Parameters,
) -> Response {
    let no_store = [(CACHE_CONTROL, "no-store")];
    match keep(&app, &headers, &form).await {
        Ok(kept) => (StatusCode::CREATED, no_store, Json(kept)).into_response(),
        Err(error) => {
            let source: &dyn std::error::Error = &error; // with its sources
            tracing::info!(error = source, "a pushed request is refused");
            let status = StatusCode::from_u16(error.http_status());
            let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let retry_after = error.retry_after().map(|seconds| seconds.to_string());
            let retry_after = AppendHeaders(retry_after.map(|seconds| (RETRY_AFTER, seconds)));
            (status, no_store, retry_after, Json(error)).into_response()
        }
    }
}

async fn keep(
    app: &App,
    headers: &HeaderMap,
    form: &RequestParameters,
) -> Result<PushedResponse, PushError> {
    let sender = sender::read(form, headers)?;
    let client = app.client(&sender.client_id);
    let client = client.ok_or_else(PushError::invalid_client)?;
    if form.single("request")?.is_none() {
        let error = AuthorizationError::new(ErrorCode::INVALID_REQUEST);
        return Err(error
            .description("request is missing: requests are signed (RFC 9101 10.5)")
            .into());
    }
    app.host().push(client, form, &sender.context).await
}
