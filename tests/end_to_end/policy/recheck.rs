//! The policy became stricter while the user was asked: what it does not allow is not answered.

use jarm::AuthorizationServer;
use jarm::authorization_server::PolicySetting;
use jarm::authorization_server::{Error, PendingResponse};
use jarm::configuration::RequireJarm;
use jarm::metadata::Client;
use jarm::response::{AuthorizationError, AuthorizationResponse};

use super::{asks, client_with_modes, code_in, signed_client};
use crate::fixture::{Answer, REDIRECT_URI, client, client_with, negotiate, run, server};

const SESSION: &str = "session-1";

/// A request that a lax server negotiated, as a server with another policy finds it again.
fn negotiated_before(toml: &str, query: &str) -> (AuthorizationServer, PendingResponse) {
    let (before, after) = (server(""), server(toml));
    let sealed = before
        .seal(negotiate(&before, &client(), query), SESSION)
        .unwrap();
    let pending = after
        .unseal(&sealed, client().client_id(), SESSION)
        .unwrap();
    (after, pending)
}

/// In which mode the outcome is answered, or which setting speaks against it.
fn answered(
    (toml, query, client): (&str, &str, &Client),
    outcome: impl Into<AuthorizationResponse> + Send,
) -> Result<String, PolicySetting> {
    let (server, pending) = negotiated_before(toml, query);
    match run(server.respond(pending, client, outcome)) {
        Ok(encoded) => Ok(Answer::read(&encoded, REDIRECT_URI).mode),
        Err(error) => {
            assert_eq!(error.http_status(), 500);
            assert!(error.public_message().contains("Nothing was sent"));
            match error {
                Error::AgainstPolicy { client_id, setting } => {
                    assert_eq!(client_id, *client.client_id());
                    Err(setting)
                }
                other => panic!("{other}"),
            }
        }
    }
}

#[test]
fn a_plain_answer_that_must_be_a_jwt_now_is_not_given_be_it_success_or_error() {
    let only_jwt = "[[allow]]\nresponse_type = \"code\"\nresponse_mode = [\"jwt\"]";
    let when_registered = "require_jarm = \"when_registered\"";
    let registration = "[registration]\nrequire_jarm = true";
    for (toml, client, setting) in [
        ("require_jarm = true", client(), PolicySetting::RequireJarm),
        (when_registered, signed_client(), PolicySetting::RequireJarm),
        (
            registration,
            client().dynamically_registered(),
            PolicySetting::RegistrationRequireJarm,
        ),
        (
            "",
            client().with_require_jarm(RequireJarm::Always),
            PolicySetting::ClientRequireJarm,
        ),
        (
            "",
            client_with_modes(&["jwt"]),
            PolicySetting::ClientResponseModes,
        ),
        (only_jwt, client(), PolicySetting::Allow),
        (
            "default_signing_alg = \"ES256\"\nprofile = \"fapi2-message-signing\"",
            client(),
            PolicySetting::RequireJarm,
        ),
    ] {
        let toml = toml.replace("default_signing_alg = \"ES256\"\n", ""); // the fixture has it
        for mode in ["", "query", "fragment", "form_post"] {
            let (query, client) = (code_in(mode), &client);
            let request = (toml.as_str(), query.as_str(), client);
            let success = AuthorizationResponse::code("c0de");
            assert_eq!(answered(request, success), Err(setting), "{toml} {mode}");
            let denied = AuthorizationError::access_denied();
            assert_eq!(answered(request, denied), Err(setting), "{toml} {mode}");
        }
    }
}

#[test]
fn what_still_is_allowed_is_answered() {
    for (toml, client) in [
        ("require_jarm = true", client()),
        ("require_jarm = \"when_registered\"", signed_client()),
        ("", client_with_modes(&["jwt"])),
        ("profile = \"fapi1-advanced\"", client()),
        ("profile = \"fapi2-message-signing\"", client()),
    ] {
        // It is remembered that `jwt` was asked for, and not what that stood for.
        let query = code_in("jwt");
        let success = AuthorizationResponse::code("c0de");
        let seen = answered((toml, &query, &client), success);
        assert_eq!(seen.as_deref(), Ok("query.jwt"), "{toml}");
    }
    let plain = answered(
        (
            "require_jarm = \"when_registered\"",
            &code_in(""),
            &client(),
        ),
        AuthorizationResponse::code("c0de"),
    );
    assert_eq!(plain.as_deref(), Ok("query"));
}

#[test]
fn a_mode_that_may_not_be_asked_for_any_more_carries_an_error_and_no_success() {
    let allowed = "[[allow]]\nresponse_type = \"code\"\nresponse_mode = [\"form_post\", \"jwt\"]";
    let listed = client_with_modes(&["form_post", "jwt"]);
    for (toml, client, setting) in [
        (allowed, client(), PolicySetting::Allow),
        ("", listed, PolicySetting::ClientResponseModes),
    ] {
        for (mode, told) in [
            ("", "query"),
            ("query", "query"),
            ("query.jwt", "query.jwt"),
        ] {
            let query = code_in(mode);
            let request = (toml, query.as_str(), &client);
            let success = AuthorizationResponse::code("c0de");
            assert_eq!(answered(request, success), Err(setting), "{mode}");
            let denied = AuthorizationError::access_denied();
            assert_eq!(answered(request, denied).as_deref(), Ok(told), "{mode}");
        }
    }
}

#[test]
fn a_type_that_is_not_allowed_any_more_returns_nothing() {
    let only_code = "[[allow]]\nresponse_type = \"code\"";
    let (server, pending) = negotiated_before(only_code, &asks("token", "fragment.jwt"));
    let outcome = jarm::response::AuthorizationSuccess::new().access_token("t0ken", "Bearer");
    let error = run(server.respond(pending, &client(), outcome)).unwrap_err();
    assert!(matches!(error, Error::ResponseTypeWithdrawn(_)), "{error}");
}

#[test]
fn an_algorithm_that_is_not_allowed_any_more_signs_nothing() {
    let hs256 = client_with(|metadata| {
        metadata.authorization_signed_response_alg = Some("HS256".parse().unwrap());
    });
    let hs256 = hs256.with_secret(jarm::jose::ClientSecret::new(crate::fixture::SECRET));
    let (success, denied) = (
        AuthorizationResponse::code("c0de"),
        AuthorizationError::access_denied(),
    );
    for outcome in [success, denied.into()] {
        let toml = "allowed_signing_algs = [\"ES256\"]";
        let (server, pending) = negotiated_before(toml, &code_in("jwt"));
        let error = run(server.respond(pending, &hs256, outcome)).unwrap_err();
        assert!(
            matches!(&error, Error::AlgorithmNotAllowed { algorithm, .. } if algorithm.as_str() == "HS256"),
            "{error}"
        );
    }
}

#[test]
fn a_refused_answer_leaves_the_pending_response_unused() {
    let before = server("");
    let sealed = before
        .seal(negotiate(&before, &client(), &code_in("query")), SESSION)
        .unwrap();
    let unseal = |server: &AuthorizationServer| {
        server
            .unseal(&sealed, client().client_id(), SESSION)
            .unwrap()
    };
    let after = server("require_jarm = true");
    let outcome = || AuthorizationResponse::code("c0de");
    assert!(run(after.respond(unseal(&after), &client(), outcome())).is_err());
    assert!(run(before.respond(unseal(&before), &client(), outcome())).is_ok());
}
