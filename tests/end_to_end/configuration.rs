//! What is wrong with a configuration is found at start-up and says what to do.

use jarm::configuration::{Problem, ResponseModeConfiguration};
use jarm::provider::{Constructor, ResponseModeRegistration, ResponseModeRegistry, SettingsError};
use jarm::{AuthorizationServer, Configuration, ResponseMode};

use crate::fixture::{builder, client, configuration, key, respond, server};

fn refused(toml: &str) -> String {
    builder(toml).build().unwrap_err().to_string()
}

#[test]
fn without_a_file_the_seven_standard_modes_are_in_force() {
    assert_eq!(server("").response_modes().names(), ResponseMode::STANDARD);
}

#[test]
fn a_misspelt_kind_is_refused_with_the_nearest_and_all_known_ones() {
    let text = refused("[[response_mode]]\nname = \"form_post\"\nkind = \"from_post\"");
    assert!(text.starts_with("jarm.response_mode[0].kind: "), "{text}");
    for hint in [
        "did you mean `form_post`?",
        "`fragment`, `fragment.jwt`",
        "use the_crate as _;",
        "ResponseModeRegistry::register",
    ] {
        assert!(text.contains(hint), "{hint}: {text}");
    }
}

#[test]
fn a_misspelt_option_is_refused_with_its_path() {
    let text = refused("[[response_mode]]\nname = \"form_post\"\noptions = { titel = \"x\" }");
    assert_eq!(
        text,
        "jarm.response_mode[0].options.titel: unknown key `titel`, did you mean `title`?"
    );
    let text = refused("[[response_mode]]\nname = \"fragment\"\noptions = { title = \"x\" }");
    assert!(
        text.starts_with("jarm.response_mode[0].options.title: "),
        "{text}"
    );
    let text = refused(
        "[[response_mode]]\nname = \"query\"\n[response_mode.options]\ndummy_fragment = \"yes\"",
    );
    assert!(
        text.starts_with("jarm.response_mode[0].options.dummy_fragment: "),
        "{text}"
    );
    let text = refused(
        "[[response_mode]]\nname = \"query.jwt\"\n[[response_mode]]\nname = \"fragment.jwt\"\n[[response_mode]]\nname = \"jwt\"\noptions = { a = 1 }",
    );
    assert!(
        text.starts_with("jarm.response_mode[2].options.a: "),
        "{text}"
    );
}

#[test]
fn a_mode_that_is_listed_twice_is_refused() {
    let text = refused("[[response_mode]]\nname = \"query\"\n[[response_mode]]\nname = \"query\"");
    assert!(
        text.starts_with("jarm.response_mode[1].name: the response mode `query` is listed twice"),
        "{text}"
    );
}

#[test]
fn a_name_ends_in_jwt_exactly_if_it_is_protected() {
    for (name, kind) in [
        ("plain", "query.jwt"),
        ("mine.jwt", "query"),
        ("jwt", "query"),
        ("mine", "jwt"),
    ] {
        let toml = format!("[[response_mode]]\nname = \"{name}\"\nkind = \"{kind}\"");
        assert!(
            refused(&toml).contains("exactly if it answers with a JWT"),
            "{name} {kind}"
        );
    }
}

#[test]
fn a_shortcut_needs_its_targets_for_the_response_types_in_force() {
    let text =
        refused("[[response_mode]]\nname = \"jwt\"\n[[response_mode]]\nname = \"query.jwt\"");
    assert!(text.contains("`jwt` stands for `fragment.jwt`"), "{text}");
    let code_only = "response_types = [\"code\"]\n[[response_mode]]\nname = \"jwt\"\n[[response_mode]]\nname = \"query.jwt\"";
    assert!(builder(code_only).build().is_ok());
}

#[test]
fn only_what_a_mode_can_carry_is_offered() {
    for (listed, offered) in [
        ("query", "code none"),
        ("query.jwt", "code none"),
        ("form_post", ""),
    ] {
        let server = builder(&format!("[[response_mode]]\nname = \"{listed}\""))
            .build()
            .unwrap();
        let types = server.metadata().response_types_supported;
        let names: Vec<_> = types.iter().map(jarm::ResponseType::as_str).collect();
        if offered.is_empty() {
            assert_eq!(names.len(), 8);
        } else {
            assert_eq!(names.join(" "), offered);
        }
    }
    let text =
        refused("response_types = [\"code\", \"token\"]\n[[response_mode]]\nname = \"query\"");
    assert!(
        text.starts_with(
            "jarm.response_types: no response mode that is listed and allowed can carry"
        ),
        "{text}"
    );
}

#[test]
fn a_misspelt_response_type_is_refused_with_the_nearest() {
    let text = refused("response_types = [\"code\", \"cod\"]");
    assert!(
        text.starts_with(
            "jarm.response_types[1]: `cod` is no standard response type, did you mean `code`?"
        ),
        "{text}"
    );
    let text = refused("response_types = [\"vp_token\"]");
    assert!(text.contains("extension_response_type"), "{text}");
}

