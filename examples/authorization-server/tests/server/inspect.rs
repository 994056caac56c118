//! `/inspect`: a response is taken apart, and nothing of it is shown before all of it is verified.

use authorization_server::{Approval, Configuration, app};
use axum::Router;
use axum::http::header::{ACCEPT, SET_COOKIE, VARY};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jarm::JwsAlgorithm;
use jarm::clock::{Clock as _, SystemClock};
use serde_json::{Value, json};

use crate::support::{Browser, CALLBACK, CLIENTS, Page, URL, encode, keys};

/// The others: one with HS256, one with encryption under its secret, one with a key of its own
/// (RFC 7517 A.1).
const MORE: &str = r#"
[[client]]
client_id = "mac"
client_secret = "0123456789abcdef0123456789abcdef"
redirect_uris = ["https://client.example/cb?keep=1"]
authorization_signed_response_alg = "HS256"

[[client]]
client_id = "sealed"
client_secret = "0123456789abcdef0123456789abcdef"
redirect_uris = ["https://client.example/cb?keep=1"]
authorization_encrypted_response_alg = "A128KW"

[[client]]
client_id = "encrypted"
redirect_uris = ["https://client.example/cb?keep=1"]
authorization_encrypted_response_alg = "ECDH-ES"
jwks = { keys = [{ kty = "EC", crv = "P-256", use = "enc", kid = "1", x = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", y = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM" }] }
"#;

fn router() -> Router {
    let file = format!("{CLIENTS}{MORE}");
    let configuration = Configuration::parse(&file, None, URL).unwrap();
    app(configuration.with_approval(Approval::Automatic), keys()).unwrap()
}

/// What the server answers a client with.
async fn response_for(client_id: &str, more: &str) -> String {
    let request = format!(
        "/authorize?client_id={client_id}&scope=openid&nonce=n&state=canary-state\
         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&{more}"
    );
    let page = Browser::new(&router()).get(&request).await;
    page.parameter("response")
        .unwrap_or_else(|| panic!("{page:?}"))
}

async fn code_for(client_id: &str) -> String {
    response_for(client_id, "response_type=code&response_mode=jwt").await
}

async fn post(accept: &str, form: &[(&str, &str)]) -> Page {
    let mut browser = Browser::new(&router());
    browser.headers.insert(ACCEPT, accept.parse().unwrap());
    browser.post("/inspect", form).await
}

async fn inspected(client_id: &str, response: &str) -> Page {
    post(
        "application/json",
        &[("client_id", client_id), ("response", response)],
    )
    .await
}

/// Nothing of a response is told but the step and the reason; answers with the reason.
async fn refused(client_id: &str, response: &str, step: &str) -> String {
    let page = inspected(client_id, response).await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("canary"), "{}", page.body);
    let body = page.json();
    let reason = body.get("reason").and_then(Value::as_str).unwrap();
    let expected = json!({ "verified": false, "step": step, "reason": reason });
    assert_eq!(body, expected);
    let html = post(
        "text/html",
        &[("client_id", client_id), ("response", response)],
    )
    .await;
    assert!(
        !html.body.contains("canary") && !html.body.contains("Parameters"),
        "{}",
        html.body
    );
    reason.to_owned()
}

/// A response JWT with these claims, signed by the server.
async fn signed(header: Value, claims: Value) -> String {
    let part = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let mut jws = format!("{}.{}", part(header), part(claims));
    let signers = keys().signers;
    let signer = signers
        .iter()
        .find(|own| *own.algorithm() == JwsAlgorithm::RS256);
    let signature = signer.unwrap().sign(jws.as_bytes()).await.unwrap();
    jws.push('.');
    jws + &URL_SAFE_NO_PAD.encode(signature)
}

fn claims() -> Value {
    let exp = SystemClock.now().after(600).as_seconds();
    json!({ "iss": URL, "aud": "web", "exp": exp, "code": "canary-code", "state": "canary-state" })
}

fn header() -> Value {
    let signers = keys().signers;
    let signer = signers
        .iter()
        .find(|own| *own.algorithm() == JwsAlgorithm::RS256);
    json!({ "alg": "RS256", "kid": signer.unwrap().key_id() })
}

