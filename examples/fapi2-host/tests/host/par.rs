//! What the endpoint for pushed requests can see, it says at once, and to the client.

use fapi2_host::Approval;
use serde_json::Value;

use crate::client::{Client, now};
use crate::support::Setup;

#[tokio::test]
async fn what_is_wrong_with_a_request_is_a_json_error_where_it_is_pushed() {
    let mut setup = Setup::new().await;
    for (name, value, error) in [
        ("response_type", "token".into(), "unsupported_response_type"),
        (
            "response_type",
            "code id_token".into(),
            "unsupported_response_type",
        ),
        ("response_type", Value::Null, "invalid_request"),
        ("response_mode", Value::Null, "invalid_request"),
        ("response_mode", "query".into(), "invalid_request"),
        ("response_mode", "fragment".into(), "invalid_request"),
        ("response_mode", "form_post".into(), "invalid_request"),
        ("response_mode", "JWT".into(), "invalid_request"),
        ("code_challenge", Value::Null, "invalid_request"),
        ("code_challenge_method", Value::Null, "invalid_request"),
        ("code_challenge_method", "plain".into(), "invalid_request"),
        ("redirect_uri", Value::Null, "invalid_request"),
        (
            "redirect_uri",
            "https://app.example/callback".into(),
            "invalid_request",
        ),
        ("scope", "admin".into(), "invalid_scope"),
    ] {
        let request = setup.client.request_with(name, value);
        setup.push(request).await.is_json_error(400, error);
    }
}

#[tokio::test]
async fn a_request_object_that_is_missing_is_a_json_error() {
    let mut setup = Setup::new().await;
    let mut form = setup.client.authenticated().await;
    for (name, value) in setup.client.request() {
        if let Value::String(value) = value {
            form.push((name, value));
        }
    }
    setup
        .post("/par", &form)
        .await
        .is_json_error(400, "invalid_request");
}

#[tokio::test]
async fn a_request_object_that_is_expired_for_others_or_signed_by_another_key_is_a_json_error() {
    let mut setup = Setup::new().await;
    let stranger = Client::new("client");
    let mut by_another_key = setup.client.authenticated().await;
    let request = stranger.sign(stranger.request()).await;
    by_another_key.push(("request".to_owned(), request));
    setup
        .post("/par", &by_another_key)
        .await
        .is_json_error(400, "invalid_request_object");

    for (name, value) in [
        ("exp", Value::from(now() - 60)),
        ("exp", Value::Null),
        ("exp", (now() + 7200).into()),
        ("nbf", Value::Null),
        ("nbf", (now() + 600).into()),
        ("nbf", (now() - 3700).into()),
        ("aud", "https://other.example".into()),
        ("iss", "other".into()),
        ("client_id", "other".into()),
    ] {
        let request = setup.client.request_with(name, value);
        let refused = setup.push(request).await;
        refused.is_json_error(400, "invalid_request_object");
    }

    let mut unsigned = setup.client.authenticated().await;
    let signed = setup.client.sign(setup.client.request()).await;
    let payload = signed.split('.').nth(1).unwrap();
    unsigned.push((
        "request".to_owned(),
        format!("eyJhbGciOiJub25lIn0.{payload}."),
    ));
    setup
        .post("/par", &unsigned)
        .await
        .is_json_error(400, "invalid_request_object");
}

#[tokio::test]
async fn a_mode_outside_the_request_object_is_not_there() {
    let mut setup = Setup::new().await;
    let request = setup.client.request_with("response_mode", Value::Null);
    let mut form = setup.client.pushed(request).await;
    form.push(("response_mode".to_owned(), "jwt".to_owned()));
    setup
        .post("/par", &form)
        .await
        .is_json_error(400, "invalid_request");

    let mut form = setup.client.pushed(setup.client.request()).await;
    form.push(("response_mode".to_owned(), "query".to_owned()));
    assert_eq!(setup.post("/par", &form).await.status, 201);
}

#[tokio::test]
async fn a_handle_cannot_be_pushed() {
    let mut setup = Setup::new().await;
    let pushed = setup.push(setup.client.request()).await.json();
    let mut form = setup.client.authenticated().await;
    let handle = pushed["request_uri"].as_str().unwrap().to_owned();
    form.push(("request_uri".to_owned(), handle));
    form.push(("request".to_owned(), "x.y.z".to_owned()));
    setup
        .post("/par", &form)
        .await
        .is_json_error(400, "invalid_request");
}

#[tokio::test]
async fn who_is_not_authenticated_pushes_nothing() {
    let mut setup = Setup::new().await;
    let request = setup.client.sign(setup.client.request()).await;
    let request = ("request".to_owned(), request);

    let stranger = Client::new("client");
    let mut by_another_key = stranger.authenticated().await;
    by_another_key.push(request.clone());
    setup
        .post("/par", &by_another_key)
        .await
        .is_json_error(401, "invalid_client");

    let mut form = setup.client.authenticated().await;
    form.push(request.clone());
    assert_eq!(setup.post("/par", &form).await.status, 201);
    setup
        .post("/par", &form)
        .await
        .is_json_error(401, "invalid_client"); // the assertion was used

    let named = ("client_id".to_owned(), "client".to_owned());
    setup
        .post("/par", &[named, request.clone()])
        .await
        .is_json_error(401, "invalid_client");

    let mut unknown = Client::new("unknown").authenticated().await;
    unknown.push(request);
    setup
        .post("/par", &unknown)
        .await
        .is_json_error(401, "invalid_client");
}

#[tokio::test]
async fn a_body_has_64_kib_at_most() {
    let mut setup = Setup::new().await;
    let mut form = setup.client.pushed(setup.client.request()).await;
    form.push(("x".to_owned(), "x".repeat(64 * 1024)));
    assert_eq!(setup.post("/par", &form).await.status, 413);
}

#[tokio::test]
async fn a_client_that_pushes_too_much_is_told_when_to_try_again_and_others_push_on() {
    let mut setup = Setup::of(Approval::Automatic).await;
    let first = setup.pushed(setup.client.request()).await;
    let long = setup.client.request_with("x", "x".repeat(45_000));
    let mut pushed = 0;
    let refused = loop {
        let page = setup.push(long.clone()).await;
        if page.status != 201 {
            break page;
        }
        pushed += 1;
    };
    assert!((180..=186).contains(&pushed), "{pushed} in 8 MiB");
    refused.is_json_error(503, "temporarily_unavailable");
    let seconds: u64 = refused.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=90).contains(&seconds), "{seconds}");

    let form = setup.other.pushed(setup.other.request()).await;
    assert_eq!(setup.post("/par", &form).await.status, 201);
    let granted = setup.get(&first).await;
    assert!(setup.read(&granted).await.contains_key("code"));
}
