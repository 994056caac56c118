//! A client's redirect URI in a real app: what the framework has a hand in. What is decided for
//! every framework is tested with axum.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its fixture too"
)]

use std::sync::Arc;
use std::time::Duration;

use actix_web::body::to_bytes;
use actix_web::http::header::{CONTENT_TYPE, COOKIE, HeaderMap};
use actix_web::http::{Method, StatusCode};
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::web::{self, Data};
use actix_web::{App, HttpRequest};
use jarm_actix_web::{Callback, ClientState};
use jarm_core::client::{InMemoryTransactions, ResponseVerifier, Transaction};
use jarm_core::jose::{Jwk, JwkSet};
use jarm_core::metadata::Client;
use jarm_core::testing::FixedRandom;
use jarm_core::{ClientId, Issuer, ResponseMode};
use jarm_jose::JwaVerifier;
use tokio::time::Instant;

const FORM: &str = "application/x-www-form-urlencoded";

/// Verified in the plain modes, which need no key.
const GOOD: &str = "code=c0de&state=st&iss=https://as.example";

/// A client, whose transactions take this long to be found.
struct Own {
    transactions: InMemoryTransactions,
    verifier: Arc<ResponseVerifier>,
    delay: Duration,
}

impl ClientState for Own {
    async fn take_transaction(&self, request: &HttpRequest) -> Option<Transaction> {
        tokio::time::sleep(self.delay).await;
        self.transactions.take(request.headers().get_all(COOKIE))
    }

    fn verifier(&self, _: &Transaction) -> Option<Arc<ResponseVerifier>> {
        Some(self.verifier.clone())
    }
}

async fn callback(callback: Callback<Own>) -> String {
    let Callback {
        response, state, ..
    } = callback;
    assert_eq!(state.verifier.client().client_id().as_str(), "cid");
    response.into_outcome().unwrap().code.unwrap()
}

/// A client, and a browser that keeps one cookie.
struct Login {
    client: Data<Own>,
    cookie: String,
}

#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: StatusCode,
    headers: Vec<(String, String)>,
    body: String,
}

impl Login {
    fn begin(mode: ResponseMode, delay: u64) -> Self {
        let (issuer, client_id): (Issuer, ClientId) = (
            "https://as.example".parse().unwrap(),
            "cid".parse().unwrap(),
        );
        let begun = Transaction::begin(issuer.clone(), client_id.clone(), &FixedRandom(1));
        let transactions = InMemoryTransactions::new();
        let begun = begun.unwrap().response_mode(mode).with_state("st");
        let (_, set) = transactions.keep(begun);
        let no_keys: JwkSet = std::iter::empty::<Jwk>().collect();
        let verifier = ResponseVerifier::builder(issuer, Client::new(client_id))
            .verifier(Arc::new(JwaVerifier))
            .issuer_keys(Arc::new(no_keys));
        Self {
            client: Data::new(Own {
                transactions,
                verifier: Arc::new(verifier.build().unwrap()),
                delay: Duration::from_millis(delay),
            }),
            cookie: set.split(';').next().unwrap().to_owned(),
        }
    }

    async fn send(&self, request: TestRequest) -> Answer {
        let app = App::new().app_data(self.client.clone());
        let app = init_service(app.default_service(web::to(callback))).await;
        let response = call_service(&app, request.to_request()).await;
        Answer {
            status: response.status(),
            headers: pairs(response.headers()),
            body: {
                let body = to_bytes(response.into_body()).await.unwrap();
                String::from_utf8(body.to_vec()).unwrap()
            },
        }
    }

    fn get(&self, uri: &str) -> TestRequest {
        TestRequest::get()
            .uri(uri)
            .insert_header((COOKIE, self.cookie.as_str()))
    }

    fn post(&self, uri: &str) -> TestRequest {
        let request = self.get(uri).method(Method::POST);
        request.insert_header((CONTENT_TYPE, FORM))
    }
}

