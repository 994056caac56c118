//! Where the JWT cannot be made, nothing goes to the client.

use std::sync::Arc;

use jarm::authorization_server::{Error, Refusal};
use jarm::jose::{ClientSecret, JwsSigner};
use jarm::metadata::ClientMetadata;
use jarm::response::{AuthorizationError, AuthorizationResponse, AuthorizationSuccess};
use jarm::{AuthorizationServer, JwsAlgorithm, RequestParameters};

use crate::fixture::{
    Faulty, NOW, SECRET, client, client_with, configuration, key, negotiate, refusal, respond, run,
    server, target,
};

fn faulty(signer: Faulty) -> AuthorizationServer {
    let builder = AuthorizationServer::builder(configuration(""));
    builder.signer(Arc::new(signer)).build().unwrap()
}

fn code_in(mode: &str) -> String {
    format!("response_type=code&state=s&response_mode={mode}")
}

#[test]
fn a_failing_signer_lets_nothing_out_neither_success_nor_error() {
    for mode in ["jwt", "query.jwt", "fragment.jwt", "form_post.jwt"] {
        for outcome in [
            AuthorizationResponse::code("c0de"),
            AuthorizationError::access_denied().into(),
        ] {
            let error =
                respond(&faulty(Faulty::Fails), &client(), &code_in(mode), outcome).unwrap_err();
            assert!(matches!(error, Error::Signing { .. }), "{error}");
            assert_eq!(error.http_status(), 500);
            let text = error.to_string();
            assert!(
                text.contains("ES256") && text.contains(key().key_id()),
                "{text}"
            );
        }
    }
    assert!(
        respond(
            &faulty(Faulty::Fails),
            &client(),
            &code_in("query"),
            AuthorizationResponse::code("c")
        )
        .is_ok(),
        "plain needs no key"
    );
}

#[test]
fn an_empty_signature_is_no_signature() {
    assert!(
        respond(
            &faulty(Faulty::SignsNothing),
            &client(),
            &code_in("jwt"),
            AuthorizationResponse::code("c")
        )
        .is_err()
    );
}

#[test]
fn a_client_whose_algorithm_has_no_key_is_refused_before_login() {
    let client = client_with(|metadata| {
        metadata.authorization_signed_response_alg = Some(JwsAlgorithm::PS256);
    });
    for query in [
        "response_type=code&response_mode=jwt",
        "response_type=foo&response_mode=jwt",
    ] {
        let refused = refusal(&server(""), &client, query);
        assert!(
            matches!(refused, Refusal::Failed(Error::NoSigningKey { .. })),
            "{refused}"
        );
        assert_eq!(
            run(server("").refuse(refused, &client))
                .unwrap_err()
                .http_status(),
            500
        );
    }
}

#[test]
fn a_secret_that_is_missing_expired_or_a_public_clients_never_signs() {
    let hs256 = |change: fn(&mut ClientMetadata)| {
        client_with(|metadata| {
            metadata.authorization_signed_response_alg = Some(JwsAlgorithm::HS256);
            change(metadata);
        })
    };
    let secret = || ClientSecret::new(SECRET);
    let public =
        |metadata: &mut ClientMetadata| metadata.token_endpoint_auth_method = Some("none".into());
    for client in [
        hs256(|_| {}),
        hs256(|_| {}).with_secret(secret().expires_at(NOW)),
        hs256(public).with_secret(secret()),
    ] {
        let refused = refusal(&server(""), &client, "response_type=code&response_mode=jwt");
        assert!(
            matches!(refused, Refusal::Failed(Error::NoClientSecret(_))),
            "{refused}"
        );
    }
    let short = hs256(|_| {}).with_secret(ClientSecret::new("s".repeat(31)));
    let refused = refusal(&server(""), &short, &code_in("jwt"));
    assert!(
        matches!(refused, Refusal::Failed(Error::NoClientSecret(_))),
        "{refused}"
    );
    let valid = hs256(|_| {}).with_secret(secret().expires_at(NOW + 1));
    assert!(
        respond(
            &server(""),
            &valid,
            &code_in("jwt"),
            AuthorizationResponse::code("c")
        )
        .is_ok()
    );
}

