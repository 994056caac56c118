//! `state`, and what a success or an error consists of.

use jarm::client::{Reason, Step, Transaction};
use jarm::response::ErrorCode;
use jarm::{Carrier, Protection, ResponseType};
use serde_json::{Value, json};

use super::{arrive, changed, claims, encode, in_query, sign, transaction, verifier, verify};
use crate::fixture::ISSUER;

fn step(changes: impl Into<Value>) -> Step {
    verify(&verifier(), &sign(&claims(changes))).unwrap_err().0
}

fn hybrid() -> Transaction {
    transaction().response_type(ResponseType::CODE_ID_TOKEN_TOKEN)
}

/// The claims of a hybrid response, changed.
fn of_hybrid(changes: impl Into<Value>) -> Value {
    let id_token = json!({ "iss": ISSUER }).to_string();
    let hybrid = json!({
        "access_token": "t0ken", "token_type": "Bearer", "expires_in": 3600,
        "id_token": format!("e30.{}.c2ln", encode(id_token)), "scope": "openid",
    });
    changed(claims(hybrid), &changes.into())
}

fn arrive_hybrid(claims: &Value) -> Result<jarm::client::VerifiedResponse, (Step, Reason)> {
    let arrived = jarm::client::ArrivedResponse::response(Carrier::Fragment, sign(claims));
    arrive(&verifier(), &hybrid(), &arrived)
}

#[test]
fn state_is_that_of_the_transaction() {
    for state in [
        json!(null),
        json!(""),
        json!("other"),
        json!("ST"),
        json!("st "),
        json!(1),
    ] {
        assert_eq!(step(json!({ "state": state })), Step::State, "{state}");
    }
    let without = transaction().with_state("");
    let stateless = sign(&claims(json!({ "state": null })));
    assert!(arrive(&verifier(), &without, &in_query(&stateless)).is_ok());
    let unexpected = sign(&claims(json!({})));
    let refused = arrive(&verifier(), &without, &in_query(&unexpected)).unwrap_err();
    assert_eq!(refused.0, Step::State);
}

#[test]
fn an_error_is_believed_once_it_is_verified() {
    let error = json!({
        "code": null, "error": "access_denied", "error_description": "no \u{201c}way\u{201d}",
        "error_uri": "https://as.example/e",
    });
    let response = sign(&claims(error));
    let verified = verify(&verifier(), &response).unwrap();
    let error = verified.into_outcome().unwrap_err();
    assert_eq!(error.error(), &ErrorCode::ACCESS_DENIED);
    assert_eq!(error.error_description(), Some("no ?way?"));
    assert_eq!(error.error_uri(), Some("https://as.example/e"));
    // The same, forged: nobody was denied anything.
    let (input, _) = response.rsplit_once('.').unwrap();
    let forged = format!("{input}.{}", encode([1; 64]));
    assert_eq!(verify(&verifier(), &forged).unwrap_err().0, Step::Signature);
    let unsigned = jarm::client::ArrivedResponse::query("error=access_denied&state=st");
    let refused = arrive(&verifier(), &transaction(), &unsigned).unwrap_err();
    assert_eq!(refused.0, Step::Arrival);
}

#[test]
fn an_error_is_nothing_else() {
    for changes in [
        json!({ "error": "access_denied" }), // and a code
        json!({ "code": null, "error": "a\"b" }),
        json!({ "code": null, "error": 1 }),
        json!({ "code": null, "error": "" }),
        json!({ "code": null, "error": "x", "error_description": 1 }),
        json!({ "code": null, "error": "x", "error_uri": "a b" }),
        json!({ "code": null, "error": "x", "access_token": "t" }),
        json!({ "code": null, "error": "x", "id_token": "t" }),
    ] {
        assert_eq!(step(changes.clone()), Step::Parameters, "{changes}");
    }
}

#[test]
fn a_success_has_what_was_asked_for_and_no_token_beside_it() {
    for changes in [
        json!({ "code": null }),
        json!({ "code": "" }),
        json!({ "code": 7 }),
        json!({ "code": ["c0de"] }),
        json!({ "access_token": "t", "token_type": "Bearer" }),
        json!({ "id_token": "e30.e30.c2ln" }),
        json!({ "session_state": 1 }),
        json!({ "scope": [] }),
    ] {
        assert_eq!(step(changes.clone()), Step::Parameters, "{changes}");
    }
    for changes in [
        json!({ "code": null }),
        json!({ "access_token": null }),
        json!({ "token_type": null }),
        json!({ "id_token": null }),
        json!({ "id_token": "no JWT" }),
        json!({ "expires_in": -1 }),
        json!({ "expires_in": "soon" }),
        json!({ "expires_in": [3600] }),
    ] {
        let refused = arrive_hybrid(&of_hybrid(changes.clone())).unwrap_err();
        assert_eq!(refused.0, Step::Parameters, "{changes}");
    }
}

#[test]
fn parameters_are_typed_and_numbers_stay_numbers() {
    let verified = arrive_hybrid(&of_hybrid(json!({ "x": [1], "jti": "1d" }))).unwrap();
    assert_eq!(
        (verified.jwt_id(), verified.protection()),
        (Some("1d"), Protection::Jwt)
    );
    let success = verified.outcome().unwrap();
    assert_eq!(success.code.as_deref(), Some("c0de"));
    assert_eq!(success.access_token.as_deref(), Some("t0ken"));
    assert_eq!(success.token_type.as_deref(), Some("Bearer"));
    assert_eq!(success.expires_in, Some(3600));
    assert_eq!(success.scope.as_deref(), Some("openid"));
    assert!(success.id_token.as_deref().unwrap().starts_with("e30."));
    assert_eq!(success.session_state, None);
    let json = |name| serde_json::to_value(verified.parameters().get(name)).unwrap();
    assert_eq!((json("expires_in"), json("x")), (json!(3600), json!([1])));
    for about_the_jwt in ["iss", "aud", "exp", "iat", "jti"] {
        assert_eq!(verified.parameters().get(about_the_jwt), None);
    }
    assert!(!format!("{success:?}").contains("t0ken"));
    let as_text = arrive_hybrid(&of_hybrid(json!({ "expires_in": "3600" }))).unwrap();
    assert_eq!(as_text.outcome().unwrap().expires_in, Some(3600));
}

#[test]
fn an_id_token_of_another_issuer_is_refused() {
    let id_token = |iss: &str| format!("e30.{}.c2ln", encode(json!({ "iss": iss }).to_string()));
    for other in ["https://evil.example", "https://as.example/"] {
        let claims = of_hybrid(json!({ "id_token": id_token(other) }));
        let (step, reason) = arrive_hybrid(&claims).unwrap_err();
        assert_eq!(step, Step::Parameters);
        assert!(matches!(reason, Reason::OtherIssuer));
    }
    // What an encrypted one says is seen by whoever decrypts it.
    let encrypted = of_hybrid(json!({ "id_token": "e30..aXY.Yw.dA" }));
    assert!(arrive_hybrid(&encrypted).is_ok());
}
