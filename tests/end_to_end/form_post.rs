//! The form-post page: escaping, headers, nonce, the host's own renderer.

use std::borrow::Cow;
use std::sync::Arc;

use jarm::authorization_server::Error;
use jarm::provider::{EncodeError, ResponseModeRegistry};
use jarm::response::{AuthorizationResponse, CspNonce, Document, EncodedResponse};
use jarm::response_modes::{FormPost, FormPostPage, FormPostRenderer};
use jarm::{AuthorizationServer, RequestParameters};
use maud::{DOCTYPE, PreEscaped, html};

use crate::fixture::{builder, client, run, server, target};

const URI: &str = "https://client.example/cb?a=1&lt=2\"><script>";

fn page(server: &AuthorizationServer, query: &str, nonce: Option<&str>) -> Result<Document, Error> {
    let request = RequestParameters::from_urlencoded(query);
    let encoded = run(async {
        let mut pending = server
            .negotiate(&client(), target(URI), &request)
            .await
            .unwrap();
        if let Some(nonce) = nonce {
            pending = pending.with_csp_nonce(CspNonce::try_new(nonce).unwrap());
        }
        server
            .respond(pending, &client(), AuthorizationResponse::code("c0de"))
            .await
    })?;
    let EncodedResponse::Document(document) = encoded else {
        panic!("a page")
    };
    Ok(document)
}

const FORM_POST: &str = "response_type=code&response_mode=form_post&state=%22%3E%3Cb%3E%26amp%3B'";

#[test]
fn action_and_values_are_escaped_and_not_url_quoted() {
    let document = page(&server(""), FORM_POST, None).unwrap();
    let html = document.html();
    assert!(
        html.contains("action=\"https://client.example/cb?a=1&amp;lt=2&quot;&gt;&lt;script&gt;\""),
        "{html}"
    );
    assert!(
        html.contains("name=\"state\" value=\"&quot;&gt;&lt;b&gt;&amp;amp;'\""),
        "{html}"
    );
    assert_eq!(html.matches("<script").count(), 1);
    assert!(
        html.contains("method=\"post\"") && html.contains("<button type=\"submit\">"),
        "{html}"
    );
}

#[test]
fn the_policy_allows_the_pages_own_script_by_hash_and_nothing_else() {
    let document = page(&server(""), FORM_POST, None).unwrap();
    let csp = document.content_security_policy();
    let pattern = "default-src 'none'; base-uri 'none'; script-src 'sha256-";
    assert!(
        csp.starts_with(pattern) && csp.ends_with("'; frame-ancestors 'none'"),
        "{csp}"
    );
    let plain = page(&server(""), FORM_POST, None).unwrap();
    let jwt = page(
        &server(""),
        "response_type=code&response_mode=form_post.jwt",
        None,
    )
    .unwrap();
    assert_eq!(
        plain.content_security_policy(),
        jwt.content_security_policy(),
        "for form_post.jwt, too"
    );
}

#[test]
fn form_action_names_the_targets_origin_where_it_is_configured() {
    let server = server("[page]\nform_action = \"target\"\nreferrer_policy = \"no-referrer\"");
    let document = page(&server, FORM_POST, None).unwrap();
    assert!(
        document
            .content_security_policy()
            .ends_with("; form-action https://client.example")
    );
    let encoded = EncodedResponse::from(document);
    assert!(
        encoded
            .headers()
            .any(|header| header == ("referrer-policy", "no-referrer"))
    );
    assert!(
        encoded
            .headers()
            .any(|header| header == ("x-content-type-options", "nosniff"))
    );
    assert!(
        encoded
            .headers()
            .any(|header| header == ("content-type", "text/html; charset=UTF-8"))
    );
}

#[test]
fn a_nonce_is_the_hosts_and_is_demanded_where_it_is_configured() {
    let server = server("[page]\ncsp = \"nonce\"");
    let nonce = "MDEyMzQ1Njc4OTAxMjM0NQ";
    let document = page(&server, FORM_POST, Some(nonce)).unwrap();
    assert!(
        document
            .html()
            .contains("<script nonce=\"MDEyMzQ1Njc4OTAxMjM0NQ\">")
    );
    assert!(
        document
            .content_security_policy()
            .contains("script-src 'nonce-MDEyMzQ1Njc4OTAxMjM0NQ';")
    );
    let error = page(&server, FORM_POST, None).unwrap_err();
    assert!(
        matches!(error, Error::Encode(EncodeError::NonceMissing)),
        "{error}"
    );
}

#[test]
fn the_words_of_the_page_come_from_configuration() {
    let server = server(
        "[[response_mode]]\nname = \"form_post\"\noptions = { title = \"Zurück <&>\", button = \"Weiter\", lang = \"de\" }",
    );
    let html = page(&server, FORM_POST, None).unwrap().html().to_owned();
    for words in [
        "<title>Zurück &lt;&amp;&gt;</title>",
        ">Weiter</button>",
        "lang=\"de\"",
    ] {
        assert!(html.contains(words), "{html}");
    }
}

/// What a host's renderer may do, and what it may not.
#[derive(Clone, Copy, Debug)]
enum Renderer {
    Branded,
    ForgetsForm,
    TwoForms,
    AddsField,
    AddsScript,
}

