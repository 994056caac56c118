//! A mode of one's own: chosen by configuration, its `.jwt` form for free, the core's rules over
//! it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jarm::authorization_server::Error;
use jarm::provider::{
    Constructor, EncodeContext, EncodeError, NotAdmitted, Origin, ProviderSettings,
    ResponseModeProvider, ResponseModeRegistration, ResponseModeRegistry, ResponseRequest,
    SettingsError,
};
use jarm::response::{
    AuthorizationError, Document, EncodedResponse, FrameAncestors, InlineScript,
    ResponseParameters, escaped,
};
use jarm::testing::{check_page_provider, check_provider};
use jarm::{AuthorizationServer, Carrier, Protection, ResponseMode, ResponseType};

use serde_json::Value;

use crate::fixture::{builder, client, grant, negotiate, parts, respond, run, success};

/// A provider that does nothing to obey the rules.
#[derive(Debug)]
struct Naive {
    response_mode: ResponseMode,
    declares: Carrier,
    protection: Protection,
    writes_query: bool,
}

impl ResponseModeProvider for Naive {
    fn response_mode(&self) -> &ResponseMode {
        &self.response_mode
    }

    fn carrier(&self) -> Carrier {
        self.declares
    }

    fn protection(&self) -> Protection {
        self.protection
    }

    fn encode(
        &self,
        context: &EncodeContext<'_>,
        parameters: &ResponseParameters,
    ) -> Result<EncodedResponse, EncodeError> {
        Ok(if self.writes_query {
            context.redirect_with_query(parameters)?
        } else {
            context.redirect_with_fragment(parameters)?
        }
        .into())
    }
}

fn server_with(make: fn(&ProviderSettings) -> Naive, listed: &str) -> AuthorizationServer {
    let mut registry = ResponseModeRegistry::linked().unwrap();
    registry
        .replace("naive", jarm::origin!(), move |settings| {
            Ok(Arc::new(make(settings)))
        })
        .unwrap();
    let modes: String = ["query", "fragment", "fragment.jwt", listed]
        .map(|name| format!("[[response_mode]]\nname = \"{name}\"\n"))
        .concat();
    builder(&modes).registry(registry).build().unwrap()
}

fn queryish(settings: &ProviderSettings) -> Naive {
    Naive {
        response_mode: settings.name().clone(),
        declares: Carrier::Query,
        protection: Protection::Plain,
        writes_query: true,
    }
}

#[test]
fn a_naive_query_mode_carries_no_token() {
    let server = server_with(queryish, "naive");
    let code = grant(&server, &client(), "response_type=code&response_mode=naive");
    assert_eq!(
        (code.mode.as_str(), code.text("code")),
        ("query", Some("c0de"))
    );
    for response_type in ["token", "id_token", "code+id_token"] {
        let answer = grant(
            &server,
            &client(),
            &format!("response_type={response_type}&response_mode=naive"),
        );
        assert_eq!(
            (answer.mode.as_str(), answer.text("error")),
            ("fragment", Some("invalid_request"))
        );
    }
}

#[test]
fn its_jwt_form_carries_no_token_in_a_query_either() {
    let server = server_with(queryish, "naive.jwt");
    let answer = grant(
        &server,
        &client(),
        "response_type=token&response_mode=naive.jwt",
    );
    assert_eq!(
        (answer.mode.as_str(), answer.text("error")),
        ("query.jwt", Some("invalid_request"))
    );
}

#[test]
fn a_mode_cannot_write_to_a_carrier_that_it_does_not_declare() {
    let liar = |settings: &ProviderSettings| Naive {
        declares: Carrier::Fragment,
        ..queryish(settings)
    };
    let server = server_with(liar, "naive");
    let outcome = success(&ResponseType::TOKEN);
    let error = respond(
        &server,
        &client(),
        "response_type=token&response_mode=naive",
        outcome,
    )
    .unwrap_err();
    assert!(
        matches!(
            error,
            Error::Encode(EncodeError::Carrier(Carrier::Fragment))
        ),
        "{error}"
    );
}

