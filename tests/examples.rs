//! The examples do what they say, and their output holds nothing of requests and responses.

#![cfg(feature = "axum")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its fixture too"
)]

#[cfg(feature = "actix-web")]
#[expect(dead_code, reason = "`main`")]
#[path = "../examples/actix.rs"]
mod actix;
#[expect(dead_code, reason = "`main`")]
#[path = "../examples/audit.rs"]
mod audit;
#[expect(dead_code, reason = "`main`")]
#[path = "../examples/database_row.rs"]
mod database_row;
#[expect(dead_code, reason = "`main`")]
#[path = "../examples/htmx.rs"]
mod htmx;
#[expect(dead_code, reason = "`main`")]
#[path = "../examples/metrics.rs"]
mod metrics;
#[path = "examples/recipes.rs"]
mod recipes;
#[expect(dead_code, reason = "`main`")]
#[path = "../examples/sealed_token.rs"]
mod sealed_token;
#[expect(dead_code, reason = "`main`")]
#[path = "../examples/single_page.rs"]
mod single_page;
#[expect(dead_code, reason = "`main`")]
#[path = "../examples/tenants.rs"]
mod tenants;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, Request};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jarm::authorization_server::{Error, PendingError};
use jarm::metadata::Client;
use jarm::response::EncodedResponse;
use jarm::{ClientId, RedirectUriPolicy, RequestParameters};
use serde_json::Value;
use tower::ServiceExt as _;

/// What must be nowhere in metrics and trail: the example's code, and what this request sends.
const SECRETS: [&str; 3] = ["canary", "SplxlOBeZQQYbYS6WxSbIA", "client.example"];

async fn get(router: &Router, path: &str) -> (u16, HeaderMap, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, headers, String::from_utf8(body.to_vec()).unwrap())
}

