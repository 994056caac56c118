//! Pushed requests: checked in full when they are pushed, and all that counts afterwards.

use std::sync::Arc;

use jarm::authorization_server::{
    Error, InMemoryPushedRequests, NotPushed, PushedRequest, PushedRequests as _,
    PushedRequestsFull, Refusal,
};
use jarm::clock::UnixTime;
use jarm::jose::{Aes256GcmSealer, SystemRandom};
use jarm::metadata::Client;
use jarm::{AuthorizationServer, ClientId, ResponseMode};
use serde_json::{Value, json};

use super::store::{Failing, Store};
use super::{
    builder, by_handle, by_value, claims, client, grant, push, refused, resolve, server, sign,
};
use crate::fixture::{Moved, NOW, REDIRECT_URI, client_with, configuration, key, run, target};

/// What the client that pushes a body is told.
fn error(client: &Client, body: &str) -> String {
    let refusal = push(&server(), client, body).unwrap_err();
    let json = serde_json::to_value(refusal.error().unwrap()).unwrap();
    let error = json.get("error").and_then(Value::as_str);
    error.unwrap().to_owned()
}

#[test]
fn a_pushed_request_is_answered_as_it_was_pushed() {
    let (server, client) = (server(), client());
    let body = "response_type=code&response_mode=form_post.jwt&state=pushed&client_id=cid";
    let pushed = push(&server, &client, body).unwrap();
    let handle = pushed
        .request_uri
        .strip_prefix("urn:ietf:params:oauth:request_uri:");
    assert_eq!(handle.unwrap().len(), 22, "128 random bits");
    let answer = grant(&server, &client, &by_handle(&pushed));
    assert_eq!(
        (answer.mode.as_str(), answer.text("state")),
        ("form_post.jwt", Some("pushed"))
    );
}

#[test]
fn parameters_beside_a_handle_are_ignored() {
    let (server, client) = (server(), client());
    for (body, expected) in [
        (
            "response_type=code&response_mode=jwt&state=pushed",
            ("query.jwt", Some("pushed")),
        ),
        ("response_type=code", ("query", None)),
    ] {
        let pushed = push(&server, &client, body).unwrap();
        let query = format!(
            "{}&response_mode=fragment&state=front&response_type=token&scope=admin",
            by_handle(&pushed)
        );
        let request = resolve(&server, &client, &query).unwrap();
        assert_eq!(request.single("scope"), Ok(None));
        let answer = grant(&server, &client, &query);
        assert_eq!((answer.mode.as_str(), answer.text("state")), expected);
    }
}

#[test]
fn a_request_object_can_be_pushed_and_its_parameters_alone_are_kept() {
    let (server, client) = (server(), client());
    let body = format!(
        "{}&state=outer&scope=outer",
        by_value(&sign(&claims(json!({}))))
    );
    let pushed = push(&server, &client, &body).unwrap();
    let request = resolve(&server, &client, &by_handle(&pushed)).unwrap();
    assert_eq!(request.single("state"), Ok(Some("inner")));
    assert_eq!(request.single("scope"), Ok(None));
    assert_eq!(request.single("request"), Ok(None));
    assert_eq!(
        grant(&server, &client, &by_handle(&pushed)).mode,
        "query.jwt"
    );
}

#[test]
fn what_cannot_be_answered_is_refused_when_it_is_pushed() {
    for (body, expected) in [
        ("state=s", "invalid_request"),
        ("response_type=foo", "unsupported_response_type"),
        (
            "response_type=id_token&response_mode=query.jwt",
            "invalid_request",
        ),
        (
            "response_type=code+token&response_mode=query",
            "invalid_request",
        ),
        ("response_type=code&response_mode=foo", "invalid_request"),
        (
            "response_type=code&response_mode=jwt&response_mode=query",
            "invalid_request",
        ),
        ("response_type=code&state=a&state=b", "invalid_request"),
        ("response_type=code&scope=a&scope=b", "invalid_request"),
    ] {
        assert_eq!(error(&client(), body), expected, "{body}");
    }
}

#[test]
fn a_mode_that_the_client_may_not_ask_for_is_refused_when_it_is_pushed() {
    let jwt_only = client_with(|own| own.response_modes = Some(vec![ResponseMode::JWT]));
    for body in [
        "response_type=code",
        "response_type=code&response_mode=query.jwt",
    ] {
        assert_eq!(error(&jwt_only, body), "invalid_request", "{body}");
    }
    assert!(push(&server(), &jwt_only, "response_type=code&response_mode=jwt").is_ok());
}

#[test]
fn a_request_object_is_checked_in_full_when_it_is_pushed() {
    let body = by_value(&sign(&claims(
        json!({ "response_type": "token", "response_mode": "query" }),
    )));
    assert_eq!(error(&client(), &body), "invalid_request");
}

