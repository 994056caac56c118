//! A host on actix-web: `cargo run --example actix --features actix-web`, then
//! <http://127.0.0.1:4007/authorize?client_id=web&response_type=code&response_mode=form_post.jwt>.

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{App, HttpServer};
use jarm::actix_web::{Answer, ErrorPage, Parameters};
use jarm::authorization_server::Error;
use jarm::jose::{JwkSet, KeyKind, SigningKey};
use jarm::metadata::Client;
use jarm::response::AuthorizationResponse;
use jarm::{AuthorizationServer, ClientId, Configuration, RedirectUriPolicy};

type Failure = Box<dyn std::error::Error>;

/// The server, made once for all of actix-web's workers.
pub(crate) fn server() -> Result<AuthorizationServer, Failure> {
    let mut configuration = Configuration::new("http://127.0.0.1:4007".parse()?);
    configuration.response_types = Some(vec!["code".parse()?]);
    configuration.default_signing_alg = Some("ES256".parse()?);
    let key = SigningKey::generate(KeyKind::P256)?;
    let server = AuthorizationServer::builder(configuration).signers(key.signers());
    Ok(server.build()?)
}

/// The routes; `App::configure` takes them.
pub(crate) fn routes(server: Data<AuthorizationServer>) -> impl FnOnce(&mut ServiceConfig) {
    |config| {
        let endpoint = web::resource("/authorize")
            .route(web::get().to(authorize))
            .route(web::post().to(authorize));
        config.app_data(server).service(endpoint);
        config.route("/jwks", web::get().to(jwks));
    }
}

/// Yours, with login and consent; here everybody approves.
async fn authorize(
    server: Data<AuthorizationServer>,
    Parameters(request): Parameters,
) -> Result<Answer, ErrorPage> {
    let client_id = request.single("client_id")?.filter(|own| *own == "web");
    let client_id = client_id.and_then(|own| ClientId::try_new(own.to_owned()).ok());
    let client = Client::new(client_id.ok_or(Error::UnknownClient)?);
    let registered = ["https://client.example/cb".to_owned()];
    let target =
        RedirectUriPolicy::default().select(&registered, request.single("redirect_uri")?)?;
    let pending = match server.negotiate(&client, target, &request).await {
        Ok(pending) => pending,
        Err(refusal) => return Ok(Answer(server.refuse(refusal, &client).await?)),
    };
    let outcome = AuthorizationResponse::code("SplxlOBeZQQYbYS6WxSbIA");
    Ok(Answer(server.respond(pending, &client, outcome).await?))
}

async fn jwks(server: Data<AuthorizationServer>) -> web::Json<JwkSet> {
    web::Json(server.jwks())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let server = Data::new(server()?);
    let app = move || App::new().configure(routes(server.clone()));
    Ok(HttpServer::new(app).bind("127.0.0.1:4007")?.run().await?)
}
