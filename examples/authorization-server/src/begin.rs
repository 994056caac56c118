//! `/begin`: the built-in client asks for authorization, and remembers what it asked for.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Redirect, Response};
use jarm::authorization_server::Error;
use jarm::axum::{ClientState, Parameters};
use jarm::client::{ResponseVerifier, Transaction};
use jarm::{ResponseMode, ResponseType};

use crate::clients::RegisteredClient;
use crate::cookie::TRANSACTION;
use crate::expiring::Expiring;
use crate::pages::LocalPage;
use crate::playground::DEMO;
use crate::state::{App, Host, endpoint};
use crate::verifier;

/// How long a user may take, in seconds.
const LIFETIME: u64 = 15 * 60;

/// What the built-in client asked for, by the cookie of the browser: one transaction each.
pub(crate) type Transactions = Expiring<Transaction>;

/// `GET /begin`
pub(crate) async fn begin(
    State(app): State<App>,
    Parameters(asked): Parameters,
) -> Result<Response, LocalPage> {
    let client = app.clients.get(DEMO).ok_or(Error::UnknownClient)?;
    let client_id = client.client.client_id().clone();
    let response_type = asked.single("response_type")?.unwrap_or("code");
    let response_type = ResponseType::try_new(response_type).map_err(LocalPage::bad_request)?;
    let transaction = Transaction::begin(app.server.issuer().clone(), client_id, &*app.random)?
        .response_type(response_type);
    let transaction = match asked.single("response_mode")? {
        Some(mode) => {
            let mode = ResponseMode::try_new(mode.to_owned()).map_err(LocalPage::bad_request)?;
            transaction.response_mode(mode)
        }
        None => transaction.without_response_mode(),
    };
    let url = authorization_url(&app, &client, &transaction);
    let (name, now) = (app.random_text()?, app.clock.now());
    let cookie = TRANSACTION.set(&app.server, &name);
    app.transactions
        .insert(name, transaction, now.after(LIFETIME), now);
    Ok((cookie, Redirect::to(&url)).into_response())
}

fn authorization_url(app: &App, client: &RegisteredClient, transaction: &Transaction) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(transaction.authorization_request());
    if let Some(redirect_uri) = client.redirect_uris.first() {
        query.append_pair("redirect_uri", redirect_uri);
    }
    query.append_pair("scope", "openid profile");
    let authorize = endpoint(&app.server, "/authorize");
    format!("{authorize}?{}", query.finish())
}

/// Whether the built-in client has asked for something in this browser.
pub(crate) fn is_under_way(app: &App, headers: &HeaderMap) -> bool {
    let name = TRANSACTION.read(&app.server, headers);
    name.is_some_and(|name| app.transactions.get(&name, app.clock.now()).is_some())
}

/// The built-in client, as the library's extractor needs to know it.
impl ClientState for Host {
    async fn take_transaction(&self, request: &Parts) -> Option<Transaction> {
        let name = TRANSACTION.read(&self.current.get(), &request.headers)?;
        self.transactions.take(&name, self.clock.now())
    }

    fn verifier(&self, transaction: &Transaction) -> Option<Arc<ResponseVerifier>> {
        let client = self.clients.get(transaction.client_id().as_str())?;
        let verifier = verifier::of(self, &client).inspect_err(|error| {
            tracing::error!(%error, "the built-in client cannot verify responses");
        });
        verifier.ok().map(Arc::new)
    }
}
