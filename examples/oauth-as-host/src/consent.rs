//! The consent page: the pending response waits in it, sealed.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, SET_COOKIE};
use axum::response::{IntoResponse as _, Response};
use jarm::RequestParameters;
use jarm::authorization_server::{Error, PendingError, PendingResponse};
use jarm::axum::{Answer, Parameters};
use maud::{DOCTYPE, html};
use oauth_as::authorization::ValidatedAuthorizationRequest;
use oauth_as::server::UserApproval;

use crate::App;
use crate::errors::LocalPage;
use crate::session::{Session, is_same_origin};

/// The user of this example.
const USER: &str = "alice";

/// Asks the user.
pub(crate) fn show(
    app: &App,
    headers: &HeaderMap,
    pending: PendingResponse,
    valid: &ValidatedAuthorizationRequest,
    parameters: &RequestParameters,
) -> Result<Response, LocalPage> {
    let session = Session::of(headers).map_or_else(Session::new, Ok)?;
    let pending = app.host().before_consent(pending, valid, parameters);
    let csp_source = pending.target().csp_source();
    let sealed = app.responses.server.seal(pending, session.as_str())?;
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { "Consent" } }
            body {
                h1 { "Do you agree, " (USER) "?" }
                p { strong { (valid.client_id) } " asks for " strong { (valid.scope) } "." }
                p { "The answer goes to " code { (valid.redirect_uri) } "." }
                form method="post" action="consent" {
                    input type="hidden" name="pending" value=(sealed);
                    input type="hidden" name="client_id" value=(valid.client_id);
                    button name="decision" value="approve" { "Approve" }
                    button name="decision" value="deny" { "Deny" }
                }
            }
        }
    };
    // Browsers apply form-action to the redirect that follows the form, too: name the client.
    let policy = format!(
        "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' {csp_source}"
    );
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (CACHE_CONTROL, "no-store".to_owned()),
        (CONTENT_SECURITY_POLICY, policy),
        (SET_COOKIE, session.cookie()),
    ];
    Ok((headers, page.into_string()).into_response())
}

/// `POST /consent`
pub(crate) async fn decide(
    State(app): State<App>,
    headers: HeaderMap,
    Parameters(form): Parameters,
) -> Result<Response, LocalPage> {
    if !is_same_origin(&headers, app.responses.server.issuer()) {
        let why = "the form was not sent by a page of this server";
        return Err(LocalPage::Refused(why));
    }
    let session = Session::of(&headers).ok_or(PendingError::NotAuthentic)?;
    let sealed = form.single("pending")?.ok_or(PendingError::NotAuthentic)?;
    let client = form
        .single("client_id")?
        .and_then(|client_id| app.responses.client(client_id));
    let client = client.ok_or(Error::UnknownClient)?;
    let pending = app
        .responses
        .server
        .unseal(sealed, client.client_id(), session.as_str())?;
    let verdict = app.host().judge_again(&pending, client).await?;
    let answer = match (verdict, form.single("decision")?) {
        (Err(error), _) => app.responses.server.respond(pending, client, error).await?,
        (Ok(valid), Some("approve")) => {
            let approval = UserApproval::granted(&valid, USER);
            app.host().grant(pending, client, approval).await?
        }
        (Ok(valid), Some("deny")) => app.host().deny(pending, client, &valid).await?,
        (Ok(_), _) => return Err(LocalPage::Refused("the decision is approve or deny")),
    };
    Ok(Answer(answer).into_response())
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE;
    use jarm::JwsAlgorithm;
    use jarm::jose::{KeyKind, SigningKey};
    use oauth_as::scope::ScopeSet;
    use oauth_as::store::Storage as _;
    use small_host::Setup;

    use super::*;
    use crate::CLIENTS;

    /// A request that leaves scope and redirect URI to the registration.
    const REQUEST: &str = "response_type=code&client_id=web-app&response_mode=jwt\
        &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

    async fn waiting() -> (App, HeaderMap, RequestParameters) {
        let key = SigningKey::generate(KeyKind::P256).unwrap();
        let setup = Setup {
            issuer: "https://as.example".to_owned(),
            signers: vec![key.signer(&JwsAlgorithm::ES256).unwrap()],
            clients: small_host::read(CLIENTS).unwrap(),
        };
        let app = App::new(setup).await.unwrap();
        let jarm = &app.responses;
        let parameters = RequestParameters::from_urlencoded(REQUEST);
        let client = jarm.client("web-app").unwrap();
        let judged = app.host().judge(client, &parameters).await.unwrap();
        let valid = judged.verdict.unwrap();
        let negotiated = jarm
            .server
            .negotiate(client, judged.target, &parameters)
            .await;
        let pending = app
            .host()
            .before_consent(negotiated.unwrap(), &valid, &parameters);

        let session = Session::new().unwrap();
        let sealed = jarm.server.seal(pending, session.as_str()).unwrap();
        let form = [
            ("client_id", "web-app"),
            ("pending", sealed.as_str()),
            ("decision", "approve"),
        ];
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, session.cookie().parse().unwrap());
        (app, headers, RequestParameters::from_pairs(form))
    }

    async fn is_answered_after(change: impl FnOnce(&mut oauth_as::client::Client)) -> bool {
        let (app, headers, form) = waiting().await;
        let store = app.oauth.store();
        let known = store
            .get_client(&oauth_as::client::ClientId::new("web-app"))
            .await;
        let mut client = (*known.unwrap().unwrap()).clone();
        change(&mut client);
        store.put_client(client).await.unwrap();
        decide(State(app), headers, Parameters(form)).await.is_ok()
    }

    #[tokio::test]
    async fn nothing_is_granted_that_was_not_shown() {
        assert!(is_answered_after(|_| {}).await);
        let moved = |client: &mut oauth_as::client::Client| {
            client.redirect_uris = vec!["https://app.example/other".to_owned()];
        };
        assert!(!is_answered_after(moved).await);
        let widened = |client: &mut oauth_as::client::Client| {
            client.default_scopes = ScopeSet::parse("read write").unwrap();
        };
        assert!(!is_answered_after(widened).await);
    }
}
