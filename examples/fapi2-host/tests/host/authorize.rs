//! The authorization endpoint: a handle, a page, an answer.

use oauth_as::client::ClientId;
use oauth_as::scope::ScopeSet;
use oauth_as::store::Storage as _;
use serde_json::{Map, Value};

use crate::support::{REDIRECT_URI, Setup, authorize};

#[tokio::test]
async fn the_user_approves_and_the_client_is_told_in_a_jwt() {
    let mut setup = Setup::new().await;
    let path = setup.pushed(setup.client.request()).await;
    let consent = setup.get(&path).await;
    let csp = consent.headers["content-security-policy"].to_str().unwrap();
    assert!(
        csp.ends_with("form-action 'self' https://app.example"),
        "{csp}"
    );
    let answered = setup.decide(&consent, "approve").await;
    let claims = setup.read(&answered).await;
    let names: Vec<_> = claims.keys().map(String::as_str).collect();
    assert_eq!(names, ["aud", "code", "exp", "iat", "iss", "state"]);
    assert_eq!(claims["state"], "a+b c&d");
}

#[tokio::test]
async fn whatever_could_be_pushed_can_be_decided() {
    let mut setup = Setup::new().await;
    let state = "<&%>".repeat(11_000);
    let request = setup.client.request_with("state", state.as_str());
    let path = setup.pushed(request).await;
    let consent = setup.get(&path).await;
    let answered = setup.decide(&consent, "approve").await;
    assert_eq!(setup.read(&answered).await["state"], state);
}

#[tokio::test]
async fn denial_arrives_in_a_jwt() {
    let mut setup = Setup::new().await;
    let path = setup.pushed(setup.client.request()).await;
    let consent = setup.get(&path).await;
    let denied = setup.decide(&consent, "deny").await;
    let claims = setup.read(&denied).await;
    assert_eq!(claims["error"], "access_denied");
    assert_eq!(claims["state"], "a+b c&d");

    let request = setup.client.request_with("login_hint", "deny");
    let path = setup.pushed(request).await;
    let denied = setup.get(&path).await;
    assert_eq!(setup.read(&denied).await["error"], "access_denied");
}

#[tokio::test]
async fn what_is_found_after_the_handle_resolves_arrives_in_a_jwt() {
    let mut setup = Setup::new().await;
    let path = setup.pushed(setup.client.request()).await;
    let another = setup.pushed(setup.client.request()).await;
    let consent = setup.get(&another).await;
    allow(&setup, "write").await;

    let refused = setup.get(&path).await;
    assert_eq!(setup.read(&refused).await["error"], "invalid_scope");
    // The same, where the user has seen the page before.
    let refused = setup.decide(&consent, "approve").await;
    assert_eq!(setup.read(&refused).await["error"], "invalid_scope");
    // Both are answered now.
    setup.get(&path).await.stays_local(400);
    setup.get(&another).await.stays_local(400);
}

/// The operator changes what the client may ask for.
async fn allow(setup: &Setup, scope: &str) {
    let store = setup.host.store();
    let known = store.get_client(&ClientId::new(setup.client.id)).await;
    let mut client = (*known.unwrap().unwrap()).clone();
    client.allowed_scopes = ScopeSet::parse(scope).unwrap();
    store.put_client(client).await.unwrap();
}

#[tokio::test]
async fn a_request_uri_is_used_up_when_authorization_completes_and_not_when_the_page_is_loaded() {
    for decision in ["approve", "deny"] {
        let mut setup = Setup::new().await;
        let path = setup.pushed(setup.client.request()).await;
        let first = setup.get(&path).await;
        let second = setup.get(&path).await;
        let answered = setup.decide(&second, decision).await;
        setup.read(&answered).await;
        setup.decide(&first, "approve").await.stays_local(400);
        setup.decide(&second, "approve").await.stays_local(400);
        setup.get(&path).await.stays_local(400);
    }
}

#[tokio::test]
async fn an_unknown_or_foreign_request_uri_is_a_local_page() {
    let mut setup = Setup::new().await;
    let path = setup.pushed(setup.client.request()).await;
    let foreign = path.replace("client_id=client", "client_id=other");
    assert_ne!(foreign, path);
    setup.get(&foreign).await.stays_local(400);
    setup.get(&format!("{path}x")).await.stays_local(400);
    setup
        .get(&format!("{path}&{}", &path["/authorize?".len()..]))
        .await
        .stays_local(400);
    let elsewhere = [
        ("client_id", "client"),
        ("request_uri", "https://app.example/request.jwt"),
    ];
    setup.get(&authorize(&elsewhere)).await.stays_local(400);
    // It is still the client's.
    assert_eq!(setup.get(&path).await.status, 200);
}

#[tokio::test]
async fn an_expired_request_uri_is_a_local_page() {
    let mut setup = Setup::new().await;
    let path = setup.pushed(setup.client.request()).await;
    setup.wait(60);
    let consent = setup.get(&path).await;
    setup.wait(30);
    setup.get(&path).await.stays_local(400);
    // Who has the page has the time that a login takes.
    let answered = setup.decide(&consent, "approve").await;
    assert!(answered.location().unwrap().starts_with(REDIRECT_URI));
}

#[tokio::test]
async fn a_request_that_was_not_pushed_is_a_local_page() {
    let mut setup = Setup::new().await;
    let plain: Map<String, Value> = setup.client.request();
    let plain: Vec<_> = plain
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
        .collect();
    setup.get(&authorize(&plain)).await.stays_local(400);
    let signed = setup.client.sign(setup.client.request()).await;
    let signed = [("client_id", "client"), ("request", signed.as_str())];
    setup.get(&authorize(&signed)).await.stays_local(400);
    setup.get("/authorize").await.stays_local(400);
}

#[tokio::test]
async fn parameters_beside_the_handle_do_not_count() {
    let mut setup = Setup::new().await;
    let path = setup.pushed(setup.client.request()).await;
    let beside = "&response_mode=query&state=other&scope=write&response_type=token\
        &redirect_uri=https%3A%2F%2Fevil.example&login_hint=deny";
    let consent = setup.get(&format!("{path}{beside}")).await;
    assert!(
        consent.body.contains("<strong>read</strong>"),
        "{}",
        consent.body
    );
    let answered = setup.decide(&consent, "approve").await;
    assert_eq!(setup.read(&answered).await["state"], "a+b c&d");
}

#[tokio::test]
async fn a_state_outside_the_request_object_is_not_there() {
    let mut setup = Setup::new().await;
    let request = setup.client.request_with("state", Value::Null);
    let mut form = setup.client.pushed(request).await;
    form.push(("state".to_owned(), "outside".to_owned()));
    let pushed = setup.post("/par", &form).await;
    let path = setup.path_of(&pushed);
    let consent = setup.get(&format!("{path}&state=outside")).await;
    let answered = setup.decide(&consent, "approve").await;
    assert!(!setup.read(&answered).await.contains_key("state"));
}

#[tokio::test]
async fn a_form_of_another_site_decides_nothing() {
    let mut setup = Setup::new().await;
    let path = setup.pushed(setup.client.request()).await;
    let consent = setup.get(&path).await;
    let mut other = Setup::new().await;
    other.decide(&consent, "approve").await.stays_local(400);
    let answered = setup.decide(&consent, "approve").await;
    assert!(answered.location().unwrap().starts_with(REDIRECT_URI));
}