#[test]
fn an_outcome_that_does_not_fit_the_request_is_not_sent() {
    let token = AuthorizationSuccess::new()
        .code("c")
        .access_token("t", "Bearer");
    for outcome in [
        token,
        AuthorizationSuccess::new(),
        AuthorizationSuccess::new().code("c").scope("s"),
    ] {
        for mode in ["query", "jwt"] {
            let error =
                respond(&server(""), &client(), &code_in(mode), outcome.clone()).unwrap_err();
            assert!(matches!(error, Error::Outcome(_)), "{error}");
        }
    }
}

#[test]
fn a_parameter_that_the_redirect_uri_holds_already_is_not_sent_twice() {
    let (server, client) = (server(""), client());
    for mode in ["query", "fragment", "form_post"] {
        let request =
            RequestParameters::from_urlencoded(format!("response_type=code&response_mode={mode}"));
        let error = run(async {
            let pending = server
                .negotiate(&client, target("https://client.example/cb?own=1"), &request)
                .await
                .unwrap();
            let outcome = AuthorizationSuccess::new()
                .code("c")
                .parameter("own", "2")
                .unwrap();
            server
                .respond(pending, &client, AuthorizationResponse::from(outcome))
                .await
                .unwrap_err()
        });
        assert!(matches!(error, Error::Encode(_)), "{error}");
    }
}

#[test]
fn a_mode_that_was_withdrawn_in_between_answers_nothing() {
    let pending = negotiate(&server(""), &client(), &code_in("form_post.jwt"));
    let after = crate::fixture::server_with_modes(&["query", "fragment", "form_post", "query.jwt"]);
    let error =
        run(after.respond(pending, &client(), AuthorizationResponse::code("c"))).unwrap_err();
    assert!(matches!(error, Error::ModeWithdrawn(_)), "{error}");
}

#[test]
fn a_dropped_answer_leaves_the_pending_response_usable() {
    let ids = Arc::new(jarm::authorization_server::InMemoryOneTimeIds::default());
    let build = |signer: Arc<dyn JwsSigner>| {
        let builder = AuthorizationServer::builder(configuration(""))
            .signer(signer)
            .one_time_ids(ids.clone());
        builder
            .random(Arc::new(jarm::jose::SystemRandom))
            .build()
            .unwrap()
    };
    let signer = key().signer(&JwsAlgorithm::ES256).unwrap();
    let (hanging, working) = (build(Arc::new(Faulty::Hangs)), build(signer));
    let pending = negotiate(&hanging, &client(), &code_in("jwt"));
    run(async {
        let record = hanging.record_for_trusted_storage(pending).unwrap();
        let stored = hanging.restore_from_trusted_storage(&record).unwrap();
        let client = client();
        let mut answer =
            Box::pin(hanging.respond(stored, &client, AuthorizationResponse::code("c")));
        let waker = std::task::Waker::noop();
        assert!(
            answer
                .as_mut()
                .poll(&mut std::task::Context::from_waker(waker))
                .is_pending()
        );
        drop(answer);
        let stored = working.restore_from_trusted_storage(&record).unwrap();
        assert!(
            working
                .respond(stored, &client, AuthorizationResponse::code("c"))
                .await
                .is_ok()
        );
    });
}

#[test]
fn a_response_type_that_was_withdrawn_in_between_returns_no_token() {
    let token = |server: &AuthorizationServer| {
        negotiate(
            server,
            &client(),
            "response_type=token&response_mode=fragment",
        )
    };
    let grant = || AuthorizationSuccess::new().access_token("t", "Bearer");
    let code_only = server("response_types = [\"code\"]");
    let not_the_clients = client_with(|metadata| metadata.response_types = None);
    for (server, client) in [(&code_only, client()), (&server(""), not_the_clients)] {
        let pending = token(&crate::fixture::server(""));
        let error = run(server.respond(pending, &client, grant())).unwrap_err();
        assert!(matches!(error, Error::ResponseTypeWithdrawn(_)), "{error}");
        let pending = token(&crate::fixture::server(""));
        let denied = run(server.respond(pending, &client, AuthorizationError::access_denied()));
        assert!(denied.is_ok(), "an error may still be told");
    }
}
