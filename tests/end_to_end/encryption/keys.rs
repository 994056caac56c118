//! To which key.

use std::borrow::Cow;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use jarm::authorization_server::{
    ClientKeySource, ClientKeysRequest, EncryptionFailure, Error, Registration,
};
use jarm::jose::{ClientSecret, JwkSet, KeyKind, KeyLookup, KeySourceError, SigningKey};
use jarm::metadata::SecretAvailability;
use jarm::{
    AuthorizationServer, BoxFuture, JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm,
    JwsAlgorithm,
};
use serde_json::{Value, json};

use super::{Encrypter, Source, client_of_a_source, code_in, failure, response};
use crate::fixture::{SECRET, builder, client_with, client_with_keys, grant, header, jwks, server};

#[test]
fn the_key_is_chosen_as_the_guide_says() {
    const PEM: &str = include_str!("../../../providers/jose/tests/keys/rsa-2048.pem");
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
        let registered = server("").register(Registration::dynamic(
            metadata,
            SecretAvailability::NoSecret,
        ));
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
    let client = client_of_a_source();
    let kids = [(); 3].map(|()| header(&response(&server, &client).unwrap())["kid"].clone());
    assert_eq!(kids, ["one", "two", "one"]);
    let registered = client_with_keys(&[json!({ "kid": "registered" })]);
    let jwe = response(&server, &registered).unwrap();
    assert_eq!(header(&jwe)["kid"], "registered", "the source is not asked");
    assert_eq!(encrypter.keys_read.load(Ordering::Relaxed), 3);
}

/// A client's new key, after one that is for signatures.
fn sets(which: &[Option<&str>]) -> Vec<Option<JwkSet>> {
    let set = |own: &str| jwks(&[json!({ "kid": own, "use": own })]);
    which.iter().map(|usage| usage.map(set)).collect()
}

fn with_source(sets: Vec<Option<JwkSet>>) -> (AuthorizationServer, Arc<Source>) {
    let source = Source::new(sets);
    let server = builder("").client_keys(source.clone()).build().unwrap();
    (server, source)
}

#[test]
fn a_source_without_a_usable_key_is_asked_once_more_and_the_newer_key_is_used() {
    use KeyLookup::{AfterMiss, First};
    for (given, expected) in [
        // At the door, then at the answer.
        (
            [Some("sig"), Some("enc"), Some("enc")],
            [First, AfterMiss, First],
        ),
        (
            [Some("enc"), Some("sig"), Some("enc")],
            [First, First, AfterMiss],
        ),
    ] {
        let (server, source) = with_source(sets(&given));
        let jwe = response(&server, &client_of_a_source()).unwrap();
        assert_eq!(header(&jwe)["kid"], "enc");
        assert_eq!(source.asked(), expected);
    }
}

#[test]
fn a_source_that_fails_or_has_no_usable_key_the_second_time_fails_the_request() {
    use KeyLookup::{AfterMiss, First};
    for (given, is_broken) in [
        ([Some("sig"), None], true),
        ([Some("sig"), Some("sig")], false),
    ] {
        let (server, source) = with_source(sets(&given));
        let failure = failure(&server, &client_of_a_source());
        let was_broken = matches!(failure, EncryptionFailure::KeySource(_));
        assert_eq!(was_broken, is_broken, "{failure}");
        assert_eq!(source.asked(), [First, AfterMiss]);
        // At the answer the same, with nothing sent.
        let [first, second] = given;
        let (server, source) = with_source(sets(&[Some("enc"), first, second]));
        let refused = response(&server, &client_of_a_source()).unwrap_err();
        assert!(matches!(refused, Error::Encryption { .. }), "{refused}");
        assert_eq!(source.asked(), [First, First, AfterMiss]);
    }
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
    let client = client_of_a_source();
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
            request: ClientKeysRequest<'a>,
        ) -> BoxFuture<'a, Result<Cow<'a, JwkSet>, KeySourceError>> {
            let own = jwks(&[json!({ "kid": request.issuer })]);
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
        let jwe = response(&server, &client_of_a_source()).unwrap();
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
            let registered = server.register(Registration::dynamic(
                metadata,
                SecretAvailability::NoSecret,
            ));
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
        let registered = server("").register(Registration::dynamic(
            metadata,
            SecretAvailability::NoSecret,
        ));
        assert_eq!(registered.is_ok(), is_accepted, "{registered:?}");
    }
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