fn pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    let pair = |(name, value): (
        &actix_web::http::header::HeaderName,
        &actix_web::http::header::HeaderValue,
    )| { (name.to_string(), value.to_str().unwrap().to_owned()) };
    let mut pairs: Vec<_> = headers.iter().map(pair).collect();
    pairs.sort();
    pairs
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(own, _)| own == name);
        found.unwrap().1.as_str()
    }

    #[track_caller]
    fn verified(&self) {
        assert_eq!((self.status, self.body.as_str()), (StatusCode::OK, "c0de"));
    }

    #[track_caller]
    fn refused(&self) {
        assert_eq!(self.status, StatusCode::BAD_REQUEST);
        assert_eq!(self.header("cache-control"), "no-store");
        assert_eq!(
            self.body,
            "The authorization response is not valid. Go back and try again."
        );
    }

    #[track_caller]
    fn relayed(&self) {
        assert_eq!(self.status, StatusCode::OK);
        assert!(self.body.contains("<form id=\"relay\" method=\"post\">"));
        assert_eq!(self.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(self.header("cache-control"), "no-store");
        assert_eq!(self.header("referrer-policy"), "same-origin");
        assert_eq!(self.header("x-content-type-options"), "nosniff");
        let policy = self.header("content-security-policy");
        assert!(policy.contains("script-src 'sha256-"), "{policy}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_response_is_verified_in_query_form_and_fragment() {
    let login = Login::begin(ResponseMode::QUERY, 0);
    let request = login.get(&format!("/cb?tenant=7&{GOOD}"));
    login.send(request).await.verified();

    let login = Login::begin(ResponseMode::FORM_POST, 0);
    let request = login.post("/cb?tenant=7").set_payload(GOOD);
    login.send(request).await.verified();

    let login = Login::begin(ResponseMode::FRAGMENT, 0);
    login.send(login.get("/cb?tenant=7")).await.relayed();
    let request = login.post("/cb?tenant=7&from=fragment").set_payload(GOOD);
    login.send(request).await.verified();
}

#[tokio::test(start_paused = true)]
async fn a_form_from_another_site_is_posted_once_more_and_then_verified() {
    let login = Login::begin(ResponseMode::FORM_POST, 0);
    let elsewhere = TestRequest::post()
        .insert_header((CONTENT_TYPE, FORM))
        .insert_header(("sec-fetch-site", "cross-site"));
    let page = login.send(elsewhere.set_payload(GOOD)).await;
    page.relayed();
    let field = "<input type=\"hidden\" name=\"code\" value=\"c0de\">";
    assert!(page.body.contains(field), "{}", page.body);
    let own = login.post("/cb").set_payload(GOOD);
    login.send(own).await.verified();
}

#[tokio::test(start_paused = true)]
async fn the_cookie_is_found_among_others_and_counts_once() {
    let login = Login::begin(ResponseMode::QUERY, 0);
    let uri = format!("/cb?{GOOD}");
    let own = login.cookie.as_str();
    let cookies = [b"name=J\xfcrgen; ".as_slice(), own.as_bytes()].concat();
    for is_first in [true, false] {
        let cookies = actix_web::http::header::HeaderValue::from_bytes(&cookies).unwrap();
        let request = TestRequest::get()
            .uri(&uri)
            .append_header((COOKIE, "a=1"))
            .append_header((COOKIE, cookies));
        let answer = login.send(request).await;
        if is_first {
            answer.verified();
        } else {
            answer.refused();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_is_wrong_is_answered_with_the_same_octets() {
    let query = || Login::begin(ResponseMode::QUERY, 0);
    let form = || Login::begin(ResponseMode::FORM_POST, 0);
    let refused = async |login: Login, request: TestRequest| login.send(request).await;
    let good = format!("/cb?{GOOD}");
    let get = |uri: &str| query().get(uri);
    let post = |body: &str| form().post("/cb").set_payload(body.to_owned());
    let of_type = |own: &str| post(GOOD).insert_header((CONTENT_TYPE, own));
    let first = refused(query(), TestRequest::get().uri(&good)).await;
    first.refused();
    for (reason, answer) in [
        (
            "wrong state",
            refused(query(), get(&good.replace("st&", "other&"))).await,
        ),
        ("a JWT", refused(query(), get("/cb?response=a.b.c")).await),
        (
            "twice",
            refused(query(), get(&format!("{good}&{GOOD}"))).await,
        ),
        ("octets", refused(query(), get(&format!("{good}%FF"))).await),
        ("other carrier", refused(form(), get(&good)).await),
        ("empty form", refused(form(), post("")).await),
        ("JSON", refused(form(), of_type("application/json")).await),
        ("no type", refused(form(), of_type("")).await),
        (
            "too much",
            refused(form(), post(&format!("{GOOD}&x={}", "a".repeat(3 << 20)))).await,
        ),
        (
            "HEAD",
            refused(query(), get(&good).method(Method::HEAD)).await,
        ),
        ("PUT", refused(form(), post(GOOD).method(Method::PUT)).await),
    ] {
        assert_eq!(answer, first, "{reason}");
    }
}

#[tokio::test(start_paused = true)]
async fn head_takes_nothing_out() {
    let login = Login::begin(ResponseMode::QUERY, 0);
    let uri = format!("/cb?{GOOD}");
    let head = login.get(&uri).method(Method::HEAD);
    login.send(head).await.refused();
    login.send(login.get(&uri)).await.verified();
}

#[tokio::test(start_paused = true)]
async fn refusals_are_told_at_multiples_of_a_quarter_of_a_second_and_successes_at_once() {
    for (delay, refused) in [(0, 250), (100, 250), (250, 500), (600, 750)] {
        // The timer ticks once a millisecond.
        let told = |after| Duration::from_millis(after)..=Duration::from_millis(after + 2);
        let login = Login::begin(ResponseMode::QUERY, delay);
        let begin = Instant::now();
        login.send(login.get("/cb?code=c&state=x")).await.refused();
        let took = begin.elapsed();
        assert!(told(refused).contains(&took), "{delay}: {took:?}");

        let login = Login::begin(ResponseMode::QUERY, delay);
        let begin = Instant::now();
        let uri = format!("/cb?{GOOD}");
        login.send(login.get(&uri)).await.verified();
        let took = begin.elapsed();
        assert!(told(delay).contains(&took), "{delay}: {took:?}");
    }
}

#[tokio::test]
async fn an_app_without_the_state_answers_nothing() {
    let app = init_service(App::new().route("/cb", web::get().to(callback))).await;
    let request = TestRequest::get().uri(&format!("/cb?{GOOD}"));
    let response = call_service(&app, request.to_request()).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
}
