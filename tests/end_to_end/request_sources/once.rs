//! A pushed request is used up by its answer, and not by its page.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jarm::authorization_server::{Error, PendingError, PendingResponse, PushedResponse};
use jarm::jose::{Jwk, JwsSigner, SigningError, SystemRandom};
use jarm::metadata::Client;
use jarm::response::{AuthorizationError, AuthorizationResponse};
use jarm::{AuthorizationServer, BoxFuture, JwsAlgorithm, ResponseMode};

use super::store::{Failing, Store};
use super::{builder, by_handle, client, push, refused, resolve, server};
use crate::fixture::{Answer, Moved, REDIRECT_URI, configuration, key, run, target};

const SESSION: &str = "session-1";

fn pushed(server: &AuthorizationServer) -> PushedResponse {
    push(
        server,
        &client(),
        "response_type=code&response_mode=jwt&state=s",
    )
    .unwrap()
}

/// Loads the page of a pushed request.
fn load(server: &AuthorizationServer, pushed: &PushedResponse) -> PendingResponse {
    let request = resolve(server, &client(), &by_handle(pushed)).unwrap();
    run(server.negotiate(&client(), target(REDIRECT_URI), &request)).unwrap()
}

fn approve(server: &AuthorizationServer, pending: PendingResponse) -> Result<(), Error> {
    respond(server, pending, AuthorizationResponse::code("c0de"))
}

fn respond(
    server: &AuthorizationServer,
    pending: PendingResponse,
    outcome: impl Into<AuthorizationResponse> + Send,
) -> Result<(), Error> {
    run(server.respond(pending, &client(), outcome)).map(drop)
}

fn is_used(answered: &Result<(), Error>) -> bool {
    matches!(answered, Err(Error::Pending(PendingError::AlreadyUsed)))
}

fn is_known(server: &AuthorizationServer, client: &Client, pushed: &PushedResponse) -> bool {
    if resolve(server, client, &by_handle(pushed)).is_ok() {
        return true;
    }
    let why = refused(server, client, &by_handle(pushed));
    assert!(why.starts_with("invalid_request_uri: "), "{why}");
    false
}

#[test]
fn a_page_may_be_loaded_twice_and_is_answered_once() {
    let server = server();
    let pushed = pushed(&server);
    let (first, second) = (load(&server, &pushed), load(&server, &pushed));
    assert!(is_known(&server, &client(), &pushed));
    approve(&server, first).unwrap();
    assert!(!is_known(&server, &client(), &pushed));
    assert!(is_used(&approve(&server, second)));
}

#[test]
fn a_denial_uses_it_up_too() {
    let server = server();
    let pushed = pushed(&server);
    let (first, second) = (load(&server, &pushed), load(&server, &pushed));
    respond(&server, first, AuthorizationError::access_denied()).unwrap();
    assert!(!is_known(&server, &client(), &pushed));
    assert!(is_used(&approve(&server, second)));
}

/// Signs with the fixture's key from the second time on.
#[derive(Debug, Default)]
struct Flaky(AtomicBool);

impl JwsSigner for Flaky {
    fn algorithm(&self) -> &JwsAlgorithm {
        &JwsAlgorithm::ES256
    }

    fn key_id(&self) -> &str {
        key().key_id()
    }

    fn public_key(&self) -> Jwk {
        key().public_jwk()
    }

    fn sign<'a>(&'a self, input: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SigningError>> {
        Box::pin(async move {
            if !self.0.swap(true, Ordering::Relaxed) {
                return Err(SigningError::from_source("unplugged"));
            }
            let signer = key().signer(&JwsAlgorithm::ES256).unwrap();
            signer.sign(input).await
        })
    }
}

#[test]
fn a_signer_that_fails_does_not_use_it_up() {
    let server = AuthorizationServer::builder(configuration(""))
        .signer(Arc::new(Flaky::default()))
        .random(Arc::new(SystemRandom))
        .build()
        .unwrap();
    let pushed = pushed(&server);
    let (first, second) = (load(&server, &pushed), load(&server, &pushed));
    let failed = approve(&server, first);
    assert!(matches!(failed, Err(Error::Signing { .. })), "{failed:?}");
    assert!(is_known(&server, &client(), &pushed));
    approve(&server, second).unwrap();
}

#[test]
fn sealed_across_login_it_stays_bound_to_its_handle() {
    let server = server();
    let pushed = pushed(&server);
    let sealed: Vec<_> = (0..2)
        .map(|_| server.seal(load(&server, &pushed), SESSION).unwrap())
        .collect();
    assert!(
        is_known(&server, &client(), &pushed),
        "until it is answered"
    );
    let mut answered = sealed.iter().map(|ticket| {
        let pending = server
            .unseal(ticket, client().client_id(), SESSION)
            .unwrap();
        assert_eq!(*pending.response_mode(), ResponseMode::QUERY_JWT);
        approve(&server, pending)
    });
    answered.next().unwrap().unwrap();
    assert!(is_used(&answered.next().unwrap()));
    assert!(!is_known(&server, &client(), &pushed));
}

#[test]
fn a_record_in_trusted_storage_stays_bound_to_its_handle() {
    let server = server();
    let pushed = pushed(&server);
    let record = server
        .record_for_trusted_storage(load(&server, &pushed))
        .unwrap();
    approve(&server, load(&server, &pushed)).unwrap();
    let restored = server.restore_from_trusted_storage(&record).unwrap();
    assert!(is_used(&approve(&server, restored)));
}

#[test]
fn a_store_that_cannot_forget_lets_nothing_out() {
    let server = builder()
        .pushed_requests(Store::new(Failing::Forget))
        .build()
        .unwrap();
    let pushed = pushed(&server);
    let answered = approve(&server, load(&server, &pushed));
    assert!(
        matches!(answered, Err(Error::PushedRequests(_))),
        "{answered:?}"
    );
}

#[test]
fn all_that_comes_of_one_handle_expires_at_once_so_none_outlives_the_memory_of_its_id() {
    let clock = Moved::new();
    let server = builder()
        .clock(clock.clone())
        .pending_lifetime(100)
        .build()
        .unwrap();
    let pushed = pushed(&server);
    let first = load(&server, &pushed);
    clock.on(59);
    let second = load(&server, &pushed);
    assert_eq!(first.expires_at(), second.expires_at());
    approve(&server, first).unwrap();
    clock.on(100);
    // Ids that have expired are forgotten as others come.
    for _ in 0..3000 {
        let sealed = server.seal(loaded_plainly(&server), SESSION).unwrap();
        let pending = server
            .unseal(&sealed, client().client_id(), SESSION)
            .unwrap();
        approve(&server, pending).unwrap();
    }
    assert!(is_used(&approve(&server, second)));
}

/// A pending response of a request that was not pushed.
fn loaded_plainly(server: &AuthorizationServer) -> PendingResponse {
    crate::fixture::negotiate(server, &client(), "response_type=code")
}

#[test]
fn of_two_answers_at_once_one_is_given() {
    let server = server();
    let pushed = pushed(&server);
    let (first, second) = (load(&server, &pushed), load(&server, &pushed));
    let client = client();
    let (first, second) = run(async {
        let first = server.respond(first, &client, AuthorizationResponse::code("1"));
        let second = server.respond(second, &client, AuthorizationResponse::code("2"));
        tokio::join!(first, second)
    });
    assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1);
    let answer = Answer::read(&first.or(second).unwrap(), REDIRECT_URI);
    assert_eq!(answer.mode, "query.jwt");
}
