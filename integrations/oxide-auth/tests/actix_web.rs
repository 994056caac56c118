//! A host on oxide-auth-actix as its browser meets it.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its fixture too"
)]

use std::sync::{Arc, Mutex, MutexGuard};

use actix_web::body::to_bytes;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, COOKIE};
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, Responder};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jarm_core::authorization_server::Error;
use jarm_core::metadata::{Client as JarmClient, ClientMetadata};
use jarm_core::provider::ResponseModeRegistry;
use jarm_core::{AuthorizationServer, Configuration, JwsAlgorithm};
use jarm_jose::{Aes256GcmSealer, KeyKind, SigningKey, SystemRandom};
use jarm_oxide_auth::{Answer, JarmFlow, JarmRequest, LocalError, Ticket};
use oxide_auth::endpoint::{OwnerConsent, Solicitation, WebRequest as _};
use oxide_auth::frontends::simple::endpoint::{Generic, Vacant};
use oxide_auth::primitives::prelude::{AuthMap, Client, ClientMap, RandomGenerator, TokenMap};
use oxide_auth::primitives::registrar::ExactUrl;
use oxide_auth_actix::{OAuthRequest, OAuthResponse};

const REQUEST: &str = "/authorize?response_type=code&client_id=web-app&scope=read&state=xyz";
const REDIRECT_URI: &str = "https://app.example/callback";

struct Host {
    flow: JarmFlow,
    registrar: Mutex<ClientMap>,
    authorizer: Mutex<AuthMap<RandomGenerator>>,
    issuer: Mutex<TokenMap<RandomGenerator>>,
}

type Endpoint<'a> = Generic<
    MutexGuard<'a, ClientMap>,
    MutexGuard<'a, AuthMap<RandomGenerator>>,
    MutexGuard<'a, TokenMap<RandomGenerator>>,
>;

impl Host {
    fn new() -> Self {
        let mut registry = ResponseModeRegistry::new();
        let shipped = jarm_response_modes::registrations();
        registry.register_all(shipped).unwrap();
        let key = SigningKey::generate(KeyKind::P256).unwrap();
        let mut configuration = Configuration::new("https://as.example".parse().unwrap());
        configuration.default_signing_alg = Some(JwsAlgorithm::ES256);
        let server = AuthorizationServer::builder(configuration)
            .registry(registry)
            .signer(key.signer(&JwsAlgorithm::ES256).unwrap())
            .random(Arc::new(SystemRandom))
            .sealer(Arc::new(Aes256GcmSealer::generate().unwrap()))
            .build()
            .unwrap();
        let redirect_uri = ExactUrl::new(REDIRECT_URI.to_owned()).unwrap();
        let client = Client::public("web-app", redirect_uri.into(), "read".parse().unwrap());
        Self {
            flow: JarmFlow::new(server, |client_id| {
                Some(JarmClient::new(client_id.clone()).with_metadata(ClientMetadata::default()))
            }),
            registrar: Mutex::new(ClientMap::from_iter([client])),
            authorizer: Mutex::new(AuthMap::new(RandomGenerator::new(16))),
            issuer: Mutex::new(TokenMap::new(RandomGenerator::new(16))),
        }
    }

    fn endpoint(&self) -> Endpoint<'_> {
        Generic {
            registrar: self.registrar.lock().unwrap(),
            authorizer: self.authorizer.lock().unwrap(),
            issuer: self.issuer.lock().unwrap(),
            solicitor: Vacant,
            scopes: Vacant,
            response: Vacant,
        }
    }
}

async fn authorize(host: Data<Host>, request: JarmRequest<OAuthRequest>) -> impl Responder {
    let ask = |_: &mut OAuthRequest, _: Solicitation<'_>, ticket: &Ticket| {
        OwnerConsent::InProgress(OAuthResponse::ok().body(ticket.as_str()))
    };
    host.flow.authorize(request, || host.endpoint(), ask).await
}

async fn consent(host: Data<Host>, request: JarmRequest<OAuthRequest>) -> impl Responder {
    let decide = |form: &mut OAuthRequest, _: Solicitation<'_>, _: &Ticket| match form.urlbody() {
        Ok(form) if form.unique_value("decision").as_deref() == Some("allow") => {
            OwnerConsent::Authorized("alice".to_owned())
        }
        _ => OwnerConsent::Denied,
    };
    host.flow.resume(request, || host.endpoint(), decide).await
}

async fn send(host: &Data<Host>, request: TestRequest) -> (HttpResponse<()>, String) {
    let app = App::new()
        .app_data(host.clone())
        .route("/authorize", web::get().to(authorize))
        .route("/authorize", web::post().to(consent));
    let app = init_service(app).await;
    let response = call_service(&app, request.to_request()).await;
    let (response, body) = response.into_parts().1.into_parts();
    let body = to_bytes(body).await.ok().unwrap();
    (response, String::from_utf8(body.to_vec()).unwrap())
}

