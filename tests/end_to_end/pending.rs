//! A pending response between request and answer: sealed, bound, expiring, used once.

use std::sync::Arc;

use jarm::authorization_server::{Error, PendingError, PendingResponse};
use jarm::jose::{Aes256GcmSealer, SystemRandom};
use jarm::metadata::Client;
use jarm::response::AuthorizationResponse;
use jarm::testing::FixedClock;
use jarm::{AuthorizationServer, ClientId, RequestParameters};

use crate::fixture::{
    Answer, NOW, builder, client, configuration, key, negotiate, run, server, target,
};

const SESSION: &str = "session-1";

fn negotiated(server: &AuthorizationServer) -> PendingResponse {
    let query = "response_type=code+id_token&response_mode=form_post.jwt&state=%22%3Cs%3E";
    let request = RequestParameters::from_urlencoded(query);
    run(server.negotiate(&client(), target("https://client.example/cb?a=1"), &request)).unwrap()
}

fn sealed(server: &AuthorizationServer) -> String {
    server.seal(negotiated(server), SESSION).unwrap()
}

fn unseal(server: &AuthorizationServer, sealed: &str) -> Result<PendingResponse, PendingError> {
    server
        .unseal(sealed, client().client_id(), SESSION)
        .map_err(pending_error)
}

fn pending_error(error: Error) -> PendingError {
    match error {
        Error::Pending(error) => error,
        other => panic!("{other}"),
    }
}

fn outcome() -> AuthorizationResponse {
    jarm::response::AuthorizationSuccess::new()
        .code("c0de")
        .id_token("e30.e30.c2ln")
        .into()
}

#[test]
fn a_sealed_pending_response_is_answered_as_it_was_negotiated() {
    let server = server("");
    let pending = unseal(&server, &sealed(&server)).unwrap();
    let encoded = run(server.respond(pending, &client(), outcome())).unwrap();
    let answer = Answer::read(&encoded, "https://client.example/cb?a=1");
    assert_eq!(
        (answer.mode.as_str(), answer.text("state")),
        ("form_post.jwt", Some("\"<s>"))
    );
}

#[test]
fn every_flipped_byte_of_a_sealed_pending_response_is_refused() {
    let server = server("");
    let sealed = sealed(&server);
    for position in 0..sealed.len() {
        for replacement in ["A", "B", "_", "=", "é", ""] {
            let mut changed = sealed.clone();
            changed.replace_range(position..=position, replacement);
            if changed == sealed {
                continue;
            }
            assert!(
                unseal(&server, &changed).is_err(),
                "{position} {replacement}"
            );
        }
    }
    for cut in 0..sealed.len() {
        assert!(unseal(&server, &sealed[..cut]).is_err());
    }
}

#[test]
fn a_sealed_pending_response_belongs_to_one_session_client_and_issuer() {
    let server = server("");
    let sealed = sealed(&server);
    let other_client = ClientId::try_new("other").unwrap();
    let mut configuration = configuration("");
    configuration.issuer = "https://other.example".parse().unwrap();
    let other_issuer = AuthorizationServer::builder(configuration)
        .signers(key().signers())
        .random(Arc::new(SystemRandom))
        .sealer(Arc::new(Aes256GcmSealer::new([7; 32])))
        .build()
        .unwrap();
    let cid = client().client_id().clone();
    for result in [
        server.unseal(&sealed, &cid, "session-2"),
        server.unseal(&sealed, &cid, ""),
        server.unseal(&sealed, &other_client, SESSION),
        other_issuer.unseal(&sealed, &cid, SESSION),
    ] {
        assert_eq!(
            pending_error(result.unwrap_err()),
            PendingError::NotAuthentic
        );
    }
}

#[test]
fn client_and_session_cannot_trade_characters() {
    let server = server("");
    let sealed = server.seal(negotiated(&server), "x").unwrap();
    let shifted = ClientId::try_new("cidx").unwrap();
    assert!(server.unseal(&sealed, &shifted, "").is_err());
}

