//! Which mode answers which request: every response type in every mode.

use jarm::authorization_server::Refusal;
use jarm::response::{
    AuthorizationError, AuthorizationResponse, AuthorizationSuccess, EncodedResponse,
};
use jarm::rules::{Permission, RULES};
use jarm::{Carrier, Protection, ResponseType};

use crate::fixture::{
    Answer, ISSUER, REDIRECT_URI, client, client_with, grant, grant_to, negotiate, refusal,
    respond, run, server, server_with_modes,
};

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

/// What the specifications demand, written out: the mode of the answer, and whether it is the
/// error for a token in the query.
fn demanded(response_type: &ResponseType, mode: &str) -> (&'static str, bool) {
    let token = response_type.carries_token();
    match mode {
        "" | "jwt" if token => (
            if mode.is_empty() {
                "fragment"
            } else {
                "fragment.jwt"
            },
            false,
        ),
        "jwt" => ("query.jwt", false),
        "query" if token => ("fragment", true),
        "" | "query" => ("query", false),
        "fragment" => ("fragment", false),
        "form_post" => ("form_post", false),
        "query.jwt" => ("query.jwt", token),
        "fragment.jwt" => ("fragment.jwt", false),
        "form_post.jwt" => ("form_post.jwt", false),
        other => unreachable!("{other}"),
    }
}

fn query(response_type: &ResponseType, mode: &str) -> String {
    let response_type = response_type.as_str().replace(' ', "+");
    match mode {
        "" => format!("response_type={response_type}&state=st"),
        _ => format!("response_type={response_type}&state=st&response_mode={mode}"),
    }
}

#[test]
fn every_response_type_in_every_mode_is_answered_as_the_specifications_demand() {
    let (server, client) = (server(""), client());
    for response_type in ResponseType::STANDARD {
        for mode in MODES {
            let answer = grant(&server, &client, &query(&response_type, mode));
            let (demanded_mode, is_error) = demanded(&response_type, mode);
            assert_eq!(answer.mode, demanded_mode, "{response_type} {mode}");
            assert_eq!(
                answer.text("error"),
                is_error.then_some("invalid_request"),
                "{response_type} {mode}"
            );
            assert_eq!(answer.text("state"), Some("st"));
            assert_eq!(answer.text("iss"), Some("https://as.example"));
        }
    }
}

#[test]
fn the_one_table_says_what_is_answered() {
    for (response_type, rule) in RULES {
        for (mode, carrier, protection) in [
            ("query", Carrier::Query, Protection::Plain),
            ("query.jwt", Carrier::Query, Protection::Jwt),
            ("fragment", Carrier::Fragment, Protection::Plain),
            ("form_post.jwt", Carrier::Body, Protection::Jwt),
        ] {
            let (_, is_error) = demanded(response_type, mode);
            let allowed = rule.permission(carrier, protection) == Permission::Allowed;
            assert_eq!(allowed, !is_error, "{response_type} {mode}");
        }
        for (mode, protection) in [("", Protection::Plain), ("jwt", Protection::Jwt)] {
            assert_eq!(
                rule.default.mode(protection).as_str(),
                demanded(response_type, mode).0
            );
        }
    }
}

#[test]
fn each_response_type_returns_its_own_parameters_and_no_others() {
    let (server, client) = (server(""), client());
    for (response_type, own) in [
        (ResponseType::CODE, &["code"][..]),
        (
            ResponseType::TOKEN,
            &["access_token", "expires_in", "token_type"],
        ),
        (ResponseType::ID_TOKEN, &["id_token"]),
        (ResponseType::CODE_ID_TOKEN, &["code", "id_token"]),
        (ResponseType::NONE, &[]),
    ] {
        for (mode, protection) in [
            ("fragment", &["iss", "state"][..]),
            ("fragment.jwt", &["aud", "exp", "iat", "iss", "state"]),
        ] {
            let answer = grant(&server, &client, &query(&response_type, mode));
            let mut expected = [own, protection].concat();
            expected.sort_unstable();
            assert_eq!(answer.names(), expected, "{response_type} {mode}");
        }
    }
}

#[test]
fn the_order_of_response_type_values_is_irrelevant() {
    let answer = grant(&server(""), &client(), "response_type=token+id_token+code");
    assert_eq!(
        (answer.mode.as_str(), answer.text("error")),
        ("fragment", None)
    );
}

