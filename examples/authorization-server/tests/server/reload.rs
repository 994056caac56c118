//! Another configuration and other keys, while the server runs.

use authorization_server::{Approval, Configuration, Keys, Server};
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jarm::jose::{KeyKind, SigningKey};
use serde_json::Value;

use crate::support::{Browser, CALLBACK, CLIENTS, URL, at_consent, claims, keys};

const REQUIRED: &str = "[jarm]\nrequire_jarm = true\n";

fn configuration(file: &str) -> Configuration {
    Configuration::parse(file, None, URL).unwrap()
}

fn running(file: &str, approval: Approval) -> Server {
    Server::new(configuration(file).with_approval(approval), keys()).unwrap()
}

fn reload(server: &Server, file: &str) -> Result<(), String> {
    let reloaded = server.reload(configuration(file), keys().signers);
    reloaded.map_err(|error| error.in_one_line())
}

async fn discovery(server: &Server) -> Value {
    let mut browser = Browser::new(&server.router());
    browser
        .get("/.well-known/openid-configuration")
        .await
        .json()
}

#[tokio::test]
async fn what_waits_at_the_consent_page_is_answered_by_the_new_policy_or_not_at_all() {
    for decision in ["approve", "deny"] {
        let server = running(CLIENTS, Approval::ByUser);
        let (mut plain, consent) = at_consent(&server.router(), "response_type=code").await;
        let (mut jwt, signed) =
            at_consent(&server.router(), "response_type=code&response_mode=jwt").await;
        reload(&server, &format!("{REQUIRED}{CLIENTS}")).unwrap();
        plain.decide(&consent, decision).await.assert_local(500);
        assert!(
            jwt.decide(&signed, decision)
                .await
                .parameter("response")
                .is_some()
        );
        // Nothing was remembered or used up: under the old policy the user is asked as before.
        reload(&server, CLIENTS).unwrap();
        let silent = plain.authorize("response_type=code&prompt=none").await;
        assert_eq!(
            silent.parameter("error").as_deref(),
            Some("consent_required")
        );
        let answer = plain.decide(&consent, decision).await;
        assert_eq!(answer.parameter("code").is_some(), decision == "approve");
    }
}

#[tokio::test]
async fn what_is_faulty_changes_nothing() {
    let server = running(CLIENTS, Approval::Automatic);
    let before = discovery(&server).await;
    for (file, expected) in [
        (
            "[jarm]\nresponse_jwt_lifetime = 1".to_owned(),
            "jarm.response_jwt_lifetime: ",
        ),
        (
            "[jarm]\nissuer = \"https://other.example\"".to_owned(),
            "jarm.issuer: ",
        ),
        (
            // A configured client that the new policy would fail.
            format!(
                "[jarm]\nallowed_signing_algs = [\"RS256\"]\n[[client]]\nclient_id = \"a\"\nredirect_uris = [\"{CALLBACK}\"]\nauthorization_signed_response_alg = \"ES256\""
            ),
            "client[0].authorization_signed_response_alg: ",
        ),
    ] {
        let refused = reload(&server, &file).unwrap_err();
        assert!(refused.starts_with(expected), "{refused}");
        assert_eq!(discovery(&server).await, before);
        let mut browser = Browser::new(&server.router());
        let answer = browser.authorize("response_type=code").await;
        assert!(answer.parameter("code").is_some());
    }
    let no_keys = server.reload(configuration(CLIENTS), Vec::new());
    assert!(
        no_keys
            .unwrap_err()
            .to_string()
            .contains("default_signing_alg")
    );
    assert_eq!(discovery(&server).await, before);
}

