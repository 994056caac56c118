//! The log names mode, client, algorithm and key, and never a parameter.

use std::io::Write;
use std::sync::{Arc, Mutex};

use jarm::metadata::Client;
use jarm::response::{AuthorizationError, AuthorizationResponse};
use jarm::{AuthorizationServer, RequestParameters};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::fixture::{
    Faulty, SECRET, client, client_with_encryption, client_with_keys, configuration, key, run,
    server, target,
};

const CANARY: &str = "c4nary";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// What `action` logs, at every level.
pub(crate) fn logged(action: impl FnOnce()) -> String {
    // While there is but one subscriber, tracing asks it only about places in the source that are
    // first reached on its own thread, and other tests reach them first.
    let everywhere = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
    let _ = tracing::subscriber::set_global_default(everywhere.with_writer(std::io::sink).finish());
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, action);
    let bytes = log.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

/// Sends the canary in every parameter, and logs what a host may log.
fn answer_in_many_modes(
    server: &AuthorizationServer,
    client: &Client,
    outcome: impl Fn() -> AuthorizationResponse,
) {
    let uri = format!("https://client.example/cb?{CANARY}=1");
    for mode in ["query", "form_post", "jwt", "foo", CANARY] {
        let query =
            format!("response_type=code&response_mode={mode}&state={CANARY}&nonce={CANARY}");
        let request = RequestParameters::from_urlencoded(query);
        run(async {
            match server.negotiate(client, target(&uri), &request).await {
                Ok(pending) => {
                    let outcome = outcome();
                    tracing::trace!(?pending, ?request, ?outcome, "what a host may log");
                    let answered = server.respond(pending, client, outcome).await;
                    tracing::trace!(?answered, "what a host may log");
                }
                Err(refusal) => {
                    tracing::trace!(?refusal, "what a host may log");
                    let answered = server.refuse(refusal, client).await;
                    tracing::trace!(?answered, "what a host may log");
                }
            }
        });
    }
}

#[test]
fn start_up_lists_every_kind_with_its_origin() {
    let log = logged(|| drop(server("")));
    for kind in [
        "query",
        "fragment",
        "form_post",
        "query.jwt",
        "fragment.jwt",
        "form_post.jwt",
        "jwt",
    ] {
        let line = log
            .lines()
            .find(|line| line.contains(&format!("kind=\"{kind}\"")))
            .expect(kind);
        assert!(
            line.contains("jarm-response-modes 0.1.0 (providers/response-modes/src/lib.rs:"),
            "{line}"
        );
    }
}

#[test]
fn no_parameter_appears_in_the_log_at_any_level() {
    let log = logged(|| {
        answer_in_many_modes(&server(""), &client(), || {
            AuthorizationResponse::code(CANARY)
        });
    });
    assert!(log.contains("query.jwt") && log.contains("cid"), "{log}");
    assert!(!log.contains(CANARY), "{log}");
    let log = logged(|| {
        answer_in_many_modes(&server(""), &client(), || {
            AuthorizationError::access_denied().into()
        });
    });
    assert!(!log.contains(CANARY), "{log}");
}

#[test]
fn a_failing_signer_is_logged_with_mode_client_algorithm_and_key() {
    let server = AuthorizationServer::builder(configuration(""))
        .signer(Arc::new(Faulty::Fails))
        .build()
        .unwrap();
    let log =
        logged(|| answer_in_many_modes(&server, &client(), || AuthorizationResponse::code(CANARY)));
    let line = log
        .lines()
        .find(|line| line.contains("ERROR"))
        .expect("an error");
    for named in ["query.jwt", "cid", "ES256", key().key_id(), "unplugged"] {
        assert!(line.contains(named), "{named}: {line}");
    }
    assert!(!log.contains(CANARY), "{log}");
}

#[test]
fn a_key_that_is_missing_is_logged_with_the_reason_and_nothing_of_the_request() {
    let without_key = client_with_keys(&[json!({ "use": "sig" })]);
    let server = server("");
    let log = logged(|| {
        answer_in_many_modes(&server, &without_key, || {
            AuthorizationResponse::code(CANARY)
        });
    });
    let line = log
        .lines()
        .find(|line| line.contains("WARN"))
        .expect("a warning");
    for named in ["query.jwt", "cid", "must be encrypted", "`use` is \"sig\""] {
        assert!(line.contains(named), "{named}: {line}");
    }
    assert!(!log.contains(CANARY), "{log}");

    let encrypted = client_with_encryption();
    let log = logged(|| {
        answer_in_many_modes(&server, &encrypted, || AuthorizationResponse::code(CANARY));
    });
    assert!(!log.contains(CANARY) && !log.contains(SECRET), "{log}");
}
