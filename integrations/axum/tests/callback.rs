//! A client's redirect URI in a real router: what is verified, what is sent once more, and that
//! everything else is answered alike.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, its fixture too"
)]

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::header::COOKIE;
use axum::http::request::{Builder, Parts};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jarm_axum::{Callback, ClientState};
use jarm_core::client::{InMemoryTransactions, ResponseVerifier, Transaction};
use jarm_core::jose::JwkSet;
use jarm_core::metadata::{Client, ClientMetadata};
use jarm_core::testing::{FixedClock, FixedRandom};
use jarm_core::{ClientId, Issuer, JwsAlgorithm, ResponseMode, ResponseType};
use jarm_jose::{JwaVerifier, KeyKind, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;
use tower::ServiceExt;

const ISSUER: &str = "https://as.example";
const NOW: u64 = 1_800_000_000;
const FORM: &str = "application/x-www-form-urlencoded";
const QUANTUM: Duration = Duration::from_millis(250);

fn key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate(KeyKind::P256).unwrap())
}

/// A client.
struct App {
    transactions: InMemoryTransactions,
    verifier: Option<Arc<ResponseVerifier>>,
}

impl ClientState for App {
    async fn take_transaction(&self, request: &Parts) -> Option<Transaction> {
        if let Some(Delay(delay)) = request.extensions.get() {
            tokio::time::sleep(*delay).await;
        }
        self.transactions.take(request.headers.get_all(COOKIE))
    }

    fn verifier(&self, _: &Transaction) -> Option<Arc<ResponseVerifier>> {
        self.verifier.clone()
    }
}

/// How long it takes to find the transaction.
#[derive(Clone, Copy)]
struct Delay(Duration);

async fn callback(_: State<Arc<App>>, Callback { response, .. }: Callback) -> String {
    match response.into_outcome() {
        Ok(success) => success.code.unwrap_or_else(|| "no code".to_owned()),
        Err(error) => error.error().to_string(),
    }
}

fn verifier() -> Arc<ResponseVerifier> {
    let jwks: JwkSet = [key().public_jwk()].into_iter().collect();
    let mut metadata = ClientMetadata::default();
    metadata.authorization_signed_response_alg = Some(JwsAlgorithm::ES256);
    let client = Client::new(client_id()).with_metadata(metadata);
    let verifier = ResponseVerifier::builder(issuer(), client)
        .verifier(Arc::new(JwaVerifier))
        .issuer_keys(Arc::new(jwks))
        .clock(Arc::new(FixedClock(NOW)));
    Arc::new(verifier.build().unwrap())
}

fn issuer() -> Issuer {
    ISSUER.parse().unwrap()
}

fn client_id() -> ClientId {
    "cid".parse().unwrap()
}

/// A transaction in a mode, with the state `st`; each number is another one.
fn transaction(mode: ResponseMode, number: u8) -> Transaction {
    let begun = Transaction::begin(issuer(), client_id(), &FixedRandom(number)).unwrap();
    begun.response_mode(mode).with_state("st")
}

/// A client's router, and a browser that keeps one cookie.
struct Login {
    router: Router,
    app: Arc<App>,
    cookie: String,
}

impl Login {
    fn begin(mode: ResponseMode) -> Self {
        Self::begin_with(Some(verifier()), mode)
    }

    fn begin_with(verifier: Option<Arc<ResponseVerifier>>, mode: ResponseMode) -> Self {
        let transactions = InMemoryTransactions::new();
        let (_, set) = transactions.keep(transaction(mode, 1));
        let app = Arc::new(App {
            transactions,
            verifier,
        });
        let callback = get(callback).post(callback);
        let router = Router::new().route("/cb", callback).with_state(app.clone());
        let cookie = pair(&set);
        Self {
            router,
            app,
            cookie,
        }
    }

    async fn send(&self, request: Builder, body: impl Into<Body>) -> Answer {
        let request = request.body(body.into()).unwrap();
        Answer::read(self.router.clone().oneshot(request).await.unwrap()).await
    }

