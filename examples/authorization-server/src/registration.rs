//! `/register`: dynamic client registration (RFC 7591).

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jarm::configuration::{ConfigurationError, read};
use jarm::jose::{ClientSecret, RandomSourceError};
use jarm::metadata::{ClientMetadata, InvalidClientMetadata};
use jarm::{ClientId, ResponseType};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::InvalidRegistration;
use crate::clients::{RegisteredClient, Registration, Trust, refused};
use crate::discovery::json_response;
use crate::state::App;

/// The members beside the library's [`ClientMetadata`]; others are ignored (RFC 7591 2).
#[derive(Deserialize)]
struct OwnMetadata {
    #[serde(default)]
    redirect_uris: Vec<String>,
    client_name: Option<String>,
}

/// `POST /register`
pub(crate) async fn register(State(app): State<App>, body: Bytes) -> Result<Response, Refused> {
    let registration = parse(&body)?;
    check_jwks_uri(&app, &registration.metadata)?;
    let is_public = registration.metadata.token_endpoint_auth_method.as_deref() == Some("none");
    let client_id = ClientId::try_new(app.random_text()?).map_err(|_| RandomSourceError)?;
    // 512 bits in 86 characters: enough for HS512, whose key is the secret's text (RFC 7518 3.2).
    let secret = if is_public {
        None
    } else {
        Some(app.random_text()? + &app.random_text()?)
    };
    let own_secret = secret.clone().map(ClientSecret::new);
    let client = app
        .clients
        .register(&app.server, &client_id, own_secret, registration)?;

    let mut body = echo(&client);
    if let Value::Object(members) = &mut body {
        members.insert(
            "client_id_issued_at".to_owned(),
            app.clock.now().as_seconds().into(),
        );
        if let Some(secret) = secret {
            members.insert("client_secret".to_owned(), secret.into());
            members.insert("client_secret_expires_at".to_owned(), 0.into());
        }
    }
    Ok(json_response(StatusCode::CREATED, &body))
}

fn parse(body: &[u8]) -> Result<Registration, Refused> {
    let json: Value = serde_json::from_slice(body).map_err(|_| Refused::NotJson)?;
    if !json.is_object() {
        return Err(Refused::NotJson);
    }
    // Two types read one document, because serde's `flatten` would lose the paths of errors.
    let metadata = ClientMetadata::read(json.clone()).map_err(Refused::Malformed)?;
    let OwnMetadata {
        redirect_uris,
        client_name,
    } = read(json)?;
    Ok(Registration {
        redirect_uris,
        metadata,
        name: client_name,
        trust: Trust::SelfRegistered,
        ..Registration::default()
    })
}

/// A URL that is not fetched is refused although nothing is to be encrypted yet: who gives one means
/// it. The library asks its source where there is.
fn check_jwks_uri(app: &App, metadata: &ClientMetadata) -> Result<(), InvalidRegistration> {
    if metadata.jwks_uri.is_none() {
        return Ok(());
    }
    match app.client_keys() {
        Some(source) => Ok(source.admits(metadata)?),
        None => Err(refused(
            "jwks_uri",
            "keys are not fetched here: send them as `jwks`",
        )),
    }
}

/// Every registered value, defaults included (RFC 7591 3.2.1).
fn echo(client: &RegisteredClient) -> Value {
    let metadata = client.client.metadata();
    let values = |value| {
        metadata
            .response_types
            .iter()
            .flatten()
            .any(|own: &ResponseType| own.contains(value))
    };
    let mut grant_types = Vec::new();
    if values("code") {
        grant_types.push("authorization_code");
    }
    if values("token") || values("id_token") {
        grant_types.push("implicit");
    }
    let mut body = json!({
        "client_id": client.client.client_id(),
        "redirect_uris": client.redirect_uris,
        "grant_types": grant_types,
    });
    if let Value::Object(members) = &mut body {
        if let Ok(Value::Object(own)) = serde_json::to_value(metadata) {
            members.extend(own);
        }
        members.extend(
            client
                .name
                .as_deref()
                .map(|name| ("client_name".to_owned(), name.into())),
        );
    }
    body
}

/// Why there is no new client (RFC 7591 3.2.2).
#[derive(Debug)]
pub(crate) enum Refused {
    NotJson,
    Malformed(InvalidClientMetadata),
    Invalid(InvalidRegistration),
    Random(RandomSourceError),
}

impl From<ConfigurationError> for Refused {
    fn from(error: ConfigurationError) -> Self {
        let why = error.problem.to_string();
        Self::Malformed(InvalidClientMetadata::new(error.path, why))
    }
}

impl From<InvalidRegistration> for Refused {
    fn from(error: InvalidRegistration) -> Self {
        Self::Invalid(error)
    }
}

impl From<RandomSourceError> for Refused {
    fn from(error: RandomSourceError) -> Self {
        Self::Random(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        const METADATA: &str = "invalid_client_metadata";
        const REDIRECT_URI: &str = "invalid_redirect_uri";
        let (error, description) = match self {
            Self::NotJson => (
                METADATA,
                "send the client's metadata as one JSON object".to_owned(),
            ),
            Self::Malformed(error) if error.member.starts_with("redirect_uris") => {
                (REDIRECT_URI, error.to_string())
            }
            Self::Malformed(error) => (METADATA, error.to_string()),
            Self::Invalid(invalid) => match &invalid {
                InvalidRegistration::NoRedirectUri | InvalidRegistration::RedirectUri { .. } => {
                    (REDIRECT_URI, invalid.to_string())
                }
                InvalidRegistration::Full => {
                    return StatusCode::SERVICE_UNAVAILABLE.into_response();
                }
                InvalidRegistration::Metadata(_) => (METADATA, invalid.to_string()),
            },
            Self::Random(error) => {
                tracing::error!(%error, "no registration");
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
        };
        let body = json!({ "error": error, "error_description": description });
        json_response(StatusCode::BAD_REQUEST, &body)
    }
}
