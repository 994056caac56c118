//! `/`: every response type in every response mode as a link that tries it.

use axum::extract::State;
use axum::response::Response;
use jarm::{AuthorizationServer, ClientId, ResponseMode, ResponseType};
use maud::html;

use crate::InvalidRegistration;
use crate::clients::{Clients, Registration, Trust};
use crate::pages::page;
use crate::state::{App, endpoint};

/// The built-in client, which the configuration file may replace.
pub(crate) const DEMO: &str = "demo";

/// Registers the built-in client, unless the configuration file has one of this name, for every
/// response type that it can be answered in: some are for clients with encryption alone.
pub(crate) fn register(
    clients: &Clients,
    server: &AuthorizationServer,
) -> Result<(), InvalidRegistration> {
    if clients.get(DEMO).is_some() {
        return Ok(());
    }
    let client_id = ClientId::try_new(DEMO)
        .map_err(|error| crate::clients::refused("client_id", error.to_string()))?;
    let register = |clients: &Clients, response_types: Vec<ResponseType>| {
        let mut registration = Registration {
            redirect_uris: vec![endpoint(server, "/callback")],
            name: Some("The playground".to_owned()),
            trust: Trust::Configured,
            ..Registration::default()
        };
        registration.metadata.response_types = Some(response_types);
        registration.metadata.token_endpoint_auth_method = Some("none".to_owned());
        clients
            .register(server, &client_id, None, registration)
            .map(drop)
    };
    let mut response_types = server.metadata().response_types_supported;
    response_types.retain(|own| register(&Clients::default(), vec![own.clone()]).is_ok());
    if response_types.is_empty() {
        tracing::warn!("the built-in client can be answered in no response type");
        return Ok(());
    }
    register(clients, response_types)
}

/// `GET /`
pub(crate) async fn index(State(app): State<App>) -> Response {
    let metadata = app.server.metadata();
    let content = html! {
        h1 { "jarm: the demonstration server" }
        p { "Issuer " code { (app.server.issuer()) } ". Each link asks for authorization as the client "
            code { (DEMO) } ", which verifies the answer at its redirect URI and shows it." }
        table {
            tr {
                th { "response type" }
                th { "no mode" }
                @for mode in &metadata.response_modes_supported { th { code { (mode) } } }
            }
            @for response_type in &metadata.response_types_supported {
                tr {
                    th { code { (response_type) } }
                    td { a href=(link(&app.server, response_type, None)) { "default" } }
                    @for mode in &metadata.response_modes_supported {
                        td { a href=(link(&app.server, response_type, Some(mode))) { (mode) } }
                    }
                }
            }
        }
        p { "A token in the query is refused unless it is encrypted, which this client has not registered: " code { "query.jwt" }
            " shows the error. That to " code { "query" } " comes in the fragment, where the client did not ask for it, so it
            does not believe it." }
        ul {
            li { a href=".well-known/openid-configuration" { "metadata" } }
            li { a href="jwks" { "public keys" } }
            li { a href="inspect" { "take a response apart" } }
        }
    };
    page("jarm: the demonstration server", "", &content)
}

/// The whole URL: the transaction's cookie belongs to the host of the redirect URI, also if the
/// browser called this page by another name.
fn link(
    server: &AuthorizationServer,
    response_type: &ResponseType,
    mode: Option<&ResponseMode>,
) -> String {
    let mode = mode
        .map(|mode| format!("&response_mode={mode}"))
        .unwrap_or_default();
    let response_type = response_type.as_str().replace(' ', "+");
    let begin = endpoint(server, "/begin");
    format!("{begin}?response_type={response_type}{mode}")
}