    /// Comes back by a link or redirect.
    async fn open(&self, query: &str) -> Answer {
        let request = Request::get(format!("/cb?{query}")).header("cookie", &self.cookie);
        self.send(request, Body::empty()).await
    }

    /// Comes back by a form.
    async fn post(&self, query: &str, body: &str) -> Answer {
        let request = form(query).header("cookie", &self.cookie);
        self.send(request, body.to_owned()).await
    }
}

fn form(query: &str) -> Builder {
    Request::post(format!("/cb{query}")).header("content-type", FORM)
}

/// The pair of a `Set-Cookie`.
fn pair(set: &str) -> String {
    set.split(';').next().unwrap().to_owned()
}

#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        Self {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    #[track_caller]
    fn verified(&self) {
        assert_eq!((self.status, self.body.as_str()), (StatusCode::OK, "c0de"));
    }

    #[track_caller]
    fn refused(&self) {
        assert_eq!(self.status, StatusCode::BAD_REQUEST);
        assert_eq!(self.headers["cache-control"], "no-store");
        assert_eq!(
            self.body,
            "The authorization response is not valid. Go back and try again."
        );
    }

    #[track_caller]
    fn relayed(&self) {
        assert_eq!(self.status, StatusCode::OK);
        assert!(self.body.contains("<form id=\"relay\" method=\"post\">"));
    }

    /// The text between two others.
    #[track_caller]
    fn between(&self, before: &str, after: &str) -> &str {
        let (_, rest) = self.body.split_once(before).unwrap();
        rest.split_once(after).unwrap().0
    }
}

/// A good response, with other claims; `null` takes one away.
async fn response_with(changes: Value) -> String {
    let mut claims = json!({
        "iss": ISSUER, "aud": "cid", "exp": NOW + 120, "code": "c0de", "state": "st",
    });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let members = claims.as_object_mut().unwrap();
    members.retain(|_, own| !own.is_null());
    let encode = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
    let header = json!({ "alg": "ES256" }).to_string();
    let input = [header, claims.to_string()].map(|part| encode(part.as_bytes()));
    let input = input.join(".");
    let signer = key().signer(&JwsAlgorithm::ES256).unwrap();
    let signature = signer.sign(input.as_bytes()).await.unwrap();
    format!("response={input}.{}", encode(&signature))
}

async fn response() -> String {
    response_with(json!({})).await
}

#[tokio::test(start_paused = true)]
async fn a_response_is_verified_in_the_query_and_in_a_form() {
    for mode in [ResponseMode::JWT, ResponseMode::QUERY_JWT] {
        let login = Login::begin(mode);
        login.open(&response().await).await.verified();
    }
    let login = Login::begin(ResponseMode::FORM_POST_JWT);
    login.post("", &response().await).await.verified();
}

#[tokio::test(start_paused = true)]
async fn an_error_that_is_verified_is_no_refusal() {
    let login = Login::begin(ResponseMode::JWT);
    let error = response_with(json!({ "code": null, "error": "access_denied" })).await;
    assert_eq!(login.open(&error).await.body, "access_denied");
}

#[tokio::test(start_paused = true)]
async fn a_redirect_uri_keeps_its_own_query() {
    let response = response().await;
    let login = Login::begin(ResponseMode::QUERY_JWT);
    login.open(&format!("tenant=7&{response}")).await.verified();
    let login = Login::begin(ResponseMode::FORM_POST_JWT);
    login.post("?tenant=7", &response).await.verified();
    let login = Login::begin(ResponseMode::FRAGMENT_JWT);
    login.open("tenant=7").await.relayed();
    let handed_over = login.post("?tenant=7&from=fragment", &response).await;
    handed_over.verified();
}