#[test]
fn an_answer_that_could_not_be_given_is_no_error_of_the_clients() {
    let without_key = client_with(|own| {
        own.authorization_encrypted_response_alg = Some("ECDH-ES".parse().unwrap());
    });
    let refusal = push(
        &server(),
        &without_key,
        "response_type=code&response_mode=jwt",
    );
    let refusal = refusal.unwrap_err();
    assert!(matches!(refusal, Refusal::Failed(_)), "{refusal}");
    assert!(refusal.error().is_none());
}

#[test]
fn a_handle_cannot_be_pushed() {
    let (server, client) = (server(), client());
    let pushed = push(&server, &client, "response_type=code").unwrap();
    match push(&server, &client, &by_handle(&pushed)) {
        Err(Refusal::Local(error)) => assert_eq!(error.code().as_str(), "invalid_request"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_handle_belongs_to_the_client_that_pushed() {
    let server = server();
    let pushed = push(&server, &client(), "response_type=code").unwrap();
    let other = Client::new(ClientId::try_new("other").unwrap());
    let why = refused(&server, &other, &by_handle(&pushed));
    let unknown = "request_uri=urn:ietf:params:oauth:request_uri:AAAAAAAAAAAAAAAAAAAAAA";
    assert_eq!(
        why,
        refused(&server, &other, unknown),
        "nothing is betrayed"
    );
    assert!(why.starts_with("invalid_request_uri: "), "{why}");
    assert!(resolve(&server, &client(), &by_handle(&pushed)).is_ok());
}

#[test]
fn a_handle_belongs_to_the_issuer_also_where_issuers_share_a_store() {
    let store = Arc::new(InMemoryPushedRequests::default());
    let one = builder().pushed_requests(store.clone()).build().unwrap();
    let mut configuration = configuration("");
    configuration.issuer = "https://other.example".parse().unwrap();
    let other = AuthorizationServer::builder(configuration)
        .signers(key().signers())
        .random(Arc::new(SystemRandom))
        .sealer(Arc::new(Aes256GcmSealer::new([7; 32])))
        .pushed_requests(store)
        .clock(Moved::new());
    let pushed = push(&one, &client(), "response_type=code").unwrap();
    let why = refused(&other.build().unwrap(), &client(), &by_handle(&pushed));
    assert!(why.starts_with("invalid_request_uri: "), "{why}");
}

#[test]
fn an_unknown_handle_is_refused() {
    for handle in ["", "x", "AAAAAAAAAAAAAAAAAAAAAA"] {
        let query = format!("request_uri=urn:ietf:params:oauth:request_uri:{handle}");
        let why = refused(&server(), &client(), &query);
        assert!(why.starts_with("invalid_request_uri: "), "{why}");
    }
}

#[test]
fn nothing_is_fetched_from_a_request_uri() {
    for uri in [
        "https://client.example/request.jwt",
        "urn:x",
        "URN:ietf:params:oauth:request_uri:a",
    ] {
        let why = refused(&server(), &client(), &format!("request_uri={uri}"));
        assert!(why.starts_with("request_uri_not_supported: "), "{why}");
    }
}

#[test]
fn a_handle_counts_for_a_minute() {
    let clock = Moved::new();
    let server = builder().clock(clock.clone()).build().unwrap();
    let pushed = push(&server, &client(), "response_type=code").unwrap();
    assert_eq!(pushed.expires_in, 60);
    clock.on(59);
    assert!(resolve(&server, &client(), &by_handle(&pushed)).is_ok());
    clock.on(1);
    let why = refused(&server, &client(), &by_handle(&pushed));
    assert!(why.starts_with("invalid_request_uri: "), "{why}");
}

#[test]
fn its_lifetime_is_5_to_600_seconds() {
    for (wanted, given) in [(0, 5), (5, 5), (90, 90), (600, 600), (u64::MAX, 600)] {
        let server = builder().pushed_request_lifetime(wanted).build().unwrap();
        let pushed = push(&server, &client(), "response_type=code").unwrap();
        assert_eq!(pushed.expires_in, given);
        let json = serde_json::to_value(&pushed).unwrap();
        assert_eq!(
            json,
            json!({ "request_uri": pushed.request_uri, "expires_in": given })
        );
    }
}

#[test]
fn neither_a_secret_nor_an_assertion_is_kept() {
    let store = Store::new(Failing::Nowhere);
    let server = builder().pushed_requests(store.clone()).build().unwrap();
    let body = "response_type=code&client_secret=canary&client_assertion=canary\
        &client_assertion_type=canary&state=s";
    push(&server, &client(), body).unwrap();
    let kept = store.kept.lock().unwrap();
    let json = serde_json::to_string(&*kept).unwrap();
    assert!(
        !json.contains("canary") && json.contains("state=s"),
        "{json}"
    );
    assert!(!format!("{kept:?}").contains("state"), "{kept:?}");
    assert!(
        !format!("{server:?}").contains("urn:ietf"),
        "handles are not shown"
    );
}

#[test]
fn a_store_that_fails_is_the_servers_fault() {
    let with = |failing| {
        builder()
            .pushed_requests(Store::new(failing))
            .build()
            .unwrap()
    };
    let refusal = push(&with(Failing::Keep), &client(), "response_type=code").unwrap_err();
    assert!(
        matches!(refusal, Refusal::Failed(Error::PushedRequests(_))),
        "{refusal}"
    );
    assert!(refusal.error().is_none());
    let server = with(Failing::Find);
    let pushed = push(&server, &client(), "response_type=code").unwrap();
    let error = resolve(&server, &client(), &by_handle(&pushed)).unwrap_err();
    assert_eq!(
        (
            error.http_status(),
            matches!(error, Error::PushedRequests(_))
        ),
        (500, true)
    );
}

#[test]
fn without_randomness_nothing_is_pushed() {
    let server = AuthorizationServer::builder(configuration("")).signers(key().signers());
    let refusal = push(&server.build().unwrap(), &client(), "response_type=code");
    assert!(
        matches!(refusal, Err(Refusal::Failed(Error::NoRandomSource))),
        "{refusal:?}"
    );
}

/// A store in memory, and requests of clients to keep in it.
struct Memory {
    store: InMemoryPushedRequests,
    made: u64,
}

impl Memory {
    fn new() -> Self {
        Self {
            store: InMemoryPushedRequests::default(),
            made: 0,
        }
    }

    /// Keeps another request as it came `seconds` later; answers with its handle, or when to try again.
    fn keep(&mut self, request: &PushedRequest, seconds: u64) -> Result<String, u64> {
        self.made += 1;
        let handle = self.made.to_string();
        let now = UnixTime::from_seconds(NOW).after(seconds);
        match run(self.store.keep(&handle, request.clone(), now)) {
            Ok(()) => Ok(handle),
            Err(error) => Err(error.downcast::<PushedRequestsFull>().unwrap().retry_after),
        }
    }

    fn has(&self, handle: &str) -> bool {
        run(self.store.find(handle)).unwrap().is_some()
    }
}

/// What is kept for a client that pushes so many octets.
fn request_of(client_id: &str, lifetime: u64, octets: usize) -> PushedRequest {
    let store = Store::new(Failing::Nowhere);
    let server = builder().pushed_requests(store.clone());
    let server = server.pushed_request_lifetime(lifetime).build().unwrap();
    let client = Client::new(ClientId::try_new(client_id.to_owned()).unwrap());
    let body = "response_type=code&x=";
    let body = format!("{body}{}", "x".repeat(octets - body.len()));
    push(&server, &client, &body).unwrap();
    let kept = store.kept.lock().unwrap();
    kept.first().unwrap().clone()
}

#[test]
fn a_client_pushes_half_of_what_is_kept_and_others_lose_nothing_by_it() {
    const KIB: usize = 1024;
    for (octets, half) in [(21, 5_000), (64 * KIB, 128), (66_000, 127)] {
        let mut memory = Memory::new();
        let others = memory.keep(&request_of("other", 60, 21), 0).unwrap();
        let [flood, more] = [60, 90].map(|lifetime| request_of("flood", lifetime, octets));
        let first = memory.keep(&flood, 0).unwrap();
        for _ in 1..half {
            memory.keep(&more, 0).unwrap();
        }
        assert_eq!(memory.keep(&more, 10), Err(50), "{octets}");
        assert!(memory.has(&first) && memory.has(&others));
        let others = memory.keep(&request_of("other", 60, octets), 10);
        assert!(others.is_ok());
        // Its own first has expired.
        assert!(memory.keep(&more, 60).is_ok());
        assert_eq!(memory.keep(&more, 60), Err(30));
    }
}

#[test]
fn what_is_full_refuses_and_what_has_expired_gives_way() {
    for (octets, half) in [(21, 5_000), (64 * 1024, 128)] {
        let mut memory = Memory::new();
        let request = request_of("cid", 60, octets);
        let first = memory.keep(&request, 0).unwrap();
        for _ in 1..half {
            memory.keep(&request, 0).unwrap();
        }
        assert_eq!(memory.keep(&request, 59), Err(1), "{octets}");
        assert!(memory.has(&first));
        // What was answered leaves its room.
        run(memory.store.forget(&first)).unwrap();
        run(memory.store.forget(&first)).unwrap();
        let kept = memory.keep(&request_of("cid", 90, octets), 59).unwrap();
        assert_eq!(memory.keep(&request, 59), Err(1));
        assert!(memory.keep(&request_of("cid", 90, octets), 60).is_ok());
        assert!(memory.has(&kept) && !memory.has("2"));
    }
}

#[test]
fn many_who_push_too_much_leave_room_to_others() {
    let mut memory = Memory::new();
    let mut free = 10_000_usize;
    for index in 0..10 {
        let request = request_of(&format!("flood-{index}"), 60, 21);
        let mut pushed = 0;
        while memory.keep(&request, 0).is_ok() {
            pushed += 1;
        }
        assert_eq!(pushed, free.div_ceil(2), "{index}");
        free -= pushed;
    }
    assert!(memory.keep(&request_of("other", 60, 21), 0).is_ok());
}

#[test]
fn clients_of_two_issuers_with_one_name_are_two() {
    let mut memory = Memory::new();
    let one = request_of("cid", 60, 21);
    for _ in 0..5_000 {
        memory.keep(&one, 0).unwrap();
    }
    assert!(memory.keep(&one, 0).is_err());
    let mut other = serde_json::to_value(&one).unwrap();
    other["issuer"] = "https://other.example".into();
    let other: PushedRequest = serde_json::from_value(other).unwrap();
    assert!(memory.keep(&other, 0).is_ok());
}

#[test]
fn who_pushes_too_much_may_try_again() {
    let store = Arc::new(InMemoryPushedRequests::default());
    let server = builder().pushed_requests(store.clone()).build().unwrap();
    let body = format!("response_type=code&x={}", "x".repeat(6 * 1024 * 1024));
    let first = push(&server, &client(), &body).unwrap();
    let refusal = push(&server, &client(), &body).unwrap_err();
    let Refusal::Failed(error @ Error::PushedRequestsFull(full)) = &refusal else {
        panic!("{refusal}")
    };
    assert_eq!((error.http_status(), full.retry_after), (503, 60));
    let told = NotPushed::from(&refusal);
    assert_eq!((told.status, told.retry_after), (503, Some(60)));
    assert_eq!(told.error.error().as_str(), "temporarily_unavailable");
    assert!(refusal.error().is_none());
    assert_eq!(format!("{store:?}"), "InMemoryPushedRequests(1)");
    assert!(resolve(&server, &client(), &by_handle(&first)).is_ok());
}

#[test]
fn what_is_wrong_is_told_with_the_status_of_whose_fault_it_is() {
    let refusal = push(&server(), &client(), "response_type=code&response_mode=foo").unwrap_err();
    let told = NotPushed::from(&refusal);
    assert_eq!((told.status, told.retry_after), (400, None));
    assert_eq!(told.error.error().as_str(), "invalid_request");
    let told = NotPushed::from(&Refusal::Failed(Error::UnknownClient));
    assert_eq!(
        (told.status, told.error.error().as_str()),
        (400, "invalid_request")
    );
    let told = NotPushed::from(&Refusal::Failed(Error::NoSealer));
    assert_eq!((told.status, told.retry_after), (500, None));
    assert_eq!(told.error.error().as_str(), "server_error");
}

#[test]
fn debug_output_shows_no_handle() {
    let server = server();
    let pushed = push(&server, &client(), "response_type=code").unwrap();
    let request = resolve(&server, &client(), &by_handle(&pushed)).unwrap();
    let shown = format!("{pushed:?} {request:?} {:?}", request.source());
    assert!(shown.contains("signed: false"), "{shown}");
    let (_, handle) = pushed.request_uri.rsplit_once(':').unwrap();
    assert!(!shown.contains(handle), "{shown}");
}

#[test]
fn a_server_that_replaces_another_knows_what_was_pushed_to_that() {
    let current = jarm::authorization_server::CurrentServer::new(server());
    let pushed = push(&current.get(), &client(), "response_type=code").unwrap();
    current.replace(builder()).unwrap();
    assert!(resolve(&current.get(), &client(), &by_handle(&pushed)).is_ok());
}

#[test]
fn what_is_pushed_is_negotiated_by_the_rules_of_the_authorization_endpoint_once_more() {
    let server = server();
    let pushed = push(&server, &client(), "response_type=code&response_mode=query").unwrap();
    let stricter = client().with_require_jarm(jarm::configuration::RequireJarm::Always);
    let request = resolve(&server, &stricter, &by_handle(&pushed)).unwrap();
    let negotiated = run(server.negotiate(&stricter, target(REDIRECT_URI), &request));
    assert!(negotiated.is_err());
}
