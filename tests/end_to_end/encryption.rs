//! Encrypted responses: signed first, to the right key, or not at all.

use std::borrow::Cow;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jarm::authorization_server::{
    ClientKeySource, ClientKeySourceError, EncryptionFailure, Error, Refusal,
};
use jarm::jose::{
    ClientSecret, ContentKey, EncryptionError, IvAndTag, JwaEncrypter, JweEncrypter, JwePublicKey,
    Jwk, JwkSet, KeyKind, PublicKeyError, SigningKey,
};
use jarm::metadata::{Client, ClientMetadata, SecretAvailability};
use jarm::response::{AuthorizationError, AuthorizationResponse, EncodedResponse};
use jarm::{
    AuthorizationServer, BoxFuture, Issuer, JweContentEncryptionAlgorithm,
    JweKeyManagementAlgorithm, JwsAlgorithm, ResponseType,
};
use serde_json::{Value, json};

use crate::fixture::{
    Answer, NOW, REDIRECT_URI, SECRET, builder, client, client_with, client_with_encryption,
    client_with_keys, grant, header, jwks, negotiate, refusal, respond, run, server, success,
};

const MODES: [&str; 4] = ["jwt", "query.jwt", "fragment.jwt", "form_post.jwt"];

fn code_in(mode: &str) -> String {
    format!("response_type=code&state=s&response_mode={mode}")
}

/// The value of `response` in the answer to a code request.
fn response(server: &AuthorizationServer, client: &Client) -> Result<String, Error> {
    let query = code_in("query.jwt");
    let encoded = respond(server, client, &query, AuthorizationResponse::code("c0de"))?;
    Ok(in_query(&encoded))
}

fn in_query(encoded: &EncodedResponse) -> String {
    let EncodedResponse::Redirect(redirect) = encoded else {
        panic!("{encoded:?}")
    };
    let (_, response) = redirect.location().split_once("?response=").unwrap();
    response.to_owned()
}

/// Why a request is refused before the user is asked for anything.
fn failure(server: &AuthorizationServer, client: &Client) -> EncryptionFailure {
    match refusal(server, client, &code_in("jwt")) {
        Refusal::Failed(Error::Encryption { failure, .. }) => failure,
        other => panic!("{other}"),
    }
}

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
fn the_key_is_chosen_as_the_guide_says() {
    const PEM: &str = include_str!("../../providers/jose/tests/keys/rsa-2048.pem");
    let rsa = SigningKey::from_pem(PEM).unwrap().public_jwk();
    let rsa = |members: Value| {
        let mut key = serde_json::to_value(&rsa).unwrap();
        let all = members.as_object().unwrap().clone();
        key.as_object_mut().unwrap().extend(all);
        key
    };
    let enc = |kid: &str| rsa(json!({ "use": "enc", "kid": kid }));
    let ec = jwks(&[json!({ "use": "enc", "kid": "ec" })]);
    let ec = serde_json::to_value(&ec.keys[0]).unwrap();
    let unknown = json!({ "kty": "AKP", "use": "enc" });
    for (keys, chosen) in [
        (vec![rsa(json!({ "use": "sig" }))], None),
        (vec![enc("a")], Some("a")),
        (vec![rsa(json!({ "kid": "a" }))], Some("a")),
        (vec![rsa(json!({ "kid": "a" })), enc("b")], Some("b")),
        (vec![rsa(json!({ "use": "enc", "alg": "RSA-OAEP" }))], None),
        (vec![ec], None),
        (vec![enc("a"), enc("b")], Some("a")),
        (vec![unknown, enc("b")], Some("b")),
    ] {
        let client = client_with(|metadata| {
            metadata.authorization_encrypted_response_alg =
                Some(JweKeyManagementAlgorithm::RSA_OAEP_256);
            metadata.jwks = Some(serde_json::from_value(json!({ "keys": keys })).unwrap());
        });
        let metadata = client.metadata().clone();
        let registered = server("").register(metadata, SecretAvailability::NoSecret);
        assert_eq!(registered.is_ok(), chosen.is_some(), "{registered:?}");
        if let Some(kid) = chosen {
            let jwe = response(&server(""), &client).unwrap();
            assert_eq!(header(&jwe)["kid"], kid);
        } else {
            let failure = failure(&server(""), &client);
            assert!(matches!(failure, EncryptionFailure::NoKey(_)), "{failure}");
        }
    }
}