#[tokio::test(start_paused = true)]
async fn a_response_comes_in_the_mode_that_was_asked_for() {
    let response = response().await;
    let modes = [
        ResponseMode::QUERY_JWT,
        ResponseMode::FORM_POST_JWT,
        ResponseMode::FRAGMENT_JWT,
    ];
    for asked in &modes {
        for came in &modes {
            let login = Login::begin(asked.clone());
            let answer = match came.as_str() {
                "query.jwt" => login.open(&response).await,
                "form_post.jwt" => login.post("", &response).await,
                _ => login.post("?from=fragment", &response).await,
            };
            if asked == came {
                answer.verified();
            } else {
                answer.refused();
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_query_is_no_fragment_whatever_it_says() {
    let login = Login::begin(ResponseMode::FRAGMENT_JWT);
    let query = format!("from=fragment&{}", response().await);
    login.open(&query).await.refused();
}

#[tokio::test(start_paused = true)]
async fn a_get_without_a_response_hands_the_fragment_over() {
    let login = Login::begin(ResponseMode::FRAGMENT_JWT);
    for query in ["", "tenant=7", "x=response"] {
        let page = login.open(query).await;
        page.relayed();
        assert!(!page.body.contains("<input"), "{}", page.body);
        assert!(page.body.contains("location.hash"));
    }
    // Nothing was taken out by that.
    let handed_over = login.post("?from=fragment", &response().await).await;
    handed_over.verified();
}

#[tokio::test(start_paused = true)]
async fn a_response_to_the_type_none_is_one() {
    let none = ResponseType::try_new("none").unwrap();
    let login = Login::begin(ResponseMode::QUERY);
    let begun = transaction(ResponseMode::QUERY, 2).response_type(none);
    let (_, set) = login.app.transactions.keep(begun);
    let login = Login {
        cookie: pair(&set),
        ..login
    };
    let answer = login.open("state=st&iss=https://as.example").await;
    assert_eq!(answer.body, "no code");
}

#[tokio::test(start_paused = true)]
async fn a_page_that_sends_once_more_runs_its_own_script_alone_and_is_not_kept() {
    let login = Login::begin(ResponseMode::FRAGMENT_JWT);
    let hand_over = login.open("").await;
    let elsewhere = form("").header("sec-fetch-site", "cross-site");
    let repost = login.send(elsewhere, response().await).await;
    for page in [hand_over, repost] {
        page.relayed();
        let script = page.between("<script>", "</script>");
        let hash = STANDARD.encode(Sha256::digest(script));
        assert_eq!(
            page.headers["content-security-policy"],
            format!(
                "default-src 'none'; script-src 'sha256-{hash}'; base-uri 'none'; frame-ancestors 'none'"
            )
        );
        for (name, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "no-store"),
            ("referrer-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(page.headers[name], value);
        }
        assert_eq!(page.body.matches("<script").count(), 1);
        assert!(!page.body.contains("action="), "it goes where it came from");
    }
}

#[tokio::test(start_paused = true)]
async fn a_form_from_another_site_is_posted_once_more_and_then_verified() {
    let login = Login::begin(ResponseMode::FORM_POST_JWT);
    let response = response().await;
    let hostile =
        "&%22%3E%3Cscript%3Ealert(1)%3C/script%3E=%27%22%3E%3C/form%3E%26amp;&submit=&a=1&a=2";
    let body = format!("{response}{hostile}");
    let elsewhere = form("").header("sec-fetch-site", "cross-site");
    let page = login.send(elsewhere, body.clone()).await;
    page.relayed();

    let jwt = response.strip_prefix("response=").unwrap();
    let field = |name: &str, value: &str| {
        format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
    };
    let fields = [
        field("response", jwt),
        field(
            "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
            "&#39;&quot;&gt;&lt;/form&gt;&amp;amp;",
        ),
        field("submit", ""),
        field("a", "1"),
        field("a", "2"),
    ];
    let found = page.between("method=\"post\">", "<noscript>");
    assert_eq!(found, fields.concat());

    let own = form("")
        .header("sec-fetch-site", "same-origin")
        .header("cookie", &login.cookie);
    login.send(own, body).await.verified();
}

#[tokio::test(start_paused = true)]
async fn a_form_is_posted_once_more_only_where_cookies_were_kept_back() {
    let response = response().await;
    let login = Login::begin(ResponseMode::FORM_POST_JWT);
    // Where it would be the same again, or the browser does not say.
    for site in ["same-origin", "same-site", "none", "Cross-Site"] {
        let request = form("").header("sec-fetch-site", site);
        login.send(request, response.clone()).await.refused();
    }
    login.send(form(""), response.clone()).await.refused();
    // A GET brings them along.
    let request = Request::get(format!("/cb?{response}")).header("sec-fetch-site", "cross-site");
    login.send(request, Body::empty()).await.refused();
    // A browser that sends them anyway is not asked twice.
    let request = form("")
        .header("sec-fetch-site", "cross-site")
        .header("cookie", &login.cookie);
    login.send(request, response).await.verified();
}

#[tokio::test(start_paused = true)]
async fn a_form_that_is_too_large_to_be_a_response_is_not_posted_once_more() {
    let login = Login::begin(ResponseMode::FORM_POST_JWT);
    for (body, is_relayed) in [
        ("=&".repeat(256), true),
        ("=&".repeat(257), false),
        (format!("a={}", "'".repeat(64 * 1024 - 1)), true),
        (format!("a={}", "'".repeat(64 * 1024)), false),
    ] {
        let elsewhere = form("").header("sec-fetch-site", "cross-site");
        let answer = login.send(elsewhere, body).await;
        if is_relayed {
            answer.relayed();
        } else {
            answer.refused();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_response_counts_once() {
    let login = Login::begin(ResponseMode::JWT);
    let response = response().await;
    login.open(&response).await.verified();
    login.open(&response).await.refused();
}

#[tokio::test(start_paused = true)]
async fn a_response_that_is_refused_ends_the_login_too() {
    let login = Login::begin(ResponseMode::JWT);
    login.open("response=x").await.refused();
    login.open(&response().await).await.refused();
}

#[tokio::test(start_paused = true)]
async fn the_cookie_of_another_browser_finds_nothing() {
    let login = Login::begin(ResponseMode::JWT);
    let response = response().await;
    let other = transaction(ResponseMode::JWT, 2).id();
    for cookie in [
        format!("__Host-transaction={other}"),
        "__Host-transaction=".to_owned(),
        login.cookie.to_lowercase(),
        login.cookie.replace("__Host-", ""),
        login.cookie.replace("__Host-", "x__Host-"),
        login.cookie.replace('=', "2="),
        format!("{}x", login.cookie),
    ] {
        let request = Request::get(format!("/cb?{response}")).header("cookie", &cookie);
        let answer = login.send(request, Body::empty()).await;
        answer.refused();
    }
    login.open(&response).await.verified();
}

#[tokio::test(start_paused = true)]
async fn of_two_logins_in_one_browser_the_later_one_counts() {
    let begin_twice = || {
        let login = Login::begin(ResponseMode::JWT);
        let second = transaction(ResponseMode::JWT, 2).with_state("second");
        let (_, set) = login.app.transactions.keep(second);
        let cookie = pair(&set);
        Login { cookie, ..login }
    };
    let to_first = response().await;
    let to_second = response_with(json!({ "state": "second" })).await;
    let login = begin_twice();
    login.open(&to_second).await.verified();
    login.open(&to_first).await.refused();
    let login = begin_twice();
    login.open(&to_first).await.refused();
    login.open(&to_second).await.refused();
}

/// Requests that are refused, each for a reason of its own.
async fn refusals() -> Vec<(&'static str, Answer)> {
    let good = response().await;
    let jwt = || Login::begin(ResponseMode::JWT);
    let post = || Login::begin(ResponseMode::FORM_POST_JWT);
    let other_state = response_with(json!({ "state": "other" })).await;
    let other_issuer = response_with(json!({ "iss": "https://evil.example" })).await;
    let expired = response_with(json!({ "exp": 1 })).await;
    let (input, _) = good.rsplit_once('.').unwrap();
    let unsigned = format!("{input}.{}", URL_SAFE_NO_PAD.encode([1; 64]));
    let without_cookie = Request::get(format!("/cb?{good}"));
    let no_verifier = Login::begin_with(None, ResponseMode::JWT);
    let with_type = |own: &str, content_type: &str| {
        Request::post("/cb")
            .header("cookie", own)
            .header("content-type", content_type)
    };
    let (json, multipart, untyped, huge, head) = (post(), post(), post(), post(), jwt());
    let too_much = "a".repeat(3 << 20);
    vec![
        (
            "no transaction",
            jwt().send(without_cookie, Body::empty()).await,
        ),
        ("no verifier", no_verifier.open(&good).await),
        ("wrong state", jwt().open(&other_state).await),
        ("wrong issuer", jwt().open(&other_issuer).await),
        ("expired", jwt().open(&expired).await),
        ("wrong signature", jwt().open(&unsigned).await),
        ("no JWT", jwt().open("response=x").await),
        ("twice", jwt().open(&format!("{good}&{good}")).await),
        ("plain", jwt().open("code=c0de&state=st").await),
        (
            "plain error",
            jwt().open("error=access_denied&state=st").await,
        ),
        ("empty form", post().post("", "").await),
        (
            "JSON",
            json.send(with_type(&json.cookie, "application/json"), "{}")
                .await,
        ),
        (
            "multipart",
            multipart
                .send(
                    with_type(&multipart.cookie, "multipart/form-data; boundary=x"),
                    good.clone(),
                )
                .await,
        ),
        (
            "no type",
            untyped
                .send(
                    Request::post("/cb").header("cookie", &untyped.cookie),
                    good.clone(),
                )
                .await,
        ),
        (
            "too much",
            huge.post("", &format!("{good}&x={too_much}")).await,
        ),
        ("other carrier", post().open(&good).await),
        (
            "HEAD with a body that is dropped",
            Answer {
                body: String::from(
                    "The authorization response is not valid. Go back and try again.",
                ),
                ..head
                    .send(
                        Request::head(format!("/cb?{good}")).header("cookie", &head.cookie),
                        Body::empty(),
                    )
                    .await
            },
        ),
    ]
}

#[tokio::test(start_paused = true)]
async fn whatever_is_wrong_is_answered_with_the_same_octets() {
    let refusals = refusals().await;
    let (_, first) = &refusals[0];
    first.refused();
    for (reason, answer) in &refusals {
        assert_eq!(answer, first, "{reason}");
    }
}

#[tokio::test(start_paused = true)]
async fn head_takes_nothing_out() {
    let login = Login::begin(ResponseMode::JWT);
    let response = response().await;
    let request = Request::head(format!("/cb?{response}")).header("cookie", &login.cookie);
    let answer = login.send(request, Body::empty()).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    login.open(&response).await.verified();
}

#[tokio::test(start_paused = true)]
async fn refusals_are_told_at_multiples_of_a_quarter_of_a_second_and_successes_at_once() {
    let good = response().await;
    for (delay, refused, verified) in [(0, 1, 0), (100, 1, 100), (250, 2, 250), (600, 3, 600)] {
        let slow = |login: Login| Login {
            router: login
                .router
                .clone()
                .layer(Extension(Delay(Duration::from_millis(delay)))),
            ..login
        };
        let login = slow(Login::begin(ResponseMode::JWT));
        let begin = Instant::now();
        login.open("response=x").await.refused();
        // The timer ticks once a millisecond.
        let after = begin.elapsed().checked_sub(QUANTUM * refused).unwrap();
        assert!(after <= Duration::from_millis(1), "{delay}: {after:?}");

        let login = slow(Login::begin(ResponseMode::JWT));
        let begin = Instant::now();
        login.open(&good).await.verified();
        let took = begin.elapsed().as_millis();
        assert!(took <= verified + 1, "{delay}: {took}");
    }
    // What is sent once more is no refusal.
    let login = Login::begin(ResponseMode::JWT);
    let begin = Instant::now();
    login.open("").await.relayed();
    assert_eq!(begin.elapsed(), Duration::ZERO);
}
