//! Forms come from pages of this server, and sessions from this server alone.

use crate::support::{Browser, CALLBACK, URL, at_consent, keys, server, server_that_asks};
use authorization_server::{Approval, Configuration, app};
use axum::http::header::{HOST, ORIGIN};

const HOST_OF_URL: &str = "127.0.0.1:4000";

/// Headers of requests that no page of this server sends: origin and host.
const FOREIGN: [(&str, &str); 5] = [
    ("https://evil.example", HOST_OF_URL),
    ("null", HOST_OF_URL),
    ("null", "null"),
    ("http://127.0.0.1:4001", HOST_OF_URL),
    ("http://127.0.0.1:4000.evil.example", HOST_OF_URL),
];

fn send_from(browser: &mut Browser, origin: &'static str, host: &'static str) {
    browser.headers = [(ORIGIN, origin), (HOST, host)]
        .into_iter()
        .map(|(name, value)| (name, value.parse().unwrap()))
        .collect();
}

#[tokio::test]
async fn a_form_of_another_origin_is_refused_and_uses_nothing_up() {
    let mut browser = Browser::new(&server(Approval::ByUser));
    let login = browser.authorize("response_type=code").await;
    for (origin, host) in FOREIGN {
        send_from(&mut browser, origin, host);
        let page = browser.submit(&login, "/login", ("username", "bob")).await;
        page.assert_local(400);
    }
    send_from(&mut browser, URL, HOST_OF_URL);
    let consent = browser.log_in(&login).await;
    for (origin, host) in FOREIGN {
        send_from(&mut browser, origin, host);
        browser.decide(&consent, "approve").await.assert_local(400);
    }
    send_from(&mut browser, URL, HOST_OF_URL);
    let answer = browser.decide(&consent, "approve").await;
    assert!(answer.parameter("code").is_some());
}

#[tokio::test]
async fn nobody_is_sent_on_with_an_error_by_another_origin() {
    let mut browser = Browser::new(&server_that_asks());
    let metadata = format!(r#"{{"redirect_uris":["{CALLBACK}"]}}"#);
    let client = browser.post_json("/register", &metadata).await.json();
    let id = client["client_id"].as_str().unwrap();
    let request = format!("/authorize?client_id={id}&response_type=code&response_mode=foo");
    let sealed = browser.get(&request).await.input("request");
    for (origin, host) in FOREIGN {
        send_from(&mut browser, origin, host);
        let page = browser.post("/continue", &[("request", &sealed)]).await;
        page.assert_local(400);
    }
    send_from(&mut browser, URL, HOST_OF_URL);
    let answer = browser.post("/continue", &[("request", &sealed)]).await;
    let error = answer.parameter("error");
    assert_eq!(error.as_deref(), Some("invalid_request"));
}

#[tokio::test]
async fn a_client_may_post_its_request_from_an_origin_of_its_own() {
    let mut browser = Browser::new(&server(Approval::Automatic));
    send_from(&mut browser, "https://client.example", HOST_OF_URL);
    let form = [("client_id", "web"), ("response_type", "code")];
    let answer = browser.post("/authorize", &form).await;
    assert!(answer.parameter("code").is_some());
}

#[tokio::test]
async fn behind_tls_the_cookie_is_one_that_no_other_host_can_plant() {
    let clients = crate::support::CLIENTS;
    let configuration = Configuration::parse(clients, Some("https://as.example"), URL).unwrap();
    let router = app(configuration, keys()).unwrap();
    let (mut browser, _) = at_consent(&router, "response_type=code").await;
    let cookie = browser.cookie.clone().unwrap();
    let planted = cookie.strip_prefix("__Host-").unwrap();
    browser.cookie = Some(planted.to_owned());
    let page = browser.authorize("response_type=code").await;
    assert!(page.body.contains("name=\"username\""), "{}", page.body);
    browser.cookie = Some(format!("{planted}; {cookie}"));
    let page = browser.authorize("response_type=code").await;
    assert!(page.body.contains("value=\"approve\""), "{}", page.body);
}