#[test]
fn mode_names_are_compared_exactly() {
    let (server, client) = (server(""), client());
    for (wrong, answered) in [
        ("query_jwt", "query"),
        ("jwt.query", "query"),
        ("Query", "query"),
        ("%00", "query"),
        ("foo", "query"),
        // Whoever means a JWT is not answered plainly.
        ("QUERY.JWT", "query.jwt"),
        ("+jwt", "query.jwt"),
        ("jwt+", "query.jwt"),
        ("foo.jwt", "query.jwt"),
    ] {
        let query = format!("response_type=code&response_mode={wrong}");
        let answer = grant(&server, &client, &query);
        let seen = (answer.mode.as_str(), answer.text("error"));
        assert_eq!(seen, (answered, Some("invalid_request")), "{wrong}");
    }
}

#[test]
fn requesting_the_default_mode_is_allowed() {
    let answer = grant(
        &server(""),
        &client(),
        "response_type=code&response_mode=query",
    );
    assert_eq!(answer.text("code"), Some("c0de"));
}

#[test]
fn an_empty_mode_counts_as_absent() {
    let answer = grant(&server(""), &client(), "response_type=code&response_mode=");
    assert_eq!(
        (answer.mode.as_str(), answer.text("code")),
        ("query", Some("c0de"))
    );
}

#[test]
fn a_duplicate_mode_is_an_error_in_the_default_mode_of_the_type() {
    for (response_type, usual) in [("code", "query"), ("id_token", "fragment")] {
        for ([one, other], suffix) in [
            (["query", "form_post"], ""),
            (["query", "query"], ""),
            (["jwt", "query"], ".jwt"), // adding a plain one to a request lowers nothing
            (["query", "foo.jwt"], ".jwt"),
        ] {
            let query =
                format!("response_type={response_type}&response_mode={one}&response_mode={other}");
            let answer = grant(&server(""), &client(), &query);
            assert_eq!(
                (answer.mode, answer.parameters["error"].as_str()),
                (format!("{usual}{suffix}"), Some("invalid_request"))
            );
        }
    }
}

#[test]
fn a_missing_malformed_or_duplicate_type_is_an_error_in_the_requested_mode_or_query() {
    let (server, client) = (server(""), client());
    for (response_type, error) in [
        ("", "invalid_request"),
        ("response_type=", "invalid_request"),
        ("response_type=code++token", "invalid_request"),
        ("response_type=code+code", "invalid_request"),
        ("response_type=none+code", "invalid_request"),
        ("response_type=code&response_type=token", "invalid_request"),
        ("response_type=tokenx", "unsupported_response_type"),
    ] {
        for (mode, answered) in [
            ("", "query"),
            ("jwt", "query.jwt"),
            ("fragment", "fragment"),
            ("form_post.jwt", "form_post.jwt"),
        ] {
            let answer = grant(
                &server,
                &client,
                &format!("{response_type}&response_mode={mode}&state=s"),
            );
            let seen = (
                answer.mode.as_str(),
                answer.text("error"),
                answer.text("state"),
            );
            assert_eq!(
                seen,
                (answered, Some(error), Some("s")),
                "{response_type} {mode}"
            );
        }
    }
}

#[test]
fn a_disabled_or_unregistered_type_is_an_error_in_its_own_default_or_the_requested_mode() {
    let code_only = server("response_types = [\"code\"]");
    let plain_client = client_with(|metadata| metadata.response_types = None);
    for (server, client, error) in [
        (&code_only, client(), "unsupported_response_type"),
        (&server(""), plain_client, "unauthorized_client"),
    ] {
        for (mode, answered) in [
            ("", "fragment"),
            ("query", "fragment"),
            ("jwt", "fragment.jwt"),
            ("query.jwt", "query.jwt"),
        ] {
            let answer = grant(
                server,
                &client,
                &format!("response_type=id_token&response_mode={mode}"),
            );
            assert_eq!(
                (answer.mode.as_str(), answer.text("error")),
                (answered, Some(error)),
                "{mode}"
            );
        }
    }
}

