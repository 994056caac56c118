//! The extractor and the answer in a real router.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its fixture too"
)]

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use axum::routing::get;
use axum::{Router, response::Response};
use jarm_axum::{Answer, ErrorPage, Parameters};
use jarm_core::authorization_server::{Error, PendingError};
use jarm_core::metadata::Client;
use jarm_core::provider::ResponseModeRegistry;
use jarm_core::response::AuthorizationResponse;
use jarm_core::{AuthorizationServer, ClientId, Configuration, RedirectUriPolicy, ResponseMode};
use tower::ServiceExt;

async fn pairs(Parameters(request): Parameters) -> String {
    let pairs: Vec<_> = request
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("|")
}

async fn send(request: Request<Body>) -> (StatusCode, String) {
    let router = Router::new().route("/", get(pairs).post(pairs));
    let response = router.oneshot(request).await.unwrap();
    let status = response.status();
    (status, text(response).await)
}

async fn text(response: Response) -> String {
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    String::from_utf8(body.to_vec()).unwrap()
}

fn post(uri: &str, content_type: &str, body: &str) -> Request<Body> {
    let request = Request::post(uri).header("content-type", content_type);
    request.body(Body::from(body.to_owned())).unwrap()
}

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn head_is_refused_because_it_would_be_answered() {
    let head = Request::head("/?a=1").body(Body::empty()).unwrap();
    let router = Router::new().route("/", get(pairs));
    let response = router.oneshot(head).await.unwrap();
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()["allow"], "GET, POST");
}

#[tokio::test]
async fn duplicates_reach_the_library() {
    let query = Request::get("/?a=1&a=2&b=%C3%A9+%26")
        .body(Body::empty())
        .unwrap();
    assert_eq!(
        send(query).await,
        (StatusCode::OK, "a=1|a=2|b=é &".to_owned())
    );
    let form = post(
        "/",
        "Application/X-WWW-Form-Urlencoded; charset=utf-8",
        "a=1&a=2",
    );
    assert_eq!(send(form).await, (StatusCode::OK, "a=1|a=2".to_owned()));
}

#[tokio::test]
async fn a_post_is_read_from_its_body_alone() {
    let form = post("/?response_mode=query", FORM, "response_mode=jwt");
    assert_eq!(send(form).await.1, "response_mode=jwt");
}

#[tokio::test]
async fn other_media_types_and_huge_bodies_are_refused() {
    let json = post("/", "application/json", "{}");
    assert_eq!(send(json).await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let huge = post("/", FORM, &"a".repeat(3 << 20));
    assert_eq!(send(huge).await.0, StatusCode::PAYLOAD_TOO_LARGE);
}

async fn answer(mode: ResponseMode) -> Response {
    let mut registry = ResponseModeRegistry::new();
    registry
        .register_all(jarm_response_modes::registrations())
        .unwrap();
    let mut configuration = Configuration::new("https://as.example".parse().unwrap());
    configuration
        .response_mode
        .retain(|own| !own.name.names_jwt());
    let server = AuthorizationServer::builder(configuration)
        .registry(registry)
        .build()
        .unwrap();
    let client = Client::new(ClientId::try_new("cid").unwrap());
    let query = format!("response_type=code&response_mode={mode}");
    let request = jarm_core::RequestParameters::from_urlencoded(query);
    let uri = ["https://client.example/cb"];
    let target = RedirectUriPolicy::default().select(&uri, None).unwrap();
    let pending = server.negotiate(&client, target, &request).await.unwrap();
    let encoded = server
        .respond(pending, &client, AuthorizationResponse::code("c"))
        .await
        .unwrap();
    axum::response::IntoResponse::into_response(Answer(encoded))
}

#[tokio::test]
async fn an_answer_keeps_status_headers_and_body() {
    let redirect = answer(ResponseMode::QUERY).await;
    assert_eq!(redirect.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        redirect.headers()["location"],
        "https://client.example/cb?code=c&iss=https%3A%2F%2Fas.example"
    );
    assert_eq!(redirect.headers()["cache-control"], "no-cache, no-store");

    let page = answer(ResponseMode::FORM_POST).await;
    assert_eq!(page.status(), StatusCode::OK);
    assert_eq!(page.headers()["content-type"], "text/html; charset=UTF-8");
    assert_eq!(page.headers()["x-content-type-options"], "nosniff");
    assert!(text(page).await.contains("<form method=\"post\""));
}

#[tokio::test]
async fn an_error_page_tells_no_detail() {
    let page = axum::response::IntoResponse::into_response(ErrorPage(Error::Pending(
        PendingError::OtherClient,
    )));
    assert_eq!(page.status(), StatusCode::BAD_REQUEST);
    assert_eq!(page.headers()["cache-control"], "no-store");
    assert!(!text(page).await.contains("client"));
}

#[tokio::test]
async fn cookies_of_the_host_stay_on_redirect_and_page() {
    for mode in [ResponseMode::QUERY, ResponseMode::FORM_POST] {
        let alone = answer(mode.clone()).await;
        let cookie = [("set-cookie", "session=1")];
        let with_cookie = axum::response::IntoResponse::into_response((cookie, answer(mode).await));
        assert_eq!(with_cookie.headers()["set-cookie"], "session=1");
        assert_eq!(with_cookie.status(), alone.status());
        for (name, value) in alone.headers() {
            assert_eq!(with_cookie.headers().get(name), Some(value));
        }
    }
}
