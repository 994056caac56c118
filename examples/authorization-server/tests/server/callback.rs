//! The built-in client: it asks, and believes what it has verified.

use authorization_server::{Approval, Configuration, app};
use axum::http::header::{LOCATION, SET_COOKIE};
use jarm::RequestParameters;

use crate::support::{Browser, Page, URL, keys, server};

const MODES: [&str; 8] = [
    "",
    "query",
    "fragment",
    "form_post",
    "query.jwt",
    "fragment.jwt",
    "form_post.jwt",
    "jwt",
];

/// Where an answer is on its way to the built-in client.
#[derive(Clone, Debug)]
enum OnItsWay {
    Query(String),
    Fragment(String),
    Form(Vec<(&'static str, String)>),
}

fn browser() -> Browser {
    Browser::new(&server(Approval::Automatic))
}

/// Asks for authorization as a link of the start page does.
async fn asked(browser: &mut Browser, response_type: &str, mode: &str) -> OnItsWay {
    let mode = match mode {
        "" => String::new(),
        mode => format!("&response_mode={mode}"),
    };
    let begun = browser
        .get(&format!("/begin?response_type={response_type}{mode}"))
        .await;
    assert_eq!(begun.status, 303, "{}", begun.body);
    let url = begun.header(LOCATION).to_owned();
    assert!(
        url.starts_with(&format!("{URL}/authorize?client_id=demo&")),
        "{url}"
    );
    on_its_way(&browser.get(&url).await)
}

fn on_its_way(answer: &Page) -> OnItsWay {
    if answer.status == 200 {
        return OnItsWay::Form(vec![("response", answer.input("response"))]);
    }
    let added = answer
        .header(LOCATION)
        .strip_prefix(&format!("{URL}/callback"))
        .unwrap();
    let (start, parameters) = added.split_at(1);
    match start {
        "?" => OnItsWay::Query(parameters.to_owned()),
        "#" => OnItsWay::Fragment(parameters.to_owned()),
        _ => panic!("{added}"),
    }
}

/// Takes an answer to the redirect URI as a browser does.
async fn arrive(browser: &mut Browser, answer: &OnItsWay) -> Page {
    match answer {
        OnItsWay::Query(query) => browser.get(&format!("/callback?{query}")).await,
        OnItsWay::Fragment(fragment) => {
            let page = browser.get("/callback").await;
            assert!(page.body.contains("id=\"relay\""), "{}", page.body);
            let fragment = fragment.clone();
            browser
                .post_encoded("/callback?from=fragment", fragment)
                .await
        }
        OnItsWay::Form(form) => {
            let form: Vec<_> = form
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            browser.post("/callback", &form).await
        }
    }
}

#[tokio::test]
async fn the_built_in_client_verifies_a_response_in_every_mode() {
    let mut browser = browser();
    for mode in MODES.into_iter().filter(|mode| *mode != "form_post") {
        let answer = asked(&mut browser, "code", mode).await;
        let page = arrive(&mut browser, &answer).await;
        assert_eq!(page.status, 200, "{mode}: {}", page.body);
        assert!(
            page.body.contains("<h1>Verified</h1>"),
            "{mode}: {}",
            page.body
        );
        assert!(
            page.body.contains("<code>code</code>"),
            "{mode}: {}",
            page.body
        );
        assert_eq!(
            page.body.contains("Plain parameters"),
            !mode.contains("jwt"),
            "{mode}"
        );
    }
}

/// `<input name="submit">` makes `form.submit` that input: once parameters name the form's inputs
/// none of its properties can be relied on.
#[tokio::test]
async fn the_script_uses_no_property_of_the_form_that_a_parameter_can_name() {
    let page = browser().get("/callback").await;
    let (_, script) = page.body.split_once("<script>").unwrap();
    let (script, _) = script.split_once("</script>").unwrap();
    let (_, with_inputs) = script
        .split_once("Element.prototype.append.call(form")
        .unwrap();
    assert!(!with_inputs.contains("form."), "{script}");
    assert!(with_inputs.contains("HTMLFormElement.prototype.submit.call(form)"));
}

#[tokio::test]
async fn a_response_of_state_alone_is_one() {
    let mut browser = browser();
    for mode in ["query", "query.jwt"] {
        let answer = asked(&mut browser, "none", mode).await;
        let page = arrive(&mut browser, &answer).await;
        assert!(
            page.body.contains("<h1>Verified</h1>"),
            "{mode}: {}",
            page.body
        );
    }
}

#[tokio::test]
async fn the_servers_error_is_the_outcome_of_a_verified_response() {
    let mut browser = browser();
    // A token in the query is for clients with encryption.
    let answer = asked(&mut browser, "token", "query.jwt").await;
    let page = arrive(&mut browser, &answer).await;
    assert_eq!(page.status, 200, "{}", page.body);
    for text in ["<h1>Verified</h1>", "is an error", "invalid_request"] {
        assert!(page.body.contains(text), "{}", page.body);
    }
}

#[tokio::test]
async fn a_response_counts_once() {
    for mode in ["query.jwt", "fragment.jwt", "form_post.jwt"] {
        let mut browser = browser();
        let answer = asked(&mut browser, "code", mode).await;
        assert!(
            arrive(&mut browser, &answer)
                .await
                .body
                .contains("<h1>Verified</h1>")
        );
        let again = arrive(&mut browser, &answer).await;
        assert!(
            again.body.contains("Nothing here is verified."),
            "{mode}: {}",
            again.body
        );
    }
}

#[tokio::test]
async fn the_response_of_another_browser_is_refused_and_nothing_of_it_is_shown() {
    let router = server(Approval::Automatic);
    let (mut attacker, mut user) = (Browser::new(&router), Browser::new(&router));
    let attackers = asked(&mut attacker, "code", "query.jwt").await;
    asked(&mut user, "code", "query.jwt").await;
    let page = arrive(&mut user, &attackers).await;
    assert_eq!(page.status, 400, "{}", page.body);
    assert!(
        page.body
            .contains("The authorization response is not valid.")
    );
    assert!(
        !page.body.contains("<code>") && !page.body.contains("state"),
        "{}",
        page.body
    );
    assert!(page.body.contains("action=\"inspect\""), "{}", page.body);
    let OnItsWay::Query(query) = attackers else {
        panic!()
    };
    let sent = RequestParameters::from_urlencoded(query);
    assert_eq!(
        page.input("response"),
        sent.single("response").unwrap().unwrap()
    );
}

#[tokio::test]
async fn a_plain_code_in_the_place_of_a_jwt_is_refused() {
    let mut browser = browser();
    asked(&mut browser, "code", "query.jwt").await;
    let page = browser
        .get(&format!("/callback?code=canary&iss={URL}"))
        .await;
    assert_eq!(page.status, 400);
    assert!(!page.body.contains("canary"), "{}", page.body);
}

#[tokio::test]
async fn what_nobody_asked_for_is_shown_as_not_verified() {
    for mode in ["query", "query.jwt"] {
        let request = format!(
            "/authorize?client_id=demo&response_type=code&response_mode={mode}&scope=openid&state=%3Cb%3E\
             &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
        );
        let mut browser = browser();
        let answer = on_its_way(&browser.get(&request).await);
        let page = arrive(&mut browser, &answer).await;
        assert_eq!(page.status, 200);
        assert!(
            page.body.contains("Nothing here is verified."),
            "{}",
            page.body
        );
        assert!(
            page.body.contains("&lt;b&gt;") && !page.body.contains("<b>"),
            "{}",
            page.body
        );
    }
}

#[tokio::test]
async fn a_form_from_another_site_brings_no_cookie_and_is_posted_once_more() {
    let mut browser = browser();
    let answer = asked(&mut browser, "code", "form_post.jwt").await;
    let mut without_cookies = browser.clone();
    without_cookies.cookie = None;
    without_cookies
        .headers
        .insert("sec-fetch-site", "cross-site".parse().unwrap());
    let relay = arrive(&mut without_cookies, &answer).await;
    assert!(relay.body.contains("id=\"relay\""), "{}", relay.body);
    let again = OnItsWay::Form(vec![("response", relay.input("response"))]);
    let page = arrive(&mut browser, &again).await;
    assert!(page.body.contains("<h1>Verified</h1>"), "{}", page.body);
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_told_here() {
    for query in [
        "response_type=a&response_type=b",
        "response_type=code+code",
        "response_type=code&response_mode=%20",
    ] {
        let page = browser().get(&format!("/begin?{query}")).await;
        page.assert_local(400);
        assert!(!page.headers.contains_key(SET_COOKIE));
    }
}

#[tokio::test]
async fn behind_tls_the_transaction_is_in_a_cookie_that_other_hosts_cannot_plant() {
    let configuration = Configuration::parse("", Some("https://as.example/tenant"), URL).unwrap();
    let router = app(configuration.with_approval(Approval::Automatic), keys()).unwrap();
    let page = Browser::new(&router).get("/begin?response_type=code").await;
    assert!(
        page.header(SET_COOKIE)
            .starts_with("__Host-built-in-client=")
    );
    let start = Browser::new(&router).get("/").await;
    let link = "href=\"https://as.example/tenant/begin?response_type=code&amp;response_mode=jwt\"";
    assert!(start.body.contains(link), "{}", start.body);
}
