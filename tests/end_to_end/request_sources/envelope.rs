//! Who made a request object, for whom, and until when.

use std::sync::Arc;

use jarm::jose::JwaVerifier;
use serde_json::json;

use super::{claims, is_accepted, is_accepted_by, refused_object, refused_object_by};
use crate::fixture::{self, ISSUER, NOW};

#[test]
fn it_is_made_by_the_client() {
    for name in ["iss", "client_id"] {
        for wrong in [
            json!(null),
            json!("other"),
            json!("CID"),
            json!(["cid"]),
            json!(1),
        ] {
            let why = refused_object(&claims(json!({ name: wrong })));
            assert_eq!(why, format!("its {name} is not the client"));
        }
    }
}

#[test]
fn it_is_for_this_issuer() {
    let slash = format!("{ISSUER}/");
    for wrong in [
        json!(null),
        json!("https://other.example"),
        json!(slash),
        json!([]),
        json!(["https://other.example"]),
        json!([ISSUER, 1]),
        json!(1),
    ] {
        let why = refused_object(&claims(json!({ "aud": wrong })));
        assert_eq!(why, "its aud is not this issuer");
    }
    let several = json!(["https://other.example", ISSUER]);
    assert!(is_accepted(&claims(json!({ "aud": several }))));
}

#[test]
fn it_expires_and_thirty_seconds_of_skew_are_forgiven() {
    assert_eq!(
        refused_object(&claims(json!({ "exp": null }))),
        "it has no exp"
    );
    for expired in [0, NOW - 31, NOW - 30] {
        let why = refused_object(&claims(json!({ "exp": expired })));
        assert_eq!(why, "it has expired");
    }
    assert!(is_accepted(&claims(json!({ "exp": NOW - 29 }))));
    assert!(is_accepted(&claims(json!({ "exp": 1_800_000_000.5 }))));
}

#[test]
fn it_is_valid_for_an_hour_at_most() {
    assert!(is_accepted(&claims(json!({ "exp": NOW + 3630 }))));
    let why = refused_object(&claims(json!({ "exp": NOW + 3631 })));
    assert_eq!(why, "it is valid for more than an hour");
}

#[test]
fn it_is_neither_of_the_future_nor_more_than_an_hour_old() {
    for name in ["nbf", "iat"] {
        for accepted in [NOW, NOW + 30, NOW - 3630] {
            assert!(
                is_accepted(&claims(json!({ name: accepted }))),
                "{accepted}"
            );
        }
        for wrong in [NOW + 31, NOW - 3631] {
            let why = refused_object(&claims(json!({ name: wrong })));
            assert_eq!(why, format!("its {name} is in the future or too old"));
        }
    }
}

#[test]
fn where_nbf_is_required_it_is_there_and_an_hour_before_exp_at_most() {
    for toml in [
        "require_request_object_nbf = true",
        "profile = \"fapi2-message-signing\"",
        "profile = \"fapi1-advanced\"",
    ] {
        let server = fixture::builder(toml).verifier(Arc::new(JwaVerifier));
        let server = server.build().unwrap();
        let why = refused_object_by(&server, &claims(json!({})));
        assert_eq!(why, "it has no nbf", "{toml}");

        let valid_for =
            |seconds: u64| claims(json!({ "nbf": NOW - 60, "exp": NOW - 60 + seconds }));
        assert!(is_accepted_by(&server, &valid_for(3600)), "{toml}");
        let why = refused_object_by(&server, &valid_for(3601));
        assert_eq!(why, "it is valid for more than an hour", "{toml}");
    }
    assert!(is_accepted(&claims(
        json!({ "nbf": NOW - 60, "exp": NOW + 3600 })
    )));
}

#[test]
fn its_dates_are_numbers() {
    for name in ["exp", "nbf", "iat"] {
        for wrong in [json!("1800000300"), json!(-1), json!(true), json!(1e300)] {
            let why = refused_object(&claims(json!({ name: wrong })));
            assert_eq!(why, format!("its {name} is no date"));
        }
    }
}

#[test]
fn it_holds_no_other_request() {
    for name in ["request", "request_uri"] {
        for value in [
            json!(""),
            json!("urn:ietf:params:oauth:request_uri:x"),
            json!({}),
        ] {
            let why = refused_object(&claims(json!({ name: value })));
            assert_eq!(why, "it holds another request");
        }
    }
}