#[test]
fn another_key_does_not_open_and_a_rotated_one_does() {
    let sealed = sealed(&server(""));
    let with_sealer = |sealer| builder("").sealer(Arc::new(sealer)).build().unwrap();
    assert!(unseal(&with_sealer(Aes256GcmSealer::new([8; 32])), &sealed).is_err());
    assert!(
        unseal(
            &with_sealer(Aes256GcmSealer::new([8; 32]).also_opening([7; 32])),
            &sealed
        )
        .is_ok()
    );
}

#[test]
fn a_pending_response_is_answered_once() {
    let server = server("");
    let sealed = sealed(&server);
    let respond = || {
        let pending = unseal(&server, &sealed).unwrap(); // loading the page twice is no use
        run(server.respond(pending, &client(), outcome()))
    };
    assert!(respond().is_ok());
    assert_eq!(
        pending_error(respond().unwrap_err()),
        PendingError::AlreadyUsed
    );
}

#[test]
fn an_expired_pending_response_is_refused_when_it_is_read_and_when_it_is_answered() {
    let at = |now| {
        builder("")
            .pending_lifetime(60)
            .clock(Arc::new(FixedClock(now)))
            .build()
            .unwrap()
    };
    let sealed = sealed(&at(NOW));
    let late = unseal(&at(NOW + 59), &sealed).unwrap();
    assert_eq!(
        unseal(&at(NOW + 60), &sealed).unwrap_err(),
        PendingError::Expired
    );
    let error = run(at(NOW + 60).respond(late, &client(), outcome())).unwrap_err();
    assert_eq!(pending_error(error), PendingError::Expired);
}

#[test]
fn another_format_is_refused() {
    let server = server("");
    let record = server
        .record_for_trusted_storage(negotiated(&server))
        .unwrap();
    assert!(server.restore_from_trusted_storage(&record).is_ok());
    assert!(
        serde_json::from_str::<serde_json::Value>(&record).is_ok(),
        "it is JSON"
    );
    let other = record.replace("\"version\":4", "\"version\":2");
    assert_ne!(record, other);
    for bad in [
        other.as_str(),
        "",
        "1",
        "{}",
        &record[1..],
        &record[..record.len() - 1],
    ] {
        let error = server.restore_from_trusted_storage(bad).unwrap_err();
        assert_eq!(pending_error(error), PendingError::Format);
    }
    assert!(
        server
            .restore_from_trusted_storage(&record.replace("state", "stat"))
            .is_err(),
        "unknown members are refused"
    );

    let newer = format!("C{}", &sealed(&server)[1..]);
    assert_eq!(unseal(&server, &newer).unwrap_err(), PendingError::Format);
}

#[test]
fn a_record_of_another_issuer_is_refused() {
    let server = server("");
    let record = server
        .record_for_trusted_storage(negotiated(&server))
        .unwrap();
    let moved = record.replace("https://as.example", "https://other.example");
    assert_eq!(
        pending_error(server.restore_from_trusted_storage(&moved).unwrap_err()),
        PendingError::OtherIssuer
    );
}

#[test]
fn only_the_client_that_asked_is_answered() {
    let server = server("");
    let other = Client::new(ClientId::try_new("other").unwrap());
    let error = run(server.respond(negotiated(&server), &other, outcome())).unwrap_err();
    assert_eq!(pending_error(error), PendingError::OtherClient);
}

#[test]
fn the_answer_of_another_issuer_is_refused() {
    let mut configuration = configuration("");
    configuration.issuer = "https://other.example".parse().unwrap();
    let other = AuthorizationServer::builder(configuration)
        .signers(key().signers())
        .build()
        .unwrap();
    let error = run(other.respond(negotiated(&server("")), &client(), outcome())).unwrap_err();
    assert_eq!(pending_error(error), PendingError::OtherIssuer);
}

#[test]
fn sealing_needs_a_sealer_and_randomness() {
    let bare = AuthorizationServer::builder(configuration(""))
        .signers(key().signers())
        .build()
        .unwrap();
    let pending = negotiate(&bare, &client(), "response_type=code");
    assert!(matches!(
        bare.seal(pending, SESSION),
        Err(Error::NoRandomSource)
    ));
    assert!(matches!(
        bare.unseal("AQ", client().client_id(), SESSION),
        Err(Error::NoSealer)
    ));
}