#[tokio::test]
async fn clients_of_the_file_come_and_go_and_those_that_registered_themselves_stay() {
    let server = running(CLIENTS, Approval::Automatic);
    let mut browser = Browser::new(&server.router());
    let metadata = format!(r#"{{"redirect_uris":["{CALLBACK}"]}}"#);
    let own = browser.post_json("/register", &metadata).await.json();
    let own = own["client_id"].as_str().unwrap();
    let new = format!(
        "[[client]]\nclient_id = \"new\"\nredirect_uris = [\"{CALLBACK}\"]\nclient_secret = \"s\""
    );
    reload(&server, &new).unwrap();
    for (client_id, status) in [("web", 400), ("new", 303), ("demo", 303), (own, 303)] {
        let request = format!("/authorize?client_id={client_id}&response_type=code");
        assert_eq!(browser.get(&request).await.status, status, "{client_id}");
    }
    // Its algorithm is gone: a page, not an answer with another.
    reload(
        &server,
        "[jarm]\nallowed_signing_algs = [\"ES256\"]\ndefault_signing_alg = \"ES256\"",
    )
    .unwrap();
    let request = format!("/authorize?client_id={own}&response_type=code&response_mode=jwt");
    browser.get(&request).await.assert_local(500);
}

#[tokio::test]
async fn asking_before_errors_is_switched_on() {
    let server = running("", Approval::ByUser);
    let mut browser = Browser::new(&server.router());
    let metadata = format!(r#"{{"redirect_uris":["{CALLBACK}"]}}"#);
    let own = browser.post_json("/register", &metadata).await.json();
    let request = format!(
        "/authorize?client_id={}&response_type=foo",
        own["client_id"].as_str().unwrap()
    );
    assert_eq!(browser.get(&request).await.status, StatusCode::SEE_OTHER);
    reload(&server, "ask_before_errors = true").unwrap();
    assert_eq!(browser.get(&request).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_new_key_is_published_before_it_signs_and_id_tokens_follow() {
    let server = running(CLIENTS, Approval::Automatic);
    let old = keys().signers;
    let new = SigningKey::generate(KeyKind::Rsa2048).unwrap().signers();
    let signers = new.iter().chain(&old).cloned().collect();
    server.reload(configuration(CLIENTS), signers).unwrap();
    let mut browser = Browser::new(&server.router());
    let jwks = browser.get("/jwks").await;
    assert_eq!(jwks.header(CACHE_CONTROL), "max-age=300");
    let published = jwks.json().to_string();
    for key in [&old, &new] {
        assert!(published.contains(key[0].key_id()));
    }
    assert_eq!(key_ids(&mut browser).await, [old[0].key_id(); 2]);
    // Where nobody keeps published keys, there is nothing to wait for.
    let at_once = format!("[jarm]\njwks_max_age = 0\n{CLIENTS}");
    let server = Server::new(
        configuration(&at_once).with_approval(Approval::Automatic),
        keys(),
    )
    .unwrap();
    server.reload(configuration(&at_once), new.clone()).unwrap();
    let mut browser = Browser::new(&server.router());
    assert_eq!(key_ids(&mut browser).await, [new[0].key_id(); 2]);
}

/// The `kid` of a response JWT and of the ID Token in it.
async fn key_ids(browser: &mut Browser) -> [String; 2] {
    let request = "response_type=id_token&scope=openid&nonce=n&response_mode=jwt";
    let response = browser.authorize(request).await.parameter("response");
    let response = response.unwrap();
    let claims = claims(&response);
    let id_token = claims.get("id_token").and_then(Value::as_str).unwrap();
    [response.as_str(), id_token].map(|jwt| {
        let header = header(jwt);
        header
            .get("kid")
            .and_then(Value::as_str)
            .unwrap()
            .to_owned()
    })
}

fn header(jwt: &str) -> Value {
    let header = URL_SAFE_NO_PAD.decode(jwt.split('.').next().unwrap());
    serde_json::from_slice(&header.unwrap()).unwrap()
}

#[tokio::test]
async fn an_id_token_has_not_the_type_of_response_jwts() {
    let file = format!("[jarm]\nresponse_jwt_typ = \"x.response+jwt\"\n{CLIENTS}");
    let mut browser = Browser::new(&running(&file, Approval::Automatic).router());
    let answer = browser
        .authorize("response_type=id_token&scope=openid&nonce=n")
        .await;
    let id_token = answer.parameter("id_token").unwrap();
    assert_eq!(header(&id_token).get("typ"), None);
}

#[test]
fn the_last_key_by_name_signs_and_what_the_operator_removed_is_not_made_again() {
    let directory = std::env::temp_dir().join(format!(
        "authorization-server-rotated-{}",
        std::process::id()
    ));
    let key_id = || {
        let signers = Keys::kept_in(&directory).unwrap().signers;
        let es256 = signers
            .iter()
            .find(|own| own.algorithm().as_str() == "ES256");
        es256.map(|own| own.key_id().to_owned())
    };
    let first = key_id().unwrap();
    let mut last = first.clone();
    for name in ["p-256-2.pem", "p-256-10.pem"] {
        let key = SigningKey::generate(KeyKind::P256).unwrap();
        std::fs::write(directory.join(name), key.to_pem().unwrap().as_bytes()).unwrap();
        last = key.key_id().to_owned();
        assert_eq!(key_id().as_ref(), Some(&last));
    }
    std::fs::write(directory.join("p-256-11.pem.new"), "half a k").unwrap();
    std::fs::remove_file(directory.join("p-256.pem")).unwrap();
    assert_eq!(key_id(), Some(last));
    for name in ["p-256-2.pem", "p-256-10.pem"] {
        std::fs::remove_file(directory.join(name)).unwrap();
    }
    assert_eq!(key_id(), None, "{first}");
    std::fs::copy(directory.join("p-384.pem"), directory.join("copy.pem")).unwrap();
    let refused = Keys::signers_in(&directory).unwrap_err().to_string();
    assert!(refused.contains("key id"), "{refused}");
    std::fs::remove_dir_all(&directory).unwrap();
    std::fs::create_dir(&directory).unwrap();
    let refused = Keys::signers_in(&directory).unwrap_err().to_string();
    assert!(
        refused.starts_with(directory.to_str().unwrap()),
        "{refused}"
    );
    std::fs::remove_dir_all(directory).unwrap();
}