#[test]
fn a_misspelt_value_is_refused_with_the_nearest() {
    let table: toml::Table = "issuer = \"https://as.example\"\n[page]\nform_action = \"targte\""
        .parse()
        .unwrap();
    let error = jarm::configuration::read::<Configuration, _>(table).unwrap_err();
    assert_eq!(
        error.to_string(),
        "page.form_action: unknown value `targte`, did you mean `target`?"
    );
    assert_eq!(
        format!("{error:?}"),
        error.to_string(),
        "a main that returns it says the same"
    );
}

#[test]
fn the_jwt_form_of_a_mode_has_its_options_unless_it_has_its_own() {
    let title = |modes: &str, mode: &str| {
        let server = server(modes);
        let query = format!("response_type=code&response_mode={mode}");
        let outcome = jarm::response::AuthorizationResponse::code("c");
        let page = respond(&server, &client(), &query, outcome).unwrap();
        page.body()
            .split("<title>")
            .nth(1)
            .unwrap()
            .split('<')
            .next()
            .unwrap()
            .to_owned()
    };
    let plain = "[[response_mode]]\nname = \"form_post\"\noptions = { title = \"A\" }\n";
    let secured = "[[response_mode]]\nname = \"form_post.jwt\"\n";
    let titled = format!("{secured}options = {{ title = \"B\" }}\n");
    assert_eq!(title(&[plain, secured].concat(), "form_post.jwt"), "A");
    assert_eq!(title(&[secured, plain].concat(), "form_post.jwt"), "A");
    assert_eq!(title(&[plain, &titled].concat(), "form_post.jwt"), "B");
    assert_eq!(title(&[plain, &titled].concat(), "form_post"), "A");
    assert_eq!(
        title(secured, "form_post.jwt"),
        "Returning to the application"
    );
}

#[test]
fn a_standard_name_is_always_of_its_own_kind() {
    for (name, kind) in [
        ("fragment", "query"),
        ("query.jwt", "form_post.jwt"),
        ("query", "form_post"),
    ] {
        let text = refused(&format!(
            "[[response_mode]]\nname = \"{name}\"\nkind = \"{kind}\""
        ));
        assert!(text.starts_with("jarm.response_mode[0].kind: "), "{text}");
        assert!(text.contains("ResponseModeRegistry::replace"), "{text}");
    }
}

#[test]
fn a_name_that_looks_like_jwt_is_not_plain() {
    for name in ["JWT", "query.JWT", "Query.Jwt"] {
        let text = refused(&format!(
            "[[response_mode]]\nname = \"{name}\"\nkind = \"query\""
        ));
        assert!(text.contains("exactly if it answers with a JWT"), "{text}");
    }
}

#[test]
fn a_signer_cannot_pose_as_a_clients_secret() {
    let hs256 = jarm::testing::FixedSigner(jarm::JwsAlgorithm::HS256);
    let error = builder("")
        .signer(std::sync::Arc::new(hs256))
        .build()
        .unwrap_err();
    assert!(error.to_string().contains("the client's secret"), "{error}");
}

#[test]
fn no_mode_and_no_type_are_refused() {
    assert!(refused("response_mode = []").contains("list one response mode"));
    assert!(refused("response_types = []").contains("list one response type"));
}

#[test]
fn a_mode_can_bear_another_name_than_its_kind() {
    let server = server("[[response_mode]]\nname = \"post.jwt\"\nkind = \"form_post.jwt\"");
    let answer = crate::fixture::grant(
        &server,
        &crate::fixture::client(),
        "response_type=code&response_mode=post.jwt",
    );
    assert_eq!(answer.mode, "form_post.jwt");
}

const MINE: ResponseModeRegistration = ResponseModeRegistration::new(
    "mine",
    jarm::origin!(),
    Constructor::Provider(|_| Err(SettingsError::new("", "made"))),
);

#[test]
fn a_kind_that_is_registered_twice_is_refused_with_both_origins() {
    let mut registry = ResponseModeRegistry::new();
    registry.register(MINE).unwrap();
    let text = registry.register(MINE).unwrap_err().to_string();
    assert!(text.contains("`mine` is registered twice"), "{text}");
    assert_eq!(text.matches("configuration.rs:").count(), 2, "{text}");
}

#[test]
fn standard_and_jwt_names_belong_to_the_shipped_crate() {
    for kind in [
        "query",
        "fragment",
        "form_post",
        "jwt",
        "query.jwt",
        "mine.jwt",
    ] {
        let squatter =
            ResponseModeRegistration::new(kind, jarm::origin!(), Constructor::JwtSecured("mine"));
        let error = ResponseModeRegistry::new().register(squatter).unwrap_err();
        assert!(
            matches!(error.problem, Problem::StandardKind { .. }),
            "{kind}: {error}"
        );
    }
}

