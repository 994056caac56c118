//! `/authorize`: the handler that a host author writes.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use jarm::authorization_server::{PendingResponse, Refusal};
use jarm::axum::{Answer, Parameters};
use jarm::response::{AuthorizationError, AuthorizationResponse, ErrorCode};
use jarm::{RequestParameters, RequestSource};

use crate::clients::RegisteredClient;
use crate::interstitial::Agreed;
use crate::pages::LocalPage;
use crate::request::{Consent, Prompt, Request};
use crate::session::{Session, User};
use crate::state::App;
use crate::{Approval, consent, grants, interstitial, login};

/// `GET /authorize` and `POST /authorize`
pub(crate) async fn authorize(
    State(app): State<App>,
    session: Session,
    Parameters(parameters): Parameters,
) -> Result<Response, LocalPage> {
    answer(&app, session, &parameters, Agreed::NotYet).await
}

/// Answers an authorization request, or asks the user first.
pub(crate) async fn answer(
    app: &App,
    session: Session,
    came: &RequestParameters,
    agreed: Agreed,
) -> Result<Response, LocalPage> {
    // 1. Who asks, for what, and where may the answer go? Until that is known the user alone is
    // told. Of a request object or a pushed request nothing counts that came beside it.
    let client = app.clients.named(came)?;
    let parameters = &app.server.resolve(&client.client, came).await?;
    let target = app.clients.target(&client, parameters)?;
    let asks_first =
        agreed == Agreed::NotYet && interstitial::is_needed(app, &session, &client, parameters);
    // 2. In which mode will it be answered? A refusal brings its own.
    let pending = match app
        .server
        .negotiate(&client.client, target.clone(), parameters)
        .await
    {
        Ok(pending) => pending,
        Err(Refusal::Answer(refused)) if asks_first => {
            return interstitial::show(app, session, &target, came, refused.error());
        }
        Err(refusal) => {
            return Ok(Answer(app.server.refuse(refusal, &client.client).await?).into_response());
        }
    };
    // 3. The server's own rules. From here on success and error take the same way.
    let request = match read(app, parameters, &pending, &client) {
        Ok(request) => request,
        Err(error) if asks_first => {
            return interstitial::show(app, session, &target, came, &error);
        }
        Err(error) => return respond(app, pending, &client, error).await,
    };
    // 4. The user's decision, now or on the pages that follow.
    let user = session.user(app);
    let user = user.filter(|user| user.is_recent(request.max_age, app.clock.now()));
    let consent = request.consent(&pending, &client);
    match next_step(app, user, &request, consent.as_ref()) {
        Step::Approve(user) => grants::approve(app, pending, &client, &request, &user).await,
        Step::Refuse(error) => respond(app, pending, &client, error).await,
        Step::LogIn => login::show(app, session, pending, &client, &request),
        Step::Consent(user) => consent::show(app, &session, pending, &client, &request, &user),
    }
}

fn read(
    app: &App,
    parameters: &RequestParameters,
    pending: &PendingResponse,
    client: &RegisteredClient,
) -> Result<Request, AuthorizationError> {
    let is_pushed = matches!(parameters.source(), RequestSource::Pushed { .. });
    if app.requires_pushed_requests() && !is_pushed {
        let why = "requests are pushed to this server";
        return Err(AuthorizationError::invalid_request(why));
    }
    Request::read(parameters, pending.response_type(), client)
}

/// Answers in the negotiated mode.
pub(crate) async fn respond(
    app: &App,
    pending: PendingResponse,
    client: &RegisteredClient,
    outcome: impl Into<AuthorizationResponse> + Send,
) -> Result<Response, LocalPage> {
    Ok(Answer(app.server.respond(pending, &client.client, outcome).await?).into_response())
}

enum Step {
    Approve(User),
    Refuse(AuthorizationError),
    LogIn,
    Consent(User),
}

fn next_step(app: &App, user: Option<User>, request: &Request, consent: Option<&Consent>) -> Step {
    match (app.approval, request.prompt, user) {
        (_, Prompt::None, None) => Step::Refuse(AuthorizationError::login_required()),
        (Approval::Automatic, ..) if request.login_hint.as_deref() == Some("deny") => {
            Step::Refuse(AuthorizationError::access_denied())
        }
        (Approval::Automatic, _, user) => {
            Step::Approve(user.unwrap_or_else(|| User::alice(app.clock.now())))
        }
        (Approval::ByUser, Prompt::None, Some(user)) if user.has_approved(consent) => {
            Step::Approve(user)
        }
        (Approval::ByUser, Prompt::None, Some(_)) => {
            Step::Refuse(AuthorizationError::new(ErrorCode::CONSENT_REQUIRED))
        }
        (Approval::ByUser, Prompt::Login, _) | (Approval::ByUser, Prompt::Default, None) => {
            Step::LogIn
        }
        (Approval::ByUser, Prompt::Default, Some(user)) => Step::Consent(user),
    }
}