#[test]
fn an_unsupported_mode_is_told_in_the_default_mode_and_never_replaced_for_a_success() {
    let no_form = server_with_modes(&["query", "fragment", "query.jwt", "fragment.jwt", "jwt"]);
    for (mode, answered) in [
        ("form_post", "query"),
        ("foo", "query"),
        ("form_post.jwt", "query.jwt"),
        ("foo.jwt", "query.jwt"),
    ] {
        let answer = grant(
            &no_form,
            &client(),
            &format!("response_type=code&response_mode={mode}"),
        );
        assert_eq!(
            (answer.mode.as_str(), answer.text("error")),
            (answered, Some("invalid_request")),
            "{mode}"
        );
        assert_eq!(answer.text("code"), None);
    }
    let only_jwt = server_with_modes(&["query.jwt", "fragment.jwt", "jwt"]);
    for mode in ["", "query", "foo"] {
        let answer = grant(
            &only_jwt,
            &client(),
            &format!("response_type=code&response_mode={mode}"),
        );
        assert_eq!(
            (answer.mode.as_str(), answer.text("error")),
            ("query.jwt", Some("invalid_request")),
            "{mode}"
        );
    }
    let only_plain = server_with_modes(&["query", "fragment"]);
    let answer = grant(
        &only_plain,
        &client(),
        "response_type=code&response_mode=jwt",
    );
    assert_eq!(
        (answer.mode.as_str(), answer.text("error")),
        ("query", Some("invalid_request"))
    );
}

#[test]
fn the_error_for_unsupported_modes_can_be_the_de_facto_one() {
    let server = server("unsupported_mode_error = \"unsupported_response_mode\"");
    let answer = grant(&server, &client(), "response_type=code&response_mode=foo");
    assert_eq!(answer.text("error"), Some("unsupported_response_mode"));
}

#[test]
fn where_no_mode_can_carry_the_error_it_stays_local() {
    let only_form = server_with_modes(&["form_post", "form_post.jwt"]);
    for mode in ["", "query", "foo", "jwt", "foo.jwt"] {
        let refusal = refusal(
            &only_form,
            &client(),
            &format!("response_type=code&response_mode={mode}"),
        );
        assert!(matches!(refusal, Refusal::Local(_)), "{mode}: {refusal}");
        let error = run(only_form.refuse(refusal, &client())).unwrap_err();
        assert_eq!(error.http_status(), 400);
    }
}

#[test]
fn a_form_is_not_posted_to_an_application_scheme() {
    let uri = "com.example.app:/cb";
    for (mode, answered) in [("form_post", "query"), ("form_post.jwt", "query.jwt")] {
        let query = format!("response_type=code&response_mode={mode}");
        let answer = grant_to(&server(""), &client(), &query, uri);
        assert_eq!(
            (answer.mode.as_str(), answer.text("error")),
            (answered, Some("invalid_request"))
        );
    }
    let answer = grant_to(
        &server(""),
        &client(),
        "response_type=code&response_mode=jwt",
        uri,
    );
    assert_eq!(answer.text("error"), None);
}

#[test]
fn state_is_returned_exactly_and_only_if_it_was_sent() {
    let (server, client) = (server(""), client());
    let long = "x".repeat(2000);
    for state in [
        "007",
        "true",
        "st&<\">é",
        "a b+c",
        "\"}{",
        "line\r\nbreak",
        "\u{202e}rtl",
        &long,
    ] {
        let encoded: Vec<_> = state.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let encoded = encoded.concat();
        for mode in &MODES[1..] {
            let query = format!("response_type=code&response_mode={mode}&state={encoded}");
            assert_eq!(
                grant(&server, &client, &query).text("state"),
                Some(state),
                "{mode}"
            );
        }
    }
    for none in [
        "response_type=code&response_mode=jwt",
        "response_type=code&response_mode=jwt&state=",
    ] {
        assert!(!grant(&server, &client, none).names().contains(&"state"));
    }
    let twice = grant(
        &server,
        &client,
        "response_type=code&response_mode=jwt&state=a&state=b",
    );
    assert_eq!(
        (twice.text("error"), twice.text("state")),
        (Some("invalid_request"), None)
    );
}

#[test]
fn the_redirect_uri_is_kept_byte_for_byte_in_every_mode() {
    let (server, client) = (server(""), client());
    for uri in [
        "https://rp.example",
        "https://rp.example/cb?",
        "https://rp.example/cb?keep=1&x=%20a+b&z",
        "https://rp.example/cb\"><script>",
    ] {
        for mode in &MODES[1..] {
            let query = format!("response_type=code&response_mode={mode}");
            let answer = grant_to(&server, &client, &query, uri); // asserts that the URI stands first
            assert!(!answer.names().contains(&"keep"), "its query stays outside");
        }
    }
}

