//! `explain`: which rule or setting decided, in words and as data.

use jarm::authorization_server::Explanation;
use jarm::configuration::RequireJarm;
use jarm::metadata::Client;
use jarm::{AuthorizationServer, RequestParameters};
use serde_json::{Value, json};

use super::{asks, client_with_modes, code_in, signed_client};
use crate::fixture::{
    REDIRECT_URI, client, client_with, client_with_keys, run, server, server_with_modes, target,
};

fn explain(server: &AuthorizationServer, client: &Client, query: &str) -> Explanation {
    let request = RequestParameters::from_urlencoded(query);
    run(server.explain(client, &target(REDIRECT_URI), &request))
}

type Row = (&'static str, Client, String, String);

fn check(rows: Vec<Row>) {
    for (toml, client, query, words) in rows {
        let explanation = explain(&server(toml), &client, &query);
        assert_eq!(explanation.to_string(), words, "{query}");
    }
}

const ASKS_QUERY: &str = "the request asks for query; ";
const NONE: &str = "the request names no mode, so query counts, the response type's default; ";
const TOLD: &str = "; the client is told an error in query.jwt";
const LOCAL: &str = "; the client is told nothing: a local page";

#[test]
fn the_rules_that_decide_are_explained_in_words() {
    check(vec![
        (
            "",
            client(),
            code_in(""),
            format!("{NONE}the answer goes out in query"),
        ),
        (
            "",
            client(),
            code_in("jwt"),
            "the request asks for jwt; that stands for query.jwt; the answer goes out in query.jwt"
                .into(),
        ),
        (
            "",
            client(),
            code_in("form_post"),
            "the request asks for form_post; the answer goes out in form_post".into(),
        ),
        (
            "",
            client(),
            code_in("foo.jwt"),
            format!(
                "the request asks for a mode by another name; no such mode is in force (response_mode){TOLD}"
            ),
        ),
        (
            "",
            client(),
            asks("token", "query"),
            format!(
                "{ASKS_QUERY}a token must not be in a plain query; the client is told an error in fragment"
            ),
        ),
        (
            "",
            client(),
            asks("token", "query.jwt"),
            format!(
                "the request asks for query.jwt; a token in the query must be encrypted, and the client \
                 has registered no authorization_encrypted_response_alg{TOLD}"
            ),
        ),
        (
            "response_types = [\"code\"]",
            client(),
            asks("token", "jwt"),
            "the response type: unsupported_response_type: this response_type is not supported; the \
             request asks for jwt; that stands for fragment.jwt; the client is told an error in \
             fragment.jwt"
                .into(),
        ),
        (
            "",
            client_with(|metadata| metadata.response_types = None),
            asks("token", "fragment.jwt"),
            "response type token: unauthorized_client: this response_type is not registered for the \
             client; the request asks for fragment.jwt; the client is told an error in fragment.jwt"
                .into(),
        ),
        (
            "",
            client(),
            "response_mode=jwt".into(),
            format!(
                "the request is at fault: invalid_request: response_type is missing; the request asks \
                 for jwt; that stands for query.jwt{TOLD}"
            ),
        ),
        (
            "",
            client(),
            code_in("jwt&response_mode=query"),
            format!(
                "the request is at fault: invalid_request: the parameter response_mode occurs more \
                 than once{TOLD}"
            ),
        ),
        (
            "",
            client_with_keys(&[json!({ "use": "sig" })]),
            code_in("query.jwt"),
            "the request asks for query.jwt; the response JWT cannot be made: the response to client \
             \"cid\" must be encrypted, and that failed: no key of the client can be used: keys[0]: `use` \
             is \"sig\", not \"enc\"; the client is told nothing: a local page"
                .into(),
        ),
    ]);
    let only_form = server_with_modes(&["form_post"]);
    assert_eq!(
        explain(&only_form, &client(), &code_in("")).to_string(),
        format!("{NONE}no such mode is in force (response_mode){LOCAL}")
    );
}

#[test]
fn the_settings_that_decide_are_explained_in_words() {
    let only_jwt = "[[allow]]\nresponse_type = \"code\"\nresponse_mode = [\"jwt\"]";
    let when_registered = "require_jarm = \"when_registered\"";
    let local = "require_jarm = true\nrefusal_delivery = \"local_page\"";
    check(vec![
        (
            "require_jarm = true",
            client(),
            code_in("query"),
            format!("{ASKS_QUERY}the setting require_jarm does not allow it{TOLD}"),
        ),
        (
            local,
            client(),
            code_in(""),
            format!("{NONE}the setting require_jarm does not allow it{LOCAL}"),
        ),
        (
            when_registered,
            signed_client(),
            code_in(""),
            format!("{NONE}the setting require_jarm does not allow it{TOLD}"),
        ),
        (
            "[registration]\nrequire_jarm = true",
            client().dynamically_registered(),
            code_in("query"),
            format!("{ASKS_QUERY}the setting registration.require_jarm does not allow it{TOLD}"),
        ),
        (
            "",
            client().with_require_jarm(RequireJarm::Always),
            code_in("query"),
            format!("{ASKS_QUERY}the setting require_jarm of the client does not allow it{TOLD}"),
        ),
        (
            "",
            client_with_modes(&["jwt"]),
            code_in("query"),
            format!("{ASKS_QUERY}the setting response_modes of the client does not allow it{TOLD}"),
        ),
        (
            only_jwt,
            client(),
            code_in("query"),
            format!("{ASKS_QUERY}the setting allow does not allow it{TOLD}"),
        ),
    ]);
}

#[test]
fn the_same_is_data() {
    let data = |toml: &str, query: &str| -> Value {
        serde_json::to_value(explain(&server(toml), &client(), query)).unwrap()
    };
    assert_eq!(
        data("", &code_in("jwt")),
        json!({ "reasons": [
            { "reason": "requested", "response_mode": "jwt" },
            { "reason": "shortcut", "stands_for": "query.jwt" },
            { "reason": "answered", "response_mode": "query.jwt", "with_error": false },
        ] })
    );
    assert_eq!(
        data("require_jarm = true", &code_in("")),
        json!({ "reasons": [
            { "reason": "default", "response_mode": "query" },
            { "reason": "policy", "setting": "require_jarm" },
            { "reason": "answered", "response_mode": "query.jwt", "with_error": true },
        ] })
    );
    assert_eq!(
        data("profile = \"fapi1-advanced\"", &code_in("query.jwt")),
        json!({ "reasons": [
            { "reason": "requested", "response_mode": "query.jwt" },
            { "reason": "policy", "setting": "allow" },
            { "reason": "not_answered" },
        ] })
    );
}

#[test]
fn an_explanation_says_what_negotiation_does() {
    let clients = [
        client(),
        signed_client(),
        client_with_modes(&["jwt"]),
        client_with(|metadata| {
            metadata.authorization_signed_response_alg = Some("HS256".parse().unwrap());
        }),
    ];
    for toml in ["", "require_jarm = true", "profile = \"fapi1-advanced\""] {
        let server = server(toml);
        for client in &clients {
            for (response_type, mode) in [
                ("code", ""),
                ("code", "jwt"),
                ("code", "foo"),
                ("token", "query"),
                ("code id_token", "query.jwt"),
                ("", "jwt"),
            ] {
                let query = asks(response_type, mode);
                let outcome = crate::outcome::outcome(&server, client, &query);
                let explanation = explain(&server, client, &query);
                let data = serde_json::to_value(&explanation).unwrap();
                let last = data["reasons"].as_array().unwrap().last().unwrap().clone();
                let expected = match outcome.answer() {
                    Some(answer) => json!({
                        "reason": "answered",
                        "response_mode": answer.mode,
                        "with_error": answer.text("error").is_some(),
                    }),
                    None => json!({ "reason": "not_answered" }),
                };
                assert_eq!(last, expected, "{query}: {explanation}");
            }
        }
    }
}

#[test]
fn an_explanation_repeats_nothing_of_the_clients_own_text() {
    const CANARY: &str = "s3cr3t_canary";
    for query in [
        format!("response_type=code&response_mode={CANARY}"),
        format!("response_type=code&response_mode={CANARY}.jwt"),
        format!("response_type=code&response_mode=%00{CANARY}"),
        format!("response_type={CANARY}&response_mode=jwt"),
        format!("response_type={CANARY}+code"),
        format!("response_type={CANARY}++{CANARY}"),
        format!("response_type=code&state={CANARY}&scope={CANARY}&nonce={CANARY}"),
        format!("response_type=code&state={CANARY}&state={CANARY}"),
        format!("response_type=code&{CANARY}=1&{CANARY}=2"),
        format!("response_type={CANARY}&response_type={CANARY}"),
    ] {
        let explanation = explain(&server(""), &client(), &query);
        let data = serde_json::to_string(&explanation).unwrap();
        for text in [explanation.to_string(), format!("{explanation:?}"), data] {
            assert!(!text.contains(CANARY), "{query}: {text}");
        }
    }
}

#[test]
fn the_client_is_told_neither_setting_nor_reason() {
    for (toml, client) in [
        ("require_jarm = true", client()),
        ("", client_with_modes(&["jwt"])),
        (
            "[[allow]]\nresponse_type = \"code\"\nresponse_mode = [\"jwt\"]",
            client(),
        ),
    ] {
        for (mode, description) in [
            ("query", "this response_mode is not allowed here"),
            (
                "",
                "response_mode is missing, and the default is not allowed here",
            ),
        ] {
            let outcome = crate::outcome::outcome(&server(toml), &client, &code_in(mode));
            let told = outcome.answer().unwrap().text("error_description");
            assert_eq!(told, Some(description), "{toml}");
        }
    }
}
