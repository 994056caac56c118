//! What the types forbid: these programs must not compile.

#[test]
fn no_response_goes_to_a_target_that_was_not_validated() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
