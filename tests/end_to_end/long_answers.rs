//! A redirect that is too long is reported, or posted instead, and never cut.

use std::sync::{Arc, Mutex};

use jarm::authorization_server::{Error, Event, LongRedirect, Observer, Outcome};
use jarm::metadata::{Client, ClientMetadata};
use jarm::response::{
    AuthorizationError, AuthorizationResponse, AuthorizationSuccess, EncodedResponse,
};
use jarm::{RequestParameters, ResponseMode};
use sha2::{Digest as _, Sha256};

use crate::fixture::{
    Answer, REDIRECT_URI, builder, client, client_with, client_with_encryption, decrypted,
    negotiate, run, server, target,
};
use crate::logs::logged;

const CANARY: &str = "c4nary";
const POST: &str = "redirect_length_limit = 50\nlong_redirects = \"form_post.jwt\"";
const REDIRECTS: [&str; 4] = ["query", "fragment", "query.jwt", "fragment.jwt"];

/// The modes of answers and the hashes of their JWTs, with the redirects that were too long.
#[derive(Debug, Default)]
struct Notes(Mutex<Vec<Note>>);

#[derive(Debug)]
struct Note {
    went_in: String,
    sha256: Option<[u8; 32]>,
    long: Option<LongRedirect>,
}

impl Observer for Notes {
    fn observe(&self, event: &Event<'_>) {
        if let Outcome::Answered {
            long_redirect,
            response_jwt,
            ..
        } = &event.outcome
        {
            self.0.lock().unwrap().push(Note {
                went_in: event.response_mode.unwrap().to_string(),
                sha256: response_jwt.map(|own| own.sha256),
                long: long_redirect.cloned(),
            });
        }
        assert!(!format!("{event:?}").contains(CANARY));
    }
}

/// Sends a request for `response_type` in `mode` and answers it at `uri`.
fn answer_at(
    uri: &str,
    (toml, client): (&str, &Client),
    (response_type, mode): (&str, &str),
    outcome: impl Into<AuthorizationResponse> + Send,
) -> (EncodedResponse, Note) {
    let notes = Arc::new(Notes::default());
    let server = builder(toml).observer(notes.clone()).build().unwrap();
    let query = format!("response_type={response_type}&response_mode={mode}&state={CANARY}");
    let request = RequestParameters::from_urlencoded(query);
    let encoded = run(async {
        match server.negotiate(client, target(uri), &request).await {
            Ok(pending) => server.respond(pending, client, outcome).await.unwrap(),
            Err(refusal) => server.refuse(refusal, client).await.unwrap(),
        }
    });
    let note = notes.0.lock().unwrap().pop().unwrap();
    (encoded, note)
}

fn answer(
    toml: &str,
    client: &Client,
    mode: &str,
    outcome: impl Into<AuthorizationResponse> + Send,
) -> (EncodedResponse, Note) {
    answer_at(REDIRECT_URI, (toml, client), ("code", mode), outcome)
}

fn code() -> AuthorizationResponse {
    AuthorizationResponse::code(CANARY)
}

fn denied() -> AuthorizationResponse {
    AuthorizationError::access_denied().into()
}

fn location(encoded: &EncodedResponse) -> &str {
    match encoded {
        EncodedResponse::Redirect(redirect) => redirect.location(),
        other => panic!("no redirect but {other:?}"),
    }
}

fn listing(modes: &[&str]) -> impl FnOnce(&mut ClientMetadata) {
    let modes = modes.iter().map(|mode| mode.parse().unwrap()).collect();
    |metadata| metadata.response_modes = Some(modes)
}

/// A client that allows its answers to be posted.
fn posted_to() -> Client {
    client_with(listing(&[
        "query",
        "fragment",
        "jwt",
        "query.jwt",
        "fragment.jwt",
        "form_post.jwt",
    ]))
}