#[test]
fn what_the_host_attaches_is_sealed_with_the_pending_response() {
    let server = server("");
    let attached = || negotiated(&server).with_host_data("scope=openid");
    assert!(!format!("{:?}", attached()).contains("openid"));
    let sealed = server.seal(attached(), SESSION).unwrap();
    assert!(!sealed.contains("openid"));
    assert_eq!(
        unseal(&server, &sealed).unwrap().host_data(),
        Some("scope=openid")
    );
    let record = server.record_for_trusted_storage(attached()).unwrap();
    let stored = server.restore_from_trusted_storage(&record).unwrap();
    assert_eq!(stored.host_data(), Some("scope=openid"));
    assert_eq!(negotiated(&server).host_data(), None);
}

#[test]
fn sealing_again_keeps_the_id_so_it_is_still_answered_once() {
    let server = server("");
    let at_login = sealed(&server);
    let at_consent = server
        .seal(unseal(&server, &at_login).unwrap(), SESSION)
        .unwrap();
    let respond =
        |sealed: &str| run(server.respond(unseal(&server, sealed).unwrap(), &client(), outcome()));
    assert!(respond(&at_consent).is_ok());
    assert_eq!(
        pending_error(respond(&at_login).unwrap_err()),
        PendingError::AlreadyUsed
    );
}

#[test]
fn nothing_is_sealed_for_nobody() {
    let server = server("");
    let error = server.seal(negotiated(&server), "").unwrap_err();
    assert_eq!(pending_error(error), PendingError::NoSession);
}

/// Time passes with every look at the clock: the signer took too long.
#[derive(Debug, Default)]
struct Passing(std::sync::atomic::AtomicU64);

impl jarm::clock::Clock for Passing {
    fn now(&self) -> jarm::clock::UnixTime {
        let looks = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        jarm::clock::UnixTime::from_seconds(NOW + looks * 20)
    }
}

#[test]
fn an_answer_that_is_ready_after_expiry_is_not_given() {
    let sealed = sealed(&server(""));
    let slow = builder("")
        .clock(Arc::new(Passing::default()))
        .build()
        .unwrap();
    let pending = unseal(&slow, &sealed).unwrap();
    assert!(
        run(slow.respond(pending, &client(), outcome())).is_ok(),
        "an hour is enough"
    );

    let short = builder("").pending_lifetime(50).build().unwrap();
    let pending = negotiated(&short);
    let record = short.record_for_trusted_storage(pending).unwrap();
    let slow = builder("")
        .clock(Arc::new(Passing::default()))
        .build()
        .unwrap();
    let pending = slow.restore_from_trusted_storage(&record).unwrap(); // at 0 s
    let error = run(slow.respond(pending, &client(), outcome())).unwrap_err(); // checked at 20 s
    assert_eq!(pending_error(error), PendingError::Expired);
}

#[test]
fn a_stored_pending_response_tells_its_id_and_nothing_secret() {
    let server = server("");
    assert_eq!(negotiated(&server).id(), None);
    let pending = unseal(&server, &sealed(&server)).unwrap();
    assert_eq!(pending.id().map(|id| id.as_str().len()), Some(22));
    let shown = format!("{pending:?}");
    assert!(
        shown.contains("form_post.jwt") && shown.contains("cid"),
        "{shown}"
    );
    assert!(!shown.contains("<s>") && !shown.contains("a=1"), "{shown}");
}

#[test]
fn an_answer_is_never_protected_less_than_was_negotiated() {
    let server = server("");
    let pending = negotiate(&server, &client(), "response_type=code&response_mode=query");
    let record = server.record_for_trusted_storage(pending).unwrap();
    let protected = record.replace(r#""negotiated":"plain""#, r#""negotiated":"signed""#);
    assert_ne!(record, protected);
    let respond = |record: &str| {
        let pending = server.restore_from_trusted_storage(record).unwrap();
        run(server.respond(pending, &client(), AuthorizationResponse::code("c0de")))
    };
    assert!(matches!(respond(&protected), Err(Error::ModeWithdrawn(_))));
    assert!(respond(&record).is_ok());
}