#[tokio::test]
async fn a_verified_response_is_shown_with_its_json_types() {
    let request = "response_type=code+id_token+token&response_mode=jwt";
    let page = inspected("web", &response_for("web", request).await).await;
    let body = page.json();
    assert_eq!(
        (page.status.as_u16(), &body["verified"]),
        (200, &json!(true))
    );
    let parameters = &body["parameters"];
    assert_eq!(parameters["state"], "canary-state");
    assert_eq!(parameters["expires_in"], 3600);
    assert!(parameters["code"].is_string());
    assert!(parameters.get("iss").is_none() && parameters.get("exp").is_none());
}

#[tokio::test]
async fn a_response_is_verified_by_what_its_client_registered() {
    for client_id in ["mac", "sealed"] {
        let body = inspected(client_id, &code_for(client_id).await)
            .await
            .json();
        assert_eq!(body["verified"], true, "{client_id}: {body}");
    }
}

#[tokio::test]
async fn a_response_ends_in_the_step_that_it_fails() {
    let with = |member: &str, value: Value| {
        let mut claims = claims();
        claims[member] = value;
        claims
    };
    let sound = signed(header(), claims()).await;
    assert_eq!(inspected("web", &sound).await.json()["verified"], true);

    refused(
        "web",
        &signed(header(), with("iss", json!("https://evil.example"))).await,
        "issuer",
    )
    .await;
    refused(
        "web",
        &signed(header(), with("aud", json!("other"))).await,
        "audience",
    )
    .await;
    let past = SystemClock.now().as_seconds() - 3600;
    let reason = refused(
        "web",
        &signed(header(), with("exp", json!(past))).await,
        "expiry",
    )
    .await;
    assert_eq!(reason, "it has expired");

    let none = json!({ "alg": "none", "kid": header()["kid"] });
    let reason = refused("web", &signed(none, claims()).await, "signature").await;
    assert_eq!(reason, "`alg` is `none`, and RS256 is registered");
    let (start, signature) = sound.rsplit_once('.').unwrap();
    let changed = URL_SAFE_NO_PAD.encode(claims().to_string().replace("canary", "canary-2"));
    let tampered = format!("{}.{changed}.{signature}", start.split_once('.').unwrap().0);
    refused("web", &tampered, "signature").await;
}

#[tokio::test]
async fn the_response_of_another_client_is_not_this_ones() {
    refused("other", &code_for("web").await, "audience").await;
    refused("mac", &code_for("web").await, "audience").await;
}

#[tokio::test]
async fn what_is_encrypted_is_decided_by_the_registration() {
    refused("web", &code_for("sealed").await, "decryption").await;
    let reason = refused("sealed", &code_for("web").await, "decryption").await;
    assert!(reason.contains("is not encrypted"), "{reason}");
    let reason = refused("encrypted", &code_for("web").await, "decryption").await;
    assert!(reason.contains("is not encrypted"), "{reason}");
    let mut changed = code_for("sealed").await;
    changed.replace_range(changed.len() - 3.., "AAA");
    refused("sealed", &changed, "decryption").await;
}

#[tokio::test]
async fn what_is_encrypted_to_a_clients_own_key_only_the_client_can_read() {
    let reason = refused("encrypted", &code_for("encrypted").await, "decryption").await;
    assert!(
        reason.starts_with("the server has not the client's private key"),
        "{reason}"
    );
}

#[tokio::test]
async fn what_is_no_jwt_is_refused_in_words() {
    for (response, step) in [
        ("canary", "issuer"),
        ("a.b.c", "issuer"),
        ("....", "decryption"),
    ] {
        refused("web", response, step).await;
    }
    refused("web", &"x".repeat(65 * 1024), "arrival").await;
}

#[tokio::test]
async fn a_request_that_names_no_response_or_no_client_is_refused() {
    let response = code_for("web").await;
    let response = response.as_str();
    for form in [
        &[("response", response)][..],
        &[("client_id", "web")],
        &[("client_id", "web"), ("response", "")],
        &[("client_id", "<b>nobody</b>"), ("response", response)],
        &[
            ("client_id", "web"),
            ("client_id", "web"),
            ("response", response),
        ],
        &[
            ("client_id", "web"),
            ("response", response),
            ("response", response),
        ],
    ] {
        let page = post("application/json", form).await;
        assert_eq!(
            (page.status.as_u16(), page.json()["error"].as_str()),
            (400, Some("invalid_request"))
        );
        let description = page.json()["error_description"].to_string();
        let is_double =
            form.len() > 2 && form[0] == form[1] || form.len() > 2 && form[1] == form[2];
        let duplicate = "more than once";
        assert_eq!(description.contains(duplicate), is_double, "{description}");
        let page = post("text/html", form).await;
        page.assert_local(400);
        assert!(!page.body.contains("<b>"), "{}", page.body);
    }
}

