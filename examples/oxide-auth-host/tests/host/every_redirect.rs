//! Every place where oxide-auth 0.6 makes a redirect: `AuthorizationFlow` calls
//! `WebResponse::redirect` in `authorization_error` and in `convert_result`, and nothing else of it
//! makes an authorization response. None of their causes goes out plainly in a JWT mode.

use std::borrow::Cow;

use jarm::jose::{Aes256GcmSealer, SystemRandom};
use jarm::metadata::{Client as Registered, ClientMetadata};
use jarm::{AuthorizationServer, Configuration, Protection};
use jarm_oxide_auth::{Answer, Content, JarmFlow, JarmRequest, LocalError};
use oxide_auth::code_grant::authorization::{Extension as OnAuthorization, Request};
use oxide_auth::endpoint::{
    Authorizer, Endpoint, Extension, Issuer, NormalizedParameter, OAuthError, OwnerConsent,
    OwnerSolicitor, QueryParameter, Registrar, Scope, Scopes, Template, WebRequest, WebResponse,
};
use oxide_auth::frontends::dev::Url;
use oxide_auth::primitives::grant::{Extensions, Grant};
use oxide_auth::primitives::prelude::{AuthMap, Client as Known, ClientMap, RandomGenerator};
use oxide_auth::primitives::registrar::{
    BoundClient, ClientUrl, ExactUrl, PreGrant, RegistrarError,
};

use serde_json::json;

use crate::client::Client;
use crate::support::{
    Browser, CLIENT_ID, HostBrowser as _, ISSUER, REDIRECT_URI, key, urlencoded, with,
};

/// What may go wrong behind the endpoint, or not.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Cause {
    Nothing,
    NegotiateRefuses,
    NegotiateFails,
    ExtensionRefuses,
    AuthorizerFails,
    OwnerDenies,
    GrantsToAnother,
}

/// A response type that the client registered and oxide-auth does not have. It has other modes.
const ID_TOKEN: (&str, &str) = ("response_type", "id_token");

/// Cause, what is changed in the request, and the error that the client is told.
const CAUSES: [(Cause, (&str, &str), Option<&str>); 8] = [
    // convert_result
    (Cause::Nothing, ("scope", "read"), None),
    // authorization_error, of Authorization::bound
    (Cause::Nothing, ID_TOKEN, Some("unsupported_response_type")),
    (Cause::Nothing, ("scope", "\""), Some("invalid_scope")),
    // of authorization_code
    (
        Cause::ExtensionRefuses,
        ("scope", "read"),
        Some("invalid_request"),
    ),
    (
        Cause::NegotiateRefuses,
        ("scope", "read"),
        Some("invalid_scope"),
    ),
    // of Pending::deny
    (Cause::OwnerDenies, ("scope", "read"), Some("access_denied")),
    // These are no redirects of oxide-auth, but errors for the client all the same.
    (
        Cause::NegotiateFails,
        ("scope", "read"),
        Some("server_error"),
    ),
    (
        Cause::AuthorizerFails,
        ("scope", "read"),
        Some("server_error"),
    ),
];

