//! A provider crate that is listed in Cargo.toml and named nowhere registers nothing.

use jarm::Configuration;

#[test]
fn a_missing_use_line_gives_an_error_that_says_how_to_link_the_crate() {
    let file = "issuer = \"https://as.example\"\n[[response_mode]]\nname = \"web_message\"";
    let configuration: Configuration = toml::from_str(file).unwrap();
    let text = jarm::AuthorizationServer::builder(configuration)
        .build()
        .unwrap_err()
        .to_string();
    assert!(
        text.starts_with(
            "jarm.response_mode[0].name: no response mode of kind `web_message` is registered"
        ),
        "{text}"
    );
    assert!(text.contains("`use the_crate as _;`"), "{text}");
}
