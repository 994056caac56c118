//! Every place where a redirect is made, the host's and those of oauth-as 1.0, and that none is plain
//! in a JWT mode.
//!
//! `oauth-as` makes them in `validate_authorization_request`, `issue_authorization_code` and `denied`.
//! Its module `http` sends these, behind a feature that is off here. One cause cannot be had in a test,
//! that there is no randomness for a code: it is an error like that of a store that fails.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use host_testing::Browser;
use jarm::jose::SystemRandom;
use jarm::metadata::Client;
use jarm::response::EncodedResponse;
use jarm::{
    AuthorizationServer, ClientId, Configuration, JwsAlgorithm, RedirectUriPolicy,
    RequestParameters,
};
use jarm_oauth_as::OauthAsHost;
use oauth_as::authorization::{
    AuthorizationCodeRecord, AuthorizationError as Verdict, AuthorizationRequest,
};
use oauth_as::client::ClientAuth;
use oauth_as::events::{Attempt, RateLimitDecision, RateLimiter};
use oauth_as::grant::GrantType;
use oauth_as::scope::ScopeSet;
use oauth_as::server::{ServerConfig, UserApproval};
use oauth_as::store::{MemoryStorage, Storage, StorageError};

use crate::answer::Answer;
use crate::support::{CLIENT_ID, HostBrowser as _, ISSUER, REDIRECT_URI, good, key, with};

/// What is asked for, and what that is.
const JWT_MODES: [(&str, &str); 3] = [
    ("query.jwt", "query.jwt"),
    ("form_post.jwt", "form_post.jwt"),
    ("jwt", "query.jwt"),
];

/// Where answers leave the host: these places and their number are all there are.
const PLACES: [(&str, usize); 2] = [
    // refused by jarm, refused by oauth-as
    ("authorize.rs", 2),
    // decided by the user
    ("consent.rs", 1),
];

/// How a redirect could be made without `jarm`.
const OTHERS: [&str; 6] = [
    "LOCATION",
    "\"location\"",
    "Redirect::",
    ".location(",
    "http-equiv",
    "oauth_as::http",
];

/// What goes wrong behind the request, or not.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Cause {
    Nothing,
    GrantNotRegistered,
    UserDenies,
    TooManyCodes,
    StoreFails,
}

/// Cause, what is changed in the request, and the error that the client is told.
const CAUSES: [(Cause, (&str, &str), &str); 14] = [
    // of validate_authorization_request
    (Cause::Nothing, ("response_type", ""), "invalid_request"),
    (
        Cause::Nothing,
        ("response_type", "none"),
        "unsupported_response_type",
    ),
    (
        Cause::GrantNotRegistered,
        ("scope", "read"),
        "unauthorized_client",
    ),
    (
        Cause::Nothing,
        ("code_challenge_method", ""),
        "invalid_request",
    ),
    (
        Cause::Nothing,
        ("code_challenge_method", "plain"),
        "invalid_request",
    ),
    (Cause::Nothing, ("code_challenge", "x"), "invalid_request"),
    (Cause::Nothing, ("scope", "\""), "invalid_scope"),
    (Cause::Nothing, ("scope", "admin"), "invalid_scope"),
    (Cause::Nothing, ("resource", "not a URI"), "invalid_target"),
    (
        Cause::Nothing,
        ("authorization_details", "[]"),
        "invalid_authorization_details",
    ),
    // of denied
    (Cause::UserDenies, ("scope", "read"), "access_denied"),
    // of issue_authorization_code
    (
        Cause::TooManyCodes,
        ("scope", "read"),
        "temporarily_unavailable",
    ),
    (Cause::StoreFails, ("scope", "read"), "server_error"),
    (Cause::Nothing, ("scope", "read"), ""),
];

#[test]
fn every_place_where_the_host_makes_a_redirect_is_listed() {
    let host = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert_eq!(
        answers(&host.join("src")),
        PLACES
            .map(|(name, places)| (name.to_owned(), places))
            .into()
    );
    let joint = host.join("../../integrations/oauth-as/src");
    assert_eq!(answers(&joint), BTreeMap::new());
}

/// In how many places each file of a directory lets an answer go.
fn answers(directory: &Path) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for file in std::fs::read_dir(directory).unwrap() {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        let text = std::fs::read_to_string(file.path()).unwrap();
        for other in OTHERS {
            assert!(!text.contains(other), "{name}: {other}");
        }
        let places = text.matches("Answer(").count();
        if places > 0 {
            found.insert(name, places);
        }
    }
    found
}

#[tokio::test]
async fn no_redirect_of_the_host_is_plain_in_a_jwt_mode() {
    let mut browser = Browser::new().await;
    for (asked, arrives) in JWT_MODES {
        let refused_by_jarm = [good(asked), vec![("state", "again")]].concat();
        let refused_by_oauth_as = with(good(asked), "scope", "admin");
        let answers = [
            (browser.authorize(&refused_by_jarm).await, "invalid_request"),
            (
                browser.authorize(&refused_by_oauth_as).await,
                "invalid_scope",
            ),
            (browser.decide(&good(asked), "deny").await, "access_denied"),
            (browser.decide(&good(asked), "approve").await, ""),
        ];
        for (page, error) in answers {
            is_jwt(&browser.read(&page).await, arrives, error);
        }
    }
}

#[tokio::test]
async fn no_redirect_of_oauth_as_is_plain_in_a_jwt_mode() {
    let jarm = AuthorizationServer::builder(configuration())
        .signer(key())
        .random(Arc::new(SystemRandom))
        .build()
        .unwrap();
    let jwks = serde_json::to_value(jarm.jwks()).unwrap();
    for (asked, arrives) in JWT_MODES {
        for (cause, (name, value), error) in CAUSES {
            let pairs = with(good(asked), name, value);
            let request = RequestParameters::from_pairs(pairs);
            let encoded = answered(&oauth(cause).await, &jarm, cause, &request).await;
            is_jwt(&Answer::read(&encoded.into(), &jwks), arrives, error);
        }
    }
}