#[test]
fn keys_on_several_curves_are_taken_in_the_order_of_the_set() {
    let x25519 = json!({
        "kty": "OKP",
        "crv": "X25519",
        "x": "3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08", // RFC 8037 A.6
        "use": "enc",
        "kid": "x25519",
    });
    let p256 = json!({ "use": "enc", "kid": "p-256" });
    for (first, keys) in [
        ("x25519", [x25519.clone(), p256.clone()]),
        ("p-256", [p256, x25519]),
    ] {
        let client = client_with_keys(&keys);
        let jwe = response(&server(""), &client).unwrap();
        assert_eq!(header(&jwe)["kid"], first);
    }
}

#[test]
fn a_key_that_cannot_be_used_is_passed_over_for_one_that_can() {
    let off_the_curve = json!({ "kid": "broken", "use": "enc", "x": "AA" });
    for other in [
        off_the_curve,
        json!({ "kid": "other", "kty": "AKP", "use": "enc" }),
    ] {
        let client = client_with_keys(&[other, json!({ "kid": "good" })]);
        let jwe = response(&server(""), &client).unwrap();
        assert_eq!(header(&jwe)["kid"], "good");
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
            matches!(failure, EncryptionFailure::NoClientSecret),
            "{failure}"
        );
    }
    let long_enough = a256kw(|_| {}).with_secret(ClientSecret::new("s".repeat(32)));
    assert!(response(&server(""), &long_enough).is_ok());
}

#[test]
fn the_newest_of_two_secrets_encrypts() {
    let old_first = client_with(|metadata| {
        metadata.authorization_encrypted_response_alg = Some(JweKeyManagementAlgorithm::DIR);
        metadata.authorization_encrypted_response_enc =
            Some(JweContentEncryptionAlgorithm::A256GCM);
    })
    .with_secret(ClientSecret::new("an older secret of more than 32 octets"))
    .with_secret(ClientSecret::new(SECRET));
    // The reader has the newest.
    assert!(
        grant(&server(""), &old_first, &code_in("jwt"))
            .encryption
            .is_some()
    );
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

/// A source that answers with these results, one after the other, the last for ever.
#[derive(Debug)]
struct Source {
    sets: Vec<Option<JwkSet>>,
    asked: AtomicUsize,
}

impl Source {
    fn new(sets: Vec<Option<JwkSet>>) -> Arc<Self> {
        let asked = AtomicUsize::new(0);
        Arc::new(Self { sets, asked })
    }
}

impl ClientKeySource for Source {
    fn keys<'a>(
        &'a self,
        _: &'a Issuer,
        _: &'a Client,
    ) -> BoxFuture<'a, Result<Cow<'a, JwkSet>, ClientKeySourceError>> {
        let turn = self.asked.fetch_add(1, Ordering::Relaxed);
        let set = self.sets.get(turn).or(self.sets.last()).unwrap().clone();
        let set = set.map(Cow::Owned);
        Box::pin(ready(
            set.ok_or_else(|| ClientKeySourceError::new("unreachable")),
        ))
    }
}

