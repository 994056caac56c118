//! What counts of a request with a request object.

use std::sync::{Arc, Mutex};

use jarm::authorization_server::{Error, Event, Observer, Outcome, Refusal};
use jarm::{RequestParameters, RequestSource};
use serde_json::json;

use super::{
    builder, by_handle, by_value, claims, client, grant, push, refused, resolve, server, sign,
};
use crate::fixture::{self, REDIRECT_URI, refusal};

fn names(request: &RequestParameters) -> Vec<&str> {
    request.iter().map(|(name, _)| name).collect()
}

#[test]
fn parameters_beside_a_request_object_are_ignored() {
    let jwt = sign(&claims(json!({})));
    let query = format!(
        "{}&response_mode=query&state=outer&response_type=token&scope=admin\
         &redirect_uri=https%3A%2F%2Fevil.example",
        by_value(&jwt)
    );
    let request = resolve(&server(), &client(), &query).unwrap();
    assert_eq!(request.single("redirect_uri"), Ok(Some(REDIRECT_URI)));
    assert_eq!(request.single("scope"), Ok(None));
    let answer = grant(&server(), &client(), &query);
    assert_eq!(answer.mode, "query.jwt");
    assert_eq!(answer.text("state"), Some("inner"));
    assert_eq!(answer.text("code"), Some("c0de"));
}

#[test]
fn what_stands_outside_alone_counts_as_absent() {
    let jwt = sign(&claims(json!({ "response_mode": null, "state": null })));
    let query = format!("{}&response_mode=form_post.jwt&state=outer", by_value(&jwt));
    let answer = grant(&server(), &client(), &query);
    assert_eq!(
        (answer.mode.as_str(), answer.text("state")),
        ("query", None)
    );
}

#[test]
fn claims_about_the_jwt_are_no_parameters() {
    let now = crate::fixture::NOW;
    let envelope = json!({ "nbf": now, "iat": now, "jti": "1" });
    let jwt = sign(&claims(envelope));
    let request = resolve(&server(), &client(), &by_value(&jwt)).unwrap();
    let mut names = names(&request);
    names.sort_unstable();
    let parameters = [
        "client_id",
        "redirect_uri",
        "response_mode",
        "response_type",
        "state",
    ];
    assert_eq!(names, parameters);
}

