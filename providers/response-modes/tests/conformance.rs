//! The seven modes against the suite that every provider must pass.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its fixture too"
)]

use std::sync::Arc;

use jarm_core::ResponseMode;
use jarm_core::provider::{JwtSecured, ResponseModeProvider};
use jarm_core::testing::check_provider;
use jarm_response_modes::{FormPost, FormPostWords, Fragment, Query};

fn form_post() -> FormPost {
    let words = FormPostWords::default();
    FormPost::rendered_by(ResponseMode::FORM_POST, words.clone(), Arc::new(words)).unwrap()
}

fn providers() -> Vec<Arc<dyn ResponseModeProvider>> {
    let plain: [Arc<dyn ResponseModeProvider>; 3] = [
        Arc::new(Query::new(ResponseMode::QUERY)),
        Arc::new(Fragment::new(ResponseMode::FRAGMENT)),
        Arc::new(form_post()),
    ];
    let secured = plain
        .clone()
        .map(|inner| Arc::new(JwtSecured::new(inner)) as Arc<dyn ResponseModeProvider>);
    plain.into_iter().chain(secured).collect()
}

#[test]
fn every_shipped_provider_passes_the_suite() {
    for provider in providers() {
        assert_eq!(
            check_provider(provider.as_ref()),
            Vec::<String>::new(),
            "{}",
            provider.response_mode()
        );
    }
}
