//! `allow`: what may be asked for.

use super::{asks, client_with_modes, code_in};
use crate::fixture::{builder, client, server};
use crate::outcome::seen;

const ONLY_JWT_WITH_CODE: &str = "[[allow]]\nresponse_type = \"code\"\nresponse_mode = [\"jwt\"]\n";

#[test]
fn a_row_without_modes_allows_its_type_in_all_of_them() {
    let server = server("[[allow]]\nresponse_type = \"code\"");
    for (query, expected) in [
        (code_in(""), "query"),
        (code_in("form_post"), "form_post"),
        (code_in("jwt"), "query.jwt"),
        (asks("token", ""), "unsupported_response_type in fragment"),
        (
            asks("token", "jwt"),
            "unsupported_response_type in fragment.jwt",
        ),
        (asks("none", ""), "unsupported_response_type in query"),
    ] {
        assert_eq!(seen(&server, &client(), &query), expected, "{query}");
    }
}

#[test]
fn a_row_with_modes_allows_these_word_for_word() {
    let toml = "[[allow]]\nresponse_type = \"code\"\nresponse_mode = [\"form_post\", \"jwt\"]";
    let server = server(toml);
    for (mode, expected) in [
        ("form_post", "form_post"),
        ("jwt", "query.jwt"),
        ("query.jwt", "invalid_request in query.jwt"),
        ("form_post.jwt", "invalid_request in query.jwt"),
        ("query", "invalid_request in query"),
        ("", "invalid_request in query"), // counts as `query`
        ("foo", "invalid_request in query"),
    ] {
        assert_eq!(seen(&server, &client(), &code_in(mode)), expected, "{mode}");
    }
}

#[test]
fn only_jwt_with_code_demands_jwts_of_code() {
    let (signed, local) = (
        server(ONLY_JWT_WITH_CODE),
        server(&format!(
            "refusal_delivery = \"local_page\"\n{ONLY_JWT_WITH_CODE}"
        )),
    );
    assert_eq!(seen(&signed, &client(), &code_in("jwt")), "query.jwt");
    for mode in ["", "query", "form_post", "query.jwt", "foo", "foo.jwt"] {
        assert_eq!(
            seen(&signed, &client(), &code_in(mode)),
            "invalid_request in query.jwt",
            "{mode}"
        );
        assert_eq!(
            seen(&local, &client(), &code_in(mode)),
            "page 400: invalid_request",
            "{mode}"
        );
    }
}

#[test]
fn rows_for_one_type_add_up_and_each_type_has_its_own() {
    let server = server(
        "[[allow]]\nresponse_type = \"code\"\nresponse_mode = [\"jwt\"]\n\
         [[allow]]\nresponse_type = \"code\"\nresponse_mode = [\"query\"]\n\
         [[allow]]\nresponse_type = \"id_token code\"\nresponse_mode = [\"fragment.jwt\"]\n",
    );
    for (query, expected) in [
        (code_in("jwt"), "query.jwt"),
        (code_in(""), "query"),
        (code_in("fragment.jwt"), "invalid_request in query.jwt"),
        (asks("code id_token", "fragment.jwt"), "fragment.jwt"),
        (asks("id_token code", "fragment.jwt"), "fragment.jwt"),
        (
            asks("code id_token", "jwt"),
            "invalid_request in fragment.jwt",
        ),
        (asks("code id_token", ""), "invalid_request in fragment.jwt"),
    ] {
        assert_eq!(seen(&server, &client(), &query), expected, "{query}");
    }
}

#[test]
fn a_client_may_ask_for_what_both_its_own_list_and_the_servers_allow() {
    let toml = "[[allow]]\nresponse_type = \"code\"\nresponse_mode = [\"query\", \"jwt\"]";
    let (server, client) = (server(toml), client_with_modes(&["jwt", "form_post"]));
    for (mode, expected) in [
        ("jwt", "query.jwt"),
        ("query", "invalid_request in query"),
        ("form_post", "invalid_request in query"),
    ] {
        assert_eq!(seen(&server, &client, &code_in(mode)), expected, "{mode}");
    }
}

#[test]
fn allowing_a_mode_lifts_no_rule() {
    let toml = "[[allow]]\nresponse_type = \"token\"\nresponse_mode = [\"query\", \"fragment\"]";
    let server = server(toml);
    let token = |mode| seen(&server, &client(), &asks("token", mode));
    assert_eq!(token("query"), "invalid_request in fragment");
    assert_eq!(token("fragment"), "fragment");
}

#[test]
fn a_listed_type_that_no_row_allows_is_found_at_start_up() {
    let toml = format!("response_types = [\"code\", \"token\"]\n{ONLY_JWT_WITH_CODE}");
    let error = builder(&toml).build().unwrap_err();
    assert_eq!(error.path, "jarm.response_types");
    assert!(error.to_string().contains("`token`"), "{error}");
}