impl FormPostRenderer for Renderer {
    fn render(&self, page: &FormPostPage) -> String {
        assert!(
            !format!("{page:?}").contains("c0de"),
            "Debug shows no parameter"
        );
        let html = html! {
            (DOCTYPE)
            html {
                head { title { "Example Bank" } }
                body {
                    @if !matches!(self, Self::ForgetsForm) { (PreEscaped(page.form())) }
                    @if matches!(self, Self::TwoForms) { (PreEscaped(page.form())) }
                    @if matches!(self, Self::AddsField) { input type="hidden" name="code" value="evil" form="f"; }
                    @if matches!(self, Self::AddsScript) { script { "alert(1)" } }
                    (PreEscaped(page.script()))
                }
            }
        };
        html.into_string()
    }

    fn script(&self) -> Cow<'static, str> {
        "document.querySelector('button').click()".into()
    }
}

fn with_renderer(renderer: Renderer) -> AuthorizationServer {
    let mut registry = ResponseModeRegistry::linked().unwrap();
    registry
        .replace("form_post", jarm::origin!(), move |settings| {
            let (name, words) = (settings.name().clone(), settings.options()?);
            Ok(Arc::new(FormPost::rendered_by(
                name,
                words,
                Arc::new(renderer),
            )?))
        })
        .unwrap();
    builder("").registry(registry).build().unwrap()
}

#[test]
fn a_hosts_renderer_brands_both_form_modes_and_its_script_is_hashed() {
    let server = with_renderer(Renderer::Branded);
    for mode in ["form_post", "form_post.jwt"] {
        let document = page(
            &server,
            &format!("response_type=code&response_mode={mode}"),
            None,
        )
        .unwrap();
        assert!(
            document.html().contains("Example Bank")
                && document.html().contains(".click()</script>")
        );
        // printf "document.querySelector('button').click()" | openssl dgst -sha256 -binary | base64
        assert!(
            document
                .content_security_policy()
                .contains("'sha256-jtFS3TFgRfWVgOunDwE8A/rjk5yqyS9zL17F8VLNd2o='"),
            "{}",
            document.content_security_policy()
        );
    }
}

#[test]
fn a_renderer_can_neither_drop_nor_add_a_parameter() {
    for renderer in [
        Renderer::ForgetsForm,
        Renderer::TwoForms,
        Renderer::AddsField,
        Renderer::AddsScript,
    ] {
        let error = page(&with_renderer(renderer), FORM_POST, None).unwrap_err();
        assert!(
            matches!(error, Error::Encode(EncodeError::Rendering)),
            "{renderer:?}: {error}"
        );
    }
}

#[test]
fn the_jwt_forms_cannot_be_replaced() {
    let mut registry = ResponseModeRegistry::new();
    for kind in ["form_post.jwt", "jwt", "mine.jwt"] {
        let replaced = registry.replace(kind, jarm::origin!(), |settings| {
            let words = jarm::response_modes::FormPostWords::default();
            let renderer = Arc::new(words.clone());
            Ok(Arc::new(FormPost::rendered_by(
                settings.name().clone(),
                words,
                renderer,
            )?))
        });
        assert!(replaced.is_err(), "{kind}");
    }
}

#[test]
fn a_refused_request_is_told_with_the_hosts_nonce_too() {
    let server = server("[page]\ncsp = \"nonce\"");
    let query = "response_type=code&response_mode=form_post.jwt&scope=a&scope=b";
    let nonce = || CspNonce::try_new("MDEyMzQ1Njc4OTAxMjM0NQ").unwrap();
    let refused = || crate::fixture::refusal(&server, &client(), query);
    let told = run(server.refuse(refused().with_csp_nonce(nonce()), &client())).unwrap();
    assert!(
        told.body()
            .contains("<script nonce=\"MDEyMzQ1Njc4OTAxMjM0NQ\">")
    );
    assert!(run(server.refuse(refused(), &client())).is_err());
}

#[test]
fn a_renderers_faulty_script_and_misspelt_options_are_found_at_start_up() {
    #[derive(Debug)]
    struct Cut;
    impl FormPostRenderer for Cut {
        fn render(&self, page: &FormPostPage) -> String {
            [page.form(), page.script()].concat()
        }
        fn script(&self) -> Cow<'static, str> {
            "'</script>'".into()
        }
    }
    let mut registry = ResponseModeRegistry::linked().unwrap();
    let cut = |settings: &jarm::provider::ProviderSettings| {
        let (name, words) = (settings.name().clone(), settings.options()?);
        let made = FormPost::rendered_by(name, words, Arc::new(Cut))?;
        Ok(Arc::new(made) as Arc<dyn jarm::provider::ResponseModeProvider>)
    };
    registry.replace("form_post", jarm::origin!(), cut).unwrap();
    let listed = |options: &str| {
        let listed = format!("[[response_mode]]\nname = \"form_post\"\n{options}");
        builder(&listed)
            .registry(registry.clone())
            .build()
            .unwrap_err()
            .to_string()
    };
    assert!(
        listed("").contains("an inline script has no"),
        "{}",
        listed("")
    );
    assert!(listed("options = { titel = \"x\" }").contains("did you mean `title`?"));
}