#[test]
fn a_mode_that_only_says_it_is_protected_gets_the_jwt_alone() {
    let says_jwt = |settings: &ProviderSettings| Naive {
        protection: Protection::Jwt,
        ..queryish(settings)
    };
    let mut registry = ResponseModeRegistry::linked().unwrap();
    registry
        .replace("naive", jarm::origin!(), move |settings| {
            Ok(Arc::new(says_jwt(settings)))
        })
        .unwrap();
    let named = |name: &str| {
        builder(&format!(
            "[[response_mode]]\nname = \"{name}\"\nkind = \"naive\""
        ))
        .registry(registry.clone())
        .build()
    };
    assert!(named("naive").is_err(), "the name must say so");
    let answer = grant(
        &named("own.jwt").unwrap(),
        &client(),
        "response_type=code&response_mode=own.jwt",
    );
    assert_eq!(
        (answer.mode.as_str(), answer.text("code")),
        ("query.jwt", Some("c0de"))
    );
}

#[test]
fn a_shortcut_cannot_lower_protection() {
    const SHIPPED: Origin = Origin {
        package: "jarm-response-modes",
        ..jarm::origin!()
    };
    const PLAIN: ResponseModeRegistration = ResponseModeRegistration::new(
        "jwt",
        SHIPPED,
        Constructor::Shortcut(|request| request.rule.default.mode(Protection::Plain)),
    );
    let mut registry = ResponseModeRegistry::new();
    registry
        .register_all([
            jarm::response_modes::QUERY,
            jarm::response_modes::FRAGMENT,
            PLAIN,
        ])
        .unwrap();
    let modes = "[[response_mode]]\nname = \"query\"\n[[response_mode]]\nname = \"fragment\"\n[[response_mode]]\nname = \"jwt\"";
    let error = builder(modes).registry(registry).build().unwrap_err();
    assert_eq!(error.path, "jarm.response_mode[2].name");
}

const WEB_MESSAGE: &str = "[[response_mode]]\nname = \"web_message\"\noptions = { title = \"Back\" }\n\
     [[response_mode]]\nname = \"web_message.jwt\"\n";

/// Sends `query` to a server with `web_message`: what the window receives, and the page.
fn message(query: &str) -> (BTreeMap<String, Value>, String) {
    let mut registry = ResponseModeRegistry::new();
    registry.register(jarm_web_message::WEB_MESSAGE).unwrap();
    let server = builder(WEB_MESSAGE).registry(registry).build().unwrap();
    let pending = negotiate(&server, &client(), query);
    let outcome = success(pending.response_type().unwrap());
    let encoded = run(server.respond(pending, &client(), outcome)).unwrap();
    let html = encoded.body().to_owned();
    assert!(
        html.contains("data-origin=\"https://client.example\""),
        "{html}"
    );
    let data = html
        .split("data-response=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let entities = [
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    let data = entities
        .iter()
        .fold(data.to_owned(), |data, (entity, character)| {
            data.replace(entity, character)
        });
    let received: BTreeMap<String, Value> = serde_json::from_str(&data).unwrap();
    let parameters = match received.get("response") {
        Some(jws) => parts(jws.as_str().unwrap())[1]
            .as_object()
            .unwrap()
            .clone()
            .into_iter()
            .collect(),
        None => received,
    };
    (parameters, html)
}

#[test]
fn web_message_and_its_jwt_form_are_chosen_by_configuration_alone() {
    let state = "state=%22%3E%3C/script%3E%3Cscript%3Ealert(1)%3C/script%3E";
    let (plain, html) = message(&format!(
        "response_type=code&response_mode=web_message&{state}"
    ));
    assert_eq!(plain["code"], "c0de");
    assert!(html.contains("<title>Back</title>"));
    let (jwt, _) = message(&format!(
        "response_type=code+token&response_mode=web_message.jwt&{state}"
    ));
    assert_eq!(jwt["access_token"], "t0ken");
    assert_eq!(jwt["state"], "\"></script><script>alert(1)</script>");
    for html in [
        html,
        message("response_type=code&response_mode=web_message.jwt").1,
    ] {
        assert_eq!(html.matches("<script").count(), 1);
    }
}

#[test]
fn a_page_is_framed_by_the_target_only_where_the_mode_is_made_for_frames() {
    let mut registry = ResponseModeRegistry::new();
    registry.register(jarm_web_message::WEB_MESSAGE).unwrap();
    let server = builder(WEB_MESSAGE).registry(registry).build().unwrap();
    let query = "response_type=code&response_mode=web_message";
    let encoded = respond(
        &server,
        &client(),
        query,
        AuthorizationError::access_denied(),
    )
    .unwrap();
    let csp = encoded
        .headers()
        .find(|(name, _)| *name == "content-security-policy")
        .unwrap()
        .1;
    assert!(
        csp.contains("frame-ancestors https://client.example"),
        "{csp}"
    );
}

#[test]
fn a_constructor_that_fails_stops_the_start_up() {
    const FAILS: ResponseModeRegistration = ResponseModeRegistration::new(
        "fails",
        jarm::origin!(),
        Constructor::Provider(|_| Err(SettingsError::new("key", "is missing"))),
    );
    let mut registry = ResponseModeRegistry::new();
    registry.register(FAILS).unwrap();
    let error = builder("[[response_mode]]\nname = \"fails\"")
        .registry(registry)
        .build()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "jarm.response_mode[0].options.key: is missing"
    );
}