#[test]
fn a_redirect_of_exactly_the_limit_is_not_long_and_one_octet_more_is() {
    for (mode, outcome) in REDIRECTS
        .into_iter()
        .flat_map(|mode| [(mode, code()), (mode, denied())])
    {
        let (unlimited, note) = answer("", &client(), mode, outcome.clone());
        assert_eq!(note.long, None, "without a limit nothing is long");
        let length = location(&unlimited).len();

        let limit = format!("redirect_length_limit = {length}");
        let (_, note) = answer(&limit, &client(), mode, outcome.clone());
        assert_eq!(note.long, None, "{mode}");

        let limit = format!("redirect_length_limit = {}", length - 1);
        let (encoded, note) = answer(&limit, &client(), mode, outcome);
        let long = note.long.unwrap();
        assert_eq!(long.response_mode.as_str(), mode);
        assert_eq!((long.length, long.limit as usize), (length, length - 1));
        assert_eq!(note.went_in, mode);
        assert_eq!(
            Answer::read(&encoded, REDIRECT_URI).parameters,
            Answer::read(&unlimited, REDIRECT_URI).parameters,
            "it goes out whole"
        );
    }
}

#[test]
fn the_whole_location_counts_the_redirect_uri_too() {
    let uri = format!("{REDIRECT_URI}?keep={}", "k".repeat(2000));
    let limit = "redirect_length_limit = 2000";
    let (encoded, note) = answer_at(&uri, (limit, &client()), ("code", "query"), code());
    assert_eq!(note.long.unwrap().length, location(&encoded).len());
    assert!(location(&encoded).starts_with(&uri));
}

#[test]
fn a_form_post_is_never_long() {
    for mode in ["form_post", "form_post.jwt"] {
        let (_, note) = answer("redirect_length_limit = 1", &client(), mode, code());
        assert_eq!((note.went_in.as_str(), note.long), (mode, None));
    }
}

#[test]
fn a_long_redirect_is_logged_with_mode_client_and_length_and_no_parameter() {
    let log = logged(|| {
        let (encoded, _) = answer("redirect_length_limit = 100", &client(), "jwt", code());
        tracing::info!(length = location(&encoded).len(), "as sent");
    });
    let with = |word: &'static str| -> Vec<&str> {
        log.lines().filter(|line| line.contains(word)).collect()
    };
    let warned = with(" WARN ");
    assert_eq!(warned.len(), 1, "{log}");
    let sent = with("as sent");
    let (_, sent) = sent.first().unwrap().rsplit_once("as sent ").unwrap();
    for named in [
        "query.jwt",
        "cid",
        sent,
        "limit=100",
        "redirect_length_limit",
    ] {
        assert!(warned.concat().contains(named), "{named}: {log}");
    }
    assert!(!log.contains(CANARY), "{log}");

    let log = logged(|| drop(answer(POST, &posted_to(), "jwt", code())));
    assert!(
        log.contains("form_post.jwt") && !log.contains("WARN"),
        "{log}"
    );
    assert!(!log.contains(CANARY), "{log}");
}

#[test]
fn a_long_jwt_is_posted_where_configuration_and_client_want_it() {
    for (mode, negotiated) in [
        ("jwt", "query.jwt"),
        ("query.jwt", "query.jwt"),
        ("fragment.jwt", "fragment.jwt"),
    ] {
        for outcome in [code(), denied()] {
            let (redirected, _) = answer("", &posted_to(), mode, outcome.clone());
            let (posted, note) = answer(POST, &posted_to(), mode, outcome);
            assert_eq!(note.went_in, "form_post.jwt");
            assert_eq!(note.long.unwrap().response_mode.as_str(), negotiated);
            let [posted, redirected] =
                [&posted, &redirected].map(|own| Answer::read(own, REDIRECT_URI));
            assert_eq!(posted.mode, "form_post.jwt");
            assert_eq!(posted.parameters, redirected.parameters);
            assert_eq!(posted.header, redirected.header);
        }
    }
}

#[test]
fn the_jwt_that_is_posted_is_the_one_that_was_made_for_the_redirect() {
    let (posted, note) = answer(POST, &posted_to(), "jwt", code());
    let EncodedResponse::Document(document) = &posted else {
        panic!("a page")
    };
    let (name, jwt) = document.form().unwrap().fields().next().unwrap();
    let hash: [u8; 32] = Sha256::digest(jwt).into();
    assert_eq!((name, Some(hash)), ("response", note.sha256));
}

#[test]
fn a_short_jwt_stays_a_redirect() {
    let limit = "redirect_length_limit = 2000\nlong_redirects = \"form_post.jwt\"";
    let (encoded, note) = answer(limit, &posted_to(), "jwt", code());
    assert!(location(&encoded).len() < 2000);
    assert_eq!((note.went_in.as_str(), note.long), ("query.jwt", None));
}