fn header<'a>(response: &'a HttpResponse<()>, name: &str) -> &'a str {
    response.headers().get(name).unwrap().to_str().unwrap()
}

fn decision(ticket: &str, decision: &str) -> TestRequest {
    TestRequest::post()
        .uri("/authorize")
        .insert_header((CONTENT_TYPE, "application/x-www-form-urlencoded"))
        .set_payload(format!("ticket={ticket}&decision={decision}"))
}

/// Asks in a mode and decides; what went out.
async fn decide(mode: &str, decided: &str) -> (HttpResponse<()>, String) {
    let host = Data::new(Host::new());
    let request = TestRequest::get().uri(&format!("{REQUEST}&response_mode={mode}"));
    let (page, ticket) = send(&host, request).await;
    assert_eq!(page.status(), StatusCode::OK, "{ticket}");
    assert_eq!(header(&page, "cache-control"), "no-store");
    let (cookie, attributes) = header(&page, "set-cookie").split_once(';').unwrap();
    assert!(attributes.contains("HttpOnly"), "{attributes}");

    // Another browser, then this one, whose other cookies come in another header.
    let (stays, _) = send(&host, decision(&ticket, decided)).await;
    assert_eq!(stays.status(), StatusCode::BAD_REQUEST);
    let own = decision(&ticket, decided)
        .append_header((COOKIE, "theme=dark"))
        .append_header((COOKIE, cookie));
    send(&host, own).await
}

/// The claims of a redirect whose only parameter is a signed response.
fn claims(redirect: &HttpResponse<()>) -> serde_json::Value {
    assert_eq!(redirect.status(), StatusCode::SEE_OTHER);
    let location = header(redirect, "location");
    let response = location.strip_prefix(REDIRECT_URI).unwrap();
    let response = response.strip_prefix("?response=").unwrap();
    let [_, claims, _] = *response.split('.').collect::<Vec<_>>() else {
        unreachable!("{response}")
    };
    let claims = URL_SAFE_NO_PAD.decode(claims).unwrap();
    serde_json::from_slice(&claims).unwrap()
}

#[tokio::test]
async fn a_decision_is_answered_in_the_negotiated_mode() {
    let (redirect, _) = decide("query.jwt", "allow").await;
    let granted = claims(&redirect);
    assert!(granted["code"].is_string(), "{granted}");
    assert_eq!(granted["state"], "xyz");

    let (redirect, _) = decide("jwt", "deny").await;
    assert_eq!(claims(&redirect)["error"], "access_denied");

    let (page, body) = decide("form_post.jwt", "allow").await;
    assert_eq!(page.status(), StatusCode::OK);
    assert_eq!(header(&page, "cache-control"), "no-cache, no-store");
    assert!(body.contains("name=\"response\""), "{body}");
    assert!(!body.contains("name=\"code\""), "{body}");
}

#[tokio::test]
async fn what_is_refused_at_once_is_a_jwt_and_duplicates_are_seen() {
    let host = Data::new(Host::new());
    for (changed, error) in [
        ("&response_mode=jwt&scope=%22", "invalid_scope"),
        ("&response_mode=jwt&nonce=a&nonce=b", "invalid_request"),
    ] {
        let request = REQUEST.replace("&scope=read", "") + changed;
        let (redirect, _) = send(&host, TestRequest::get().uri(&request)).await;
        assert_eq!(claims(&redirect)["error"], error, "{changed}");
    }
}

#[tokio::test]
async fn what_is_not_bound_stays_local() {
    let host = Data::new(Host::new());
    let request = REQUEST.replace("web-app", "nobody") + "&response_mode=jwt";
    let (page, body) = send(&host, TestRequest::get().uri(&request)).await;
    assert_eq!(page.status(), StatusCode::BAD_REQUEST);
    assert_eq!(header(&page, "cache-control"), "no-store");
    assert_eq!(body, LocalError::<()>::NotBound.public_message());
    assert!(page.headers().get("location").is_none());
}

#[tokio::test]
async fn a_failure_tells_no_detail() {
    let fail = async || -> Result<Answer<OAuthResponse>, LocalError<&str>> {
        Err(LocalError::Endpoint("the database is at 10.0.0.7"))
    };
    let unknown = async || -> Result<Answer<OAuthResponse>, LocalError<&str>> {
        Err(Error::UnknownClient.into())
    };
    let app = App::new()
        .route("/endpoint", web::get().to(fail))
        .route("/client", web::get().to(unknown));
    let app = init_service(app).await;
    for (path, status) in [("/endpoint", 500), ("/client", 400)] {
        let request = TestRequest::get().uri(path).to_request();
        let response = call_service(&app, request).await;
        assert_eq!(response.status().as_u16(), status);
        let body = to_bytes(response.into_body()).await.ok().unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("10.0.0.7"));
    }
}