fn assert_tells_no_secret(text: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[tokio::test]
async fn metrics_are_counted_by_outcome_mode_and_error() {
    let router = metrics::router(Arc::default()).unwrap();
    for (request, times) in [
        ("response_type=code", 3),
        ("response_type=code&response_mode=jwt", 2),
        ("response_type=code&login_hint=deny", 1),
        ("response_type=code&response_mode=canary", 1),
        ("response_type=canary", 1),
    ] {
        for _ in 0..times {
            let request = format!("/authorize?client_id=web&state=canary&nonce=canary&{request}");
            assert_eq!(get(&router, &request).await.0, 303);
        }
    }
    let (status, headers, text) = get(&router, "/metrics").await;
    assert_eq!(status, 200);
    assert_eq!(
        headers[CONTENT_TYPE],
        "text/plain; version=0.0.4; charset=utf-8"
    );
    for (outcome, mode, error, count) in [
        ("negotiated", "query", "", 4),
        ("negotiated", "query.jwt", "", 2),
        ("answered", "query", "", 3),
        ("answered", "query.jwt", "", 2),
        ("answered", "query", "access_denied", 1),
        ("refused", "query", "invalid_request", 1),
        ("answered", "query", "invalid_request", 1),
        ("refused", "query", "unsupported_response_type", 1),
    ] {
        let line = format!(
            "\njarm_events_total{{outcome=\"{outcome}\",response_mode=\"{mode}\",error=\"{error}\"}} {count}\n"
        );
        assert!(text.contains(&line), "{line} is not in {text}");
    }
    // The text format 0.0.4: every line is a comment or a sample.
    for line in text.lines() {
        assert!(line.starts_with("# ") || line.rsplit_once("} ").unwrap().1.parse::<u64>().is_ok());
    }
    assert_tells_no_secret(&text);
}

fn response(encoded: &EncodedResponse) -> String {
    let EncodedResponse::Redirect(redirect) = encoded else {
        panic!("no redirect");
    };
    let (_, jwt) = redirect.location().split_once("response=").unwrap();
    jwt.to_owned()
}

#[tokio::test]
async fn a_jwt_that_turns_up_is_found_in_the_audit_trail() {
    let trail = Arc::new(audit::AuditTrail(Mutex::new(Vec::new())));
    let server = audit::server(trail.clone()).unwrap();
    let asked = "response_type=code&response_mode=jwt&state=canary&nonce=canary";
    let (one, other) = (
        audit::answer(&server, asked).await.unwrap(),
        audit::answer(&server, asked).await.unwrap(),
    );
    let refused = "response_type=code&response_mode=canary&state=canary";
    audit::answer(&server, refused).await.unwrap();

    let written = String::from_utf8(trail.0.lock().unwrap().clone()).unwrap();
    assert_tells_no_secret(&written);
    let lines: Vec<Value> = written
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let outcomes: Vec<_> = lines.iter().map(|line| line["outcome"].clone()).collect();
    let expected = [
        "negotiated",
        "answered",
        "negotiated",
        "answered",
        "refused",
        "answered",
    ];
    assert_eq!(outcomes, expected);
    assert_eq!(lines[5]["error"], "invalid_request");
    for line in &lines {
        assert_eq!(line["issuer"], "https://as.example");
        assert_eq!(line["client_id"], "web");
        assert!(line["duration_us"].is_u64() && line["at"].is_u64());
        assert!(!line.to_string().contains("canary"));
    }

    for (jwt, line) in [(response(&one), &lines[1]), (response(&other), &lines[3])] {
        assert!(!written.contains(&jwt));
        let found = audit::find(written.as_bytes(), &jwt).unwrap();
        assert_eq!(found.as_ref(), Some(line));
        assert_eq!(line["response_mode"], "query.jwt");
        assert_eq!(line["algorithm"], "ES256");
        let [header, claims] = [0, 1].map(|at| part(&jwt, at));
        assert_eq!(line["key_id"], header["kid"]);
        assert_eq!(line["jti"], claims["jti"]);
        assert_eq!(line["sha256"].as_str().unwrap().len(), 64);
    }
    assert_eq!(audit::find(written.as_bytes(), "a.b.c").unwrap(), None);
}

/// A part of a JWT, unverified.
fn part(jwt: &str, at: usize) -> Value {
    let part = jwt.split('.').nth(at).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn each_tenant_answers_with_its_own_issuer_key_modes_and_policy() {
    let router = tenants::router(tenants::host().unwrap());
    for (tenant, algorithm, modes) in [("blue", "ES256", 7), ("red", "PS256", 3)] {
        let request =
            format!("/{tenant}/authorize?client_id=web&response_type=code&response_mode=jwt");
        let (_, headers, _) = get(&router, &request).await;
        let location = headers[LOCATION].to_str().unwrap();
        let (_, jwt) = location.split_once("response=").unwrap();
        let (header, claims) = (part(jwt, 0), part(jwt, 1));
        let issuer = format!("http://127.0.0.1:4002/{tenant}");
        assert_eq!(
            (claims["iss"].as_str(), claims["aud"].as_str()),
            (Some(issuer.as_str()), Some("web"))
        );
        assert_eq!(header["alg"], algorithm);

        let (_, headers, jwks) = get(&router, &format!("/{tenant}/jwks")).await;
        assert_eq!(headers[CACHE_CONTROL], "max-age=300");
        let jwks: Value = serde_json::from_str(&jwks).unwrap();
        assert_eq!(jwks["keys"].as_array().unwrap().len(), 1);
        assert_eq!(jwks["keys"][0]["kid"], header["kid"]);

        for path in [
            format!("/{tenant}/.well-known/openid-configuration"),
            format!("/.well-known/oauth-authorization-server/{tenant}"),
        ] {
            let (_, _, document) = get(&router, &path).await;
            let document: Value = serde_json::from_str(&document).unwrap();
            assert_eq!(document["issuer"], issuer);
            assert_eq!(document["jwks_uri"], format!("{issuer}/jwks"));
            assert_eq!(
                document["response_modes_supported"]
                    .as_array()
                    .unwrap()
                    .len(),
                modes
            );
        }
    }
    // Red demands JWTs; blue does not.
    for (tenant, added) in [("blue", "?code="), ("red", "?response=")] {
        let request = format!("/{tenant}/authorize?client_id=web&response_type=code");
        let (_, headers, _) = get(&router, &request).await;
        assert!(
            headers[LOCATION].to_str().unwrap().contains(added),
            "{tenant}"
        );
    }
}

#[tokio::test]
async fn an_unknown_tenant_is_not_found_and_nothing_is_kept_of_it() {
    let host = tenants::host().unwrap();
    let router = tenants::router(host.clone());
    for path in [
        "/green/authorize?client_id=web&response_type=code",
        "/green/jwks",
        "/green/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server/green",
    ] {
        assert_eq!(get(&router, path).await.0, 404, "{path}");
    }
    assert_eq!(
        format!("{:?}", host.tenants),
        "Tenants { servers: RwLock { data: {}, poisoned: false, .. } }"
    );
    // A known one is made when it is first asked for.
    assert_eq!(get(&router, "/blue/jwks").await.0, 200);
    let kept = format!("{:?}", host.tenants);
    assert!(kept.contains("\"blue\"") && !kept.contains("\"red\""));
}

#[tokio::test]
async fn what_one_tenant_sealed_is_refused_by_the_other() {
    let host = tenants::host().unwrap();
    let (blue, red) = (
        host.server("blue").unwrap().unwrap(),
        host.server("red").unwrap().unwrap(),
    );
    let client = Client::new(ClientId::try_new("web").unwrap());
    let registered = ["https://client.example/cb".to_owned()];
    let asked = RequestParameters::from_urlencoded("response_type=code&response_mode=jwt");
    let target = RedirectUriPolicy::default()
        .select(&registered, None)
        .unwrap();
    let pending = blue.negotiate(&client, target, &asked).await.unwrap();
    let sealed = blue.seal(pending, "session").unwrap();
    let refused = red.unseal(&sealed, client.client_id(), "session");
    assert!(
        matches!(refused, Err(Error::Pending(PendingError::NotAuthentic))),
        "{refused:?}"
    );
    assert!(blue.unseal(&sealed, client.client_id(), "session").is_ok());
}

#[cfg(feature = "actix-web")]
#[tokio::test]
async fn a_host_on_actix_web_answers_and_refuses_in_the_mode_that_was_asked_for() {
    use actix_web::test::{TestRequest, call_and_read_body, call_service, init_service};

    let server = actix_web::web::Data::new(actix::server().unwrap());
    let app = actix_web::App::new().configure(actix::routes(server));
    let app = init_service(app).await;
    let authorize = |query: &str| {
        let uri = format!("/authorize?client_id=web&state=s&{query}");
        TestRequest::get().uri(&uri).to_request()
    };
    let jwks = TestRequest::get().uri("/jwks").to_request();
    let jwks: Value = serde_json::from_slice(&call_and_read_body(&app, jwks).await).unwrap();
    for (query, claim) in [
        ("response_type=code&response_mode=jwt", "code"),
        ("response_type=canary&response_mode=query.jwt", "error"),
    ] {
        let answer = call_service(&app, authorize(query)).await;
        assert_eq!(answer.status().as_u16(), 303);
        let location = answer.headers().get("location").unwrap();
        let (_, jwt) = location.to_str().unwrap().split_once("response=").unwrap();
        assert_eq!(part(jwt, 0)["kid"], jwks["keys"][0]["kid"]);
        assert!(part(jwt, 1)[claim].is_string(), "{query}");
    }
    let form_post = authorize("response_type=code&response_mode=form_post");
    let page = call_and_read_body(&app, form_post).await;
    let page = String::from_utf8(page.to_vec()).unwrap();
    assert!(
        page.contains("name=\"code\" value=\"SplxlOBeZQQYbYS6WxSbIA\""),
        "{page}"
    );

    let unknown = TestRequest::get().uri("/authorize?client_id=canary");
    let local = call_service(&app, unknown.to_request()).await;
    assert_eq!(local.status().as_u16(), 400);
    assert!(local.headers().get("location").is_none());
}
