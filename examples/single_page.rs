//! A single-page front end that gets the answer as JSON and sends the browser there itself, at
//! <http://127.0.0.1:4006/authorize?client_id=web&response_type=code&response_mode=form_post.jwt>:
//! `cargo run --example single_page --features axum`. Argument: where to listen.

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
use jarm::response::{AuthorizationError, AuthorizationResponse, EncodedResponse, InlineScript};
use jarm::{AuthorizationServer, ClientId, Configuration, RedirectUriPolicy};
use maud::{DOCTYPE, PreEscaped, html};
use serde_json::{Map, Value, json};

type Failure = Box<dyn std::error::Error>;

const SESSION: &str = "session-1"; // yours: the id in the session's cookie, which the script cannot read

/// What goes out, as data.
pub(crate) fn to_json(encoded: &EncodedResponse) -> Option<Value> {
    match encoded {
        EncodedResponse::Redirect(redirect) => {
            Some(json!({ "redirect": { "location": redirect.location() } }))
        }
        EncodedResponse::Document(document) => {
            let form = document.form()?; // a mode of your own may have none: send its page
            let fields = form
                .fields()
                .map(|(name, value)| (name.to_owned(), value.into()));
            let fields: Map<String, Value> = fields.collect();
            Some(json!({ "form": { "action": form.action(), "fields": fields } }))
        }
        _ => None,
    }
}

/// The front end. A form of its own posts, since a `fetch` would not take the user along.
const SCRIPT: &str = r#"
const form = document.querySelector("form");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  const answer = await (await fetch("decide", { method: "POST", body })).json();
  if (answer.redirect) location.replace(answer.redirect.location);
  else if (answer.form) post(answer.form);
  else document.body.textContent = answer.error;
});

function post({ action, fields }) {
  const form = Object.assign(document.createElement("form"), { method: "post", action });
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  document.body.append(form);
  HTMLFormElement.prototype.submit.call(form);
}
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
    let Ok(script) = InlineScript::try_new(SCRIPT) else {
        return Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response());
    };
    // Without the client in `form-action` the browser does not let the script post to it.
    let policy = format!(
        "default-src 'none'; script-src {}; connect-src 'self'; form-action 'self' {}; base-uri 'none'; frame-ancestors 'none'",
        script.csp_source(),
        pending.target().csp_source()
    );
    let token = server.seal(pending, SESSION)?;
    let page = html! {
        (DOCTYPE)
        title { "Do you agree?" }
        form {
            input type="hidden" name="client_id" value=(client.client_id());
            input type="hidden" name="token" value=(token);
            button name="decision" value="approve" { "Approve" }
            button name="decision" value="deny" { "Deny" }
        }
        script { (PreEscaped(script.source())) }
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, "strict-origin".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()), // it holds the token
    ];
    Ok((headers, page.into_string()).into_response())
}

/// `POST /decide`: the answer as JSON, be it a success or an error; and what the user is told when
/// there is none. It has no CORS header, so no other origin reads it.
async fn decide(
    State(server): State<Arc<AuthorizationServer>>,
    headers: HeaderMap,
    Parameters(form): Parameters,
) -> Response {
    let site = headers.get("sec-fetch-site");
    if site.is_some_and(|own| own != "same-origin") {
        return StatusCode::FORBIDDEN.into_response();
    }
    let answered = async {
        let (client, _) = find_client(form.single("client_id")?)?;
        let token = form.single("token")?.unwrap_or_default();
        let pending = server.unseal(token, client.client_id(), SESSION)?;
        let outcome: AuthorizationResponse = match form.single("decision")? {
            Some("approve") => AuthorizationResponse::code("SplxlOBeZQQYbYS6WxSbIA"),
            _ => AuthorizationError::access_denied().into(),
        };
        server.respond(pending, &client, outcome).await
    };
    let (status, body) = match answered.await {
        Ok(encoded) => match to_json(&encoded) {
            Some(json) => (200, json),
            None => (
                501,
                json!({ "error": "This mode needs a page of its own." }),
            ),
        },
        Err(error) => (
            error.http_status(),
            json!({ "error": error.public_message() }),
        ),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body.to_string()).into_response()
}

/// Your store.
fn find_client(client_id: Option<&str>) -> Result<(Client, &'static str), Error> {
    let client_id = client_id.filter(|own| *own == "web");
    let client_id = client_id.and_then(|own| ClientId::try_new(own.to_owned()).ok());
    let client = Client::new(client_id.ok_or(Error::UnknownClient)?);
    Ok((client, "https://client.example/cb"))
}

pub(crate) fn router() -> Result<Router, Failure> {
    let mut configuration = Configuration::new("http://127.0.0.1:4006".parse()?);
    configuration.default_signing_alg = Some("ES256".parse()?);
    let server = AuthorizationServer::builder(configuration)
        .signers(SigningKey::generate(KeyKind::P256)?.signers())
        .random(Arc::new(SystemRandom))
        .sealer(Arc::new(Aes256GcmSealer::generate()?))
        .build()?;
    Ok(Router::new()
        .route("/authorize", get(authorize))
        .route("/decide", post(decide))
        .with_state(Arc::new(server)))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let listen = env::args().nth(1).unwrap_or("127.0.0.1:4006".into());
    let listener = tokio::net::TcpListener::bind(listen).await?;
    println!("http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, router()?).await?)
}
