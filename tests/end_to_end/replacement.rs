//! Servers that are replaced while they are used, and the rotation of their keys.

use std::sync::Arc;

use jarm::authorization_server::{AuthorizationServerBuilder, CurrentServer, Error, Tenants};
use jarm::jose::{Aes256GcmSealer, KeyKind, SigningKey, SystemRandom};
use jarm::response::AuthorizationResponse;
use jarm::{AuthorizationServer, JwsAlgorithm};

use crate::fixture::{
    Answer, Moved, REDIRECT_URI, client, configuration, grant, negotiate, respond, run,
};

fn key(name: &str) -> SigningKey {
    SigningKey::generate(KeyKind::P256)
        .unwrap()
        .with_key_id(name)
}

/// A minute of `jwks_max_age`, and responses that live two.
fn with(clock: &Arc<Moved>, keys: &[&SigningKey]) -> AuthorizationServerBuilder {
    let builder = AuthorizationServer::builder(configuration("jwks_max_age = 60"))
        .sealer(Arc::new(Aes256GcmSealer::new([7; 32])))
        .random(Arc::new(SystemRandom))
        .clock(clock.clone());
    builder.signers(keys.iter().flat_map(|key| key.signers()))
}

/// The `kid` of the key that signs now, and those that are published.
fn kids(current: &CurrentServer) -> (String, Vec<String>) {
    let server = current.get();
    let answer = grant(&server, &client(), "response_type=code&response_mode=jwt");
    let jwks = server.jwks();
    let published = jwks.keys.iter();
    (
        answer.kid().unwrap().to_owned(),
        published.map(|key| key.kid().unwrap().to_owned()).collect(),
    )
}

fn expect(current: &CurrentServer, signing: &str, published: &[&str]) {
    let published = published.iter().map(ToString::to_string).collect();
    assert_eq!(kids(current), (signing.to_owned(), published));
}

#[test]
fn a_new_key_is_published_before_it_signs_and_an_old_one_after_it_did() {
    let (clock, old, new) = (Moved::new(), key("old"), key("new"));
    let current = CurrentServer::new(with(&clock, &[&old]).build().unwrap());
    expect(&current, "old", &["old"]);
    current.replace(with(&clock, &[&new])).unwrap();
    expect(&current, "old", &["new", "old"]);
    clock.on(60); // and a second, because it may be almost over
    expect(&current, "old", &["new", "old"]);
    clock.on(1);
    expect(&current, "new", &["new", "old"]);
    // Two minutes of a response's life, and one that the old set may be kept.
    clock.on(179);
    expect(&current, "new", &["new", "old"]);
    clock.on(1);
    expect(&current, "new", &["new"]);
    current.replace(with(&clock, &[&new])).unwrap();
    expect(&current, "new", &["new"]);
}

#[test]
fn a_key_that_stands_beside_the_old_one_takes_over_when_it_is_known() {
    let (clock, old, new) = (Moved::new(), key("old"), key("new"));
    let current = CurrentServer::new(with(&clock, &[&old]).build().unwrap());
    current.replace(with(&clock, &[&new, &old])).unwrap();
    expect(&current, "old", &["new", "old"]);
    clock.on(61);
    expect(&current, "new", &["new", "old"]);
    // Back to the old one, which everybody knows.
    current.replace(with(&clock, &[&old, &new])).unwrap();
    expect(&current, "old", &["old", "new"]);
}

#[test]
fn replacing_again_while_a_key_waits_loses_no_key() {
    let (clock, a, b, c) = (Moved::new(), key("a"), key("b"), key("c"));
    let current = CurrentServer::new(with(&clock, &[&a]).build().unwrap());
    current.replace(with(&clock, &[&b])).unwrap();
    clock.on(30);
    current.replace(with(&clock, &[&c])).unwrap();
    expect(&current, "a", &["c", "b", "a"]);
    clock.on(31); // b is known, c not yet
    expect(&current, "b", &["c", "b", "a"]);
    clock.on(30);
    expect(&current, "c", &["c", "b", "a"]);
    // Taking b out and in again changes nothing for who verifies.
    current.replace(with(&clock, &[&b])).unwrap();
    expect(&current, "b", &["b", "c", "a"]);
}

