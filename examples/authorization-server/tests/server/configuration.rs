//! What stops the server at start-up, and what it says then.

use crate::support::{Browser, URL, keys};
use authorization_server::{Approval, Configuration, app};
use std::path::Path;

fn start(text: &str) -> Result<axum::Router, String> {
    let file = Some(Path::new("server.toml"));
    let configuration =
        Configuration::parse(text, None, URL).map_err(|error| error.in_file(file).to_string())?;
    app(configuration, keys()).map_err(|error| error.in_file(file).to_string())
}

fn refusal(text: &str) -> String {
    start(text).expect_err(text)
}

#[test]
fn errors_name_the_file_the_key_path_and_what_would_be_right() {
    let titel =
        "[[jarm.response_mode]]\nname = \"form_post\"\n[jarm.response_mode.options]\ntitel = \"x\"";
    for (text, expected) in [
        (
            "[jarm]\nresponse_jwt_lifetme = 1",
            "jarm.response_jwt_lifetme: unknown key `response_jwt_lifetme`, did you mean `response_jwt_lifetime`?",
        ),
        (
            titel,
            "jarm.response_mode[0].options.titel: unknown key `titel`, did you mean `title`?",
        ),
        (
            "[[jarm.response_mode]]\nname = \"from_post\"",
            "jarm.response_mode[0].name: no response mode of kind `from_post` is registered, did you mean `form_post`?",
        ),
        ("[jarm]\nissuer = \"http://as.example\"", "jarm.issuer: "),
        (
            "[jarm]\nresponse_jwt_lifetime = 3600",
            "jarm.response_jwt_lifetime: 3600 seconds",
        ),
        (
            "[[clients]]",
            "clients: unknown key `clients`, did you mean `client`?",
        ),
        (
            "[[client]]\nclient_id = \"a\"\nredirect_uris = []",
            "client[0].redirect_uris: name one at least",
        ),
        (
            "[[client]]\nclient_id = \"a\"\nredirect_uris = [\"https://a/b#c\"]",
            "client[0].redirect_uris[0]: a redirect URI has no fragment",
        ),
        (
            "[[client]]\nclient_id = \"a\"\nredirect_uri = \"x\"",
            "client[0].redirect_uri: unknown key `redirect_uri`, did you mean `redirect_uris`?",
        ),
        (
            "[[client]]\nclient_id = \"a\"\nredirect_uris = [\"https://a/b\"]\nauthorization_signed_response_alg = \"HS256\"",
            "client[0].authorization_signed_response_alg: `HS256` needs a client secret",
        ),
        (
            "[[client]]\nclient_id = \"a\"\nredirect_uris = [\"https://a/b\"]\nauthorization_signed_response_alg = \"none\"",
            "client[0].authorization_signed_response_alg: `none` is not",
        ),
        (
            "[[client]]\nclient_id = \"a\"\nredirect_uris = [\"https://a/b\"]\ntoken_endpoint_auth_method = \"magic\"",
            "client[0].token_endpoint_auth_method: ",
        ),
        (
            "[[client]]\nclient_id = \"a\"\nredirect_uris = [\"https://a/b\"]\ntoken_endpoint_auth_method = \"client_secret_post\"",
            "client[0].client_secret: client_secret_post needs one",
        ),
        (
            "[[client]]\nclient_id = \"a\"\nclient_name = \"\\u202Ea\"\nredirect_uris = [\"https://a/b\"]",
            "client[0].client_name: a name has no control",
        ),
        ("[jarm", "TOML parse error at line 1"),
    ] {
        let refused = refusal(text);
        assert!(
            refused.starts_with(&format!("server.toml: {expected}")),
            "{refused}"
        );
    }
}

#[test]
fn two_clients_cannot_have_one_name() {
    let client = "[[client]]\nclient_id = \"a\"\nredirect_uris = [\"https://a/b\"]\n";
    assert_eq!(
        refusal(&client.repeat(2)),
        "server.toml: client[1].client_id: another client has it"
    );
}