#[test]
fn a_mode_that_changes_its_carrier_in_between_returns_no_token() {
    let fragment = |settings: &ProviderSettings| Naive {
        declares: Carrier::Fragment,
        writes_query: false,
        ..queryish(settings)
    };
    let (before, after) = (
        server_with(fragment, "naive"),
        server_with(queryish, "naive"),
    );
    let query = "response_type=token&response_mode=naive";
    let pending = negotiate(&before, &client(), query);
    let answered = run(after.respond(pending, &client(), success(&ResponseType::TOKEN)));
    assert!(matches!(answered, Err(Error::ModeWithdrawn(_))));
    let pending = negotiate(&before, &client(), query);
    assert!(run(before.respond(pending, &client(), success(&ResponseType::TOKEN))).is_ok());
}

/// A mode that serves one client only.
#[derive(Debug)]
struct ForOne(Naive);

impl ResponseModeProvider for ForOne {
    fn response_mode(&self) -> &ResponseMode {
        self.0.response_mode()
    }

    fn carrier(&self) -> Carrier {
        self.0.carrier()
    }

    fn admits(&self, request: &ResponseRequest<'_>) -> Result<(), NotAdmitted> {
        let is_the_one = request.client_id.as_str() == "the one";
        is_the_one
            .then_some(())
            .ok_or_else(|| NotAdmitted("for the one only".into()))
    }

    fn encode(
        &self,
        context: &EncodeContext<'_>,
        parameters: &ResponseParameters,
    ) -> Result<EncodedResponse, EncodeError> {
        self.0.encode(context, parameters)
    }
}

#[test]
fn a_mode_may_refuse_more_than_the_core_and_its_jwt_form_with_it() {
    let mut registry = ResponseModeRegistry::linked().unwrap();
    let make =
        |settings: &ProviderSettings| -> Result<Arc<dyn ResponseModeProvider>, SettingsError> {
            Ok(Arc::new(ForOne(queryish(settings))))
        };
    registry.replace("for_one", jarm::origin!(), make).unwrap();
    let listed = ["query", "query.jwt", "for_one", "for_one.jwt"];
    let listed = listed
        .map(|name| format!("[[response_mode]]\nname = \"{name}\"\n"))
        .concat();
    let server = builder(&listed).registry(registry).build().unwrap();
    for (mode, answered) in [("for_one", "query"), ("for_one.jwt", "query.jwt")] {
        let query = format!("response_type=code&response_mode={mode}");
        let answer = grant(&server, &client(), &query);
        let seen = (answer.mode.as_str(), answer.text("error_description"));
        assert_eq!(seen, (answered, Some("for the one only")));
        let the_one = jarm::metadata::Client::new(jarm::ClientId::try_new("the one").unwrap());
        assert_eq!(grant(&server, &the_one, &query).text("code"), Some("c0de"));
    }
}

#[test]
fn a_kind_that_answers_to_another_name_is_refused() {
    let stubborn = |settings: &ProviderSettings| Naive {
        response_mode: "stubborn".parse().unwrap(),
        ..queryish(settings)
    };
    let mut registry = ResponseModeRegistry::linked().unwrap();
    let make =
        move |settings: &ProviderSettings| -> Result<Arc<dyn ResponseModeProvider>, SettingsError> {
            Ok(Arc::new(stubborn(settings)))
        };
    registry.replace("stubborn", jarm::origin!(), make).unwrap();
    let named = |name: &str| {
        let listed = format!("[[response_mode]]\nname = \"{name}\"\nkind = \"stubborn\"");
        builder(&listed).registry(registry.clone()).build()
    };
    assert!(named("stubborn").is_ok());
    let text = named("other").unwrap_err().to_string();
    assert!(text.contains("answers to `stubborn` only"), "{text}");
}

