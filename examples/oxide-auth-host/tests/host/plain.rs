use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use oxide_auth::endpoint::{
    AccessTokenFlow, AuthorizationFlow, OwnerConsent, OwnerSolicitor, Solicitation, WebRequest,
};
use oxide_auth::frontends::simple::endpoint::{FnSolicitor, Generic, Vacant};
use oxide_auth::frontends::simple::extensions::{AddonList, Extended, Pkce};
use oxide_auth::primitives::prelude::{AuthMap, ClientMap, RandomGenerator, TokenMap};
use oxide_auth_axum::{OAuthRequest, OAuthResponse, WebError};

#[derive(Clone)]
struct App {
    registrar: Arc<Mutex<ClientMap>>,
    authorizer: Arc<Mutex<AuthMap<RandomGenerator>>>,
    issuer: Arc<Mutex<TokenMap<RandomGenerator>>>,
}

type Consent = OwnerConsent<OAuthResponse>;
type Primitives<'a, S> = Generic<
    MutexGuard<'a, ClientMap>,
    MutexGuard<'a, AuthMap<RandomGenerator>>,
    MutexGuard<'a, TokenMap<RandomGenerator>>,
    S,
>;

/// The server as routes.
pub fn router(clients: ClientMap) -> Router {
    let app = App {
        registrar: Arc::new(Mutex::new(clients)),
        authorizer: Arc::new(Mutex::new(AuthMap::new(RandomGenerator::new(16)))),
        issuer: Arc::new(Mutex::new(TokenMap::new(RandomGenerator::new(16)))),
    };
    Router::new()
        .route("/authorize", get(authorize).post(consent))
        .route("/token", post(token))
        .with_state(app)
}

impl App {
    fn endpoint<S>(&self, solicitor: S) -> Extended<Primitives<'_, S>, AddonList>
    where
        S: OwnerSolicitor<OAuthRequest>,
    {
        let mut addons = AddonList::new();
        addons.push_code(Pkce::required());
        let endpoint = Generic {
            registrar: locked(&self.registrar),
            authorizer: locked(&self.authorizer),
            issuer: locked(&self.issuer),
            solicitor,
            scopes: Vacant,
            response: Vacant,
        };
        Extended::extend_with(endpoint, addons)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `GET /authorize`
async fn authorize(State(app): State<App>, req: OAuthRequest) -> Result<OAuthResponse, WebError> {
    let mut flow = AuthorizationFlow::prepare(app.endpoint(FnSolicitor(ask)))?;
    Ok(flow.execute(req)?)
}

/// `POST /authorize`
async fn consent(State(app): State<App>, req: OAuthRequest) -> Result<OAuthResponse, WebError> {
    let mut flow = AuthorizationFlow::prepare(app.endpoint(FnSolicitor(decide)))?;
    Ok(flow.execute(req)?)
}

/// `POST /token`
async fn token(State(app): State<App>, req: OAuthRequest) -> Result<OAuthResponse, WebError> {
    let mut flow = AccessTokenFlow::prepare(app.endpoint(Vacant))?;
    Ok(flow.execute(req)?)
}

/// Asks the user.
fn ask(_: &mut OAuthRequest, grant: Solicitation<'_>) -> Consent {
    // Both are the registrar's; what a request says would have to be escaped.
    let (client_id, scope) = (&grant.pre_grant().client_id, &grant.pre_grant().scope);
    let page = format!(
        "<!DOCTYPE html><title>Consent</title>
        <p>{client_id} asks for {scope}.</p>
        <form method=\"post\">
        <button name=\"decision\" value=\"allow\">Allow</button>
        <button name=\"decision\" value=\"deny\">Deny</button>
        </form>"
    );
    let page = OAuthResponse::default().body(&page);
    match page.content_type("text/html; charset=utf-8") {
        Ok(page) => OwnerConsent::InProgress(page),
        Err(error) => OwnerConsent::Error(error),
    }
}

/// The user has decided. Who that is follows from the login, in earnest.
fn decide(form: &mut OAuthRequest, _: Solicitation<'_>) -> Consent {
    match form.urlbody() {
        Ok(form) if form.unique_value("decision").as_deref() == Some("allow") => {
            OwnerConsent::Authorized("alice".to_owned())
        }
        _ => OwnerConsent::Denied,
    }
}