#[test]
fn every_response_verifies_with_what_was_published_a_max_age_before() {
    let clock = Moved::new();
    let keys: Vec<_> = (0..40).map(|turn| key(&turn.to_string())).collect();
    let current = CurrentServer::new(with(&clock, &[&keys[0]]).build().unwrap());
    let mut published = vec![kids(&current).1; 60];
    for (turn, key) in keys.iter().enumerate().skip(1) {
        current.replace(with(&clock, &[key])).unwrap();
        for _ in 0..(turn % 97) {
            clock.on(1);
            let (kid, now) = kids(&current);
            let fresh = published.iter().rev().take(59); // a set that is 60 seconds old is stale
            assert!(
                fresh.clone().all(|set| set.contains(&kid)),
                "{kid} is too new"
            );
            assert!(now.contains(&kid));
            published.push(now);
        }
    }
    assert!(published.last().unwrap().len() < 10, "old keys go");
}

#[test]
fn an_algorithm_that_is_taken_out_signs_no_more_and_stays_published() {
    let (clock, p256) = (Moved::new(), key("p-256"));
    let p384 = SigningKey::generate(KeyKind::P384)
        .unwrap()
        .with_key_id("p-384");
    let current = CurrentServer::new(with(&clock, &[&p256, &p384]).build().unwrap());
    current.replace(with(&clock, &[&p256])).unwrap();
    let server = current.get();
    assert!(server.current_signer(&JwsAlgorithm::ES384).is_none());
    let listed = server.metadata().authorization_signing_alg_values_supported;
    assert!(!listed.contains(&JwsAlgorithm::ES384));
    expect(&current, "p-256", &["p-256", "p-384"]);
}

#[test]
fn a_key_for_a_new_algorithm_signs_at_once() {
    let (clock, p256) = (Moved::new(), key("p-256"));
    let p384 = SigningKey::generate(KeyKind::P384).unwrap();
    let current = CurrentServer::new(with(&clock, &[&p256]).build().unwrap());
    current.replace(with(&clock, &[&p256, &p384])).unwrap();
    assert!(current.get().current_signer(&JwsAlgorithm::ES384).is_some());
}

#[test]
fn a_leaked_key_can_be_dropped_at_once() {
    let (clock, old, new) = (Moved::new(), key("old"), key("new"));
    let current = CurrentServer::new(with(&clock, &[&old]).build().unwrap());
    current
        .replace_dropping(&["old"], with(&clock, &[&new]))
        .unwrap();
    expect(&current, "new", &["new"]);
    // Nothing happens to keys that have not leaked.
    let (healthy, other) = (key("healthy"), key("other"));
    let current = CurrentServer::new(with(&clock, &[&healthy]).build().unwrap());
    current
        .replace_dropping(&["leaked"], with(&clock, &[&other]))
        .unwrap();
    expect(&current, "healthy", &["other", "healthy"]);
}

#[test]
fn a_leaked_key_is_replaced_under_its_own_kid() {
    let (clock, leaked, fresh) = (Moved::new(), key("k"), key("k"));
    let current = CurrentServer::new(with(&clock, &[&leaked]).build().unwrap());
    current
        .replace_dropping(&["k"], with(&clock, &[&fresh]))
        .unwrap();
    let signing = current
        .get()
        .current_signer(&JwsAlgorithm::ES256)
        .unwrap()
        .public_key();
    assert_eq!(signing, fresh.signers().first().unwrap().public_key());
    assert_eq!(current.get().jwks().keys.len(), 1);
}

