//! The documents say what the code does.

use jarm::configuration::RefusalDelivery;
use jarm::jose::{JwaEncrypter, JweEncrypter as _};
use jarm::rules::{Permission, RULES};
use jarm::{Configuration, JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm, Protection};

#[test]
fn the_page_on_response_modes_shows_the_one_table() {
    let mark = |permission| match permission {
        Permission::Allowed => "yes",
        Permission::OnlyEncrypted => "only encrypted",
        Permission::Refused => "no",
    };
    let rows = RULES.iter().map(|(response_type, rule)| {
        let [default, jwt] = [Protection::Plain, Protection::Jwt].map(|own| rule.default.mode(own));
        let [query, query_jwt] = [rule.query, rule.query_jwt].map(mark);
        format!("| `{response_type}` | `{default}` | `{jwt}` | {query} | {query_jwt} |\n")
    });
    let table = format!(
        "<!-- rules -->\n| `response_type` | default | `jwt` stands for | `query` | `query.jwt` |\n\
         | --- | --- | --- | --- | --- |\n{}<!-- /rules -->",
        rows.collect::<Vec<_>>().concat()
    );
    let page = include_str!("../../docs/response-modes.md");
    assert!(
        page.contains(&table),
        "docs/response-modes.md should hold:\n{table}"
    );
}

#[test]
fn the_configuration_guide_shows_the_defaults() {
    let guide = include_str!("../../docs/configure.md");
    let block = guide
        .split("```toml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .unwrap();
    let mut file: toml::Table = block.parse().unwrap();
    let shown: Configuration = jarm::configuration::read(file.remove("jarm").unwrap()).unwrap();
    let mut defaults = Configuration::new(shown.issuer.clone());
    defaults.response_types = Some(jarm::ResponseType::STANDARD.to_vec());
    defaults.default_signing_alg = Some(jarm::JwsAlgorithm::RS256);
    defaults.refusal_delivery = Some(RefusalDelivery::Jwt);
    assert_eq!(shown, defaults);
}

#[test]
fn the_guide_to_encryption_names_every_algorithm() {
    let guide = include_str!("../../docs/encrypted-responses.md");
    let algorithms = JwaEncrypter.key_management_algorithms().iter();
    let algorithms = algorithms.map(JweKeyManagementAlgorithm::as_str);
    let encryptions = JwaEncrypter.content_encryption_algorithms().iter();
    let encryptions = encryptions.map(JweContentEncryptionAlgorithm::as_str);
    for name in algorithms.chain(encryptions) {
        let in_a_row = guide
            .lines()
            .any(|line| line.starts_with('|') && line.contains(&format!("`{name}`")));
        assert!(in_a_row, "{name}");
    }
}

#[test]
fn the_file_of_the_readme_makes_the_server_of_the_readme() {
    let readme = include_str!("../../README.md");
    let blocks = readme
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    let file = blocks
        .filter(|block| block.contains("[jarm]"))
        .collect::<String>();
    let mut file: toml::Table = file.parse().unwrap();
    let mut configuration: Configuration =
        jarm::configuration::read(file.remove("jarm").unwrap()).unwrap();
    configuration.default_signing_alg = Some(jarm::JwsAlgorithm::ES256); // the fixture's key
    let server =
        jarm::AuthorizationServer::builder(configuration).signers(crate::fixture::key().signers());
    assert!(server.build().unwrap().response_modes().has_jwt());
}

#[test]
fn the_schema_of_the_configuration_is_kept() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/docs/configuration.schema.json"
    );
    let generated = jarm::configuration::schema();
    if std::env::var_os("JARM_WRITE_SCHEMA").is_some() {
        std::fs::write(path, format!("{generated:#}\n")).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    let kept: Option<serde_json::Value> = serde_json::from_str(&kept).ok();
    assert!(
        kept.as_ref() == Some(&generated),
        "docs/configuration.schema.json is not that of the types. Write it anew with\n\
         JARM_WRITE_SCHEMA=1 cargo test --test end_to_end schema_of_the_configuration"
    );
}

/// The blocks of TOML in the guide's section on policy.
fn policies_of_the_guide() -> impl Iterator<Item = &'static str> {
    let guide = include_str!("../../docs/configure.md");
    let section = guide.split("\n## Policy\n").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let blocks = section.split("```toml\n").skip(1);
    blocks.map(|rest| rest.split("```").next().unwrap())
}

/// The `[jarm]` of a block, which leaves out what is not its point.
fn configuration_of(block: &str) -> Configuration {
    let mut file: toml::Table = block.parse().unwrap();
    let toml::Value::Table(mut jarm) = file.remove("jarm").unwrap() else {
        panic!("{block}")
    };
    jarm.insert("issuer".into(), crate::fixture::ISSUER.into());
    jarm::configuration::read(jarm).unwrap()
}

#[test]
fn the_policies_of_the_guide_can_be_put_into_force() {
    assert_eq!(policies_of_the_guide().count(), 7);
    for block in policies_of_the_guide() {
        let mut configuration = configuration_of(block);
        configuration.default_signing_alg = Some(jarm::JwsAlgorithm::ES256); // the fixture's key
        let server = jarm::AuthorizationServer::builder(configuration);
        let server = server.signers(crate::fixture::key().signers()).build();
        assert!(server.is_ok(), "{block}: {server:?}");
    }
}

#[test]
fn the_guide_shows_what_profiles_stand_for() {
    let mut shown = 0;
    for block in policies_of_the_guide() {
        let Some(profile) = block.strip_prefix("# profile = ") else {
            continue;
        };
        let (profile, _) = profile.split_once('\n').unwrap();
        let by_name = configuration_of(&format!("[jarm]\nprofile = {profile}"));
        assert_eq!(configuration_of(block), by_name.expanded().unwrap());
        shown += 1;
    }
    assert_eq!(shown, 2);
}
