//! Responses that are signed on a token of `SoftHSM`, the PKCS #11 module of Debian's package
//! `softhsm2`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test"
)]

mod server;
mod token;

use std::error::Error as _;
use std::pin::pin;
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Waker};

use cryptoki::object::{Attribute, AttributeInfo, AttributeType, KeyType};
use hsm_signer::{HsmError, KeyProblem, Pin, Token};
use jarm::JwsAlgorithm;
use jarm::authorization_server::Error;
use jarm::jose::JwsSigner as _;
use jarm::response::{AuthorizationError, AuthorizationResponse};
use serde_json::json;

use server::{PATIENCE, client, negotiate, respond, response_jwt, run, server, verified};
use token::{CONFINED, LABEL, P256, P384, PIN, module, open, private_key, signer, with_token};

const ES256: JwsAlgorithm = JwsAlgorithm::ES256;
const PS256: JwsAlgorithm = JwsAlgorithm::PS256;

/// The problem of a key that is not there.
const NONE: KeyProblem = KeyProblem::NotOne {
    half: "public",
    found: 0,
};

fn code() -> AuthorizationResponse {
    AuthorizationResponse::code("c0de")
}

/// What the host's log gets to see behind a response that could not be signed.
fn cause(error: &Error) -> &HsmError {
    let Error::Signing { source, .. } = error else {
        panic!("{error}")
    };
    source.source().unwrap().downcast_ref().unwrap()
}

fn problem(error: &HsmError) -> &KeyProblem {
    let HsmError::Key { problem, .. } = error else {
        panic!("{error:?}")
    };
    problem
}

#[test]
fn responses_are_signed_on_the_token_and_verify_with_the_published_keys() {
    with_token(|token| {
        token.generate_rsa("key", 2048);
        token.generate_ec("key", P256);
        let signers = [signer("key", &PS256), signer("key", &ES256)];
        let thumbprints = [0, 1].map(|index| signers[index].key_id().to_owned());
        let server = server(signers);
        let jwks = server.jwks();
        let published = jwks.keys.iter().map(|key| key.kid().unwrap());
        assert!(published.eq(&thumbprints));
        for algorithm in [PS256, ES256] {
            let client = client(&algorithm);
            for mode in ["jwt", "form_post.jwt"] {
                let denied = AuthorizationError::access_denied().into();
                for (outcome, member, value) in
                    [(code(), "code", "c0de"), (denied, "error", "access_denied")]
                {
                    let encoded = run(async {
                        let pending = negotiate(&server, &client, mode).await;
                        server.respond(pending, &client, outcome).await.unwrap()
                    });
                    let claims = verified(&response_jwt(&encoded), &server.jwks(), &algorithm);
                    assert_eq!(claims[member], value);
                    assert_eq!(claims["state"], "s");
                }
            }
        }
    });
}

#[test]
fn the_private_keys_cannot_be_read() {
    with_token(|token| {
        token.generate_rsa("key", 2048);
        token.generate_ec("key", P256);
        let secrets = [
            AttributeType::PrivateExponent,
            AttributeType::Prime1,
            AttributeType::Value,
        ];
        for (key_type, secrets) in [(KeyType::RSA, &secrets[..2]), (KeyType::EC, &secrets[2..])] {
            token.as_user(|session| {
                let key = private_key(session, key_type);
                for info in session.get_attribute_info(key, secrets).unwrap() {
                    assert!(matches!(info, AttributeInfo::Sensitive), "{info:?}");
                }
                let kept = [
                    AttributeType::AlwaysSensitive,
                    AttributeType::NeverExtractable,
                ];
                assert_eq!(
                    session.get_attributes(key, &kept).unwrap(),
                    [
                        Attribute::AlwaysSensitive(true),
                        Attribute::NeverExtractable(true)
                    ]
                );
            });
        }
    });
}

#[test]
fn a_key_that_is_destroyed_after_start_up_lets_nothing_out() {
    with_token(|token| {
        token.generate_ec("key", P256);
        let server = server([signer("key", &ES256)]);
        let client = client(&ES256);
        let refused = || run(respond(&server, &client, code())).unwrap_err();

        token.destroy("key");
        let error = refused();
        assert_eq!(error.http_status(), 500);
        assert_eq!(problem(cause(&error)), &NONE);

        // What is published does not verify the signatures of another key under the same label.
        token.generate_ec("key", P256);
        assert_eq!(problem(cause(&refused())), &KeyProblem::Replaced);
    });
}

#[test]
fn a_login_that_is_lost_is_made_again() {
    with_token(|token| {
        token.generate_rsa("key", 2048);
        token.generate_ec("key", P256);
        let server = server([signer("key", &ES256), signer("key", &PS256)]);
        token.log_out();
        for algorithm in [ES256, PS256] {
            let encoded = run(respond(&server, &client(&algorithm), code())).unwrap();
            verified(&response_jwt(&encoded), &server.jwks(), &algorithm);
        }
    });
}

#[test]
fn a_module_that_is_shut_down_takes_the_token_away() {
    with_token(|token| {
        token.generate_ec("key", P256);
        let server = server([signer("key", &ES256)]);
        token.shut_down();
        for _ in 0..2 {
            let error = run(respond(&server, &client(&ES256), code())).unwrap_err();
            assert!(matches!(cause(&error), HsmError::TokenGone(_)), "{error:?}");
        }
    });
}

