//! `/authorize`: `oauth-as` judges the request, `jarm` answers it.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use jarm::authorization_server::{Error, PendingResponse};
use jarm::axum::{Answer, Parameters};
use jarm::metadata::Client;
use jarm::response::{AuthorizationError, AuthorizationResponse};
use jarm::{RedirectTarget, RequestParameters};
use oauth_as::authorization::{AuthorizationError as Verdict, ValidatedAuthorizationRequest};

use crate::errors::{LocalPage, for_client};
use crate::{App, consent};

/// Answers an authorization request, or asks the user first.
pub(crate) async fn authorize(
    State(app): State<App>,
    headers: HeaderMap,
    Parameters(parameters): Parameters,
) -> Result<Response, LocalPage> {
    let jarm = &app.responses.server;
    // 1. Who asks, where may the answer go, and what does oauth-as think of it?
    let judged = judge(&app, &parameters).await?;
    let client = judged.client;
    let target = RedirectTarget::validated_by_host(&app.responses.policy, &judged.redirect_uri)?;
    // 2. In which mode will it be answered? A refusal brings its own.
    let pending = match jarm.negotiate(client, target, &parameters).await {
        Ok(pending) => pending,
        Err(refusal) => return Ok(Answer(jarm.refuse(refusal, client).await?).into_response()),
    };
    // 3. The error now, or the user's decision later.
    match judged.verdict {
        Ok(valid) => consent::show(&app, &headers, pending, &valid, &parameters),
        Err(error) => respond(&app, pending, client, error).await,
    }
}

/// Answers in the negotiated mode.
pub(crate) async fn respond(
    app: &App,
    pending: PendingResponse,
    client: &Client,
    outcome: impl Into<AuthorizationResponse> + Send,
) -> Result<Response, LocalPage> {
    let encoded = app
        .responses
        .server
        .respond(pending, client, outcome)
        .await?;
    Ok(Answer(encoded).into_response())
}

/// What `oauth-as` found: client and redirect URI are valid, the request is or is not.
pub(crate) struct Judged<'a> {
    pub(crate) client: &'a Client,
    pub(crate) redirect_uri: String,
    pub(crate) verdict: Result<ValidatedAuthorizationRequest, AuthorizationError>,
}

/// Has `oauth-as` validate the request. Its `Err` stays with the user.
pub(crate) async fn judge<'a>(
    app: &'a App,
    parameters: &RequestParameters,
) -> Result<Judged<'a>, LocalPage> {
    // oauth-as keeps the first of duplicates. While client or redirect URI are ambiguous, nothing
    // may be redirected; the others are refused when the answer is negotiated.
    let client_id = parameters.single("client_id")?;
    parameters.single("redirect_uri")?;

    // Both libraries read the same request: an empty parameter counts as absent (RFC 6749 3.1).
    let request = oauth_as::authorization::AuthorizationRequest::from_pairs(parameters.present());
    let (redirect_uri, verdict) = match app.oauth.validate_authorization_request(&request).await {
        Ok(valid) => (valid.redirect_uri.clone(), Ok(valid)),
        Err(Verdict::Redirect(error)) => (error.redirect_uri, Err(for_client(error.error))),
        Err(Verdict::Direct(error)) => return Err(LocalPage::direct(&error)),
    };
    let client = client_id.and_then(|client_id| app.responses.client(client_id));
    Ok(Judged {
        client: client.ok_or(Error::UnknownClient)?,
        redirect_uri,
        verdict,
    })
}
