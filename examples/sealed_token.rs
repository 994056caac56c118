//! Keeps the pending response in an encrypted token that the browser carries through the login:
//! `cargo run --example sealed_token`.

use std::sync::Arc;

use jarm::authorization_server::Error;
use jarm::jose::{Aes256GcmSealer, KeyKind, SigningKey, SystemRandom};
use jarm::metadata::Client;
use jarm::response::{AuthorizationError, AuthorizationResponse, EncodedResponse};
use jarm::{AuthorizationServer, ClientId, Configuration, RedirectUriPolicy, RequestParameters};

type Failure = Box<dyn std::error::Error>;

/// What the authorize handler does: it answers, or asks the user, on a page with the token and the
/// client's id in hidden inputs.
pub(crate) enum Next {
    Answer(EncodedResponse),
    AskUser { client_id: String, token: String },
}

/// `session` is a value that nobody can give to another browser: the id in the session's cookie.
pub(crate) async fn begin(
    server: &AuthorizationServer,
    session: &str,
    query: &str,
) -> Result<Next, Error> {
    let request = RequestParameters::from_urlencoded(query);
    let (client, redirect_uri) = find_client(request.single("client_id")?)?;
    let target = RedirectUriPolicy::default().select(&[redirect_uri], None)?;
    let pending = match server.negotiate(&client, target, &request).await {
        Ok(pending) => pending,
        Err(refusal) => return Ok(Next::Answer(server.refuse(refusal, &client).await?)),
    };
    Ok(Next::AskUser {
        client_id: client.client_id().to_string(),
        token: server.seal(pending, session)?,
    })
}

/// What the handler of the form does. Another token, client or session is refused.
pub(crate) async fn finish(
    server: &AuthorizationServer,
    session: &str,
    [client_id, token, decision]: [&str; 3],
) -> Result<EncodedResponse, Error> {
    let (client, _) = find_client(Some(client_id))?;
    let pending = server.unseal(token, client.client_id(), session)?;
    let outcome: AuthorizationResponse = match decision {
        "approve" => AuthorizationResponse::code("SplxlOBeZQQYbYS6WxSbIA"),
        _ => AuthorizationError::access_denied().into(),
    };
    server.respond(pending, &client, outcome).await // once, however often the token is sent
}

/// Your store.
fn find_client(client_id: Option<&str>) -> Result<(Client, &'static str), Error> {
    let client_id = client_id.filter(|own| matches!(*own, "web" | "other"));
    let client_id = client_id.and_then(|own| ClientId::try_new(own.to_owned()).ok());
    let client = Client::new(client_id.ok_or(Error::UnknownClient)?);
    Ok((client, "https://client.example/cb"))
}

pub(crate) fn server() -> Result<AuthorizationServer, Failure> {
    let mut configuration = Configuration::new("https://as.example".parse()?);
    configuration.default_signing_alg = Some("ES256".parse()?);
    Ok(AuthorizationServer::builder(configuration)
        .signers(SigningKey::generate(KeyKind::P256)?.signers())
        .random(Arc::new(SystemRandom))
        .sealer(Arc::new(Aes256GcmSealer::generate()?)) // yours: one key for all processes
        .build()?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let (server, session) = (server()?, "session-1");
    let query = "client_id=web&response_type=code&response_mode=form_post.jwt&state=x";
    let encoded = match begin(&server, session, query).await? {
        Next::Answer(encoded) => encoded,
        Next::AskUser { client_id, token } => {
            println!("token: {token}");
            finish(&server, session, [&client_id, &token, "deny"]).await?
        }
    };
    println!("{}", encoded.body());
    Ok(())
}