#[test]
fn a_target_that_a_policy_cannot_name_frames_nothing() {
    let mut registry = ResponseModeRegistry::new();
    registry.register(jarm_web_message::WEB_MESSAGE).unwrap();
    let server = builder(WEB_MESSAGE).registry(registry).build().unwrap();
    let request =
        jarm::RequestParameters::from_urlencoded("response_type=code&response_mode=web_message");
    let target = crate::fixture::target("http://[::1]:4000/cb");
    let encoded = run(async {
        let pending = server.negotiate(&client(), target, &request).await.unwrap();
        server
            .respond(pending, &client(), AuthorizationError::access_denied())
            .await
            .unwrap()
    });
    let csp = encoded
        .headers()
        .find(|(name, _)| *name == "content-security-policy")
        .unwrap()
        .1;
    assert!(csp.ends_with("frame-ancestors 'none'"), "{csp}");
    assert!(encoded.body().contains("data-origin=\"http://[::1]:4000\""));
}

/// A page mode that is wrong in one way.
#[derive(Clone, Copy, Debug)]
enum Faulty {
    Unescaped,
    LosesState,
    Unreadable,
    WithoutForm,
    WithoutScript,
}

#[derive(Debug)]
struct FaultyPage(ResponseMode, Faulty);

impl ResponseModeProvider for FaultyPage {
    fn response_mode(&self) -> &ResponseMode {
        &self.0
    }

    fn carrier(&self) -> Carrier {
        match self.1 {
            Faulty::WithoutForm => Carrier::Body,
            _ => Carrier::Script,
        }
    }

    fn encode(
        &self,
        context: &EncodeContext<'_>,
        parameters: &ResponseParameters,
    ) -> Result<EncodedResponse, EncodeError> {
        let script = InlineScript::try_new("send()").map_err(|_| EncodeError::Rendering)?;
        let values: Vec<_> = parameters
            .iter()
            .filter(|(name, _)| !matches!(self.1, Faulty::LosesState) || *name != "state")
            .map(|(name, value)| match self.1 {
                Faulty::Unescaped => format!("{name}={}", value.as_text()),
                _ => format!("{name}={}", escaped(&value.as_text())),
            })
            .collect();
        let element = match self.1 {
            Faulty::WithoutScript => String::new(),
            _ => context.script_element(&script)?,
        };
        let tag = if matches!(self.1, Faulty::Unreadable) {
            "b"
        } else {
            "p"
        };
        let html = format!("<{tag}>{}</{tag}>{element}", values.join("|"));
        Ok(context
            .document(html, Some(&script), FrameAncestors::None)?
            .into())
    }
}

#[test]
fn the_suite_for_providers_finds_what_is_wrong() {
    let read = |page: &Document| {
        let text = page.html().strip_prefix("<p>")?.split("</p>").next()?;
        let entities = [
            ("&quot;", "\""),
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&#39;", "'"),
            ("&amp;", "&"),
        ];
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=')?;
            let plain = |text: String, (entity, own): &(&str, &str)| text.replace(entity, own);
            Some((
                name.to_owned(),
                entities.iter().fold(value.to_owned(), plain),
            ))
        };
        text.split('|').map(pair).collect()
    };
    for (fault, found) in [
        (Faulty::Unescaped, "a value runs as a script"),
        (Faulty::LosesState, "do not arrive unchanged (48 times"),
        (Faulty::Unreadable, "cannot be read from the page"),
        (Faulty::WithoutForm, "gives the page its form"),
        (
            Faulty::WithoutScript,
            "a page holds its form and its script element once each",
        ),
    ] {
        let provider = FaultyPage("faulty".parse().unwrap(), fault);
        let complaints = check_page_provider(&provider, read);
        assert!(
            complaints.iter().any(|own| own.contains(found)),
            "{fault:?}: {complaints:#?}"
        );
    }
    let liar = Naive {
        response_mode: "liar.jwt".parse().unwrap(),
        declares: Carrier::Fragment,
        protection: Protection::Plain,
        writes_query: true,
    };
    let complaints = check_provider(&liar);
    assert!(
        complaints
            .iter()
            .any(|own| own.contains("exactly if it is protected"))
    );
    assert!(
        complaints
            .iter()
            .any(|own| own.contains("declares the carrier Fragment"))
    );
}
