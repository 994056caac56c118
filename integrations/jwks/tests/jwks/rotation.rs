//! An authorization server whose client publishes its keys at a `jwks_uri` and changes them.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jarm_core::metadata::Client;
use jarm_core::provider::ResponseModeRegistry;
use jarm_core::response::{AuthorizationResponse, EncodedResponse};
use jarm_core::{
    AuthorizationServer, Configuration, JweKeyManagementAlgorithm, RedirectUriPolicy,
    RequestParameters,
};
use jarm_jose::{JwaEncrypter, KeyKind, SigningKey, SystemRandom};
use jarm_jwks::JwksFetcher;
use serde_json::{Value, json};

use crate::server::{Reply, Server};
use crate::setting::{client, fetcher, issuer, pass};

/// A set with a new key of this name and use.
fn publishes(kid: &str, usage: &str) -> Reply {
    let key = SigningKey::generate(KeyKind::P256).unwrap().public_jwk();
    let mut key = serde_json::to_value(key).unwrap();
    key["kid"] = kid.into();
    key["use"] = usage.into();
    if let Value::Object(members) = &mut key {
        members.remove("alg");
    }
    Reply::new(200, "", &json!({ "keys": [key] }).to_string())
}

fn authorization_server(fetcher: &JwksFetcher) -> AuthorizationServer {
    let mut registry = ResponseModeRegistry::new();
    registry
        .register_all(jarm_response_modes::registrations())
        .unwrap();
    let mut configuration = Configuration::new(issuer());
    configuration.default_signing_alg = Some("ES256".parse().unwrap());
    AuthorizationServer::builder(configuration)
        .registry(registry)
        .signers(SigningKey::generate(KeyKind::P256).unwrap().signers())
        .encrypter(Arc::new(JwaEncrypter))
        .random(Arc::new(SystemRandom))
        .client_keys(Arc::new(fetcher.clone()))
        .build()
        .unwrap()
}

fn encrypted_to(url: &str) -> Client {
    let client = client("c", url);
    let mut metadata = client.metadata().clone();
    metadata.authorization_encrypted_response_alg = Some(JweKeyManagementAlgorithm::ECDH_ES_A128KW);
    client.with_metadata(metadata)
}

/// The `kid` of the key that an answer is encrypted to; `None` if there is no answer.
async fn answered(server: &AuthorizationServer, client: &Client) -> Option<String> {
    let uri = ["https://client.example/cb"];
    let target = RedirectUriPolicy::default().select(&uri, None).unwrap();
    let query = "response_type=code&response_mode=query.jwt";
    let request = RequestParameters::from_urlencoded(query);
    let pending = server.negotiate(client, target, &request).await.ok()?;
    let outcome = AuthorizationResponse::code("c0de");
    let encoded = server.respond(pending, client, outcome).await.ok()?;
    let EncodedResponse::Redirect(redirect) = encoded else {
        panic!("{encoded:?}")
    };
    let (_, response) = redirect.location().split_once("?response=").unwrap();
    assert_eq!(response.split('.').count(), 5, "never in clear");
    let (header, _) = response.split_once('.').unwrap();
    let header = BASE64_URL_SAFE_NO_PAD.decode(header).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    Some(header["kid"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_client_rotates_its_key_and_every_answer_is_encrypted_to_one_that_it_published() {
    let web = Server::start(publishes("one", "enc")).await;
    let server = authorization_server(&fetcher(|_| {}));
    let client = encrypted_to(&web.url("keys.example"));
    for _ in 0..3 {
        assert_eq!(answered(&server, &client).await.unwrap(), "one");
    }
    assert_eq!(web.connections(), 1);

    web.replies(publishes("two", "enc"));
    assert_eq!(
        answered(&server, &client).await.unwrap(),
        "one",
        "it is fresh"
    );
    pass(300).await;
    assert_eq!(answered(&server, &client).await.unwrap(), "two");

    web.replies(Reply::new(500, "", ""));
    for _ in 0..5 {
        pass(3600).await;
        assert_eq!(
            answered(&server, &client).await.unwrap(),
            "two",
            "it is down"
        );
    }
    web.replies(publishes("three", "enc"));
    pass(3600).await;
    assert_eq!(answered(&server, &client).await.unwrap(), "three");
}

#[tokio::test]
async fn a_key_that_is_missing_is_found_before_freshness_ends() {
    let web = Server::start(publishes("signs", "sig")).await;
    let server = authorization_server(&fetcher(|_| {}));
    let client = encrypted_to(&web.url("keys.example"));
    assert_eq!(
        answered(&server, &client).await,
        None,
        "no key for encryption"
    );
    web.replies(publishes("two", "enc"));
    assert_eq!(answered(&server, &client).await, None, "asked just now");
    assert_eq!(web.connections(), 1);
    pass(30).await;
    assert_eq!(answered(&server, &client).await.unwrap(), "two");
    assert_eq!(web.connections(), 2);
}

#[tokio::test]
async fn a_key_that_was_removed_is_never_used_again_and_nothing_goes_out_in_clear() {
    let web = Server::start(publishes("removed", "enc")).await;
    let server = authorization_server(&fetcher(|_| {}));
    let client = encrypted_to(&web.url("keys.example"));
    assert_eq!(answered(&server, &client).await.unwrap(), "removed");
    web.replies(Reply::new(200, "", r#"{"keys":[]}"#));
    pass(300).await;
    assert_eq!(answered(&server, &client).await, None);
    web.replies(Reply::new(500, "", ""));
    for _ in 0..5 {
        pass(3600).await;
        assert_eq!(answered(&server, &client).await, None);
    }
}
