//! What is encrypted, and what the answer looks like.

use jarm::jose::{JwaEncrypter, JweEncrypter};
use jarm::metadata::Client;
use jarm::response::{AuthorizationError, AuthorizationResponse};
use jarm::{AuthorizationServer, ResponseType};
use serde_json::{Value, json};

use super::{MODES, code_in, in_query, response};
use crate::fixture::{
    Answer, REDIRECT_URI, client, client_with, client_with_encryption, client_with_keys, grant,
    header, jwks, respond, server, success,
};

#[test]
fn success_and_error_are_signed_and_then_encrypted_in_every_jwt_mode() {
    for mode in MODES {
        for outcome in [
            AuthorizationResponse::code("c0de"),
            AuthorizationError::access_denied().into(),
        ] {
            let client = client_with_encryption();
            let encoded = respond(&server(""), &client, &code_in(mode), outcome).unwrap();
            let answer = Answer::read(&encoded, REDIRECT_URI);
            let expected = json!({ "alg": "dir", "enc": "A256GCM", "cty": "JWT" });
            assert_eq!(answer.encryption, Some(expected), "{mode}");
            assert_eq!(answer.header["alg"], "ES256", "it is signed inside");
            assert_eq!(answer.text("state"), Some("s"));
            assert!(answer.text("code").is_some() != answer.text("error").is_some());
        }
    }
    let refused = grant(
        &server(""),
        &client_with_encryption(),
        "response_type=x&response_mode=jwt",
    );
    assert!(
        refused.encryption.is_some(),
        "errors found at the door are encrypted, too"
    );
}

#[test]
fn a_client_without_a_registered_algorithm_gets_no_encryption() {
    let with_keys_only = client_with(|metadata| metadata.jwks = Some(jwks(&[json!({})])));
    for client in [client(), with_keys_only] {
        let answer = grant(&server(""), &client, &code_in("jwt"));
        assert_eq!(
            (answer.mode.as_str(), answer.encryption),
            ("query.jwt", None)
        );
    }
    let plain = grant(&server(""), &client_with_encryption(), &code_in("query"));
    assert_eq!(
        plain.mode, "query",
        "a plain mode is plain: JARM is what the client asks for"
    );
}

#[test]
fn the_content_is_encrypted_with_a128cbc_hs256_unless_another_is_registered() {
    let client = client_with_keys(&[json!({})]);
    let jwe = response(&server(""), &client).unwrap();
    assert_eq!(header(&jwe)["enc"], "A128CBC-HS256");
    assert_eq!(jwe.split('.').count(), 5);
}

#[test]
fn the_header_has_the_kid_of_the_clients_key_and_nothing_that_is_not_needed() {
    let names = |client: &Client| {
        let header = header(&response(&server(""), client).unwrap());
        let names: Vec<_> = header.as_object().unwrap().keys().cloned().collect();
        (names.join(" "), header["kid"].clone())
    };
    let with_kid = client_with_keys(&[json!({ "kid": "of the client" })]);
    assert_eq!(
        names(&with_kid),
        ("alg cty enc epk kid".to_owned(), json!("of the client"))
    );
    let without = client_with_keys(&[json!({})]);
    assert_eq!(names(&without), ("alg cty enc epk".to_owned(), Value::Null));
    assert_eq!(
        names(&client_with_encryption()),
        ("alg cty enc".to_owned(), Value::Null)
    );
}

#[test]
fn query_jwt_with_token_response_type_is_refused_unless_encrypted() {
    let of_alg_alone = client_with_keys(&[json!({})]);
    for response_type in ResponseType::STANDARD
        .iter()
        .filter(|own| own.carries_token())
    {
        let query = format!("response_type={response_type}&response_mode=query.jwt");
        let answer = grant(&server(""), &client_with_encryption(), &query);
        assert_eq!(
            (answer.mode.as_str(), answer.text("error")),
            ("query.jwt", None)
        );
        assert_eq!(
            answer.text("id_token").is_some(),
            response_type.contains("id_token")
        );

        let outcome = success(response_type);
        let encoded = respond(&server(""), &of_alg_alone, &query, outcome).unwrap();
        assert_eq!(in_query(&encoded).split('.').count(), 5);

        let signed = grant(&server(""), &client(), &query);
        assert_eq!(
            (signed.mode.as_str(), signed.text("error")),
            ("query.jwt", Some("invalid_request"))
        );
        assert_eq!(
            (signed.text("id_token"), signed.text("access_token")),
            (None, None)
        );
        let plain = grant(
            &server(""),
            &client_with_encryption(),
            &query.replace(".jwt", ""),
        );
        assert_eq!(
            plain.text("error"),
            Some("invalid_request"),
            "plain stays refused"
        );
    }
}

#[test]
fn discovery_lists_what_can_be_encrypted_and_only_where_a_jwt_is() {
    const LISTS: [&str; 2] = [
        "authorization_encryption_alg_values_supported",
        "authorization_encryption_enc_values_supported",
    ];
    let of = |server: &AuthorizationServer| serde_json::to_value(server.metadata()).unwrap();
    let all = of(&server(""));
    assert_eq!(
        all[LISTS[0]],
        json!(JwaEncrypter.key_management_algorithms())
    );
    assert_eq!(
        all[LISTS[1]],
        json!(JwaEncrypter.content_encryption_algorithms())
    );
    let without = AuthorizationServer::builder(crate::fixture::configuration(""))
        .signers(crate::fixture::key().signers())
        .build()
        .unwrap();
    let plain = crate::fixture::server_with_modes(&["query", "fragment"]);
    for server in [without, plain] {
        assert_eq!(
            LISTS.map(|list| of(&server).get(list).cloned()),
            [None, None]
        );
        let mut document = serde_json::Map::from_iter([(LISTS[0].to_owned(), json!(["RSA1_5"]))]);
        server.metadata().merge_into(&mut document);
        assert!(
            !document.contains_key(LISTS[0]),
            "nor what stood there before"
        );
    }
}

#[test]
fn a_server_with_query_jwt_alone_can_serve_token_types_to_clients_with_encryption() {
    let toml = "response_types = [\"id_token\"]\n[[response_mode]]\nname = \"query.jwt\"\n";
    let server = server(toml);
    let query = "response_type=id_token&response_mode=query.jwt";
    let answer = grant(&server, &client_with_encryption(), query);
    assert!(answer.text("id_token").is_some());

    let impossible = AuthorizationServer::builder(crate::fixture::configuration(toml))
        .signers(crate::fixture::key().signers())
        .build();
    assert!(
        impossible.is_err(),
        "without an encrypter nobody could be served"
    );
}
