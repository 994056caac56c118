//! What the user alone is told.

use axum::http::header::{HOST, ORIGIN};

use crate::support::{Browser, REDIRECT_URI, borrowed, good, with};

#[tokio::test]
async fn an_unknown_client_or_redirect_uri_stays_local() {
    let mut browser = Browser::new().await;
    for (name, value) in [
        ("client_id", "nobody"),
        ("client_id", ""),
        ("redirect_uri", "https://app.example/callback"),
        ("redirect_uri", "https://evil.example/callback?tenant=7"),
    ] {
        for asked in ["query", "query.jwt", "form_post.jwt", "jwt", "foo"] {
            browser
                .authorize(&with(good(asked), name, value))
                .await
                .stays_local(400);
        }
    }
}

#[tokio::test]
async fn a_duplicate_client_or_redirect_uri_stays_local() {
    let mut browser = Browser::new().await;
    for (name, value) in [
        ("client_id", "web-app"),
        ("client_id", "native-app"),
        ("client_id", ""),
        ("redirect_uri", REDIRECT_URI),
        ("redirect_uri", "https://evil.example/"),
    ] {
        let mut request = good("query.jwt");
        request.push((name, value));
        browser.authorize(&request).await.stays_local(400);
        request.rotate_right(1);
        browser.authorize(&request).await.stays_local(400);
    }
}

#[tokio::test]
async fn the_consent_form_works_as_it_was_shown_only() {
    let mut browser = Browser::new().await;
    let shown = with(good("query.jwt"), "scope", "read");
    let form = browser.authorize(&shown).await.inputs();
    for (name, value) in [
        ("client_id", "native-app"),
        ("client_id", "nobody"),
        ("client_id", ""),
        ("pending", ""),
        ("pending", "AQ"),
    ] {
        let mut changed = form.clone();
        let input = changed.iter_mut().find(|(own, _)| own == name).unwrap();
        value.clone_into(&mut input.1);
        changed.push(("decision".into(), "approve".into()));
        let page = browser.post("/consent", &borrowed(&changed)).await;
        page.stays_local(400);
    }
    let decided = |decision: &str| {
        let mut form = form.clone();
        form.push(("decision".into(), decision.into()));
        form
    };
    let approved = decided("approve");
    let mut stranger = browser.another();
    stranger
        .post("/consent", &borrowed(&approved))
        .await
        .stays_local(400);
    stranger.authorize(&good("query")).await; // now with a session of its own
    stranger
        .post("/consent", &borrowed(&approved))
        .await
        .stays_local(400);
    browser
        .post("/consent", &borrowed(&decided("perhaps")))
        .await
        .stays_local(400);
    // None of this used the form up.
    assert!(
        browser
            .post("/consent", &borrowed(&approved))
            .await
            .location()
            .is_some()
    );
}

#[tokio::test]
async fn the_consent_form_is_sent_by_a_page_of_this_server() {
    let mut browser = Browser::new().await;
    let mut form = browser.authorize(&good("query.jwt")).await.inputs();
    form.push(("decision".into(), "approve".into()));
    for (origin, host) in [
        ("https://evil.example", "as.example"),
        ("https://as.example:4443", "as.example"),
        ("null", "as.example"),
        ("http://as.example", "as.example"),
    ] {
        browser.headers.insert(ORIGIN, origin.parse().unwrap());
        browser.headers.insert(HOST, host.parse().unwrap());
        let page = browser.post("/consent", &borrowed(&form)).await;
        page.stays_local(400);
    }
    // A proxy may call the server by another name.
    browser
        .headers
        .insert(ORIGIN, "https://as.example".parse().unwrap());
    browser.headers.insert(HOST, "backend".parse().unwrap());
    let page = browser.post("/consent", &borrowed(&form)).await;
    assert!(page.location().is_some(), "{}", page.body);
}