/// Goes out as negotiated, whole, and is reported.
fn assert_redirected((toml, client): (&str, &Client), uri: &str, mode: &str) {
    for outcome in [code(), denied()] {
        let asked = ("code", mode);
        let (unlimited, _) = answer_at(uri, ("", client), asked, outcome.clone());
        let (encoded, note) = answer_at(uri, (toml, client), asked, outcome);
        assert_eq!(location(&encoded).len(), location(&unlimited).len());
        let long = note.long.expect("it is reported");
        assert_eq!(note.went_in, long.response_mode.as_str(), "{toml} {mode}");
    }
}

#[test]
fn a_plain_answer_is_never_posted_instead() {
    for mode in ["query", "fragment"] {
        assert_redirected((POST, &posted_to()), REDIRECT_URI, mode);
    }
}

#[test]
fn a_client_that_did_not_name_form_post_jwt_is_redirected() {
    let lists: [&[&str]; 3] = [&["jwt"], &["jwt", "query.jwt"], &["jwt", "form_post"]];
    let named = lists.into_iter().map(|modes| client_with(listing(modes)));
    // Without a list it may ask for everything, and has agreed to nothing.
    for client in named.chain([client()]) {
        assert_redirected((POST, &client), REDIRECT_URI, "jwt");
    }
}

#[test]
fn a_private_use_redirect_uri_cannot_be_posted_to_and_is_redirected() {
    assert_redirected((POST, &posted_to()), "com.example.app:/cb", "jwt");
}

#[test]
fn a_policy_that_does_not_allow_form_post_jwt_holds_for_long_answers() {
    let only_jwt = "[[allow]]\nresponse_type = \"code\"\nresponse_mode = [\"jwt\"]";
    for policy in [only_jwt, "profile = \"fapi1-advanced\""] {
        let toml = format!("{POST}\n{policy}");
        assert_redirected((&toml, &posted_to()), REDIRECT_URI, "jwt");
    }
    let both = only_jwt.replace("[\"jwt\"]", "[\"jwt\", \"form_post.jwt\"]");
    let toml = format!("{POST}\n{both}");
    let (_, note) = answer(&toml, &posted_to(), "jwt", code());
    assert_eq!(note.went_in, "form_post.jwt");
}

#[test]
fn a_switch_that_could_never_be_thrown_is_refused_at_start_up() {
    let refused = |toml: &str| builder(toml).build().unwrap_err().to_string();
    let text = refused("long_redirects = \"form_post.jwt\"");
    assert!(
        text.starts_with("jarm.long_redirects: without redirect_length_limit"),
        "{text}"
    );
    let modes = "response_types = [\"code\"]\n[[response_mode]]\nname = \"query.jwt\"";
    let text = refused(&format!("{POST}\n{modes}"));
    assert!(
        text.starts_with("jarm.long_redirects: `form_post.jwt` is not in force"),
        "{text}"
    );
}

#[test]
fn an_encrypted_answer_with_a_large_id_token_goes_out_encrypted_and_whole() {
    let id_token = format!("e30.{}.c2ln", "A".repeat(5000));
    let outcome = || {
        let success = AuthorizationSuccess::new().code(CANARY);
        AuthorizationResponse::from(success.id_token(id_token.clone()))
    };
    let mut metadata = client_with_encryption().metadata().clone();
    listing(&["query.jwt", "form_post.jwt"])(&mut metadata);
    let client = client_with_encryption().with_metadata(metadata);
    let post = POST.replace("50", "4096");
    let report = "redirect_length_limit = 4096";
    for (toml, went_in) in [(post.as_str(), "form_post.jwt"), (report, "query.jwt")] {
        let asked = ("code+id_token", "query.jwt");
        let (encoded, note) = answer_at(REDIRECT_URI, (toml, &client), asked, outcome());
        assert!(note.long.unwrap().length > 4096);
        let answer = Answer::read(&encoded, REDIRECT_URI);
        assert_eq!(
            (answer.mode.as_str(), note.went_in.as_str()),
            (went_in, went_in)
        );
        assert!(answer.encryption.is_some(), "as it was negotiated");
        assert_eq!(answer.text("id_token"), Some(id_token.as_str()));
        assert_eq!(answer.text("code"), Some(CANARY));
    }
}

