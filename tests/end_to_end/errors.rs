//! Errors take the way of successes: every kind, in the mode that was asked for.

use jarm::authorization_server::{Error, PendingError};
use jarm::response::{AuthorizationError, ErrorCode};
use jarm::{DuplicateParameter, RedirectTargetError};

use crate::fixture::{Answer, REDIRECT_URI, client, respond, server};

const MODES: [(&str, &str); 7] = [
    ("query", "query"),
    ("fragment", "fragment"),
    ("form_post", "form_post"),
    ("query.jwt", "query.jwt"),
    ("fragment.jwt", "fragment.jwt"),
    ("form_post.jwt", "form_post.jwt"),
    ("jwt", "query.jwt"),
];

fn deny(mode: &str, error: AuthorizationError) -> Answer {
    let query = format!("response_type=code&response_mode={mode}&state=s");
    Answer::read(
        &respond(&server(""), &client(), &query, error).unwrap(),
        REDIRECT_URI,
    )
}

#[test]
fn every_error_reaches_the_client_in_the_mode_it_asked_for() {
    let codes = [
        ErrorCode::INVALID_REQUEST,
        ErrorCode::UNAUTHORIZED_CLIENT,
        ErrorCode::ACCESS_DENIED,
        ErrorCode::UNSUPPORTED_RESPONSE_TYPE,
        ErrorCode::INVALID_SCOPE,
        ErrorCode::SERVER_ERROR,
        ErrorCode::TEMPORARILY_UNAVAILABLE,
        ErrorCode::INTERACTION_REQUIRED,
        ErrorCode::LOGIN_REQUIRED,
        ErrorCode::ACCOUNT_SELECTION_REQUIRED,
        ErrorCode::CONSENT_REQUIRED,
        ErrorCode::INVALID_REQUEST_URI,
        ErrorCode::INVALID_REQUEST_OBJECT,
        ErrorCode::REQUEST_NOT_SUPPORTED,
        ErrorCode::REQUEST_URI_NOT_SUPPORTED,
        ErrorCode::REGISTRATION_NOT_SUPPORTED,
        ErrorCode::try_new("vendor_error").unwrap(),
    ];
    for code in codes {
        for (mode, answered) in MODES {
            let answer = deny(mode, AuthorizationError::new(code.clone()));
            assert_eq!(
                (answer.mode.as_str(), answer.text("error")),
                (answered, Some(code.as_str()))
            );
            let expected: &[&str] = if mode.ends_with("jwt") {
                &["aud", "error", "exp", "iat", "iss", "state"]
            } else {
                &["error", "iss", "state"]
            };
            assert_eq!(answer.names(), expected, "{mode}");
        }
    }
}

#[test]
fn description_and_uri_are_inside_the_jwt() {
    let error = AuthorizationError::access_denied()
        .description("no \"thanks\"\n")
        .uri("https://as.example/e")
        .unwrap();
    let answer = deny("jwt", error);
    assert_eq!(answer.text("error_description"), Some("no 'thanks' "));
    assert_eq!(answer.text("error_uri"), Some("https://as.example/e"));
}

#[test]
fn the_user_is_told_what_to_do_without_any_detail() {
    let told = |error: Error| (error.http_status(), error.public_message());
    let client = client().client_id().clone();
    for (error, status, words) in [
        (Error::UnknownClient, 400, "not registered"),
        (
            RedirectTargetError::NotRegistered.into(),
            400,
            "an address that is not registered",
        ),
        (DuplicateParameter("client_id").into(), 400, "cannot answer"),
        (
            Error::Local(AuthorizationError::access_denied()),
            400,
            "cannot answer",
        ),
        (PendingError::Expired.into(), 400, "took too long"),
        (PendingError::AlreadyUsed.into(), 400, "start again"),
        (PendingError::NoSession.into(), 500, "Nothing was sent"),
        (Error::NoClientSecret(client), 500, "Nothing was sent"),
    ] {
        let (actual, message) = told(error);
        assert_eq!(actual, status, "{message}");
        assert!(message.contains(words), "{message}");
    }
}
