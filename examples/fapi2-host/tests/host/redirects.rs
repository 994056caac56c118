//! Every redirect that the host makes.

use std::collections::BTreeMap;
use std::path::Path;

use axum::body::Body;
use axum::http::Request;
use fapi2_host::Approval;

use crate::support::{REDIRECT_URI, Setup};

/// Where answers leave: these places and their number are all there are.
const PLACES: [(&str, usize); 2] = [
    // refused by jarm, refused by oauth-as, denied by login_hint, granted without asking
    ("authorize.rs", 4),
    // refused by oauth-as, decided by the user
    ("consent.rs", 2),
];

#[test]
fn every_place_where_the_host_makes_a_redirect_is_listed() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeMap::new();
    for file in std::fs::read_dir(directory).unwrap() {
        let file = file.unwrap();
        let text = std::fs::read_to_string(file.path()).unwrap();
        let name = file.file_name().into_string().unwrap();
        for other in ["LOCATION", "\"location\"", "Redirect::", ".location("] {
            assert!(!text.contains(other), "{name}: {other}");
        }
        let places = text.matches("Answer(").count();
        if places > 0 {
            found.insert(name, places);
        }
    }
    let listed = PLACES.map(|(name, places)| (name.to_owned(), places));
    assert_eq!(found, listed.into());
}

#[tokio::test]
async fn no_redirect_is_plain() {
    let mut setup = Setup::new().await;
    let mut answers = Vec::new();
    for decision in ["approve", "deny"] {
        let path = setup.pushed(setup.client.request()).await;
        let consent = setup.get(&path).await;
        answers.push(setup.decide(&consent, decision).await);
    }
    let request = setup.client.request_with("login_hint", "deny");
    let path = setup.pushed(request).await;
    answers.push(setup.get(&path).await);
    for page in &answers {
        setup.read(page).await;
    }

    let mut setup = Setup::of(Approval::Automatic).await;
    let path = setup.pushed(setup.client.request()).await;
    let granted = setup.get(&path).await;
    assert!(setup.read(&granted).await.contains_key("code"));
}

#[tokio::test]
async fn a_form_post_is_a_page_with_the_response_alone() {
    let mut setup = Setup::of(Approval::Automatic).await;
    let request = setup.client.request_with("response_mode", "form_post.jwt");
    let path = setup.pushed(request).await;
    let page = setup.get(&path).await;
    assert_eq!(page.status, 200);
    let action = format!("action=\"{REDIRECT_URI}\"");
    assert!(page.body.contains(&action), "{}", page.body);
    let [(name, _)] = &page.inputs()[..] else {
        panic!("{}", page.body)
    };
    assert_eq!(name, "response");
}

#[tokio::test]
async fn no_other_site_may_read_the_authorization_endpoint() {
    let mut setup = Setup::new().await;
    let path = setup.pushed(setup.client.request()).await;
    for method in ["OPTIONS", "GET"] {
        let request = Request::builder()
            .method(method)
            .uri(&path)
            .header("origin", "https://evil.example")
            .header("access-control-request-method", "GET");
        let page = setup.send(request.body(Body::empty()).unwrap()).await;
        let names = page.headers.keys().map(axum::http::HeaderName::as_str);
        assert!(
            !names
                .into_iter()
                .any(|own| own.starts_with("access-control"))
        );
    }
}
