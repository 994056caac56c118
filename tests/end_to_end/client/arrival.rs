//! What arrived is one response, in the way that was asked for.

use jarm::client::{ArrivedResponse, Reason, Step, Transaction};
use jarm::{Carrier, ResponseMode, ResponseType};
use serde_json::json;

use super::{
    Keys, arrive, builder, claims, client, code_of, published, sign, transaction, verifier,
};
use crate::fixture::{ISSUER, run};

fn response() -> String {
    sign(&claims(json!({})))
}

fn refusal(transaction: &Transaction, arrived: &ArrivedResponse) -> Reason {
    let (step, reason) = arrive(&verifier(), transaction, arrived).unwrap_err();
    assert_eq!(step, Step::Arrival);
    reason
}

fn in_mode(mode: ResponseMode) -> Transaction {
    transaction().response_mode(mode)
}

fn plain(query: &str) -> ArrivedResponse {
    ArrivedResponse::query(query)
}

#[test]
fn plain_parameters_are_refused_where_a_jwt_was_asked_for() {
    for mode in [ResponseMode::JWT, ResponseMode::QUERY_JWT] {
        for arrived in [
            "code=c0de&state=st",
            "code=c0de&state=st&iss=https://as.example",
            "error=access_denied&state=st",
            "response=&code=c0de&state=st",
        ] {
            let reason = refusal(&in_mode(mode.clone()), &plain(arrived));
            assert!(matches!(reason, Reason::PlainInsteadOfJwt), "{arrived}");
        }
    }
}

#[test]
fn a_jwt_is_refused_where_plain_parameters_were_asked_for() {
    let arrived = plain(&format!("response={}", response()));
    for transaction in [
        in_mode(ResponseMode::QUERY),
        transaction().without_response_mode(),
    ] {
        let reason = refusal(&transaction, &arrived);
        assert!(matches!(reason, Reason::JwtInsteadOfPlain));
    }
    let both = plain("code=c0de&state=st&iss=https://as.example&response=");
    let reason = refusal(&in_mode(ResponseMode::QUERY), &both);
    assert!(matches!(reason, Reason::JwtInsteadOfPlain));
}

#[test]
fn response_occurs_once() {
    let jwt = response();
    for arrived in [
        format!("response={jwt}&response={jwt}"),
        format!("response={jwt}&response="),
        format!("response=&response={jwt}"),
    ] {
        let reason = refusal(&transaction(), &plain(&arrived));
        assert!(matches!(reason, Reason::Duplicate("response")), "{reason}");
    }
}

#[test]
fn what_stands_beside_a_response_is_ignored() {
    let arrived = format!(
        "tenant=7&code=evil&state=evil&error=evil&response={}&code=2",
        response()
    );
    let verified = arrive(&verifier(), &transaction(), &plain(&arrived));
    assert_eq!(code_of(verified), "c0de");
}

#[test]
fn another_issuer_beside_a_response_is_refused() {
    let with = |iss: &str| plain(&format!("iss={iss}&response={}", response()));
    let own = with("https%3A%2F%2Fas.example");
    assert_eq!(code_of(arrive(&verifier(), &transaction(), &own)), "c0de");
    let reason = refusal(&transaction(), &with("https%3A%2F%2Fevil.example"));
    assert!(matches!(reason, Reason::OtherIssuer), "{reason}");
}

#[test]
fn nothing_is_no_response() {
    for arrived in ["", "tenant=7", "response=", "Response=x"] {
        let reason = refusal(&transaction(), &plain(arrived));
        assert!(matches!(reason, Reason::NoResponse), "{arrived}: {reason}");
        let reason = refusal(&in_mode(ResponseMode::QUERY), &plain("tenant=7"));
        assert!(matches!(reason, Reason::NoResponse), "{reason}");
    }
}

#[test]
fn a_response_arrives_where_the_mode_says() {
    use Carrier::{Body, Fragment, Query, Script};
    let hybrid = || transaction().response_type(ResponseType::CODE_TOKEN);
    let post_message: ResponseMode = "web_message.jwt".parse().unwrap();
    for (transaction, expected) in [
        (in_mode(ResponseMode::JWT), Some(Query)),
        (in_mode(ResponseMode::QUERY_JWT), Some(Query)),
        (in_mode(ResponseMode::FRAGMENT_JWT), Some(Fragment)),
        (in_mode(ResponseMode::FORM_POST_JWT), Some(Body)),
        (hybrid(), Some(Fragment)),
        (in_mode(post_message), None),
    ] {
        for carrier in [Query, Fragment, Body, Script] {
            let arrived = ArrivedResponse::response(carrier, response());
            let verified = arrive(&verifier(), &transaction, &arrived);
            let is_refused = matches!(verified, Err((_, Reason::OtherCarrier { .. })));
            let is_other = expected.is_some_and(|expected| expected != carrier);
            assert_eq!(is_refused, is_other, "{transaction:?} in the {carrier:?}");
        }
    }
}

