//! A linked crate that registers a standard mode stops every server in the process.

use jarm::Configuration;
use squatter as _;

#[test]
fn squatting_a_standard_name_is_an_error_that_names_the_crate() {
    let configuration: Configuration = Configuration::new("https://as.example".parse().unwrap());
    let text = jarm::AuthorizationServer::builder(configuration)
        .build()
        .unwrap_err()
        .to_string();
    for hint in [
        "squatter 0.1.0",
        "`query`",
        "Choose another kind",
        "ResponseModeRegistry::replace",
    ] {
        assert!(text.contains(hint), "{hint}: {text}");
    }
}
