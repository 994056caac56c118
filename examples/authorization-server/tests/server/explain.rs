//! `--explain`: the configuration in force, as a file.

use std::process::{Command, Output};

use authorization_server::{Approval, Configuration, app};
use axum::http::header::LOCATION;
use serde_json::Value;

use crate::support::{Browser, CALLBACK, URL, claims, encode, keys};

fn explain(name: &str, file: &str) -> Output {
    let path = std::env::temp_dir().join(format!("explain-{name}-{}.toml", std::process::id()));
    std::fs::write(&path, file).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_authorization-server"))
        .args(["--explain", "--listen", "127.0.0.1:4000", "--config"])
        .arg(&path)
        .output()
        .unwrap();
    std::fs::remove_file(path).unwrap();
    output
}

/// Discovery, and how a client is answered in every mode: where and with which members.
async fn behaviour(file: &str, response_types: &str) -> Vec<String> {
    let configuration = Configuration::parse(file, None, URL).unwrap();
    let mut browser =
        Browser::new(&app(configuration.with_approval(Approval::Automatic), keys()).unwrap());
    let discovery = browser.get("/.well-known/openid-configuration").await;
    let mut seen = vec![discovery.json().to_string()];
    let metadata =
        format!(r#"{{"redirect_uris":["{CALLBACK}"],"response_types":{response_types}}}"#);
    let client = browser.post_json("/register", &metadata).await.json();
    let client = client.get("client_id").and_then(Value::as_str).unwrap();
    for response_type in ["code", "code id_token", "token", "id_token"] {
        for mode in [
            "",
            "query",
            "fragment",
            "form_post",
            "jwt",
            "query.jwt",
            "fragment.jwt",
        ] {
            let mode_asked_for = match mode {
                "" => String::new(),
                mode => format!("&response_mode={mode}"),
            };
            let request = format!(
                "/authorize?client_id={client}&scope=openid&nonce=n&response_type={}{mode_asked_for}",
                encode(response_type)
            );
            let page = browser.get(&request).await;
            let added = page
                .header(LOCATION)
                .strip_prefix(CALLBACK)
                .unwrap_or_default();
            let members: Vec<String> = match added.split_once("response=") {
                Some((_, jwt)) => members(&claims(jwt)),
                None => added
                    .split('&')
                    .map(|pair| pair.split('=').next().unwrap().to_owned())
                    .collect(),
            };
            seen.push(format!(
                "{response_type} {mode}: {} {:?} {members:?}",
                page.status,
                added.chars().next()
            ));
        }
    }
    seen
}

fn members(claims: &Value) -> Vec<String> {
    claims.as_object().unwrap().keys().cloned().collect()
}

#[tokio::test]
async fn what_is_printed_does_the_same_as_what_was_in_the_file() {
    let plain = "ask_before_errors = true\n[jarm]\njwks_max_age = 7\n[[jarm.response_mode]]\nname = \"query\"\n[[jarm.response_mode]]\nname = \"query.jwt\"\n[jarm.response_mode.options]\ndummy_fragment = true\n";
    for (name, file, response_types) in [
        (
            "fapi1-advanced",
            "[jarm]\nprofile = \"fapi1-advanced\"",
            r#"["code", "code id_token"]"#,
        ),
        (
            "fapi2-message-signing",
            "[jarm]\nprofile = \"fapi2-message-signing\"",
            r#"["code"]"#,
        ),
        ("plain", plain, r#"["code"]"#),
        (
            "empty",
            "",
            r#"["code", "token", "id_token", "code id_token"]"#,
        ),
    ] {
        let output = explain(name, file);
        assert!(output.status.success(), "{output:?}");
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(!printed.contains("profile"), "{printed}");
        let before = behaviour(file, response_types).await;
        assert_eq!(
            before,
            behaviour(&printed, response_types).await,
            "{printed}"
        );
        let [first, again] =
            [file, &printed].map(|text| Configuration::parse(text, None, URL).unwrap());
        assert_eq!(again.jarm, first.jarm.expanded().unwrap());
        assert_eq!(again.ask_before_errors, first.ask_before_errors);
        assert_eq!(again.explained().unwrap(), printed);
    }
}

#[test]
fn the_settings_of_a_profile_are_written_out() {
    let output = explain("settings", "[jarm]\nprofile = \"fapi2-message-signing\"");
    let printed: toml::Table = String::from_utf8(output.stdout).unwrap().parse().unwrap();
    let jarm = &printed["jarm"];
    assert_eq!(jarm["require_jarm"].as_bool(), Some(true));
    assert_eq!(jarm["default_signing_alg"].as_str(), Some("PS256"));
    assert_eq!(jarm["refusal_delivery"].as_str(), Some("local_page"));
    assert_eq!(jarm["allow"][0]["response_type"].as_str(), Some("code"));
    assert_eq!(jarm["issuer"].as_str(), Some(URL));
}

#[test]
fn what_would_stop_the_server_is_said_and_no_secret_is_printed() {
    for (name, file, expected) in [
        (
            "key",
            "[jarm]\nprofil = \"x\"",
            "jarm.profil: unknown key `profil`, did you mean `profile`?",
        ),
        (
            "laxer",
            "[jarm]\nprofile = \"fapi1-advanced\"\ndefault_signing_alg = \"RS256\"",
            "jarm.default_signing_alg: the profile does not allow `RS256`",
        ),
        (
            "client",
            "[[client]]\nclient_id = \"a\"\nredirect_uris = []",
            "client[0].redirect_uris: ",
        ),
    ] {
        let output = explain(name, file);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(
            said.starts_with("error: ") && said.contains(expected),
            "{said}"
        );
        assert!(output.stdout.is_empty());
    }
    let client = format!(
        "[[client]]\nclient_id = \"a\"\nclient_secret = \"canary\"\nredirect_uris = [\"{CALLBACK}\"]"
    );
    let output = explain("secret", &client);
    assert!(output.status.success() && !format!("{output:?}").contains("canary"));
}