#[test]
fn a_refused_pin_is_not_tried_again_and_never_shown() {
    with_token(|token| {
        token.generate_ec("key", P256);
        let opened = Token::open(module(), LABEL, Pin::from("000000"));
        assert!(matches!(opened, Err(HsmError::PinRefused(_))), "{opened:?}");

        let opened = open();
        let server = server([opened.signer("key", &ES256).unwrap()]);
        let refused = || run(respond(&server, &client(&ES256), code())).unwrap_err();
        token.change_pin(PIN, "161803");
        token.log_out();
        assert!(matches!(cause(&refused()), HsmError::PinRefused(_)));
        token.change_pin("161803", PIN);
        assert!(matches!(cause(&refused()), HsmError::PinRefused(_)));

        let shown = format!("{opened:?} {server:?} {:?}", refused());
        assert!(!shown.contains(PIN), "{shown}");
    });
}

#[test]
fn what_must_not_sign_is_refused_at_start_up() {
    with_token(|token| {
        token.generate_rsa("weak", 1024);
        token.generate_ec("p384", P384);
        token.generate_ec_with(
            ["extractable"; 2],
            P256,
            &[Attribute::Sensitive(true), Attribute::Extractable(true)],
        );
        token.generate_ec_with(["crossed", "-"], P256, &CONFINED);
        token.generate_ec_with(["-", "crossed"], P256, &CONFINED);
        token.generate_ec("twice", P256);
        token.generate_ec("twice", P256);

        let several = KeyProblem::NotOne {
            half: "public",
            found: 2,
        };
        let opened = open();
        let refusal =
            |label: &str, algorithm: &JwsAlgorithm| opened.signer(label, algorithm).unwrap_err();
        for (label, algorithm, expected) in [
            ("weak", PS256, KeyProblem::Weak { bits: 1024 }),
            ("p384", ES256, KeyProblem::UnknownForm),
            ("extractable", ES256, KeyProblem::Extractable),
            ("crossed", ES256, KeyProblem::NotAPair),
            ("twice", ES256, several),
            ("twice", PS256, NONE),
            ("missing", ES256, NONE),
        ] {
            let error = refusal(label, &algorithm);
            assert_eq!(problem(&error), &expected, "{label}");
        }
        let always = [&CONFINED[..], &[Attribute::AlwaysAuthenticate(true)]].concat();
        token.generate_ec_with(["always"; 2], P256, &always);
        let error = refusal("always", &ES256);
        assert!(matches!(error, HsmError::LoginLost(_)), "{error}");
        let error = refusal("twice", &JwsAlgorithm::RS256);
        assert!(
            matches!(error, HsmError::UnsupportedAlgorithm(_)),
            "{error}"
        );

        let opened = Token::open(module(), "other", Pin::from(PIN));
        assert!(
            matches!(opened, Err(HsmError::Token { found: 0, .. })),
            "{opened:?}"
        );
        let opened = Token::open("/nowhere/module.so", LABEL, Pin::from(PIN));
        assert!(matches!(opened, Err(HsmError::Module(_))), "{opened:?}");
    });
}

#[test]
fn a_key_id_of_ones_own_is_published_and_named() {
    with_token(|token| {
        token.generate_ec("key", P256);
        let signer = signer("key", &ES256).with_key_id("2026-11");
        let server = server([signer]);
        let encoded = run(respond(&server, &client(&ES256), code())).unwrap();
        verified(&response_jwt(&encoded), &server.jwks(), &ES256);
        assert_eq!(json!(server.jwks())["keys"][0]["kid"], "2026-11");
    });
}

#[test]
fn a_module_that_hangs_keeps_no_other_request_waiting() {
    with_token(|token| {
        token.generate_ec("key", P256);
        let server = server([signer("key", &ES256)]);
        let client = client(&ES256);
        run(async {
            // The only thread for blocking calls hangs. Were the signature made on the server's
            // own thread, there would be an answer, and no time-out.
            let (release, hanging) = mpsc::channel::<()>();
            let hangs = tokio::task::spawn_blocking(move || hanging.recv());
            let answer = tokio::time::timeout(PATIENCE, respond(&server, &client, code())).await;
            assert!(answer.is_err());
            drop(release);
            assert!(hangs.await.unwrap().is_err());

            let encoded = respond(&server, &client, code()).await.unwrap();
            verified(&response_jwt(&encoded), &server.jwks(), &ES256);
        });
    });
}

#[test]
fn many_responses_at_once_are_all_signed() {
    with_token(|token| {
        token.generate_ec("key", P256);
        let signer = Arc::new(signer("key", &ES256));
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(async {
            let signatures: Vec<_> = (0..64)
                .map(|_| {
                    let signer = signer.clone();
                    tokio::spawn(async move { signer.sign(b"input").await.unwrap().len() })
                })
                .collect();
            for signature in signatures {
                assert_eq!(signature.await.unwrap(), 64);
            }
        });
    });
}

#[test]
fn signing_without_a_runtime_is_an_error() {
    with_token(|token| {
        token.generate_ec("key", P256);
        let signer = signer("key", &ES256);
        let mut signature = pin!(signer.sign(b"input"));
        let Poll::Ready(Err(error)) = signature
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        else {
            panic!("it fails at once")
        };
        let source = error.source().unwrap().downcast_ref::<HsmError>();
        assert!(matches!(source, Some(HsmError::Runtime(_))), "{source:?}");
    });
}
