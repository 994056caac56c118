//! From an approved request to its answer, and the codes that come of it.

use std::error::Error;

use axum::response::Response;
use jarm::authorization_server::PendingResponse;
use jarm::clock::UnixTime;
use jarm::response::{AuthorizationError, AuthorizationSuccess};

use crate::authorize::respond;
use crate::clients::RegisteredClient;
use crate::expiring::Expiring;
use crate::id_token::{self, IdTokenError, IdTokenRequest};
use crate::pages::LocalPage;
use crate::request::Request;
use crate::session::User;
use crate::state::App;

/// A code is exchanged at once (FAPI 2.0 allows 60 seconds at most).
const CODE_LIFETIME: u64 = 60;

/// How long an access token is said to be valid. Nothing here accepts one, so none is kept.
pub(crate) const TOKEN_LIFETIME: u64 = 3600;

/// What a code stands for.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) request: Request,
    pub(crate) redirect_uri: String,
    pub(crate) subject: String,
    pub(crate) auth_time: UnixTime,
}

/// The codes that wait to be exchanged.
pub(crate) type Codes = Expiring<Grant>;

/// Answers a request that the user approved.
///
/// The code is kept once its response is made: if that fails, there is no code to be stolen.
pub(crate) async fn approve(
    app: &App,
    pending: PendingResponse,
    client: &RegisteredClient,
    request: &Request,
    user: &User,
) -> Result<Response, LocalPage> {
    let grant = Grant {
        request: request.clone(),
        redirect_uri: pending.target().as_str().to_owned(),
        subject: user.name.clone(),
        auth_time: user.since,
    };
    let (code, success) = match issue(app, &pending, &grant).await {
        Ok(issued) => issued,
        Err(error) => {
            let signer = id_token::signer(&app.server);
            let (algorithm, key_id) = (
                signer.map(|own| own.algorithm()),
                signer.map(|own| own.key_id()),
            );
            let (response_mode, client_id) = (pending.response_mode(), client.client.client_id());
            tracing::error!(%response_mode, ?client_id, ?algorithm, ?key_id, error = &error as &dyn Error, "nothing could be issued");
            return respond(app, pending, client, AuthorizationError::server_error()).await;
        }
    };
    let response = respond(app, pending, client, success).await?;
    if let Some(code) = code {
        let now = app.clock.now();
        app.codes.insert(code, grant, now.after(CODE_LIFETIME), now);
    }
    Ok(response)
}

/// Makes what the response type asks for. The code is not valid yet.
async fn issue(
    app: &App,
    pending: &PendingResponse,
    grant: &Grant,
) -> Result<(Option<String>, AuthorizationSuccess), IdTokenError> {
    let asked_for = |value| {
        pending
            .response_type()
            .is_some_and(|own| own.contains(value))
    };
    let mut success = AuthorizationSuccess::new();
    let (mut code, mut access_token) = (None, None);
    if asked_for("code") {
        let new = app.random_text()?;
        success = success.code(new.clone());
        code = Some(new);
    }
    if asked_for("token") {
        let new = app.random_text()?;
        success = success
            .access_token(new.clone(), "Bearer")
            .expires_in(TOKEN_LIFETIME);
        if grant.request.scope_differs {
            success = success.scope(grant.request.scope.clone());
        }
        access_token = Some(new);
    }
    if asked_for("id_token") {
        let hashed = IdTokenRequest {
            grant,
            code: code.as_deref(),
            access_token: access_token.as_deref(),
        };
        success = success.id_token(id_token::sign(app, hashed).await?);
    }
    Ok((code, success))
}