#[test]
fn encryption_that_was_negotiated_is_not_lost_by_the_way() {
    let mut metadata = client_with_encryption().metadata().clone();
    listing(&["query.jwt", "form_post.jwt"])(&mut metadata);
    let encrypted = client_with_encryption().with_metadata(metadata);
    let server = server(POST);
    let query = "response_type=code&response_mode=query.jwt";
    let pending = negotiate(&server, &encrypted, query);
    let error = run(server.respond(pending, &posted_to(), code())).unwrap_err();
    assert!(matches!(error, Error::Encryption { .. }), "{error}");
}

#[test]
fn a_refusal_at_the_door_is_posted_too() {
    let (encoded, note) = answer(POST, &posted_to(), "foo.jwt", code());
    assert_eq!(note.went_in, "form_post.jwt");
    let answer = Answer::read(&encoded, REDIRECT_URI);
    assert_eq!(answer.text("error"), Some("invalid_request"));
}

#[test]
fn what_waits_keeps_its_mode_and_is_answered_by_the_rules_then_in_force() {
    let (before, after) = (server(""), server(POST));
    let client = posted_to();
    let query = "response_type=code&response_mode=jwt";
    let sealed = before
        .seal(negotiate(&before, &client, query), "s")
        .unwrap();
    let pending = after.unseal(&sealed, client.client_id(), "s").unwrap();
    assert_eq!(*pending.response_mode(), ResponseMode::QUERY_JWT);
    let encoded = run(after.respond(pending, &client, code())).unwrap();
    assert_eq!(Answer::read(&encoded, REDIRECT_URI).mode, "form_post.jwt");

    let sealed = after.seal(negotiate(&after, &client, query), "s").unwrap();
    let pending = after.unseal(&sealed, client.client_id(), "s").unwrap();
    // The client has taken its word back.
    let encoded = run(after.respond(pending, &client_with(listing(&["jwt"])), code())).unwrap();
    assert_eq!(Answer::read(&encoded, REDIRECT_URI).mode, "query.jwt");
}

#[test]
fn a_page_that_cannot_be_made_loses_no_answer() {
    let nonce = format!("{POST}\n[page]\ncsp = \"nonce\"");
    assert_redirected((&nonce, &posted_to()), REDIRECT_URI, "jwt");
}

#[test]
fn an_explanation_tells_in_which_mode_a_long_answer_goes_out() {
    let explained = |toml: &str, client: &Client, (mode, uri): (&str, &str)| {
        let query = format!("response_type=code&response_mode={mode}");
        let request = RequestParameters::from_urlencoded(query);
        run(server(toml).explain(client, &target(uri), &request)).to_string()
    };
    let told = explained(POST, &posted_to(), ("jwt", REDIRECT_URI));
    assert!(
        told.ends_with(
            "; the answer goes out in query.jwt; or in form_post.jwt, if the redirect is longer than \
             50 octets (long_redirects)"
        ),
        "{told}"
    );
    for (toml, client, asked) in [
        (
            "redirect_length_limit = 50",
            posted_to(),
            ("jwt", REDIRECT_URI),
        ),
        (POST, client(), ("jwt", REDIRECT_URI)),
        (POST, posted_to(), ("query", REDIRECT_URI)),
        (POST, posted_to(), ("form_post.jwt", REDIRECT_URI)),
        (POST, posted_to(), ("jwt", "com.example.app:/cb")),
    ] {
        let told = explained(toml, &client, asked);
        assert!(!told.contains("long_redirects"), "{told}");
    }
}

#[test]
fn the_encrypted_form_is_what_is_measured() {
    let (encoded, _) = answer("", &client_with_encryption(), "jwt", code());
    let (_, jwt) = location(&encoded).split_once("response=").unwrap();
    let (header, jws) = decrypted(jwt);
    assert!(header.is_some() && jwt.len() > jws.len());
    let limit = format!("redirect_length_limit = {}", location(&encoded).len() - 1);
    let (_, note) = answer(&limit, &client_with_encryption(), "jwt", code());
    assert!(note.long.is_some());
}
