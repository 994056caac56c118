//! `response_modes` of a client: the modes that it may ask for, word for word.

use super::{JWT, PLAIN, asks, client_with_modes, code_in};
use crate::fixture::server;
use crate::outcome::seen;

/// What becomes of code requests in these modes.
fn table(client_modes: &[&str], rows: &[(&str, &str)]) {
    let (server, client) = (server(""), client_with_modes(client_modes));
    for (mode, expected) in rows {
        let seen = seen(&server, &client, &code_in(mode));
        assert_eq!(seen, *expected, "{client_modes:?}: {mode}");
    }
}

#[test]
fn a_mode_is_compared_with_what_the_request_says() {
    const REFUSED: &str = "invalid_request in query.jwt";
    table(
        &["jwt"],
        &[
            ("jwt", "query.jwt"),
            ("query.jwt", REFUSED),
            ("fragment.jwt", REFUSED),
            ("", REFUSED),
            ("query", REFUSED),
            ("foo.jwt", REFUSED),
        ],
    );
    table(
        &["query.jwt"],
        &[("query.jwt", "query.jwt"), ("jwt", REFUSED), ("", REFUSED)],
    );
}

#[test]
fn a_request_without_a_mode_counts_as_one_for_the_default_of_its_type() {
    let server = server("");
    for (modes, response_type, expected) in [
        (["query"], "code", "query"),
        (["fragment"], "id_token", "fragment"),
        (["fragment"], "code", "invalid_request in query"),
        (["query"], "id_token", "invalid_request in fragment"),
        (["form_post"], "code", "invalid_request in query"),
    ] {
        let seen = seen(
            &server,
            &client_with_modes(&modes),
            &asks(response_type, ""),
        );
        assert_eq!(seen, expected, "{modes:?} {response_type}");
    }
}

#[test]
fn a_list_with_a_plain_mode_demands_no_jwt() {
    table(
        &["form_post", "jwt"],
        &[
            ("form_post", "form_post"),
            ("jwt", "query.jwt"),
            ("query", "invalid_request in query"),
            ("form_post.jwt", "invalid_request in query.jwt"),
        ],
    );
}

#[test]
fn who_lists_jwts_alone_is_held_to_jarm() {
    let client = client_with_modes(&["jwt", "form_post.jwt"]);
    let (signed, local) = (server(""), server("refusal_delivery = \"local_page\""));
    for mode in PLAIN {
        let query = asks("code id_token", mode);
        assert_eq!(
            seen(&signed, &client, &query),
            "invalid_request in fragment.jwt",
            "{mode}"
        );
        assert_eq!(
            seen(&local, &client, &query),
            "page 400: invalid_request",
            "{mode}"
        );
    }
}

#[test]
fn a_mode_that_is_not_listed_is_refused_by_that_before_any_rule_is_asked() {
    let client = client_with_modes(&["jwt"]);
    let (signed, local) = (server(""), server("refusal_delivery = \"local_page\""));
    for mode in ["query", "query.jwt"] {
        let query = asks("token", mode);
        let told = seen(&signed, &client, &query);
        assert_eq!(told, "invalid_request in fragment.jwt", "{mode}");
        let kept = seen(&local, &client, &query);
        assert_eq!(kept, "page 400: invalid_request", "{mode}");
    }
}

#[test]
fn an_empty_list_admits_nothing() {
    let (server, client) = (server(""), client_with_modes(&[]));
    for mode in PLAIN.into_iter().chain(JWT) {
        let seen = seen(&server, &client, &code_in(mode));
        assert_eq!(seen, "invalid_request in query.jwt", "{mode}");
    }
}

#[test]
fn a_list_allows_nothing_that_the_server_does_not() {
    let client = client_with_modes(&["query", "jwt"]);
    let server = server("require_jarm = true");
    assert_eq!(
        seen(&server, &client, &code_in("query")),
        "invalid_request in query.jwt"
    );
    assert_eq!(seen(&server, &client, &code_in("jwt")), "query.jwt");
    let token = seen(&server, &client, &asks("token", "query"));
    assert_eq!(token, "invalid_request in fragment.jwt");
}