#[test]
fn a_longer_age_of_earlier_sets_holds_until_it_is_over() {
    let (clock, old, new) = (Moved::new(), key("old"), key("new"));
    let short = |keys: &[&SigningKey]| {
        AuthorizationServer::builder(configuration(
            "jwks_max_age = 1\nresponse_jwt_lifetime = 30",
        ))
        .clock(clock.clone())
        .signers(keys.iter().flat_map(|key| key.signers()))
    };
    let current = CurrentServer::new(with(&clock, &[&old]).build().unwrap());
    clock.on(1);
    current.replace(short(&[&old])).unwrap();
    clock.on(1);
    current.replace(short(&[&new])).unwrap();
    clock.on(59); // the first set was kept for a minute a second before that
    expect(&current, "old", &["new", "old"]);
    clock.on(1);
    expect(&current, "new", &["new", "old"]);
    // A response of the first server lives two minutes.
    clock.on(59);
    current.replace(short(&[&new])).unwrap();
    expect(&current, "new", &["new", "old"]);
}

#[test]
fn an_algorithm_that_is_taken_out_while_its_keys_rotate_signs_no_more() {
    let (clock, old, new) = (Moved::new(), key("old"), key("new"));
    let p384 = SigningKey::generate(KeyKind::P384).unwrap();
    let es384 = |keys: &[&SigningKey]| {
        let mut configuration = configuration("jwks_max_age = 60");
        configuration.default_signing_alg = Some(JwsAlgorithm::ES384);
        AuthorizationServer::builder(configuration)
            .clock(clock.clone())
            .signers(keys.iter().flat_map(|key| key.signers()))
    };
    let current = CurrentServer::new(es384(&[&p384, &old]).build().unwrap());
    current.replace(es384(&[&p384, &new])).unwrap();
    clock.on(10);
    current.replace(es384(&[&p384])).unwrap();
    for _ in 0..70 {
        assert!(current.get().current_signer(&JwsAlgorithm::ES256).is_none());
        clock.on(1);
    }
}

#[test]
fn a_key_that_goes_on_for_a_while_signs_with_the_new_header() {
    let (clock, old, new) = (Moved::new(), key("old"), key("new"));
    let current = CurrentServer::new(with(&clock, &[&old]).build().unwrap());
    let typed = configuration("response_jwt_typ = \"JWT\"");
    let typed = AuthorizationServer::builder(typed).clock(clock.clone());
    current.replace(typed.signers(new.signers())).unwrap();
    let answer = grant(
        &current.get(),
        &client(),
        "response_type=code&response_mode=jwt",
    );
    assert_eq!(
        (answer.kid(), answer.header.get("typ")),
        (Some("old"), Some(&"JWT".into()))
    );
}

#[test]
fn a_jwks_max_age_beyond_a_day_is_refused() {
    let build = |seconds: u64| {
        let mut configuration = configuration("");
        configuration.jwks_max_age = seconds;
        AuthorizationServer::builder(configuration)
            .signers(key("k").signers())
            .build()
    };
    assert!(build(0).is_ok() && build(86_400).is_ok());
    let error = build(u64::MAX).unwrap_err();
    assert!(
        error.to_string().starts_with("jarm.jwks_max_age"),
        "{error}"
    );
}

#[test]
fn two_keys_never_share_a_kid_across_a_replacement() {
    let clock = Moved::new();
    let current = CurrentServer::new(with(&clock, &[&key("k")]).build().unwrap());
    let error = current.replace(with(&clock, &[&key("k")])).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("two signing keys are called `k`"),
        "{error}"
    );
    expect(&current, "k", &["k"]);
}

#[test]
fn a_faulty_configuration_leaves_the_old_one_in_force() {
    let (clock, own) = (Moved::new(), key("k"));
    let current = CurrentServer::new(with(&clock, &[&own]).build().unwrap());
    let faulty = AuthorizationServer::builder(configuration("response_jwt_lifetime = 1"));
    let error = current.replace(faulty.signers(own.signers())).unwrap_err();
    assert!(
        error.to_string().starts_with("jarm.response_jwt_lifetime"),
        "{error}"
    );
    let mut other = configuration("");
    other.issuer = "https://other.example".parse().unwrap();
    let other = AuthorizationServer::builder(other).signers(own.signers());
    let error = current.replace(other).unwrap_err();
    assert!(error.to_string().starts_with("jarm.issuer"), "{error}");
    expect(&current, "k", &["k"]);
}

