//! What an observer is told, and what not.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jarm::authorization_server::{Event, Observer, Outcome};
use jarm::clock::{Clock, UnixTime};
use jarm::metadata::Client;
use jarm::response::{AuthorizationError, AuthorizationResponse, EncodedResponse};
use jarm::{AuthorizationServer, RequestParameters};
use sha2::{Digest as _, Sha256};

use crate::fixture::{
    Faulty, NOW, builder, client, client_with_encryption, configuration, decrypted, key, run,
    target,
};

const CANARY: &str = "c4nary";

/// Writes events down; a hash in hex.
#[derive(Debug, Default)]
struct Notes(Mutex<Vec<String>>);

impl Observer for Notes {
    fn observe(&self, event: &Event<'_>) {
        let outcome = match &event.outcome {
            Outcome::Negotiated { .. } => "negotiated".to_owned(),
            Outcome::Refused { error, .. } => format!("refused {}", error.code().as_str()),
            Outcome::Answered {
                error,
                response_jwt,
                ..
            } => {
                let error = error.map_or("success", |error| error.code().as_str());
                let jwt = response_jwt.map(|jwt| {
                    let encryption = jwt.encryption.as_ref();
                    let hash = hex(&jwt.sha256);
                    format!(
                        "{} {} {} {hash}",
                        jwt.algorithm,
                        encryption.map_or("-", |own| own.alg.as_str()),
                        jwt.jti.is_some()
                    )
                });
                format!("answered {error} {}", jwt.unwrap_or_default())
            }
            Outcome::Failed { error, .. } => format!("failed {error}"),
            _ => unreachable!("there is no other outcome"),
        };
        let mode = event.response_mode.map_or("-", |mode| mode.as_str());
        let response_type = event.response_type.map_or("-", |own| own.as_str());
        assert_eq!(event.client_id.as_str(), "cid");
        assert_eq!(event.issuer.as_str(), "https://as.example");
        let note = format!("{response_type} {mode} {outcome} {:?}", event.duration);
        self.0.lock().unwrap().push(note);
        let all = format!("{event:?}");
        assert!(!all.contains(CANARY), "{all}");
    }
}

/// In hex.
fn hex(octets: &[u8; 32]) -> String {
    let (left, right) = octets.split_at(16);
    let [left, right] = [left, right].map(|half| u128::from_be_bytes(half.try_into().unwrap()));
    format!("{left:032x}{right:032x}")
}

/// A clock by which everything takes a second.
#[derive(Debug, Default)]
struct Slow(Mutex<u64>);

impl Clock for Slow {
    fn now(&self) -> UnixTime {
        UnixTime::from_seconds(NOW)
    }

    fn monotonic(&self) -> Duration {
        let mut now = self.0.lock().unwrap();
        *now += 1;
        Duration::from_secs(*now)
    }
}

/// Asks, and answers with `outcome`; returns what was noted and what went out.
fn observed(
    build: impl FnOnce(&Arc<Notes>) -> AuthorizationServer,
    client: &Client,
    (query, outcome): (&str, AuthorizationResponse),
) -> (Vec<String>, Option<EncodedResponse>) {
    let notes = Arc::new(Notes::default());
    let server = build(&notes);
    let query = format!("{query}&state={CANARY}&nonce={CANARY}");
    let request = RequestParameters::from_urlencoded(query);
    let uri = format!("https://client.example/cb?{CANARY}=1");
    let encoded = run(async {
        match server.negotiate(client, target(&uri), &request).await {
            Ok(pending) => server.respond(pending, client, outcome).await.ok(),
            Err(refusal) => server.refuse(refusal, client).await.ok(),
        }
    });
    let all = notes.0.lock().unwrap().clone();
    (all, encoded)
}

fn with_jti(notes: &Arc<Notes>) -> AuthorizationServer {
    builder("response_jwt_jti = true")
        .clock(Arc::new(Slow::default()))
        .observer(notes.clone())
        .build()
        .unwrap()
}

#[test]
fn an_answer_is_told_with_mode_algorithm_and_the_hash_of_its_jwt() {
    for (client, encryption) in [(client(), "-"), (client_with_encryption(), "dir")] {
        let query = (
            "response_type=code&response_mode=jwt",
            AuthorizationResponse::code(CANARY),
        );
        let (noted, encoded) = observed(with_jti, &client, query);
        let Some(EncodedResponse::Redirect(redirect)) = encoded else {
            panic!("a redirect")
        };
        let (_, jwt) = redirect.location().split_once("response=").unwrap();
        let (_, jws) = decrypted(jwt);
        let hash = Sha256::digest(jws);
        assert_eq!(
            noted,
            [
                "code query.jwt negotiated 1s".to_owned(),
                format!("code query.jwt answered success ES256 {encryption} true {hash:x} 1s"),
            ]
        );
    }
}

#[test]
fn plain_answers_errors_and_refusals_are_told() {
    let denied = || AuthorizationError::access_denied().into();
    let (noted, _) = observed(with_jti, &client(), ("response_type=code", denied()));
    assert_eq!(
        noted,
        [
            "code query negotiated 1s",
            "code query answered access_denied  1s"
        ]
    );
    let foo = "response_type=code&response_mode=foo";
    let (noted, _) = observed(with_jti, &client(), (foo, denied()));
    assert_eq!(
        noted,
        [
            "code query refused invalid_request 1s",
            "code query answered invalid_request  1s"
        ]
    );
    let strict = |notes: &Arc<Notes>| {
        let toml = "require_jarm = true\nrefusal_delivery = \"local_page\"";
        builder(toml).observer(notes.clone()).build().unwrap()
    };
    let (noted, encoded) = observed(strict, &client(), ("response_type=code", denied()));
    assert!(encoded.is_none());
    assert_eq!(noted, ["code - refused invalid_request 0ns"]);
}

#[test]
fn failures_are_told_at_the_door_and_at_the_answer() {
    let fails = |notes: &Arc<Notes>| {
        AuthorizationServer::builder(configuration(""))
            .signer(Arc::new(Faulty::Fails))
            .observer(notes.clone())
            .build()
            .unwrap()
    };
    let code = || AuthorizationResponse::code(CANARY);
    let jwt = "response_type=code&response_mode=jwt";
    let (noted, _) = observed(fails, &client(), (jwt, code()));
    let failed = noted.get(1).unwrap();
    assert!(
        failed.starts_with("code query.jwt failed") && failed.contains(key().key_id()),
        "{failed}"
    );
    let (noted, _) = observed(fails, &client_with_encryption(), (jwt, code()));
    assert_eq!(noted.len(), 1);
    assert!(
        noted.iter().all(|note| note.contains("must be encrypted")),
        "{noted:?}"
    );
}
