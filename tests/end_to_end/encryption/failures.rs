//! What is not answered, because it cannot be encrypted or not any more.

use std::borrow::Cow;
use std::sync::Arc;

use jarm::authorization_server::{
    ClientKeySource, ClientKeysRequest, EncryptionFailure, Error, Refusal,
};
use jarm::jose::{ClientSecret, JwkSet, KeySourceError};
use jarm::metadata::{Client, ClientMetadata};
use jarm::response::{AuthorizationError, AuthorizationResponse};
use jarm::{
    AuthorizationServer, BoxFuture, JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm,
};
use serde_json::json;

use super::{Encrypter, MODES, Source, client_of_a_source, code_in, failure, response};
use crate::fixture::{
    Answer, NOW, REDIRECT_URI, SECRET, builder, client, client_with, client_with_encryption,
    client_with_keys, jwks, negotiate, refusal, respond, run, server, success,
};

#[test]
fn a_content_encryption_without_algorithm_opens_no_query_and_answers_nothing() {
    let incomplete = client_with(|metadata| {
        metadata.authorization_encrypted_response_enc =
            Some(JweContentEncryptionAlgorithm::A256GCM);
    });
    for query in [
        "response_type=id_token&response_mode=query.jwt",
        "response_type=id_token&response_mode=fragment.jwt",
        "response_type=code&response_mode=jwt",
    ] {
        let Refusal::Failed(Error::Encryption { failure, .. }) =
            refusal(&server(""), &incomplete, query)
        else {
            panic!("{query}")
        };
        assert!(
            matches!(failure, EncryptionFailure::EncWithoutAlg),
            "{failure}"
        );
    }
}

/// `negotiate`, with the client as it is then; `answer`, as it is later.
fn changed(before: &Client, after: &Client, query: &str) -> Result<Answer, Error> {
    let server = server("");
    let pending = negotiate(&server, before, query);
    let sealed = server.seal(pending, "session").unwrap();
    let pending = server
        .unseal(&sealed, after.client_id(), "session")
        .unwrap();
    let outcome = success(pending.response_type().unwrap());
    let encoded = run(server.respond(pending, after, outcome))?;
    Ok(Answer::read(&encoded, REDIRECT_URI))
}

#[test]
fn a_client_that_drops_its_encryption_in_between_is_not_answered() {
    for mode in MODES {
        for response_type in ["code", "code id_token", "none", "token"] {
            let query = format!("response_type={response_type}&response_mode={mode}");
            let error = changed(&client_with_encryption(), &client(), &query).unwrap_err();
            let token_in_query = mode == "query.jwt" && response_type.contains("token");
            assert!(
                match &error {
                    Error::ModeWithdrawn(_) => token_in_query,
                    Error::Encryption { failure, .. } =>
                        matches!(failure, EncryptionFailure::Withdrawn),
                    _ => false,
                },
                "{query}: {error}"
            );
        }
        let server = server("");
        let pending = negotiate(&server, &client_with_encryption(), &code_in(mode));
        let denied = run(server.respond(pending, &client(), AuthorizationError::access_denied()));
        assert!(
            matches!(denied, Err(Error::Encryption { .. })),
            "errors neither"
        );
    }
}

#[test]
fn a_client_that_gains_encryption_in_between_is_answered_encrypted() {
    for mode in MODES {
        let answer = changed(&client(), &client_with_encryption(), &code_in(mode)).unwrap();
        assert!(answer.encryption.is_some(), "{mode}");
    }
    let incomplete = client_with(|metadata| {
        metadata.authorization_encrypted_response_enc = Some("A256GCM".parse().unwrap());
    });
    let error = changed(&client(), &incomplete, &code_in("jwt")).unwrap_err();
    assert!(matches!(error, Error::Encryption { .. }), "{error}");
}

#[test]
fn a_client_that_loses_its_key_in_between_is_not_answered() {
    for (before, after) in [
        (
            client_with_keys(&[json!({})]),
            client_with_keys(&[json!({ "use": "sig" })]),
        ),
        (client_with_keys(&[json!({})]), client_with_keys(&[])),
    ] {
        let error = changed(&before, &after, &code_in("jwt")).unwrap_err();
        let Error::Encryption { failure, .. } = error else {
            panic!("{error}")
        };
        assert!(matches!(failure, EncryptionFailure::NoKey(_)), "{failure}");
    }
}