#[tokio::test]
async fn json_is_for_those_who_ask_for_it_by_name() {
    for (accept, is_json) in [
        ("application/json", true),
        ("Application/JSON; charset=utf-8", true),
        ("application/json, text/plain, */*", true),
        ("application/json, text/html;q=0.9", true),
        ("*/*", false),
        (
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            false,
        ),
        ("text/html, application/json;q=0.5", false),
        ("application/json;q=0", false),
        ("application/jsonp", false),
    ] {
        let page = post(accept, &[("client_id", "web"), ("response", "x")]).await;
        assert_eq!(
            page.header("content-type") == "application/json",
            is_json,
            "{accept}"
        );
        assert_eq!(page.header(VARY), "accept");
    }
}

#[tokio::test]
async fn the_page_shows_every_step_in_the_order_of_jarm() {
    let rows = |page: &Page| -> Vec<String> {
        let rows = page.body.split("<tr><td>").skip(1);
        rows.map(|row| row.split("</tr>").next().unwrap().to_owned())
            .collect()
    };
    let verified = code_for("web").await;
    let page = post(
        "text/html",
        &[("client_id", "web"), ("response", &verified)],
    )
    .await;
    let names = ["decryption", "issuer", "audience", "expiry", "signature"];
    let expected = (1..)
        .zip(names)
        .map(|(number, name)| format!("{number}</td><td><code>{name}</code></td><td>passed</td>"));
    assert_eq!(rows(&page), expected.collect::<Vec<_>>());
    assert!(page.body.contains("canary-state") && page.body.contains("A client does this itself"));

    let page = post(
        "text/html",
        &[("client_id", "other"), ("response", &verified)],
    )
    .await;
    let rows = rows(&page);
    let results: Vec<_> = rows
        .iter()
        .map(|row| row.rsplit("<td>").next().unwrap())
        .collect();
    let failed = "<strong>failed</strong>: `aud` is not this client</td>";
    assert_eq!(
        results,
        [
            "passed</td>",
            "passed</td>",
            failed,
            "not reached</td>",
            "not reached</td>"
        ]
    );
}

#[tokio::test]
async fn what_a_response_says_is_text_on_the_page() {
    let state = "<script>alert(1)</script>\"'&";
    let request = format!(
        "response_type=code&response_mode=jwt&state={}",
        encode(state)
    );
    let mut browser = Browser::new(&router());
    let answer = browser
        .get(&format!("/authorize?client_id=web&{request}"))
        .await;
    assert!(answer.header("location").starts_with(CALLBACK));
    let response = answer.parameter("response").unwrap();
    let page = post(
        "text/html",
        &[("client_id", "web"), ("response", &response)],
    )
    .await;
    assert!(
        page.body.contains("&lt;script&gt;") && !page.body.contains("<script"),
        "{}",
        page.body
    );
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'") && !policy.contains("script-src"),
        "{policy}"
    );
}

#[tokio::test]
async fn nobody_is_logged_in_and_no_other_origin_can_read_it() {
    let response = code_for("web").await;
    let mut browser = Browser::new(&router());
    browser
        .headers
        .insert("origin", "https://evil.example".parse().unwrap());
    browser
        .headers
        .insert(ACCEPT, "application/json".parse().unwrap());
    let form = [("client_id", "web"), ("response", response.as_str())];
    for page in [
        browser.post("/inspect", &form).await,
        browser.get("/inspect").await,
    ] {
        assert_eq!(page.status, 200);
        assert!(!page.headers.contains_key(SET_COOKIE));
        let cors = |name: &axum::http::HeaderName| name.as_str().starts_with("access-control");
        assert!(!page.headers.keys().any(cors));
        assert_eq!(page.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn there_is_a_form_for_people() {
    let page = Browser::new(&router()).get("/inspect").await;
    assert_eq!(page.status, 200);
    for text in [
        "method=\"post\" action=\"inspect\"",
        "name=\"client_id\"",
        "name=\"response\"",
    ] {
        assert!(page.body.contains(text), "{}", page.body);
    }
    assert!(
        page.header("content-security-policy")
            .ends_with("form-action 'self'")
    );
}
