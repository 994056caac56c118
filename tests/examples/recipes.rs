//! The recipes: every mode, success and error, come through, in the mode that was negotiated.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION,
};
use axum::http::{HeaderMap, Request};
use jarm::RequestParameters;
use jarm::authorization_server::{Error, PendingError};
use jarm::response::EncodedResponse;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::{database_row, get, htmx, part, sealed_token, single_page};

const URI: &str = "https://client.example/cb";
const MODES: [&str; 6] = [
    "query",
    "fragment",
    "form_post",
    "query.jwt",
    "fragment.jwt",
    "form_post.jwt",
];
const DECISIONS: [&str; 2] = ["approve", "deny"];

fn asks(mode: &str) -> String {
    format!("client_id=web&response_type=code&response_mode={mode}&state=af0%26")
}

fn cases() -> impl Iterator<Item = (&'static str, &'static str)> {
    MODES
        .into_iter()
        .flat_map(|mode| DECISIONS.map(|decision| (mode, decision)))
}

/// What arrived at the client.
struct Arrived {
    carrier: &'static str,
    parameters: BTreeMap<String, String>,
}

impl Arrived {
    fn by_location(location: &str) -> Self {
        let added = location.strip_prefix(URI).unwrap();
        let carrier = if added.starts_with('#') {
            "fragment"
        } else {
            "query"
        };
        let pairs = RequestParameters::from_urlencoded(added.get(1..).unwrap());
        Self::by(carrier, pairs.iter())
    }

    fn by_form<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        Self::by("form_post", fields)
    }

    fn by<'a>(carrier: &'static str, pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let parameters = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            carrier,
            parameters: parameters.collect(),
        }
    }

    fn encoded(encoded: &EncodedResponse) -> Self {
        match encoded {
            EncodedResponse::Redirect(redirect) => Self::by_location(redirect.location()),
            EncodedResponse::Document(document) => Self::by_form(document.form().unwrap().fields()),
            _ => panic!("neither redirect nor page"),
        }
    }

    /// In this mode, with what follows from this decision.
    fn assert(&self, (mode, decision): (&str, &str)) {
        let text = |own: &Value| own.as_str().map(str::to_owned);
        let (carrier, parameters) = match self.parameters.get("response") {
            None => (self.carrier.to_owned(), self.parameters.clone()),
            Some(jwt) => {
                let Value::Object(claims) = part(jwt, 1) else {
                    panic!("claims")
                };
                let claims = claims.iter();
                let texts = claims.filter_map(|(name, own)| Some((name.clone(), text(own)?)));
                (format!("{}.jwt", self.carrier), texts.collect())
            }
        };
        let told = |name: &str| parameters.get(name).map(String::as_str);
        assert_eq!(carrier, mode);
        assert_eq!(told("state"), Some("af0&"));
        let [code, error] = match decision {
            "approve" => [Some("SplxlOBeZQQYbYS6WxSbIA"), None],
            _ => [None, Some("access_denied")],
        };
        assert_eq!([told("code"), told("error")], [code, error], "{mode}");
    }
}

#[tokio::test]
async fn an_answer_waits_in_a_row_and_goes_out_in_its_mode() {
    let (server, logins) = (
        database_row::server().unwrap(),
        database_row::Logins::default(),
    );
    // All logins are under way at once: each row keeps its own mode.
    let mut waiting = Vec::new();
    for (mode, decision) in cases() {
        let begun = database_row::begin(&server, (&logins, "mine"), &asks(mode)).await;
        let database_row::Next::AskUser(id) = begun.unwrap() else {
            panic!("the user is asked")
        };
        waiting.push((id, mode, decision));
    }
    for (id, mode, decision) in waiting {
        let stolen = database_row::finish(&server, (&logins, "another's"), (id, decision)).await;
        assert!(stolen.is_err(), "a row belongs to one session");
        let row = logins.select(id, "mine").unwrap();
        assert!(row.expires_at > 1_700_000_000);
        let finish = || database_row::finish(&server, (&logins, "mine"), (id, decision));
        Arrived::encoded(&finish().await.unwrap()).assert((mode, decision));
        let again = finish().await.unwrap_err().downcast::<Error>().unwrap();
        assert!(matches!(*again, Error::Pending(PendingError::AlreadyUsed)));
    }
}