#[tokio::test]
async fn no_redirect_of_oxide_auth_goes_out_in_a_jwt_mode() {
    let mut browser = Browser::new();
    for asked in ["query.jwt", "fragment.jwt", "form_post.jwt", "jwt"] {
        for (cause, (name, value), error) in CAUSES {
            if (name, value) == ID_TOKEN && ["query.jwt", "jwt"].contains(&asked) {
                continue;
            }
            let client = Client::asking_for(Some(asked), &mut browser).await;
            let request = with(client.request(), name, Some(value));
            let request = JarmRequest::new(Form, urlencoded(&request), [""]);
            let answer = flow()
                .authorize(
                    request,
                    || Own::new(cause),
                    |_, _, _| match cause {
                        Cause::OwnerDenies => OwnerConsent::Denied,
                        _ => OwnerConsent::Authorized("alice".to_owned()),
                    },
                )
                .await;
            let Ok(Content::Response(encoded)) = answer.map(Answer::into_content) else {
                panic!("{asked}, {cause:?}: no response")
            };
            let verified = client.verified(&encoded.into()).await;
            assert_eq!(verified.protection(), Protection::Jwt);
            match verified.into_outcome() {
                Ok(success) => {
                    assert_eq!(error, None);
                    assert!(success.code.is_some());
                }
                Err(told) => {
                    assert_eq!(Some(told.error().as_str()), error, "{asked}, {cause:?}");
                    let explained = told.error_description() == Some("explained by the endpoint");
                    assert_eq!(explained, error != Some("server_error"), "{cause:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn an_error_of_the_solicitor_is_the_endpoints_own() {
    let client = Client::asking_for(Some("jwt"), &mut Browser::new()).await;
    let request = JarmRequest::new(Form, urlencoded(&client.request()), [""]);
    let failed = flow()
        .authorize(
            request,
            || Own::new(Cause::Nothing),
            |_, _, _| OwnerConsent::Error(()),
        )
        .await;
    assert!(matches!(
        failed,
        Err(LocalError::Endpoint(OAuthError::BadRequest))
    ));
}

/// A registrar may look at more than the request, such as a tenant.
#[tokio::test]
async fn what_would_be_granted_to_another_client_is_neither_shown_nor_granted() {
    let client = Client::asking_for(Some("jwt"), &mut Browser::new()).await;
    let request = || JarmRequest::new(Form, urlencoded(&client.request()), [""]);
    let mut asked = 0;
    for decide in [
        || OwnerConsent::InProgress(NeverRedirects),
        || OwnerConsent::Authorized("alice".to_owned()),
    ] {
        let answer = flow()
            .authorize(
                request(),
                || Own::new(Cause::GrantsToAnother),
                |_, _, _| {
                    asked += 1;
                    decide()
                },
            )
            .await;
        assert!(matches!(answer, Err(LocalError::Changed)));
    }
    assert_eq!(asked, 0);
}

fn flow() -> JarmFlow {
    let server = AuthorizationServer::builder(Configuration::new(ISSUER.parse().unwrap()))
        .signer(key())
        .random(std::sync::Arc::new(SystemRandom))
        .sealer(std::sync::Arc::new(Aes256GcmSealer::generate().unwrap()))
        .build();
    JarmFlow::new(server.unwrap(), |client_id| {
        let registered = json!({ "response_types": ["code", "id_token"] });
        let metadata = ClientMetadata::read(registered).unwrap();
        Some(Registered::new(client_id.clone()).with_metadata(metadata))
    })
}

/// A front end that must never be told to redirect.
struct Form;

struct NeverRedirects;

impl WebRequest for Form {
    type Error = ();
    type Response = NeverRedirects;

    fn query(&mut self) -> Result<Cow<'_, dyn QueryParameter + 'static>, ()> {
        panic!("the query is the one that was negotiated")
    }

    fn urlbody(&mut self) -> Result<Cow<'_, dyn QueryParameter + 'static>, ()> {
        Ok(Cow::Owned(NormalizedParameter::new()))
    }

    fn authheader(&mut self) -> Result<Option<Cow<'_, str>>, ()> {
        Ok(None)
    }
}

impl WebResponse for NeverRedirects {
    type Error = ();

    fn ok(&mut self) -> Result<(), ()> {
        Ok(())
    }

    fn redirect(&mut self, _: Url) -> Result<(), ()> {
        panic!("oxide-auth answers by itself")
    }

    fn client_error(&mut self) -> Result<(), ()> {
        Ok(())
    }

    fn unauthorized(&mut self, _: &str) -> Result<(), ()> {
        Ok(())
    }

    fn body_text(&mut self, _: &str) -> Result<(), ()> {
        Ok(())
    }

    fn body_json(&mut self, _: &str) -> Result<(), ()> {
        Ok(())
    }
}

/// An endpoint of the host's own.
struct Own {
    cause: Cause,
    clients: ClientMap,
    codes: AuthMap<RandomGenerator>,
}

impl Own {
    fn new(cause: Cause) -> Self {
        let redirect_uri = ExactUrl::new(REDIRECT_URI.to_owned()).unwrap();
        let client = Known::public(CLIENT_ID, redirect_uri.into(), "read".parse().unwrap());
        Self {
            cause,
            clients: ClientMap::from_iter([client]),
            codes: AuthMap::new(RandomGenerator::new(16)),
        }
    }
}

impl Endpoint<Form> for Own {
    type Error = OAuthError;

    fn registrar(&self) -> Option<&dyn Registrar> {
        Some(self)
    }

    fn authorizer_mut(&mut self) -> Option<&mut dyn Authorizer> {
        Some(self)
    }

    fn issuer_mut(&mut self) -> Option<&mut dyn Issuer> {
        None
    }

    fn owner_solicitor(&mut self) -> Option<&mut dyn OwnerSolicitor<Form>> {
        panic!("the solicitor is an argument")
    }

    fn scopes(&mut self) -> Option<&mut dyn Scopes<Form>> {
        None
    }

    fn response(
        &mut self,
        _: &mut Form,
        mut kind: Template<'_>,
    ) -> Result<NeverRedirects, OAuthError> {
        let error = kind.authorization_error().unwrap();
        error.explain("explained by the endpoint");
        Ok(NeverRedirects)
    }

    fn error(&mut self, error: OAuthError) -> OAuthError {
        error
    }

    fn web_error(&mut self, (): ()) -> OAuthError {
        OAuthError::BadRequest
    }

    fn extension(&mut self) -> Option<&mut dyn Extension> {
        Some(self)
    }
}

impl Extension for Own {
    fn authorization(&mut self) -> Option<&mut dyn OnAuthorization> {
        Some(self)
    }
}

impl OnAuthorization for Own {
    fn extend(&mut self, _: &dyn Request) -> Result<Extensions, ()> {
        match self.cause {
            Cause::ExtensionRefuses => Err(()),
            _ => Ok(Extensions::new()),
        }
    }
}

impl Registrar for Own {
    fn bound_redirect<'a>(&self, bound: ClientUrl<'a>) -> Result<BoundClient<'a>, RegistrarError> {
        self.clients.bound_redirect(bound)
    }

    fn negotiate(
        &self,
        client: BoundClient<'_>,
        scope: Option<Scope>,
    ) -> Result<PreGrant, RegistrarError> {
        match self.cause {
            Cause::NegotiateRefuses => Err(RegistrarError::Unspecified),
            Cause::NegotiateFails => Err(RegistrarError::PrimitiveError),
            Cause::GrantsToAnother => {
                let grant = self.clients.negotiate(client, scope)?;
                Ok(PreGrant {
                    client_id: "another-app".to_owned(),
                    ..grant
                })
            }
            _ => self.clients.negotiate(client, scope),
        }
    }

    fn check(&self, client_id: &str, passphrase: Option<&[u8]>) -> Result<(), RegistrarError> {
        self.clients.check(client_id, passphrase)
    }
}

impl Authorizer for Own {
    fn authorize(&mut self, grant: Grant) -> Result<String, ()> {
        match self.cause {
            Cause::AuthorizerFails => Err(()),
            _ => self.codes.authorize(grant),
        }
    }

    fn extract(&mut self, code: &str) -> Result<Option<Grant>, ()> {
        self.codes.extract(code)
    }
}
