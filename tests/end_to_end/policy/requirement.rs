//! `require_jarm`: for everybody, for who registered it, for one client.

use jarm::authorization_server::Registration;
use jarm::configuration::RequireJarm;
use jarm::metadata::{Client, ClientMetadata, SecretAvailability};
use jarm::{AuthorizationServer, ClientId, ResponseType};
use serde_json::{Value, json};

use super::{JWT, PLAIN, client_with_modes, code_in, signed_client};
use crate::fixture::{client, client_with, client_with_encryption, server};
use crate::outcome::seen;

const LEVELS: [(&str, RequireJarm); 3] = [
    ("false", RequireJarm::No),
    ("\"when_registered\"", RequireJarm::WhenRegistered),
    ("true", RequireJarm::Always),
];

/// Whether a plain answer is refused, and told so in a JWT.
fn requires(server: &AuthorizationServer, client: &Client) -> bool {
    match seen(server, client, &code_in("query")).as_str() {
        "query" => false,
        "invalid_request in query.jwt" => true,
        other => panic!("{other}"),
    }
}

#[test]
fn where_jarm_is_required_plain_modes_and_none_are_refused_and_jwts_answered() {
    let server = server("require_jarm = true");
    for mode in PLAIN {
        let seen = seen(&server, &client(), &code_in(mode));
        assert_eq!(seen, "invalid_request in query.jwt", "{mode}");
    }
    for mode in JWT {
        let answered = if mode == "jwt" { "query.jwt" } else { mode };
        assert_eq!(seen(&server, &client(), &code_in(mode)), answered);
    }
}

#[test]
fn the_requirement_holds_for_every_response_type() {
    let server = server("require_jarm = true");
    for response_type in ResponseType::STANDARD {
        let usual = if response_type.carries_token() {
            "fragment.jwt"
        } else {
            "query.jwt"
        };
        for mode in PLAIN {
            let query = super::asks(response_type.as_str(), mode);
            let refused = format!("invalid_request in {usual}");
            assert_eq!(seen(&server, &client(), &query), refused, "{query}");
        }
        let query = super::asks(response_type.as_str(), "jwt");
        assert_eq!(seen(&server, &client(), &query), usual);
    }
}

#[test]
fn what_holds_for_registered_clients_holds_for_those_that_registered_themselves() {
    let server = server("[registration]\nrequire_jarm = true");
    assert!(!requires(&server, &client()));
    assert!(!requires(&server, &signed_client()));
    assert!(requires(&server, &client().dynamically_registered()));
}

#[test]
fn one_client_may_be_held_to_jarm() {
    let server = server("");
    assert!(!requires(&server, &client()));
    let held = |level| client().with_require_jarm(level);
    assert!(requires(&server, &held(RequireJarm::Always)));
    assert!(!requires(&server, &held(RequireJarm::WhenRegistered)));
    assert!(!requires(&server, &held(RequireJarm::No)));
}

#[test]
fn the_strictest_of_server_registration_and_client_holds() {
    for (server_says, of_server) in LEVELS {
        for (registration_says, of_registration) in LEVELS {
            let server = server(&format!(
                "require_jarm = {server_says}\n[registration]\nrequire_jarm = {registration_says}"
            ));
            for (_, of_client) in LEVELS {
                for is_dynamic in [false, true] {
                    for (is_named, client) in [(false, client()), (true, signed_client())] {
                        let mut client = client.with_require_jarm(of_client);
                        let mut all = vec![of_server, of_client];
                        if is_dynamic {
                            client = client.dynamically_registered();
                            all.push(of_registration);
                        }
                        let strictest = all.into_iter().max().unwrap();
                        let expected = strictest == RequireJarm::Always
                            || (strictest == RequireJarm::WhenRegistered && is_named);
                        assert_eq!(
                            requires(&server, &client),
                            expected,
                            "{server_says} {registration_says} {of_client:?} {is_dynamic} {is_named}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn who_registered_any_member_about_response_jwts_gains_nothing_by_leaving_the_mode_out() {
    let server = server("require_jarm = \"when_registered\"");
    for (client, refused) in [
        (signed_client(), "invalid_request in query.jwt"),
        (
            client_with_encryption(),
            "invalid_request in query.jwt, encrypted",
        ),
        // No JWT can be made for these two, and nothing goes out with less.
        (
            client_with(|metadata| {
                metadata.authorization_encrypted_response_alg = Some("dir".parse().unwrap());
            }),
            "page 500",
        ),
        (
            client_with(|metadata| {
                metadata.authorization_encrypted_response_enc = Some("A256GCM".parse().unwrap());
            }),
            "page 500",
        ),
    ] {
        for mode in PLAIN {
            assert_eq!(seen(&server, &client, &code_in(mode)), refused, "{mode}");
        }
    }
    for client in [client(), client_with_modes(&["query", "jwt"])] {
        assert_eq!(seen(&server, &client, &code_in("")), "query");
        assert_eq!(seen(&server, &client, &code_in("jwt")), "query.jwt");
    }
}

/// A client that registered this, as it comes back from a store that keeps JSON.
fn stored(server: &AuthorizationServer, sent: Value) -> Client {
    let metadata = ClientMetadata::read(sent).unwrap();
    let registered = server
        .register(Registration::dynamic(
            metadata,
            SecretAvailability::NoSecret,
        ))
        .unwrap();
    let row = serde_json::to_string(&registered).unwrap();
    let metadata = serde_json::from_str(&row).unwrap();
    Client::new(ClientId::try_new("cid").unwrap()).with_metadata(metadata)
}

#[test]
fn a_default_that_registration_filled_in_is_not_the_clients_wish() {
    let server = server("require_jarm = \"when_registered\"");
    let silent = stored(&server, json!({}));
    assert!(
        silent
            .metadata()
            .authorization_signed_response_alg
            .is_some()
    );
    assert!(!requires(&server, &silent));
    let named = json!({ "authorization_signed_response_alg": "ES256" });
    assert!(requires(&server, &stored(&server, named)));
    let preferred = json!({ "authorization_signing_alg_values_supported": ["foo", "ES256"] });
    assert!(requires(&server, &stored(&server, preferred)));
}

#[test]
fn a_client_cannot_claim_that_its_own_choice_is_a_default() {
    let server = server("require_jarm = \"when_registered\"");
    let claimed = json!({
        "authorization_signed_response_alg": "ES256",
        "authorization_signed_response_alg_defaulted": true,
    });
    assert!(requires(&server, &stored(&server, claimed)));
}

#[test]
fn a_request_with_two_modes_is_refused_by_a_jwt_where_jarm_is_required() {
    let server = server("require_jarm = true");
    for (one, other) in [("query", "form_post"), ("query", "query"), ("jwt", "query")] {
        let query = format!("response_type=code&response_mode={one}&response_mode={other}");
        let seen = seen(&server, &client(), &query);
        assert_eq!(seen, "invalid_request in query.jwt", "{one} {other}");
    }
}