#[test]
fn what_was_answered_stays_answered_and_what_waits_meets_the_new_rules() {
    let (clock, own) = (Moved::new(), key("k"));
    let current = CurrentServer::new(with(&clock, &[&own]).build().unwrap());
    let (before, client) = (current.get(), client());
    let seal = |server: &AuthorizationServer, mode: &str| {
        let query = format!("response_type=code&response_mode={mode}");
        server
            .seal(negotiate(server, &client, &query), "session")
            .unwrap()
    };
    let (plain, jwt) = (seal(&before, "query"), seal(&before, "jwt"));
    let answer = |sealed: &str| {
        let server = current.get();
        let pending = server.unseal(sealed, client.client_id(), "session")?;
        run(server.respond(pending, &client, AuthorizationResponse::code("c")))
    };
    assert!(answer(&jwt).is_ok());

    let stricter = AuthorizationServer::builder(configuration("require_jarm = true"))
        .sealer(Arc::new(Aes256GcmSealer::new([7; 32])))
        .random(Arc::new(SystemRandom))
        .clock(clock.clone())
        .signers(own.signers());
    current.replace(stricter).unwrap();
    let again = answer(&jwt).unwrap_err();
    assert!(again.to_string().contains("answered before"), "{again}");
    let against = answer(&plain).unwrap_err();
    assert!(matches!(against, Error::AgainstPolicy { .. }), "{against}");
}

#[test]
fn tenants_are_kept_by_name_and_share_nothing() {
    let tenants = Tenants::new();
    let builder = |issuer: &str| {
        let mut configuration = configuration("");
        configuration.issuer = issuer.parse().unwrap();
        let key = SigningKey::generate(KeyKind::P256).unwrap();
        AuthorizationServer::builder(configuration)
            .sealer(Arc::new(Aes256GcmSealer::new([7; 32])))
            .random(Arc::new(SystemRandom))
            .signers(key.signers())
    };
    let insert = |name: &str| tenants.insert(name, builder(&format!("https://as.example/{name}")));
    let [a, b] = ["a", "b"].map(|name| insert(name).unwrap());
    assert!(Arc::ptr_eq(&a, &tenants.get("a").unwrap()));
    assert!(
        Arc::ptr_eq(&a, &insert("a").unwrap()),
        "the first one stays"
    );
    assert_ne!(a.jwks(), b.jwks());
    assert!(tenants.get("c").is_none() && tenants.current("").is_none());
    let error = tenants
        .insert("copy", builder("https://as.example/a"))
        .unwrap_err();
    assert!(
        error.to_string().contains("the issuer of tenant `a`"),
        "{error}"
    );

    // One client id, one sealing key: a ticket of one tenant is worth nothing at the other.
    let client = client();
    let pending = negotiate(&a, &client, "response_type=code&response_mode=jwt");
    let sealed = a.seal(pending, "session").unwrap();
    assert!(b.unseal(&sealed, client.client_id(), "session").is_err());
    let pending = a.unseal(&sealed, client.client_id(), "session").unwrap();
    assert!(run(b.respond(pending, &client, AuthorizationResponse::code("c"))).is_err());
    let jwt = respond(
        &b,
        &client,
        "response_type=code&response_mode=jwt",
        AuthorizationResponse::code("c"),
    );
    let answer = Answer::read(&jwt.unwrap(), REDIRECT_URI);
    assert_eq!(answer.text("iss"), Some("https://as.example/b"));
    let jwks = b.jwks();
    let own = jwks.keys.first().and_then(|key| key.kid());
    assert_eq!(answer.kid(), own);

    tenants.remove("a");
    assert!(tenants.get("a").is_none());
}
