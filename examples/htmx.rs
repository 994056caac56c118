//! A consent form that htmx submits, at
//! <http://127.0.0.1:4004/authorize?client_id=web&response_type=code&response_mode=form_post.jwt>:
//! `cargo run --example htmx --features axum`. Argument: where to listen.
//!
//! A form without `hx-post` needs none of this, and is the simpler way.

use std::env;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::get, routing::post};
use jarm::authorization_server::Error;
use jarm::axum::{Answer, ErrorPage, Parameters};
use jarm::jose::{Aes256GcmSealer, KeyKind, SigningKey, SystemRandom};
use jarm::metadata::Client;
use jarm::response::{AuthorizationError, AuthorizationResponse, EncodedResponse};
use jarm::{AuthorizationServer, ClientId, Configuration, RedirectUriPolicy};
use maud::{DOCTYPE, html};

type Failure = Box<dyn std::error::Error>;

const SESSION: &str = "session-1"; // yours: the id in the session's cookie

/// The answer for htmx, which would follow a redirect by itself and not take the user along: a header
/// that sends the browser there, or the form, which is swapped in.
pub(crate) fn for_htmx(encoded: &EncodedResponse) -> Response {
    const NO_STORE: (header::HeaderName, &str) = (header::CACHE_CONTROL, "no-store");
    match encoded {
        EncodedResponse::Redirect(redirect) => {
            ([("hx-redirect", redirect.location())], [NO_STORE]).into_response()
        }
        EncodedResponse::Document(document) => {
            let Some(form) = document.form() else {
                return StatusCode::NOT_IMPLEMENTED.into_response(); // a mode of your own without a form
            };
            let form = html! {
                form #answer method="post" action=(form.action()) {
                    @for (name, value) in form.fields() { input type="hidden" name=(name) value=(value); }
                    button { "Continue" }
                }
            };
            let html = (header::CONTENT_TYPE, "text/html; charset=utf-8");
            ([html, NO_STORE], form.into_string()).into_response()
        }
        _ => StatusCode::NOT_IMPLEMENTED.into_response(),
    }
}

/// Posts the form that was swapped in. The page's policy lets no script run that comes with it.
const SCRIPT: &str = r#"
function post() {
  const answer = document.querySelector("form#answer");
  if (answer) HTMLFormElement.prototype.submit.call(answer);
}
document.addEventListener("htmx:after:swap", post); // htmx 4
document.addEventListener("htmx:afterSwap", post); // htmx 2
"#;

/// `GET /authorize`: the page, or an answer for which nobody need be asked.
async fn authorize(
    State(server): State<Arc<AuthorizationServer>>,
    Parameters(request): Parameters,
) -> Result<Response, ErrorPage> {
    let (client, redirect_uri) = find_client(request.single("client_id")?)?;
    let target = RedirectUriPolicy::default().select(&[redirect_uri], None)?;
    let pending = match server.negotiate(&client, target, &request).await {
        Ok(pending) => pending,
        Err(refusal) => return Ok(Answer(server.refuse(refusal, &client).await?).into_response()),
    };
    // Without the client in `form-action` the browser does not let the form post to it.
    let policy = format!(
        "default-src 'none'; script-src 'self'; connect-src 'self'; form-action 'self' {}; base-uri 'none'; frame-ancestors 'none'",
        pending.target().csp_source()
    );
    let token = server.seal(pending, SESSION)?;
    let page = html! {
        (DOCTYPE)
        title { "Do you agree?" }
        meta name="htmx-config" content=r#"{"includeIndicatorStyles": false, "allowEval": false}"#;
        script src="htmx.js" {} // yours
        script src="answer.js" {}
        form method="post" action="decide" hx-post="decide" hx-swap="outerHTML" {
            input type="hidden" name="client_id" value=(client.client_id());
            input type="hidden" name="token" value=(token);
            button name="decision" value="approve" { "Approve" }
            button name="decision" value="deny" { "Deny" }
        }
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, "strict-origin".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()), // it holds the token
    ];
    Ok((headers, page.into_string()).into_response())
}

/// `POST /decide`, with and without htmx.
async fn decide(
    State(server): State<Arc<AuthorizationServer>>,
    headers: HeaderMap,
    Parameters(form): Parameters,
) -> Result<Response, ErrorPage> {
    let site = headers.get("sec-fetch-site");
    if site.is_some_and(|own| own != "same-origin") {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    let (client, _) = find_client(form.single("client_id")?)?;
    let token = form.single("token")?.unwrap_or_default();
    let pending = server.unseal(token, client.client_id(), SESSION)?;
    let outcome: AuthorizationResponse = match form.single("decision")? {
        Some("approve") => AuthorizationResponse::code("SplxlOBeZQQYbYS6WxSbIA"),
        _ => AuthorizationError::access_denied().into(),
    };
    let encoded = server.respond(pending, &client, outcome).await?;
    if headers.contains_key("hx-request") {
        return Ok(for_htmx(&encoded));
    }
    Ok(Answer(encoded).into_response())
}

/// Your store.
fn find_client(client_id: Option<&str>) -> Result<(Client, &'static str), Error> {
    let client_id = client_id.filter(|own| *own == "web");
    let client_id = client_id.and_then(|own| ClientId::try_new(own.to_owned()).ok());
    let client = Client::new(client_id.ok_or(Error::UnknownClient)?);
    Ok((client, "https://client.example/cb"))
}

pub(crate) fn router() -> Result<Router, Failure> {
    let mut configuration = Configuration::new("http://127.0.0.1:4004".parse()?);
    configuration.default_signing_alg = Some("ES256".parse()?);
    let server = AuthorizationServer::builder(configuration)
        .signers(SigningKey::generate(KeyKind::P256)?.signers())
        .random(Arc::new(SystemRandom))
        .sealer(Arc::new(Aes256GcmSealer::generate()?))
        .build()?;
    let script = [(header::CONTENT_TYPE, "text/javascript")];
    Ok(Router::new()
        .route("/authorize", get(authorize))
        .route("/decide", post(decide))
        .route("/answer.js", get(async move || (script, SCRIPT)))
        .with_state(Arc::new(server)))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let listen = env::args().nth(1).unwrap_or("127.0.0.1:4004".into());
    let listener = tokio::net::TcpListener::bind(listen).await?;
    println!("http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, router()?).await?)
}