#[tokio::test]
async fn a_refused_request_makes_no_row_and_no_token() {
    let (server, logins) = (
        database_row::server().unwrap(),
        database_row::Logins::default(),
    );
    let begun = database_row::begin(&server, (&logins, "mine"), &asks("foo")).await;
    assert!(matches!(begun, Ok(database_row::Next::Answer(_))));
    assert!(logins.select(1, "mine").is_none());
    let server = sealed_token::server().unwrap();
    let begun = sealed_token::begin(&server, "mine", &asks("foo")).await;
    assert!(matches!(begun, Ok(sealed_token::Next::Answer(_))));
}

#[tokio::test]
async fn an_answer_waits_in_a_token_and_goes_out_in_its_mode() {
    let server = sealed_token::server().unwrap();
    for (mode, decision) in cases() {
        let begun = sealed_token::begin(&server, "mine", &asks(mode)).await;
        let sealed_token::Next::AskUser { client_id, token } = begun.unwrap() else {
            panic!("the user is asked")
        };
        assert!(!token.contains("af0") && !token.contains(mode), "{token}");
        let other = if token.ends_with('A') { "B" } else { "A" };
        let changed = [token.get(..token.len() - 8).unwrap(), &other.repeat(8)].concat();
        for (session, client_id, token) in [
            ("another's", "web", &token),
            ("mine", "other", &token),
            ("mine", "web", &changed),
        ] {
            let form = [client_id, token.as_str(), decision];
            let refused = sealed_token::finish(&server, session, form).await;
            assert!(
                matches!(refused, Err(Error::Pending(PendingError::NotAuthentic))),
                "{refused:?}"
            );
        }
        let form = [client_id.as_str(), &token, decision];
        let answered = sealed_token::finish(&server, "mine", form).await.unwrap();
        Arrived::encoded(&answered).assert((mode, decision));
        let again = sealed_token::finish(&server, "mine", form).await;
        assert!(matches!(
            again,
            Err(Error::Pending(PendingError::AlreadyUsed))
        ));
    }
}