#[test]
fn the_issuer_is_the_flags_or_the_files_or_the_bound_url() {
    let issuer = |text, flag| {
        Configuration::parse(text, flag, URL)
            .unwrap()
            .jarm
            .issuer
            .to_string()
    };
    let file = "[jarm]\nissuer = \"https://file.example\"";
    assert_eq!(
        issuer(file, Some("https://flag.example")),
        "https://flag.example"
    );
    assert_eq!(issuer(file, None), "https://file.example");
    assert_eq!(issuer("", None), URL);
    let refused = Configuration::parse("", None, "http://0.0.0.0:4000")
        .unwrap_err()
        .to_string();
    assert!(refused.contains("--issuer"), "{refused}");
    let refused = Configuration::parse("", Some("as.example"), URL)
        .unwrap_err()
        .to_string();
    assert!(refused.starts_with("--issuer: "), "{refused}");
}

#[tokio::test]
async fn a_mode_of_ones_own_is_chosen_by_configuration_alone() {
    let names = ["query", "fragment", "web_message", "web_message.jwt"];
    let modes = names
        .map(|name| format!("[[jarm.response_mode]]\nname = \"{name}\""))
        .join("\n");
    let configuration = Configuration::parse(&modes, None, URL)
        .unwrap()
        .with_approval(Approval::Automatic);
    let mut browser = Browser::new(&app(configuration, keys()).unwrap());
    let metadata = browser
        .get("/.well-known/openid-configuration")
        .await
        .json();
    assert_eq!(
        metadata["response_modes_supported"],
        serde_json::json!(names)
    );
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let request = format!(
        "/authorize?client_id=demo&response_type=code&response_mode=web_message.jwt\
         &code_challenge={challenge}&code_challenge_method=S256"
    );
    let page = browser.get(&request).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(
        page.body
            .contains("data-response=\"{&quot;response&quot;:&quot;eyJ"),
        "{}",
        page.body
    );
    assert!(
        start(&modes.replace("web_message.jwt", "mail.jwt"))
            .unwrap_err()
            .contains("Registered are ")
    );
}

#[test]
fn kept_keys_are_the_same_in_the_next_run_and_readable_for_their_owner_alone() {
    let directory =
        std::env::temp_dir().join(format!("authorization-server-keys-{}", std::process::id()));
    let ids = || {
        let keys = authorization_server::Keys::kept_in(&directory).unwrap();
        let sealed = keys.sealer.seal(b"", b"kept").unwrap();
        (
            keys.signers
                .iter()
                .map(|signer| signer.key_id().to_owned())
                .collect::<Vec<_>>(),
            sealed,
        )
    };
    let ((first, sealed), (second, _)) = (ids(), ids());
    assert_eq!(first, second);
    let keys = authorization_server::Keys::kept_in(&directory).unwrap();
    assert_eq!(keys.sealer.unseal(b"", &sealed).unwrap(), b"kept");
    #[cfg(unix)]
    for file in std::fs::read_dir(&directory).unwrap() {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(
            file.unwrap().metadata().unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    std::fs::write(directory.join("p-256.pem"), "no key").unwrap();
    let refused = authorization_server::Keys::kept_in(&directory)
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("p-256.pem") && refused.contains("remove the file"),
        "{refused}"
    );
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn a_policy_for_encrypted_responses_leaves_the_built_in_client_what_it_can_have() {
    let token = "[[jarm.allow]]\nresponse_type = \"token\"\nresponse_mode = [\"query.jwt\"]\n";
    let code = "[[jarm.allow]]\nresponse_type = \"code\"\nresponse_mode = [\"jwt\"]\n";
    for (types, rows) in [
        (r#"["token"]"#, token.to_owned()),
        (r#"["token", "code"]"#, format!("{token}{code}")),
    ] {
        drop(start(&format!("[jarm]\nresponse_types = {types}\n{rows}")).expect(types));
    }
}
