//! Steps 2 to 4: `iss`, `aud` and `exp`.

use jarm::client::Step;
use serde_json::{Value, json};

use super::{
    Keys, builder, claims, client, code_of, header, published, refused, sign, sign_text, verifier,
    verify,
};
use crate::fixture::NOW;

fn with(changes: Value) -> String {
    sign(&claims(changes))
}

fn step(changes: Value) -> (Step, String) {
    refused(&verifier(), &with(changes))
}

#[test]
fn a_good_response_is_verified() {
    assert_eq!(code_of(verify(&verifier(), &with(json!({})))), "c0de");
}

#[test]
fn a_response_without_iss_is_refused() {
    let missing = (Step::Issuer, "`iss` is missing".to_owned());
    assert_eq!(step(json!({ "iss": null })), missing);
    assert_eq!(
        step(json!({ "iss": ["https://as.example"] })).0,
        Step::Issuer
    );
}

#[test]
fn a_wrong_issuer_is_refused_before_any_key_is_looked_up() {
    for other in [
        "https://as.example/",
        "https://AS.example",
        "https://evil.example",
        "",
    ] {
        let keys = Keys::new([Some(published(&[json!({})]))]);
        let verifier = builder(client(), keys.clone()).build().unwrap();
        let (step, _) = refused(&verifier, &with(json!({ "iss": other })));
        assert_eq!((step, keys.asked()), (Step::Issuer, 0), "{other}");
    }
}

#[test]
fn a_response_without_aud_or_for_another_client_is_refused() {
    for aud in [
        json!(null),
        json!("other"),
        json!("CID"),
        json!(""),
        json!([]),
        json!(["other"]),
        json!(["cid", 1]),
        json!({ "cid": 1 }),
        json!(1),
    ] {
        assert_eq!(step(json!({ "aud": aud })).0, Step::Audience, "{aud}");
    }
}

#[test]
fn aud_may_be_a_list_with_the_client_and_only_the_client_where_that_is_demanded() {
    let strict = || {
        let keys = Keys::new([Some(published(&[json!({})]))]);
        builder(client(), keys).sole_audience().build().unwrap()
    };
    for (aud, with_others) in [
        (json!("cid"), false),
        (json!(["cid"]), false),
        (json!(["cid", "cid"]), false),
        (json!(["other", "cid"]), true),
    ] {
        let response = with(json!({ "aud": aud }));
        assert_eq!(code_of(verify(&verifier(), &response)), "c0de", "{aud}");
        let strictly = verify(&strict(), &response);
        assert_eq!(strictly.is_err(), with_others, "{aud}");
        if let Err((step, _)) = strictly {
            assert_eq!(step, Step::Audience);
        }
    }
}

#[test]
fn a_response_without_exp_or_with_one_that_is_no_date_is_refused() {
    for exp in [
        json!(null),
        json!("1800000120"),
        json!(-1),
        json!(true),
        json!([NOW + 120]),
        json!(1e300),
        json!((NOW + 120) * 1000), // milliseconds
    ] {
        assert_eq!(step(json!({ "exp": exp })).0, Step::Expiry, "{exp}");
    }
}

#[test]
fn a_response_expires_when_exp_and_the_skew_are_over() {
    assert_eq!(
        step(json!({ "exp": NOW - 30 })),
        (Step::Expiry, "it has expired".into())
    );
    assert_eq!(step(json!({ "exp": NOW - 3000 })).0, Step::Expiry);
    for accepted in [
        json!(NOW - 29),
        json!(1_799_999_970.5),
        json!(1_800_000_000.5),
    ] {
        let response = with(json!({ "exp": accepted }));
        assert_eq!(
            code_of(verify(&verifier(), &response)),
            "c0de",
            "{accepted}"
        );
    }
}

#[test]
fn the_skew_can_be_chosen_and_is_limited() {
    let with_skew = |seconds| {
        let keys = Keys::new([Some(published(&[json!({})]))]);
        builder(client(), keys).clock_skew(seconds).build()
    };
    assert!(verify(&with_skew(300).unwrap(), &with(json!({ "exp": NOW - 299 }))).is_ok());
    assert!(verify(&with_skew(0).unwrap(), &with(json!({ "exp": NOW }))).is_err());
    assert!(
        with_skew(301)
            .unwrap_err()
            .to_string()
            .contains("300 at most")
    );
}

#[test]
fn a_lifetime_that_is_absurd_is_refused_where_a_limit_is_set() {
    let keys = Keys::new([Some(published(&[json!({})]))]);
    let limited = builder(client(), keys)
        .longest_lifetime(600)
        .build()
        .unwrap();
    assert!(verify(&limited, &with(json!({ "exp": NOW + 630 }))).is_ok());
    let long = with(json!({ "exp": NOW + 631 }));
    assert_eq!(refused(&limited, &long).0, Step::Expiry);
    assert!(verify(&verifier(), &long).is_ok());
}

#[test]
fn what_is_issued_or_valid_in_the_future_is_refused() {
    for name in ["iat", "nbf"] {
        assert_eq!(step(json!({ name: NOW + 31 })).0, Step::Expiry, "{name}");
        assert_eq!(step(json!({ name: "now" })).0, Step::Expiry, "{name}");
        assert_eq!(step(json!({ name: -1 })).0, Step::Expiry, "{name}");
        assert!(
            verify(&verifier(), &with(json!({ name: NOW + 30 }))).is_ok(),
            "{name}"
        );
    }
    assert!(verify(&verifier(), &with(json!({ "iat": null }))).is_ok());
}

#[test]
fn the_signature_is_looked_at_whatever_is_wrong_with_aud_and_exp() {
    for (changes, expected) in [
        (json!({ "aud": "other" }), Step::Audience),
        (json!({ "exp": 1 }), Step::Expiry),
        (json!({ "aud": "other", "exp": 1 }), Step::Audience),
    ] {
        let keys = Keys::new([Some(published(&[json!({})]))]);
        let verifier = builder(client(), keys.clone()).build().unwrap();
        let (step, _) = refused(&verifier, &with(changes));
        assert_eq!((step, keys.asked()), (expected, 1));
    }
}

#[test]
fn claims_that_are_not_known_are_ignored() {
    let response = with(json!({ "x": { "y": [1] }, "https://example/claim": 1, "nbf": NOW }));
    let verified = verify(&verifier(), &response).unwrap();
    let parameters = verified.parameters();
    let names: Vec<_> = parameters.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["code", "state", "x"]);
}

#[test]
fn claims_of_other_kinds_of_jwt_are_no_parameters() {
    let response = with(json!({ "sub": "s", "nonce": "n", "events": {}, "cnf": {} }));
    let verified = verify(&verifier(), &response).unwrap();
    let parameters = verified.parameters();
    let names: Vec<_> = parameters.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["code", "state"]);
}

#[test]
fn claims_are_nested_in_sixteen_levels_at_most() {
    let nested = |levels| (0..levels).fold(json!(1), |inner, _| json!([inner]));
    // The claims are the first level.
    assert!(verify(&verifier(), &with(json!({ "x": nested(15) }))).is_ok());
    assert_eq!(step(json!({ "x": nested(16) })).0, Step::Issuer);
}

#[test]
fn nothing_stands_behind_the_claims() {
    let claims = claims(json!({})).to_string();
    for behind in ["{}", "1", ",", "\0"] {
        let response = sign_text(&header(json!({})), &format!("{claims}{behind}"));
        assert_eq!(refused(&verifier(), &response).0, Step::Issuer, "{behind}");
    }
}