#[test]
fn a_jwt_may_be_posted_to_a_client_that_registered_form_post_jwt() {
    let with_modes = |modes: &[ResponseMode]| {
        let client = client();
        let mut metadata = client.metadata().clone();
        metadata.response_modes = Some(modes.to_vec());
        let keys = Keys::new([Some(published(&[json!({})]))]);
        builder(client.with_metadata(metadata), keys)
            .build()
            .unwrap()
    };
    let posted = ArrivedResponse::response(Carrier::Body, response());
    let asked = in_mode(ResponseMode::QUERY_JWT);
    let both = with_modes(&[ResponseMode::QUERY_JWT, ResponseMode::FORM_POST_JWT]);
    assert_eq!(code_of(arrive(&both, &asked, &posted)), "c0de");
    let one = with_modes(&[ResponseMode::QUERY_JWT]);
    let (_, reason) = arrive(&one, &asked, &posted).unwrap_err();
    assert!(matches!(reason, Reason::OtherCarrier { .. }));
    let in_fragment = ArrivedResponse::response(Carrier::Fragment, response());
    assert!(arrive(&both, &asked, &in_fragment).is_err());
}

#[test]
fn an_error_may_arrive_in_the_default_way_of_the_type_and_in_no_other() {
    use Carrier::{Body, Fragment, Query, Script};
    let denied = sign(&claims(json!({ "code": null, "error": "invalid_request" })));
    let tokens = || in_mode(ResponseMode::QUERY_JWT).response_type(ResponseType::CODE_TOKEN);
    for (transaction, accepted) in [
        (in_mode(ResponseMode::FORM_POST_JWT), vec![Query, Body]),
        (in_mode(ResponseMode::FRAGMENT_JWT), vec![Query, Fragment]),
        (tokens(), vec![Query, Fragment]),
        (in_mode(ResponseMode::JWT), vec![Query]),
    ] {
        for carrier in [Query, Fragment, Body, Script] {
            let arrived = ArrivedResponse::response(carrier, denied.clone());
            let verified = arrive(&verifier(), &transaction, &arrived);
            assert_eq!(
                verified.is_ok(),
                accepted.contains(&carrier),
                "{transaction:?} in the {carrier:?}"
            );
        }
    }
}

#[test]
fn a_response_has_64_kib_at_most() {
    let long = "a".repeat(64 * 1024);
    let reason = refusal(&transaction(), &plain(&format!("response={long}")));
    assert!(matches!(reason, Reason::TooLong { limit: 65_536 }));
    let reason = refusal(
        &in_mode(ResponseMode::QUERY),
        &plain(&format!("code={long}")),
    );
    assert!(matches!(reason, Reason::TooLong { .. }));
    let refused = run(verifier().verify_without_transaction(&"a".repeat(64 * 1024 + 1)));
    let refused = refused.unwrap_err();
    assert!(matches!(refused.reason(), Reason::TooLong { .. }));
}

#[test]
fn a_response_has_256_parameters_at_most() {
    let begun = in_mode(ResponseMode::QUERY);
    let with = |more: usize| {
        let own = (0..more).fold(String::new(), |own, number| format!("{own}&{number}"));
        plain(&format!("code=c0de&state=st&iss={ISSUER}{own}"))
    };
    assert!(arrive(&verifier(), &begun, &with(253)).is_ok());
    for arrived in [with(254), with(10_000), plain(&"=&".repeat(257))] {
        let reason = refusal(&begun, &arrived);
        assert!(matches!(reason, Reason::TooMany { limit: 256 }), "{reason}");
    }
}

#[test]
fn plain_responses_name_their_issuer_and_occur_once() {
    let transaction = in_mode(ResponseMode::QUERY);
    let arrived = |query: &str| arrive(&verifier(), &transaction, &plain(query));
    let good = format!("x=1&x=2&code=c0de&state=st&iss={ISSUER}");
    assert_eq!(code_of(arrived(&good)), "c0de");
    for (query, expected) in [
        ("code=c0de&state=st", Step::Issuer),
        ("code=c0de&state=st&iss=https://evil.example", Step::Issuer),
        ("code=c0de&state=st&iss=https://as.example/", Step::Issuer),
        ("code=c0de&iss=https://as.example", Step::State),
        ("code=c0de&state=other&iss=https://as.example", Step::State),
        ("state=st&iss=https://as.example", Step::Parameters),
        (
            "code=c0de&code=c0de&state=st&iss=https://as.example",
            Step::Arrival,
        ),
        (
            "code=c0de&state=st&state=&iss=https://as.example",
            Step::Arrival,
        ),
        (
            "code=c0de&state=st&iss=https://as.example&iss=https://as.example",
            Step::Arrival,
        ),
    ] {
        assert_eq!(arrived(query).unwrap_err().0, expected, "{query}");
    }
}

#[test]
fn a_transaction_of_another_issuer_or_client_is_refused() {
    use jarm::testing::FixedRandom;
    let arrived = plain(&format!("response={}", response()));
    for (issuer, client_id) in [("https://evil.example", "cid"), (ISSUER, "other")] {
        let (issuer, client_id) = (issuer.parse().unwrap(), client_id.parse().unwrap());
        let other = Transaction::begin(issuer, client_id, &FixedRandom(1)).unwrap();
        let reason = refusal(&other.with_state("st"), &arrived);
        assert!(matches!(reason, Reason::OtherTransaction));
    }
}

#[test]
fn debug_shows_names_only() {
    let shown = format!("{:?}", plain("code=c4nary&state=c4nary"));
    assert!(
        shown.contains("code") && !shown.contains("c4nary"),
        "{shown}"
    );
}
