//! `refusal_delivery`: how a client is told that its request breaks the policy.

use jarm::response::AuthorizationError;
use jarm::{AuthorizationServer, ResponseType};

use super::{JWT, PLAIN, asks, client_with_modes, code_in, signed_client};
use crate::fixture::{
    Answer, REDIRECT_URI, client, client_with, client_with_encryption, refusal, respond, run,
    server,
};
use crate::outcome::{outcome, seen};

const LOCAL: &str = "require_jarm = true\nrefusal_delivery = \"local_page\"";

fn with_modes(policy: &str, modes: &[&str]) -> AuthorizationServer {
    let listed: Vec<_> = modes
        .iter()
        .map(|name| format!("[[response_mode]]\nname = \"{name}\"\n"))
        .collect();
    server(&format!("{policy}\n{}", listed.concat()))
}

#[test]
fn a_refusal_is_a_jwt_in_the_default_mode_of_the_type_encrypted_for_who_registered_that() {
    let server = server("require_jarm = true");
    for response_type in ResponseType::STANDARD {
        let usual = if response_type.carries_token() {
            "fragment.jwt"
        } else {
            "query.jwt"
        };
        for mode in ["", "form_post", "foo"] {
            let query = asks(response_type.as_str(), mode);
            for (client, is_encrypted) in [(client(), false), (client_with_encryption(), true)] {
                let outcome = outcome(&server, &client, &query);
                let answer = outcome.answer().unwrap();
                assert_eq!(answer.mode, usual, "{query}");
                assert_eq!(answer.encryption.is_some(), is_encrypted, "{query}");
                assert_eq!(
                    answer.names(),
                    [
                        "aud",
                        "error",
                        "error_description",
                        "exp",
                        "iat",
                        "iss",
                        "state"
                    ]
                );
            }
        }
    }
}

#[test]
fn a_refusal_stays_local_where_the_default_jwt_mode_of_the_type_is_not_in_force() {
    let server = with_modes(
        "response_types = [\"code\"]\nrequire_jarm = true",
        &["query", "fragment.jwt", "form_post.jwt"],
    );
    for mode in PLAIN {
        let seen = seen(&server, &client(), &code_in(mode));
        assert_eq!(seen, "page 400: invalid_request", "{mode}");
    }
    let granted = seen(&server, &client(), &code_in("form_post.jwt"));
    assert_eq!(granted, "form_post.jwt");
}

#[test]
fn a_local_page_tells_the_client_nothing() {
    let server = server(LOCAL);
    for client in [client(), client_with_encryption()] {
        for mode in PLAIN {
            let seen = seen(&server, &client, &code_in(mode));
            assert_eq!(seen, "page 400: invalid_request", "{mode}");
        }
        for mode in JWT {
            let outcome = outcome(&server, &client, &code_in(mode));
            assert_eq!(outcome.answer().unwrap().text("code"), Some("c0de"));
        }
    }
}

#[test]
fn errors_about_the_request_are_delivered_like_the_refusal_of_its_mode() {
    let registered = client_with(|metadata| metadata.response_types = None);
    for (query, error) in [
        ("", "invalid_request"),
        ("response_type=code++token", "invalid_request"),
        ("response_type=code&response_type=token", "invalid_request"),
        ("response_type=code&scope=a&scope=b", "invalid_request"),
        ("response_type=code&state=a&state=b", "invalid_request"),
        ("response_type=foo", "unsupported_response_type"),
        ("response_type=none", "unauthorized_client"),
    ] {
        for mode in ["", "query", "form_post", "foo"] {
            let query = format!("{query}&response_mode={mode}");
            let told = seen(&server("require_jarm = true"), &registered, &query);
            assert_eq!(told, format!("{error} in query.jwt"), "{query}");
            let kept = seen(&server(LOCAL), &registered, &query);
            assert_eq!(kept, format!("page 400: {error}"), "{query}");
        }
        // Who asked for a JWT breaks no policy, and is told the error there.
        let query = format!("{query}&response_mode=form_post.jwt");
        for toml in ["require_jarm = true", LOCAL] {
            let told = seen(&server(toml), &registered, &query);
            assert_eq!(told, format!("{error} in form_post.jwt"), "{query}");
        }
    }
}