#[test]
fn a_client_without_a_usable_key_is_refused_before_login() {
    let rsa_wanted = client_with(|metadata| {
        metadata.authorization_encrypted_response_alg = Some("RSA-OAEP-256".parse().unwrap());
        metadata.jwks = Some(jwks(&[json!({})]));
    });
    let off_the_curve = json!({ "x": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" });
    for (client, why) in [
        (client_with_keys(&[]), "the set is empty"),
        (
            client_with_keys(&[json!({ "use": "sig" })]),
            "`use` is \"sig\"",
        ),
        (
            client_with_keys(&[json!({ "alg": "ECDH-ES" })]),
            "`alg` is \"ECDH-ES\"",
        ),
        (
            client_with_keys(&[json!({ "key_ops": ["verify"] })]),
            "`key_ops`",
        ),
        (client_with_keys(&[off_the_curve]), "P-256"),
        (
            client_with_keys(&[json!({ "kty": "AKP" })]),
            "`kty` is neither EC nor OKP",
        ),
        (rsa_wanted, "`kty` is not RSA"),
    ] {
        let failure = failure(&server(""), &client);
        assert!(matches!(failure, EncryptionFailure::NoKey(_)), "{failure}");
        let text = failure.to_string();
        assert!(text.contains(why), "{text}");
    }
}

#[test]
fn a_secret_that_is_missing_expired_short_or_a_public_clients_never_encrypts() {
    let a256kw = |change: fn(&mut ClientMetadata)| {
        client_with(|metadata| {
            metadata.authorization_encrypted_response_alg = Some(JweKeyManagementAlgorithm::A256KW);
            change(metadata);
        })
    };
    let public =
        |metadata: &mut ClientMetadata| metadata.token_endpoint_auth_method = Some("none".into());
    for client in [
        a256kw(|_| {}),
        a256kw(|_| {}).with_secret(ClientSecret::new(SECRET).expires_at(NOW)),
        a256kw(|_| {}).with_secret(ClientSecret::new("s".repeat(31))),
        a256kw(public).with_secret(ClientSecret::new(SECRET)),
    ] {
        let failure = failure(&server(""), &client);
        assert!(
            matches!(failure, EncryptionFailure::NoClientSecret { .. }),
            "{failure}"
        );
    }
    let long_enough = a256kw(|_| {}).with_secret(ClientSecret::new("s".repeat(32)));
    assert!(response(&server(""), &long_enough).is_ok());
}

#[test]
fn a_server_without_these_algorithms_answers_nothing() {
    let other = client_with(|metadata| {
        metadata.authorization_encrypted_response_alg = Some("ECDH-1PU".parse().unwrap());
    });
    let without = AuthorizationServer::builder(crate::fixture::configuration(""))
        .signers(crate::fixture::key().signers())
        .build()
        .unwrap();
    for (server, client) in [(server(""), other), (without, client_with_encryption())] {
        let failure = failure(&server, &client);
        assert!(
            matches!(failure, EncryptionFailure::NotOffered { .. }),
            "{failure}"
        );
    }
}

#[test]
fn an_unreachable_source_lets_nothing_out_at_the_door_and_later() {
    let client = client_of_a_source();
    let never = builder("")
        .client_keys(Source::new(vec![None]))
        .build()
        .unwrap();
    for query in [
        code_in("jwt"),
        "response_type=x&response_mode=jwt".to_owned(),
    ] {
        let refused = refusal(&never, &client, &query);
        let error = run(never.refuse(refused, &client)).unwrap_err();
        assert_eq!(error.http_status(), 500);
        let source = std::error::Error::source(&error).and_then(std::error::Error::source);
        assert_eq!(
            source.unwrap().to_string(),
            "unreachable",
            "the host's log says why"
        );
    }
    for outcome in [
        AuthorizationResponse::code("c0de"),
        AuthorizationError::access_denied().into(),
    ] {
        let once = Source::new(vec![Some(jwks(&[json!({})])), None]);
        let server = builder("").client_keys(once).build().unwrap();
        let error = respond(&server, &client, &code_in("jwt"), outcome).unwrap_err();
        assert!(matches!(error, Error::Encryption { .. }), "{error}");
    }
    assert!(
        respond(
            &never,
            &client,
            &code_in("query"),
            AuthorizationResponse::code("c")
        )
        .is_ok(),
        "plain needs no key"
    );
}

#[test]
fn a_failing_encrypter_lets_nothing_out_neither_success_nor_error() {
    let fails = Encrypter {
        fails: true,
        ..Encrypter::default()
    };
    let server = builder("").encrypter(Arc::new(fails)).build().unwrap();
    for client in [
        client_with_encryption(),
        client_with_keys(&[json!({ "kid": "k" })]),
    ] {
        for mode in MODES {
            for outcome in [
                AuthorizationResponse::code("c0de"),
                AuthorizationError::access_denied().into(),
            ] {
                let error = respond(&server, &client, &code_in(mode), outcome).unwrap_err();
                let Error::Encryption { failure, .. } = error else {
                    panic!("{error}")
                };
                assert!(
                    matches!(failure, EncryptionFailure::Primitive { .. }),
                    "{failure}"
                );
            }
        }
    }
}

#[test]
fn a_dropped_answer_that_waits_for_keys_leaves_the_pending_response_usable() {
    #[derive(Debug)]
    struct Hangs;
    impl ClientKeySource for Hangs {
        fn keys<'a>(
            &'a self,
            _: ClientKeysRequest<'a>,
        ) -> BoxFuture<'a, Result<Cow<'a, JwkSet>, KeySourceError>> {
            Box::pin(std::future::pending())
        }
    }
    let ids = Arc::new(jarm::authorization_server::InMemoryOneTimeIds::default());
    let working = Source::new(vec![Some(jwks(&[json!({})]))]);
    let working = builder("")
        .one_time_ids(ids.clone())
        .client_keys(working)
        .build()
        .unwrap();
    let hanging = builder("")
        .one_time_ids(ids)
        .client_keys(Arc::new(Hangs))
        .build()
        .unwrap();
    let client = client_of_a_source();
    let record = working
        .record_for_trusted_storage(negotiate(&working, &client, &code_in("jwt")))
        .unwrap();
    run(async {
        let stored = hanging.restore_from_trusted_storage(&record).unwrap();
        let mut answer =
            Box::pin(hanging.respond(stored, &client, AuthorizationResponse::code("c")));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(answer.as_mut().poll(&mut context).is_pending());
        drop(answer);
        let stored = working.restore_from_trusted_storage(&record).unwrap();
        let answered = working.respond(stored, &client, AuthorizationResponse::code("c"));
        assert!(answered.await.is_ok());
    });
}
