//! The extractor and the answer in a real app.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its fixture too"
)]

use actix_web::body::to_bytes;
use actix_web::http::header::{CONTENT_TYPE, SET_COOKIE};
use actix_web::http::{Method, StatusCode};
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::web::{self, PayloadConfig};
use actix_web::{App, HttpResponse, Responder as _};
use jarm_actix_web::{Answer, ErrorPage, Parameters};
use jarm_core::authorization_server::PendingError;
use jarm_core::metadata::Client;
use jarm_core::provider::ResponseModeRegistry;
use jarm_core::response::{AuthorizationResponse, EncodedResponse};
use jarm_core::{AuthorizationServer, ClientId, Configuration, RedirectUriPolicy, ResponseMode};

async fn pairs(Parameters(request): Parameters) -> String {
    let pairs: Vec<_> = request
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("|")
}

async fn send(request: TestRequest) -> (StatusCode, String) {
    let app = init_service(App::new().default_service(web::to(pairs))).await;
    let response = call_service(&app, request.to_request()).await;
    let (_, response) = response.into_parts();
    (
        response.status(),
        text(response.map_into_boxed_body()).await,
    )
}

async fn text(response: HttpResponse) -> String {
    let body = to_bytes(response.into_body()).await.unwrap();
    String::from_utf8(body.to_vec()).unwrap()
}

fn header<'a>(response: &'a HttpResponse, name: &str) -> &'a str {
    response.headers().get(name).unwrap().to_str().unwrap()
}

fn post(uri: &str, content_type: &str, body: impl Into<web::Bytes>) -> TestRequest {
    let request = TestRequest::post().uri(uri);
    let request = request.insert_header((CONTENT_TYPE, content_type));
    request.set_payload(body)
}

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn duplicates_reach_the_library() {
    let query = TestRequest::get().uri("/?a=1&a=2&b=%C3%A9+%26");
    let expected = (StatusCode::OK, "a=1|a=2|b=é &".to_owned());
    assert_eq!(send(query).await, expected);
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
    let empty = post("/?response_mode=query", FORM, "");
    assert_eq!(send(empty).await, (StatusCode::OK, String::new()));
}

#[tokio::test]
async fn head_is_refused_because_it_would_be_answered() {
    let head = TestRequest::default().method(Method::HEAD).uri("/?a=1");
    let (status, body) = send(head).await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(!body.contains("a=1"), "{body}");
}

#[tokio::test]
async fn octets_that_are_not_utf_8_are_replaced_and_nothing_is_refused() {
    let expected = (StatusCode::OK, "a=\u{fffd}|b=1".to_owned());
    let query = TestRequest::get().uri("/?a=%FF&b=1");
    assert_eq!(send(query).await, expected);
    let octets = post("/", FORM, b"a=\xff&b=1".to_vec());
    assert_eq!(send(octets).await, expected);
    // A charset counts for nothing: the format is UTF-8.
    let latin = post("/", &format!("{FORM}; charset=iso-8859-1"), "a=%C3%A9");
    assert_eq!(send(latin).await.1, "a=é");
}

#[tokio::test]
async fn other_media_types_and_huge_bodies_are_refused() {
    for other in ["application/json", "multipart/form-data; boundary=x", ""] {
        let (status, _) = send(post("/", other, "{}")).await;
        assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{other}");
    }
    let (status, _) = send(TestRequest::post().set_payload("a=1")).await;
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let huge = post("/", FORM, "a".repeat(3 << 20));
    assert_eq!(send(huge).await.0, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn the_limit_is_that_of_the_app() {
    let app = App::new()
        .app_data(PayloadConfig::new(8))
        .route("/", web::post().to(pairs));
    let app = init_service(app).await;
    for (body, status) in [
        ("a=123456", StatusCode::OK),
        ("a=1234567", StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let response = call_service(&app, post("/", FORM, body).to_request()).await;
        assert_eq!(response.status(), status, "{body}");
    }
}

async fn encoded(mode: ResponseMode) -> EncodedResponse {
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
    server
        .respond(pending, &client, AuthorizationResponse::code("c"))
        .await
        .unwrap()
}

/// What a handler's answer becomes in an app.
async fn answer(mode: ResponseMode) -> HttpResponse {
    let encoded = encoded(mode).await;
    let handler = move || {
        let answer = Answer(encoded.clone());
        async move { answer }
    };
    let app = init_service(App::new().route("/", web::get().to(handler))).await;
    let response = call_service(&app, TestRequest::get().to_request()).await;
    response.into_parts().1.map_into_boxed_body()
}

#[tokio::test]
async fn an_answer_keeps_status_headers_and_body() {
    let redirect = answer(ResponseMode::QUERY).await;
    assert_eq!(redirect.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        header(&redirect, "location"),
        "https://client.example/cb?code=c&iss=https%3A%2F%2Fas.example"
    );
    assert_eq!(header(&redirect, "cache-control"), "no-cache, no-store");

    let page = answer(ResponseMode::FORM_POST).await;
    assert_eq!(page.status(), StatusCode::OK);
    assert_eq!(header(&page, "content-type"), "text/html; charset=UTF-8");
    assert_eq!(header(&page, "x-content-type-options"), "nosniff");
    assert!(text(page).await.contains("<form method=\"post\""));

    for mode in [ResponseMode::QUERY, ResponseMode::FORM_POST] {
        let (encoded, answer) = (encoded(mode.clone()).await, answer(mode).await);
        assert_eq!(answer.headers().len(), encoded.headers().count());
        for (name, value) in encoded.headers() {
            assert_eq!(header(&answer, name), value);
        }
    }
}

#[tokio::test]
async fn an_error_page_tells_no_detail() {
    let refuse = async || -> Result<Answer, ErrorPage> { Err(PendingError::OtherClient.into()) };
    let app = init_service(App::new().route("/", web::get().to(refuse))).await;
    let response = call_service(&app, TestRequest::get().to_request()).await;
    let page = response.into_parts().1.map_into_boxed_body();
    assert_eq!(page.status(), StatusCode::BAD_REQUEST);
    assert_eq!(header(&page, "cache-control"), "no-store");
    assert_eq!(header(&page, "content-type"), "text/plain; charset=utf-8");
    let body = text(page).await;
    assert!(!body.contains("client"));
    assert_eq!(body, ErrorPage::from(PendingError::OtherClient).to_string());
}

#[tokio::test]
async fn cookies_of_the_host_stay_on_redirect_and_page() {
    for mode in [ResponseMode::QUERY, ResponseMode::FORM_POST] {
        let alone = answer(mode.clone()).await;
        let with_cookie = Answer(encoded(mode).await)
            .customize()
            .append_header((SET_COOKIE, "session=1"))
            .respond_to(&TestRequest::get().to_http_request())
            .map_into_boxed_body();
        assert_eq!(header(&with_cookie, "set-cookie"), "session=1");
        assert_eq!(with_cookie.status(), alone.status());
        for (name, value) in alone.headers() {
            assert_eq!(with_cookie.headers().get(name), Some(value));
        }
    }
}