#[test]
fn claims_that_are_no_strings_become_text() {
    let jwt = sign(&claims(json!({
        "max_age": 300,
        "claims": { "id_token": { "acr": { "essential": true } } },
        "resource": ["https://a.example", "https://b.example"],
        "authorization_details": [{ "type": "payment" }],
        "own": true,
    })));
    let request = resolve(&server(), &client(), &by_value(&jwt)).unwrap();
    for (name, text) in [
        ("max_age", "300"),
        ("claims", r#"{"id_token":{"acr":{"essential":true}}}"#),
        ("authorization_details", r#"[{"type":"payment"}]"#),
        ("own", "true"),
    ] {
        assert_eq!(request.single(name), Ok(Some(text)));
    }
    let resources: Vec<_> = request
        .iter()
        .filter(|(name, _)| *name == "resource")
        .collect();
    assert_eq!(
        resources,
        [
            ("resource", "https://a.example"),
            ("resource", "https://b.example")
        ]
    );
}

#[test]
fn a_claim_that_is_null_is_absent() {
    let claims = r#"{"iss":"cid","client_id":"cid","aud":"https://as.example","exp":1800000300,"response_type":"code","state":null}"#;
    let signer = fixture::key().signer(&jarm::JwsAlgorithm::ES256).unwrap();
    let header = crate::client::header_of(fixture::key(), "ES256", json!({}));
    let jwt = crate::client::sign_with(&signer, &header, claims);
    let request = resolve(&server(), &client(), &by_value(&jwt)).unwrap();
    assert!(!names(&request).contains(&"state"));
}

#[test]
fn the_source_says_where_the_parameters_are_from_and_whether_the_client_signed_them() {
    let (server, client) = (server(), client());
    let jwt = sign(&claims(json!({})));
    let source = |query: &str| resolve(&server, &client, query).unwrap().source().clone();
    assert_eq!(source("response_type=code"), RequestSource::Parameters);
    assert_eq!(source(&by_value(&jwt)), RequestSource::RequestObject);
    for (body, is_signed) in [("response_type=code", false), (&by_value(&jwt), true)] {
        let pushed = push(&server, &client, body).unwrap();
        match source(&by_handle(&pushed)) {
            RequestSource::Pushed {
                request_uri,
                signed,
                ..
            } => assert_eq!((request_uri, signed), (pushed.request_uri, is_signed)),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_request_without_either_is_what_it_is() {
    for query in [
        "response_type=code&state=a&state=b",
        "request=&request_uri=&scope=x",
    ] {
        let request = resolve(&server(), &client(), query).unwrap();
        assert_eq!(request, RequestParameters::from_urlencoded(query));
    }
}

#[test]
fn a_request_object_and_a_handle_exclude_each_other() {
    let jwt = sign(&claims(json!({})));
    let pushed = push(&server(), &client(), "response_type=code").unwrap();
    let query = format!("{}&request_uri={}", by_value(&jwt), pushed.request_uri);
    assert!(refused(&server(), &client(), &query).starts_with("invalid_request: "));
}

#[test]
fn several_request_objects_or_handles_are_refused() {
    let jwt = sign(&claims(json!({})));
    for query in [
        format!("request={jwt}&request={jwt}"),
        format!("request={jwt}&request="),
        "request_uri=urn:a&request_uri=urn:b".to_owned(),
    ] {
        let resolved = resolve(&server(), &client(), &query);
        assert!(matches!(resolved, Err(Error::Duplicate(_))), "{resolved:?}");
    }
}

#[test]
fn without_a_verifier_request_objects_are_not_supported() {
    let why = refused(
        &fixture::server(""),
        &client(),
        &by_value(&sign(&claims(json!({})))),
    );
    assert!(why.starts_with("request_not_supported: "), "{why}");
    let published = |server: jarm::AuthorizationServer| {
        let metadata = serde_json::to_value(server.metadata()).unwrap();
        let algorithms = &metadata["request_object_signing_alg_values_supported"];
        (
            metadata["request_parameter_supported"].clone(),
            algorithms.is_array(),
        )
    };
    assert_eq!(published(fixture::server("")), (json!(null), false));
    assert_eq!(published(server()), (json!(true), true));
}

#[test]
fn what_was_not_resolved_is_not_negotiated() {
    let (server, client) = (server(), client());
    for (name, code) in [
        ("request", "request_not_supported"),
        ("request_uri", "request_uri_not_supported"),
    ] {
        let query = format!("response_type=code&response_mode=jwt&{name}=x");
        match refusal(&server, &client, &query) {
            Refusal::Answer(refused) => assert_eq!(refused.error().code().as_str(), code),
            other => panic!("{other}"),
        }
        fixture::negotiate(&server, &client, &format!("response_type=code&{name}="));
    }
}

#[test]
fn what_is_no_jws_is_refused_and_nothing_panics() {
    let jwt = sign(&claims(json!({})));
    let (server, client) = (server(), client());
    let huge = "a".repeat(70_000);
    for malformed in ["x", "..", "a.b.c", "e30.e30.", "a.b.c.d.e", huge.as_str()] {
        let why = refused(&server, &client, &by_value(malformed));
        assert!(why.starts_with("invalid_request_object: "), "{why}");
    }
    for position in 0..jwt.len() {
        for replacement in ["A", "~", "%FF", "."] {
            let mut changed = jwt.clone();
            changed.replace_range(position..=position, replacement);
            if changed != jwt {
                let why = refused(&server, &client, &by_value(&changed));
                assert!(why.starts_with("invalid_request_object: "), "{why}");
            }
        }
    }
}

/// Writes down why requests fail.
#[derive(Debug, Default)]
struct Notes(Mutex<Vec<String>>);

impl Observer for Notes {
    fn observe(&self, event: &Event<'_>) {
        if let Outcome::Failed { error, .. } = &event.outcome {
            self.0.lock().unwrap().push(error.to_string());
        }
        assert!(!format!("{event:?}").contains("canary"));
    }
}

#[test]
fn who_watches_is_told_of_what_cannot_be_resolved_and_of_none_of_its_parameters() {
    let notes = Arc::new(Notes::default());
    let server = builder().observer(notes.clone()).build().unwrap();
    let jwt = sign(&claims(json!({ "aud": "canary", "state": "canary" })));
    refused(&server, &client(), &by_value(&jwt));
    refused(
        &server,
        &client(),
        "request_uri=urn:ietf:params:oauth:request_uri:canary",
    );
    let notes = notes.0.lock().unwrap();
    assert_eq!(notes.len(), 2);
    assert!(notes[0].contains("its aud is not this issuer"), "{notes:?}");
}