#[test]
fn a_shortcut_is_resolved_at_the_door() {
    let pending = negotiate(
        &server(""),
        &client(),
        "response_type=code&response_mode=jwt",
    );
    assert_eq!(pending.response_mode().as_str(), "query.jwt");
}

#[test]
fn redirects_are_303_or_302_and_pages_200() {
    let send = |toml: &str, mode: &str| {
        let query = format!("response_type=code&response_mode={mode}");
        respond(
            &server(toml),
            &client(),
            &query,
            AuthorizationError::access_denied(),
        )
        .unwrap()
    };
    let header = |encoded: &EncodedResponse, name: &str| {
        encoded
            .headers()
            .find(|(own, _)| *own == name)
            .map(|(_, value)| value.to_owned())
    };
    for mode in &MODES[1..] {
        let encoded = send("", mode);
        assert_eq!(
            encoded.status(),
            if mode.starts_with("form_post") {
                200
            } else {
                303
            },
            "{mode}"
        );
        assert_eq!(
            header(&encoded, "cache-control").as_deref(),
            Some("no-cache, no-store")
        );
        assert_eq!(
            header(&encoded, "referrer-policy").as_deref(),
            Some("strict-origin")
        );
        assert_eq!(header(&encoded, "access-control-allow-origin"), None);
    }
    assert_eq!(send("redirect_status = 302", "jwt").status(), 302);
}

#[test]
fn a_dummy_fragment_ends_query_redirects_where_it_is_configured() {
    let server =
        server("[[response_mode]]\nname = \"query.jwt\"\noptions = { dummy_fragment = true }");
    let query = "response_type=code&response_mode=query.jwt";
    let encoded = respond(&server, &client(), query, AuthorizationResponse::code("c")).unwrap();
    let EncodedResponse::Redirect(redirect) = &encoded else {
        panic!("a redirect")
    };
    assert!(redirect.location().ends_with("#_"));
}

#[test]
fn answers_can_be_compared() {
    // The reader of answers tells plain from signed: a check of the checker.
    let (server, client) = (server(""), client());
    let read = |mode: &str| -> Answer {
        grant(
            &server,
            &client,
            &format!("response_type=code&response_mode={mode}"),
        )
    };
    assert_ne!(read("query").mode, read("query.jwt").mode);
    assert_eq!(read("query"), read("query"));
}

#[test]
fn a_code_only_server_tells_the_client_of_other_types_though_it_has_no_fragment_mode() {
    let modes = ["query", "query.jwt", "form_post.jwt", "jwt"];
    let listed = modes.map(|name| format!("[[response_mode]]\nname = \"{name}\"\n"));
    let server = server(&format!("response_types = [\"code\"]\n{}", listed.concat()));
    for (mode, answered) in [
        ("", "query"),
        ("query", "query"),
        ("foo", "query"),
        ("fragment.jwt", "query.jwt"),
        ("jwt", "query.jwt"),
        ("form_post.jwt", "form_post.jwt"),
    ] {
        for response_type in ["token", "code+id_token", "foo"] {
            let query = format!("response_type={response_type}&response_mode={mode}");
            let answer = grant(&server, &client(), &query);
            let seen = (answer.mode.as_str(), answer.text("error"));
            assert_eq!(
                seen,
                (answered, Some("unsupported_response_type")),
                "{query}"
            );
        }
    }
}

#[test]
fn a_registered_parameter_that_occurs_twice_is_refused_in_the_requested_mode() {
    for name in ["scope", "nonce", "code_challenge", "prompt"] {
        let query = format!("response_type=code&response_mode=jwt&state=s&{name}=a&{name}=b");
        let answer = grant(&server(""), &client(), &query);
        assert_eq!(
            (answer.text("error"), answer.text("state")),
            (Some("invalid_request"), Some("s"))
        );
        assert!(answer.text("error_description").unwrap().contains(name));
    }
    let resources = "response_type=code&resource=https://a.example&resource=https://b.example";
    assert_eq!(grant(&server(""), &client(), resources).text("error"), None);
}

#[test]
fn a_plain_response_names_its_issuer_once_and_no_other() {
    let with_iss = |iss: &'static str| {
        let outcome = AuthorizationSuccess::new()
            .code("c0de")
            .parameter("iss", iss)
            .unwrap();
        respond(&server(""), &client(), "response_type=code", outcome)
    };
    let own = Answer::read(&with_iss(ISSUER).unwrap(), REDIRECT_URI);
    assert_eq!(own.names(), ["code", "iss"]);
    assert!(with_iss("https://evil.example").is_err());
}
