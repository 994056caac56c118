//! Request objects: what the client signed is all that counts.

use authorization_server::Approval;
use axum::Router;
use axum::http::StatusCode;
use jarm::jose::{KeyKind, SigningKey};
use jarm::{JwsAlgorithm, clock::Clock as _, clock::SystemClock};
use serde_json::{Value, json};
use std::sync::LazyLock;

use crate::support::{Browser, CALLBACK, CLIENTS, Page, URL, claims, encode, server_of};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate(KeyKind::P256).unwrap());

/// What a client that signs its requests registers.
fn jwks() -> Value {
    let mut key = serde_json::to_value(KEY.public_jwk()).unwrap();
    let members = key.as_object_mut().unwrap();
    members.insert("kid".to_owned(), KEY.key_id().into());
    json!({ "keys": [key] })
}

/// A server that knows such a client under the name `signs`.
fn server(first: &str) -> Router {
    let jwks: toml::Value = serde_json::from_value(jwks()).unwrap();
    let client = toml::toml! {
        client_id = "signs"
        token_endpoint_auth_method = "none"
        redirect_uris = ["https://client.example/cb?keep=1"]
        request_object_signing_alg = "ES256"
    };
    let mut client = client;
    client.insert("jwks".to_owned(), jwks);
    let client = toml::to_string(&client).unwrap();
    let client = client.replace("[[jwks.keys]]", "[[client.jwks.keys]]");
    server_of(&format!("{first}\n{CLIENTS}\n[[client]]\n{client}"))
}

/// A request object of a client, changed; `null` takes a claim away.
async fn sign(client_id: &str, changes: impl Into<Value>) -> String {
    let now = SystemClock.now().as_seconds();
    let mut all = json!({
        "iss": client_id, "client_id": client_id, "aud": URL, "exp": now + 60,
        "response_type": "code", "response_mode": "jwt", "state": "canary-signed", "scope": "openid",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256",
    });
    let members = all.as_object_mut().unwrap();
    members.extend(changes.into().as_object().unwrap().clone());
    members.retain(|_, own| !own.is_null());
    let header = json!({ "alg": "ES256", "kid": KEY.key_id(), "typ": "oauth-authz-req+jwt" });
    let [header, all] = [header, all].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let input = format!("{header}.{all}");
    let signer = KEY.signer(&JwsAlgorithm::ES256).unwrap();
    let signature = signer.sign(input.as_bytes()).await.unwrap();
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

async fn authorize(browser: &mut Browser, jwt: &str, more: &str) -> Page {
    let url = format!("/authorize?client_id=signs&request={jwt}&{more}");
    browser.get(&url).await
}

#[tokio::test]
async fn what_is_signed_is_answered_after_login_and_consent_whatever_stands_beside_it() {
    let mut browser = Browser::new(&server(""));
    let jwt = sign("signs", json!({})).await;
    let more =
        "response_mode=query&state=outer&scope=profile&redirect_uri=https%3A%2F%2Fevil.example";
    let login = authorize(&mut browser, &jwt, more).await;
    let consent = browser.log_in(&login).await;
    assert!(consent.body.contains("openid"), "{}", consent.body);
    let answer = browser.decide(&consent, "approve").await;
    let claims = claims(&answer.parameter("response").unwrap());
    assert_eq!(claims["state"], "canary-signed");
    assert!(claims["code"].is_string());
}

#[tokio::test]
async fn a_request_object_that_is_not_sound_is_a_local_page() {
    let mut browser = Browser::new(&server(""));
    let sound = sign("signs", json!({})).await;
    let mut faulty = vec![sound[..sound.len() - 2].to_owned(), "canary".to_owned()];
    for changes in [
        json!({ "aud": "https://other.example" }),
        json!({ "exp": 1 }),
        json!({ "exp": null }),
        json!({ "iss": "web" }),
        json!({ "client_id": "web" }),
        json!({ "request_uri": "urn:x" }),
    ] {
        faulty.push(sign("signs", changes).await);
    }
    for jwt in faulty {
        authorize(&mut browser, &jwt, "").await.assert_local(400);
    }
    let twice = format!("request={sound}");
    authorize(&mut browser, &sound, &twice)
        .await
        .assert_local(400);
    let jwt = sign("web", json!({})).await;
    let url = format!("response_type=code&request={jwt}");
    browser.authorize(&url).await.assert_local(400); // `web` has no key
}

#[tokio::test]
async fn the_redirect_uri_is_that_of_the_request_object() {
    let mut browser = Browser::new(&server(""));
    let elsewhere = json!({ "redirect_uri": "https://evil.example" });
    let jwt = sign("signs", elsewhere).await;
    let beside = format!("redirect_uri={}", encode(CALLBACK));
    authorize(&mut browser, &jwt, &beside)
        .await
        .assert_local(400);
}

#[tokio::test]
async fn its_errors_take_the_way_of_all_errors() {
    let mut browser = Browser::new(&server(""));
    for (changes, error) in [
        (json!({ "scope": "none" }), "invalid_scope"),
        (json!({ "prompt": "none" }), "login_required"),
        (json!({ "response_type": "token" }), "unauthorized_client"),
    ] {
        let jwt = sign("signs", changes).await;
        let answer = authorize(&mut browser, &jwt, "").await;
        let claims = claims(&answer.parameter("response").unwrap());
        assert_eq!(claims["error"], error);
        assert_eq!(claims["state"], "canary-signed");
    }
}

#[tokio::test]
async fn a_faulty_one_of_a_self_registered_client_is_gone_on_with_as_it_came() {
    let mut browser = Browser::new(&server("ask_before_errors = true"));
    let metadata = json!({
        "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none", "jwks": jwks(),
        "request_object_signing_alg": "ES256",
    });
    let registered = browser.post_json("/register", &metadata.to_string()).await;
    assert_eq!(
        registered.status,
        StatusCode::CREATED,
        "{}",
        registered.body
    );
    let registered = registered.json();
    assert_eq!(registered["request_object_signing_alg"], "ES256");
    let id = registered["client_id"].as_str().unwrap();
    let jwt = sign(id, json!({ "scope": "none" })).await;
    let url = format!("/authorize?client_id={id}&request={jwt}&state=outer");
    let page = browser.get(&url).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    let sealed = page.input("request");
    let answer = browser.post("/continue", &[("request", &sealed)]).await;
    let claims = claims(&answer.parameter("response").unwrap());
    assert_eq!(
        (&claims["error"], &claims["state"]),
        (&"invalid_scope".into(), &"canary-signed".into())
    );
}

#[tokio::test]
async fn what_could_not_be_verified_is_not_registered() {
    let mut browser = Browser::new(&crate::support::server(Approval::ByUser));
    for alg in ["none", "ML-DSA-44", "ES256"] {
        let metadata = json!({ "redirect_uris": [CALLBACK], "request_object_signing_alg": alg });
        let refused = browser.post_json("/register", &metadata.to_string()).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{alg}");
        assert_eq!(refused.json()["error"], "invalid_client_metadata");
    }
}

#[tokio::test]
async fn discovery_says_so() {
    let mut browser = Browser::new(&server(""));
    let metadata = browser
        .get("/.well-known/oauth-authorization-server")
        .await
        .json();
    assert_eq!(metadata["request_parameter_supported"], true);
    assert_eq!(metadata["request_uri_parameter_supported"], false);
    let algorithms = metadata["request_object_signing_alg_values_supported"]
        .as_array()
        .unwrap();
    assert!(algorithms.contains(&"ES256".into()) && !algorithms.contains(&"none".into()));
}