#[test]
fn what_the_user_decides_is_told_in_the_jwt_that_was_asked_for() {
    for toml in ["require_jarm = true", LOCAL] {
        let denied = AuthorizationError::access_denied();
        let encoded = respond(&server(toml), &client(), &code_in("jwt"), denied).unwrap();
        let answer = Answer::read(&encoded, REDIRECT_URI);
        assert_eq!(
            (answer.mode.as_str(), answer.text("error")),
            ("query.jwt", Some("access_denied"))
        );
    }
}

#[test]
fn a_refusal_that_cannot_be_signed_is_no_answer() {
    let without_secret = client_with(|metadata| {
        metadata.authorization_signed_response_alg = Some("HS256".parse().unwrap());
    });
    let jwt = server("require_jarm = true");
    assert_eq!(seen(&jwt, &without_secret, &code_in("")), "page 500");
    let local = seen(&server(LOCAL), &without_secret, &code_in(""));
    assert_eq!(local, "page 400: invalid_request");
}

#[test]
fn under_no_delivery_does_anything_leave_plainly() {
    let clients = [
        client(),
        signed_client(),
        client_with_encryption(),
        client_with_modes(&["jwt"]),
        client_with_modes(&["query", "fragment"]),
    ];
    let types = ResponseType::STANDARD.map(|own| own.to_string());
    let types = types.iter().map(String::as_str).chain(["", "foo", "a++b"]);
    for response_type in types {
        for toml in ["require_jarm = true", LOCAL] {
            let server = server(toml);
            for mode in PLAIN.into_iter().chain(JWT).chain(["foo.jwt", "%00"]) {
                for client in &clients {
                    let query = asks(response_type, mode);
                    let twice = format!("{query}&response_mode=query");
                    for query in [query, twice] {
                        let outcome = outcome(&server, client, &query);
                        let is_jwt = |answer: &Answer| !answer.header.is_null();
                        let is_safe = outcome.answer().is_none_or(is_jwt);
                        assert!(is_safe, "{query}: {outcome}");
                    }
                }
            }
        }
    }
}

#[test]
fn who_is_under_no_requirement_is_refused_as_without_one() {
    let server = server("require_jarm = \"when_registered\"\nrefusal_delivery = \"local_page\"");
    for (mode, told) in [
        ("foo", "invalid_request in query"),
        ("foo.jwt", "invalid_request in query.jwt"),
    ] {
        assert_eq!(seen(&server, &client(), &code_in(mode)), told);
    }
    let local = seen(&server, &signed_client(), &code_in("foo"));
    assert_eq!(local, "page 400: invalid_request");
}

#[test]
fn a_host_can_read_the_error_of_a_refusal_without_answering_it() {
    // As a pushed request needs it, whose errors are JSON and never a redirect.
    for toml in ["require_jarm = true", LOCAL] {
        let refused = refusal(&server(toml), &client(), &code_in("query"));
        let error = refused.error().unwrap();
        assert_eq!(error.error().as_str(), "invalid_request");
        let description = error.error_description().unwrap();
        assert_eq!(description, "this response_mode is not allowed here");
    }
    let token = refusal(&server(""), &client(), &asks("id_token", "query.jwt"));
    let description = token.error().unwrap().error_description();
    assert!(description.is_some_and(|text| text.contains("must be encrypted")));
    let without_secret = client_with(|metadata| {
        metadata.authorization_signed_response_alg = Some("HS256".parse().unwrap());
    });
    let failed = refusal(&server(""), &without_secret, &code_in("jwt"));
    assert!(failed.error().is_none(), "the request is not at fault");
    let missing = refusal(&server(LOCAL), &client(), &code_in(""));
    assert!(
        missing.to_string().contains("response_mode is missing"),
        "{missing}"
    );
    let page = run(server(LOCAL).refuse(missing, &client())).unwrap_err();
    assert_eq!(page.http_status(), 400);
    assert!(!page.public_message().contains("response_mode"));
}
