//! One `use` line links a provider crate and makes its kinds known.

use jarm::Configuration;
use jarm_web_message as _;

#[test]
fn the_use_line_registers_the_kinds_of_the_crate() {
    let file = "issuer = \"https://as.example\"\n[[response_mode]]\nname = \"web_message\"";
    let configuration: Configuration = toml::from_str(file).unwrap();
    let server = jarm::AuthorizationServer::builder(configuration)
        .build()
        .unwrap();
    assert_eq!(
        server.response_modes().names(),
        ["web_message".parse().unwrap()]
    );
}
