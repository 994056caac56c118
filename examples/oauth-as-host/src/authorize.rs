//! `/authorize`: `oauth-as` judges the request, `jarm` answers it.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use jarm::authorization_server::Error;
use jarm::axum::{Answer, Parameters};

use crate::errors::LocalPage;
use crate::{App, consent};

/// Answers an authorization request, or asks the user first.
pub(crate) async fn authorize(
    State(app): State<App>,
    headers: HeaderMap,
    Parameters(parameters): Parameters,
) -> Result<Response, LocalPage> {
    let jarm = &app.responses.server;
    // 1. Who asks, where may the answer go, and what does oauth-as think of it?
    let client_id = parameters.single("client_id")?;
    let client = client_id.and_then(|client_id| app.responses.client(client_id));
    let client = client.ok_or(Error::UnknownClient)?;
    let judged = app.host().judge(client, &parameters).await?;
    // 2. In which mode will it be answered? A refusal brings its own.
    let pending = match jarm.negotiate(client, judged.target, &parameters).await {
        Ok(pending) => pending,
        Err(refusal) => return Ok(Answer(jarm.refuse(refusal, client).await?).into_response()),
    };
    // 3. The error now, or the user's decision later.
    match judged.verdict {
        Ok(valid) => consent::show(&app, &headers, pending, &valid, &parameters),
        Err(error) => Ok(Answer(jarm.respond(pending, client, error).await?).into_response()),
    }
}