#[test]
fn an_unreachable_source_lets_nothing_out_at_the_door_and_later() {
    let client = client_with_keys(&[json!({})]);
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

/// The real encrypter, counting the keys that it reads and failing where it is told to.
#[derive(Debug, Default)]
struct Encrypter {
    keys_read: AtomicUsize,
    fails: bool,
}

impl JweEncrypter for Encrypter {
    fn key_management_algorithms(&self) -> &[JweKeyManagementAlgorithm] {
        JwaEncrypter.key_management_algorithms()
    }

    fn content_encryption_algorithms(&self) -> &[JweContentEncryptionAlgorithm] {
        JwaEncrypter.content_encryption_algorithms()
    }

    fn public_key(
        &self,
        algorithm: &JweKeyManagementAlgorithm,
        key: &Jwk,
    ) -> Result<Arc<dyn JwePublicKey>, PublicKeyError> {
        self.keys_read.fetch_add(1, Ordering::Relaxed);
        JwaEncrypter.public_key(algorithm, key)
    }

    fn content_key_for_secret(
        &self,
        algorithm: &JweKeyManagementAlgorithm,
        encryption: &JweContentEncryptionAlgorithm,
        secret: &ClientSecret,
    ) -> Result<ContentKey, EncryptionError> {
        JwaEncrypter.content_key_for_secret(algorithm, encryption, secret)
    }

    fn encrypt(
        &self,
        encryption: &JweContentEncryptionAlgorithm,
        content_key: &ContentKey,
        associated_data: &[u8],
        content: &mut Vec<u8>,
    ) -> Result<IvAndTag, EncryptionError> {
        if self.fails {
            return Err(EncryptionError);
        }
        JwaEncrypter.encrypt(encryption, content_key, associated_data, content)
    }
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
fn a_clients_key_is_parsed_once_and_a_removed_one_is_not_used_again() {
    let encrypter = Arc::new(Encrypter::default());
    let (one, two) = (json!({ "kid": "one" }), json!({ "kid": "two" }));
    let sets =
        [&one, &one, &two, &two, &one, &one].map(|key| Some(jwks(std::slice::from_ref(key))));
    let server = builder("")
        .encrypter(encrypter.clone())
        .client_keys(Source::new(sets.to_vec()))
        .build()
        .unwrap();
    let client = client_with_keys(&[]);
    let kids = [(); 3].map(|()| header(&response(&server, &client).unwrap())["kid"].clone());
    assert_eq!(kids, ["one", "two", "one"]);
    assert_eq!(encrypter.keys_read.load(Ordering::Relaxed), 2);
}

#[test]
fn a_key_is_never_another_one_with_the_same_kid() {
    let encrypter = Arc::new(Encrypter::default());
    let other = SigningKey::generate(KeyKind::P384).unwrap().public_jwk();
    let mut other = serde_json::to_value(&other).unwrap();
    other["kid"] = json!("k");
    let sets = [jwks(&[json!({ "kid": "k" })]), jwks(&[other])];
    let [first, second] = sets.map(Some);
    // Each is asked for at the door and at the answer.
    let sets = vec![
        first.clone(),
        first.clone(),
        second.clone(),
        second,
        first.clone(),
        first,
    ];
    let server = builder("")
        .encrypter(encrypter.clone())
        .client_keys(Source::new(sets))
        .build()
        .unwrap();
    let client = client_with_keys(&[]);
    // The ephemeral key is on the curve of the key that was really used.
    let curves = [(); 3].map(|()| {
        let header = header(&response(&server, &client).unwrap());
        (header["kid"].clone(), header["epk"]["crv"].clone())
    });
    let on = |curve: &str| (json!("k"), json!(curve));
    assert_eq!(curves, [on("P-256"), on("P-384"), on("P-256")]);
    assert_eq!(encrypter.keys_read.load(Ordering::Relaxed), 2);
}

#[test]
fn a_key_that_serves_two_algorithms_is_read_for_each() {
    let client = |alg: &str| {
        client_with(|metadata| {
            metadata.authorization_encrypted_response_alg = Some(alg.parse().unwrap());
            metadata.jwks = Some(jwks(&[json!({})]));
        })
    };
    let server = server("");
    for alg in ["ECDH-ES", "ECDH-ES+A256KW", "ECDH-ES"] {
        let jwe = response(&server, &client(alg)).unwrap();
        let encrypted_key = jwe.split('.').nth(1).unwrap();
        assert_eq!(encrypted_key.is_empty(), alg == "ECDH-ES", "{alg}");
    }
}

#[test]
fn tenants_share_no_parsed_key_and_the_source_is_told_which_one_asks() {
    #[derive(Debug)]
    struct OfIssuer;
    impl ClientKeySource for OfIssuer {
        fn keys<'a>(
            &'a self,
            issuer: &'a Issuer,
            _: &'a Client,
        ) -> BoxFuture<'a, Result<Cow<'a, JwkSet>, ClientKeySourceError>> {
            let own = jwks(&[json!({ "kid": issuer })]);
            Box::pin(ready(Ok(Cow::Owned(own))))
        }
    }
    let encrypter = Arc::new(Encrypter::default());
    let tenant = |issuer: &str| {
        let mut configuration = crate::fixture::configuration("");
        configuration.issuer = issuer.parse().unwrap();
        AuthorizationServer::builder(configuration)
            .signers(crate::fixture::key().signers())
            .encrypter(encrypter.clone())
    };
    for issuer in ["https://as.example/a", "https://as.example/b"] {
        let server = tenant(issuer)
            .client_keys(Arc::new(OfIssuer))
            .build()
            .unwrap();
        let jwe = response(&server, &client_with_keys(&[])).unwrap();
        assert_eq!(header(&jwe)["kid"], issuer);
    }
    for issuer in ["https://as.example/a", "https://as.example/b"] {
        let server = tenant(issuer).build().unwrap();
        response(&server, &client_with_keys(&[json!({ "kid": "the same" })])).unwrap();
    }
    assert_eq!(encrypter.keys_read.load(Ordering::Relaxed), 4);
}

#[test]
fn no_more_than_1024_parsed_keys_are_kept() {
    let encrypter = Arc::new(Encrypter::default());
    let server = builder("").encrypter(encrypter.clone()).build().unwrap();
    let keys_read_for = |kids: std::ops::Range<usize>| {
        let before = encrypter.keys_read.load(Ordering::Relaxed);
        for kid in kids {
            let client = client_with_keys(&[json!({ "kid": kid.to_string() })]);
            let metadata = client.metadata().clone();
            let registered = server.register(metadata, SecretAvailability::NoSecret);
            assert!(registered.is_ok(), "{registered:?}");
        }
        encrypter.keys_read.load(Ordering::Relaxed) - before
    };
    assert_eq!(keys_read_for(0..1024), 1024);
    assert_eq!(keys_read_for(0..1024), 0, "all of them are kept");
    assert_eq!(keys_read_for(1024..1025), 1);
    assert_eq!(keys_read_for(1..1025), 0);
    assert_eq!(keys_read_for(0..1), 1, "the one that was used least lately");
}

#[test]
fn no_more_than_32_keys_of_a_client_are_read() {
    for (broken, is_found) in [(31, true), (32, false), (99, false)] {
        let encrypter = Arc::new(Encrypter::default());
        let server = builder("").encrypter(encrypter.clone()).build().unwrap();
        let mut keys = vec![json!({ "use": "enc", "x": "AA" }); broken];
        keys.push(json!({ "kid": "good" }));
        let client = client_with_keys(&keys);
        if is_found {
            let jwe = response(&server, &client).unwrap();
            assert_eq!(header(&jwe)["kid"], "good");
        } else {
            let failure = failure(&server, &client);
            assert!(matches!(failure, EncryptionFailure::NoKey(_)), "{failure}");
        }
        // Each of them is read once to choose, and once more to answer or to say what is wrong.
        let read = encrypter.keys_read.load(Ordering::Relaxed);
        assert!(read <= 2 * 32, "{broken}: {read}");
    }
    for (count, is_accepted) in [(32, true), (33, false)] {
        let metadata = client_with_keys(&vec![json!({}); count]).metadata().clone();
        let registered = server("").register(metadata, SecretAvailability::NoSecret);
        assert_eq!(registered.is_ok(), is_accepted, "{registered:?}");
    }
}

#[test]
fn a_dropped_answer_that_waits_for_keys_leaves_the_pending_response_usable() {
    #[derive(Debug)]
    struct Hangs;
    impl ClientKeySource for Hangs {
        fn keys<'a>(
            &'a self,
            _: &'a Issuer,
            _: &'a Client,
        ) -> BoxFuture<'a, Result<Cow<'a, JwkSet>, ClientKeySourceError>> {
            Box::pin(std::future::pending())
        }
    }
    let ids = Arc::new(jarm::authorization_server::InMemoryOneTimeIds::default());
    let working = builder("").one_time_ids(ids.clone()).build().unwrap();
    let hanging = builder("")
        .one_time_ids(ids)
        .client_keys(Arc::new(Hangs))
        .build()
        .unwrap();
    let client = client_with_keys(&[json!({})]);
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

#[test]
fn both_hmac_and_encryption_may_use_the_one_secret() {
    let client = client_with(|metadata| {
        metadata.authorization_signed_response_alg = Some(JwsAlgorithm::HS512);
        metadata.authorization_encrypted_response_alg = Some(JweKeyManagementAlgorithm::DIR);
        metadata.authorization_encrypted_response_enc =
            Some(JweContentEncryptionAlgorithm::A256GCM);
    })
    .with_secret(ClientSecret::new(SECRET));
    let answer = grant(&server(""), &client, &code_in("jwt"));
    assert_eq!(answer.header, json!({ "alg": "HS512" }));
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