#[test]
fn the_explicit_path_needs_no_life_before_main() {
    let mut registry = ResponseModeRegistry::new();
    registry
        .register_all(jarm::response_modes::registrations())
        .unwrap();
    let linked = ResponseModeRegistry::linked().unwrap();
    let kinds = |registry: &ResponseModeRegistry| {
        registry
            .kinds()
            .map(|(kind, _)| kind.to_owned())
            .collect::<Vec<_>>()
    };
    let standard: Vec<_> = kinds(&linked)
        .into_iter()
        .filter(|kind| !kind.starts_with("web_message"))
        .collect();
    assert_eq!(kinds(&registry), standard);
    let server = builder("").registry(registry).build().unwrap();
    assert_eq!(server.response_modes().names(), ResponseMode::STANDARD);
}

#[test]
fn an_empty_registry_knows_nothing_and_says_so() {
    let text = builder("")
        .registry(ResponseModeRegistry::new())
        .build()
        .unwrap_err()
        .to_string();
    assert!(
        text.contains("is registered. Registered are none at all"),
        "{text}"
    );
}

#[test]
fn a_plain_server_needs_no_key() {
    let mut configuration = Configuration::new("https://as.example".parse().unwrap());
    configuration.response_mode = vec![ResponseModeConfiguration::new(ResponseMode::QUERY)];
    configuration.response_types = Some(vec![jarm::ResponseType::CODE]);
    let server = AuthorizationServer::builder(configuration).build().unwrap();
    let metadata = serde_json::to_value(server.metadata()).unwrap();
    assert_eq!(
        metadata["response_modes_supported"],
        serde_json::json!(["query"])
    );
    assert_eq!(
        metadata.get("authorization_signing_alg_values_supported"),
        None
    );
}

#[test]
fn errors_speak_of_the_hosts_own_key_path() {
    let error = AuthorizationServer::builder(configuration("response_jwt_lifetime = 1"))
        .configured_at("oauth.responses")
        .signers(key().signers())
        .build()
        .unwrap_err();
    assert_eq!(error.path, "oauth.responses.response_jwt_lifetime");
}

#[test]
fn discovery_lists_what_is_in_force() {
    let metadata = serde_json::to_value(server("").metadata()).unwrap();
    assert_eq!(
        metadata,
        serde_json::json!({
            "issuer": "https://as.example",
            "response_types_supported": ["code", "token", "id_token", "id_token token", "code id_token", "code token", "code id_token token", "none"],
            "response_modes_supported": ["query", "fragment", "form_post", "query.jwt", "fragment.jwt", "form_post.jwt", "jwt"],
            "authorization_signing_alg_values_supported": ["ES256", "HS256", "HS384", "HS512"],
            "authorization_encryption_alg_values_supported": ["RSA-OAEP", "RSA-OAEP-256", "RSA-OAEP-384", "RSA-OAEP-512", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW", "A128KW", "A192KW", "A256KW", "A128GCMKW", "A192GCMKW", "A256GCMKW", "dir"],
            "authorization_encryption_enc_values_supported": ["A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512", "A128GCM", "A192GCM", "A256GCM"],
            "authorization_response_iss_parameter_supported": true,
        })
    );
}

#[test]
fn a_value_of_the_wrong_type_is_one_line_with_its_path() {
    let toml = "issuer = \"https://as.example\"\nresponse_jwt_lifetime = \"x\"";
    let read = jarm::configuration::read::<Configuration, _>(toml.parse::<toml::Table>().unwrap());
    let text = read.unwrap_err().to_string();
    assert_eq!(
        text,
        "response_jwt_lifetime: invalid type: string \"x\", expected a whole number"
    );
}

#[test]
fn the_metadata_are_laid_over_the_hosts_document() {
    let mut document = serde_json::Map::from_iter([
        ("issuer".to_owned(), "https://as.example/".into()),
        (
            "token_endpoint".to_owned(),
            "https://as.example/token".into(),
        ),
        (
            "authorization_signing_alg_values_supported".to_owned(),
            serde_json::json!(["none"]),
        ),
    ]);
    let plain = crate::fixture::server_with_modes(&["query"]);
    plain.metadata().merge_into(&mut document);
    assert_eq!(
        document["issuer"], "https://as.example",
        "byte for byte as responses have it"
    );
    assert_eq!(document["token_endpoint"], "https://as.example/token");
    assert_eq!(
        document["response_modes_supported"],
        serde_json::json!(["query"])
    );
    assert!(
        !document.contains_key("authorization_signing_alg_values_supported"),
        "none is made"
    );
}

#[test]
fn a_jwt_kind_without_its_plain_kind_says_which_one_is_missing() {
    let mut registry = ResponseModeRegistry::new();
    registry.register(jarm::response_modes::QUERY_JWT).unwrap();
    let listed = "response_types = [\"code\"]\n[[response_mode]]\nname = \"query.jwt\"";
    let text = builder(listed)
        .registry(registry)
        .build()
        .unwrap_err()
        .to_string();
    assert!(
        text.contains("no response mode of kind `query` is registered"),
        "{text}"
    );
}