/// Opens the page, and posts its form with `decision` and, as an attacker would, with another mode.
async fn decide(
    router: &Router,
    (mode, decision): (&str, &str),
    header: (&'static str, &'static str),
) -> (u16, HeaderMap, String) {
    let (status, headers, page) = get(router, &format!("/authorize?{}", asks(mode))).await;
    assert_eq!(status, 200);
    let policy = headers
        .get(CONTENT_SECURITY_POLICY)
        .unwrap()
        .to_str()
        .unwrap();
    assert!(
        policy.contains("form-action 'self' https://client.example;"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"));
    let (_, rest) = page.split_once("name=\"token\" value=\"").unwrap();
    let (token, _) = rest.split_once('"').unwrap();
    let body =
        format!("client_id=web&token={token}&decision={decision}&response_mode=query&state=x");
    let request = Request::post("/decide")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header.0, header.1)
        .body(Body::from(body))
        .unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, headers, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_front_end_gets_the_answer_as_json() {
    let router = single_page::router().unwrap();
    for case in cases() {
        let (status, headers, body) =
            decide(&router, case, ("sec-fetch-site", "same-origin")).await;
        assert_eq!(
            (status, &headers[CACHE_CONTROL]),
            (200, &"no-store".parse().unwrap())
        );
        assert!(!headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
        let answer: Value = serde_json::from_str(&body).unwrap();
        let arrived = if let Some(location) = answer["redirect"]["location"].as_str() {
            Arrived::by_location(location)
        } else {
            assert_eq!(answer["form"]["action"], URI);
            let fields = answer["form"]["fields"].as_object().unwrap().iter();
            Arrived::by_form(fields.map(|(name, value)| (&**name, value.as_str().unwrap())))
        };
        arrived.assert(case);
    }
}

#[tokio::test]
async fn a_front_end_is_told_why_there_is_no_answer_and_other_sites_nothing() {
    let router = single_page::router().unwrap();
    let case = ("query", "approve");
    let (status, _, body) = decide(&router, case, ("sec-fetch-site", "cross-site")).await;
    assert_eq!((status, body.as_str()), (403, ""));
    let form = Request::post("/decide")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("client_id=web&token=x&decision=approve"));
    let response = router.oneshot(form.unwrap()).await.unwrap();
    assert_eq!(response.status(), 400);
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert!(
        body["error"]
            .as_str()
            .unwrap()
            .contains("cannot be continued")
    );
}

#[tokio::test]
async fn htmx_is_told_where_to_go_or_is_given_the_form() {
    let router = htmx::router().unwrap();
    for case in cases() {
        let (status, headers, body) = decide(&router, case, ("hx-request", "true")).await;
        assert_eq!(
            (status, &headers[CACHE_CONTROL]),
            (200, &"no-store".parse().unwrap())
        );
        let arrived = if let Some(location) = headers.get("hx-redirect") {
            assert_eq!(body, "");
            Arrived::by_location(location.to_str().unwrap())
        } else {
            let start = format!("<form id=\"answer\" method=\"post\" action=\"{URI}\">");
            let fields = body.strip_prefix(&start).unwrap();
            let inputs = fields.split("<input type=\"hidden\" name=\"").skip(1);
            let inputs = inputs.map(|input| {
                let (name, rest) = input.split_once("\" value=\"").unwrap();
                (
                    name,
                    rest.split_once("\">").unwrap().0.replace("&amp;", "&"),
                )
            });
            let inputs: Vec<_> = inputs.collect();
            Arrived::by_form(inputs.iter().map(|(name, value)| (*name, value.as_str())))
        };
        arrived.assert(case);
    }
}

#[tokio::test]
async fn a_form_of_another_site_decides_nothing() {
    let router = htmx::router().unwrap();
    let case = ("query", "approve");
    let (status, headers, body) = decide(&router, case, ("sec-fetch-site", "cross-site")).await;
    assert_eq!((status, body.as_str()), (403, ""));
    assert!(!headers.contains_key(LOCATION));
}

#[tokio::test]
async fn without_htmx_the_same_form_is_answered_as_ever() {
    let router = htmx::router().unwrap();
    for case in cases() {
        let (status, headers, _) = decide(&router, case, ("accept", "text/html")).await;
        match headers.get(LOCATION) {
            Some(location) => {
                assert_eq!(status, 303);
                Arrived::by_location(location.to_str().unwrap()).assert(case);
            }
            None => assert_eq!((status, case.0.starts_with("form_post")), (200, true)),
        }
    }
}

/// `docs/recipes.md` shows the examples as they are.
#[test]
fn the_page_of_recipes_shows_what_runs() {
    let page = include_str!("../../docs/recipes.md");
    for (name, source) in [
        (
            "database_row",
            include_str!("../../examples/database_row.rs"),
        ),
        (
            "sealed_token",
            include_str!("../../examples/sealed_token.rs"),
        ),
        ("single_page", include_str!("../../examples/single_page.rs")),
        ("htmx", include_str!("../../examples/htmx.rs")),
    ] {
        let link = format!("(../examples/{name}.rs)");
        let sections: Vec<_> = page
            .split("\n## ")
            .filter(|own| own.contains(&link))
            .collect();
        let [section] = sections.as_slice() else {
            panic!("{name} has a section of its own")
        };
        let blocks = section.split("```").skip(1).step_by(2);
        let blocks: Vec<_> = blocks.filter_map(|own| own.split_once('\n')).collect();
        assert!(!blocks.is_empty(), "{name}");
        for (_, block) in blocks {
            assert!(source.contains(block), "{name}.rs does not hold:\n{block}");
        }
    }
}
