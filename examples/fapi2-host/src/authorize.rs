//! `/authorize`: a pushed request is answered, or the user is asked first.
//!
//! Everything that leaves for a client leaves through `jarm` here or in `consent.rs`, and the profile
//! has no plain mode.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use jarm::RequestSource;
use jarm::authorization_server::Error;
use jarm::axum::{Answer, Parameters};
use oauth_as::server::UserApproval;

use crate::consent::{self, USER};
use crate::local_page::LocalPage;
use crate::{App, Approval};

/// `GET /authorize` and `POST /authorize`
pub(crate) async fn authorize(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Parameters(parameters): Parameters,
) -> Result<Response, LocalPage> {
    // 1. Which parameters count? Those that were pushed in a signed request object, and no others.
    let client_id = parameters.single("client_id")?;
    let client = client_id.and_then(|client_id| app.client(client_id));
    let client = client.ok_or(Error::UnknownClient)?;
    let request = app.jarm.resolve(client, &parameters).await?;
    let RequestSource::Pushed { signed: true, .. } = request.source() else {
        let why = "requests are pushed first, in a signed request object (RFC 9126)";
        return Err(LocalPage::refused(why));
    };
    // 2. What does oauth-as think of them now, and in which mode will they be answered?
    let judged = app.host().judge(client, &request).await?;
    let pending = match app.jarm.negotiate(client, judged.target, &request).await {
        Ok(pending) => pending,
        Err(refusal) => return Ok(Answer(app.jarm.refuse(refusal, client).await?).into_response()),
    };
    // 3. The error now, or the user's decision.
    let valid = match judged.verdict {
        Ok(valid) => valid,
        Err(error) => {
            return Ok(Answer(app.jarm.respond(pending, client, error).await?).into_response());
        }
    };
    if request.single("login_hint")? == Some("deny") {
        return Ok(Answer(app.host().deny(pending, client, &valid).await?).into_response());
    }
    match app.approval {
        Approval::ByUser => consent::show(&app, &headers, pending, &valid, &request),
        Approval::Automatic => {
            let approval = UserApproval::granted(&valid, USER);
            let granted = app.host().grant(pending, client, approval).await?;
            Ok(Answer(granted).into_response())
        }
    }
}