/// `Answer::read` has checked that there is nothing but a signed `response`.
#[track_caller]
fn is_jwt(answer: &Answer, response_mode: &str, error: &str) {
    assert_eq!(answer.response_mode, response_mode, "{error}");
    assert_eq!(answer.get("error"), error);
    assert_eq!(answer.get("code").is_empty(), !error.is_empty());
}

type Oauth = oauth_as::server::AuthorizationServer<Store>;

/// Has `oauth-as` come to its redirect, and answers instead.
async fn answered(
    oauth: &Oauth,
    jarm: &AuthorizationServer,
    cause: Cause,
    request: &RequestParameters,
) -> EncodedResponse {
    let policy = RedirectUriPolicy::default();
    let host = OauthAsHost::new(oauth, jarm, &policy);
    let client = Client::new(ClientId::try_new(CLIENT_ID).unwrap());
    let judged = host.judge(&client, request).await.unwrap();
    let pending = match jarm.negotiate(&client, judged.target, request).await {
        Ok(pending) => pending,
        Err(refusal) => return jarm.refuse(refusal, &client).await.unwrap(),
    };
    let valid = match judged.verdict {
        Ok(valid) => valid,
        Err(error) => return jarm.respond(pending, &client, error).await.unwrap(),
    };
    let answer = if cause == Cause::UserDenies {
        host.deny(pending, &client, &valid).await
    } else {
        let approval = UserApproval::granted(&valid, "alice");
        host.grant(pending, &client, approval).await
    };
    answer.unwrap()
}

#[tokio::test]
async fn these_are_redirects_of_oauth_as() {
    for (cause, (name, value), error) in CAUSES {
        let pairs = with(good("jwt"), name, value);
        let oauth = oauth(cause).await;
        let request = AuthorizationRequest::from_pairs(pairs);
        let redirect = match oauth.validate_authorization_request(&request).await {
            Ok(valid) if cause == Cause::UserDenies => valid.denied().location(),
            Ok(valid) => {
                let approval = UserApproval::granted(&valid, "alice");
                match oauth.issue_authorization_code(approval).await {
                    Ok(issued) => issued.location(REDIRECT_URI),
                    Err(Verdict::Redirect(error)) => error.location(),
                    Err(direct) => panic!("{direct:?}"),
                }
            }
            Err(Verdict::Redirect(error)) => error.location(),
            Err(direct) => panic!("{direct:?}"),
        };
        let plain = match error {
            "" => "&code=".to_owned(),
            error => format!("&error={error}&"),
        };
        assert!(redirect.contains(&plain), "{cause:?} {name}: {redirect}");
    }
}

fn configuration() -> Configuration {
    let mut configuration = Configuration::new(ISSUER.parse().unwrap());
    configuration.response_types = Some(vec!["code".parse().unwrap()]);
    configuration.default_signing_alg = Some(JwsAlgorithm::ES256);
    configuration
}

async fn oauth(cause: Cause) -> Oauth {
    let store = Store {
        inner: MemoryStorage::new(),
        fails: cause == Cause::StoreFails,
    };
    let config = ServerConfig::new(ISSUER, format!("{ISSUER}/device"));
    let mut oauth = Oauth::new(config, store);
    if cause == Cause::TooManyCodes {
        oauth = oauth.with_rate_limiter(Box::new(Once::default()));
    }
    let grant = match cause {
        Cause::GrantNotRegistered => GrantType::ClientCredentials,
        _ => GrantType::AuthorizationCode,
    };
    let client = oauth_as::client::Client {
        client_id: oauth_as::client::ClientId::new(CLIENT_ID),
        auth: ClientAuth::Public,
        grant_types: vec![grant],
        redirect_uris: vec![REDIRECT_URI.to_owned()],
        allowed_scopes: ScopeSet::parse("read write").unwrap(),
        default_scopes: ScopeSet::parse("read").unwrap(),
        name: None,
        registration: None,
    };
    oauth.store().put_client(client).await.unwrap();
    oauth
}

/// Allows the request, and no code for it.
#[derive(Default)]
struct Once(AtomicUsize);

impl RateLimiter for Once {
    fn check(&self, _: Attempt<'_>) -> RateLimitDecision {
        match self.0.fetch_add(1, Ordering::Relaxed) {
            0 => RateLimitDecision::Allow,
            _ => RateLimitDecision::Deny,
        }
    }
}

/// A store that cannot keep codes, if it is told so.
struct Store {
    inner: MemoryStorage,
    fails: bool,
}

impl Storage for Store {
    async fn put_authorization_code(
        &self,
        record: AuthorizationCodeRecord,
    ) -> Result<(), StorageError> {
        if self.fails {
            return Err(StorageError::new("the database is down"));
        }
        self.inner.put_authorization_code(record).await
    }

    oauth_as::delegate_storage! {
        to inner;
        get_client, put_client, compare_and_swap_client, delete_client,
        put_device_grant, get_device_grant, find_device_grant_by_user_code,
        take_device_grant, compare_and_swap_device_grant,
        compare_and_swap_authorization_code, take_authorization_code,
        put_pushed_authorization_request, take_pushed_authorization_request,
        put_token, get_token, delete_token,
        put_refresh_token, get_refresh_token, take_refresh_token, rotate_refresh_token,
        revoke_token_family,
        put_consent, compare_and_swap_consent, get_consent, find_consent, consents_for_subject,
        revoke_consent,
        claim_replay_id,
        sweep_expired,
    }
}
