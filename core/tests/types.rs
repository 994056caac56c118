//! What the types forbid. These assertions are checked by the compiler: a broken one stops the
//! build of this test. The doctests of `RedirectTarget` and `PendingResponse` must not compile.

use std::str::FromStr;

use jarm_core::RedirectTarget;
use jarm_core::authorization_server::PendingResponse;
use jarm_core::response::{Document, EncodedResponse, Redirect};
use serde::de::DeserializeOwned;
use static_assertions::assert_not_impl_any;

#[test]
fn no_response_goes_to_a_target_that_was_not_validated() {
    assert_not_impl_any!(RedirectTarget: From<&'static str>, From<String>, FromStr, Default, DeserializeOwned);
    assert_not_impl_any!(EncodedResponse: From<&'static str>, From<String>, FromStr, Default, DeserializeOwned);
    assert_not_impl_any!(Redirect: From<&'static str>, From<String>, FromStr, Default, DeserializeOwned);
    assert_not_impl_any!(Document: From<&'static str>, From<String>, FromStr, Default, DeserializeOwned);
}

#[test]
fn a_pending_response_is_neither_copied_nor_read_from_outside() {
    assert_not_impl_any!(PendingResponse: Clone, Default, FromStr, From<String>, DeserializeOwned);
}
