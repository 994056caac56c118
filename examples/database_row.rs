//! Keeps the pending response in a database row while the user logs in: `cargo run --example database_row`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jarm::authorization_server::{Error, PendingResponse};
use jarm::jose::{KeyKind, SigningKey, SystemRandom};
use jarm::metadata::Client;
use jarm::response::{AuthorizationError, AuthorizationResponse, EncodedResponse};
use jarm::{AuthorizationServer, ClientId, Configuration, RedirectUriPolicy, RequestParameters};

type Failure = Box<dyn std::error::Error>;

/// A row of the table of logins. Only the server writes it: whoever can write `record` chooses where
/// the user is sent.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The id in the cookie of the browser that began.
    session: String,
    /// Until when it counts, in seconds since 1970; delete older ones from time to time.
    pub(crate) expires_at: u64,
    /// Text, of about 400 octets and the request's `state`.
    record: String,
}

/// Yours: the table, by its primary key.
#[derive(Debug, Default)]
pub(crate) struct Logins(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    rows: HashMap<usize, Row>,
    last_id: usize,
}

impl Logins {
    fn insert(&self, row: Row) -> usize {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        table.last_id += 1;
        let id = table.last_id;
        table.rows.insert(id, row);
        id
    }

    /// `SELECT … WHERE id = … AND session = …`
    pub(crate) fn select(&self, id: usize, session: &str) -> Option<Row> {
        let table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        table
            .rows
            .get(&id)
            .filter(|row| row.session == session)
            .cloned()
    }
}

/// What the authorize handler does: it answers, or asks the user, on a page that knows the row by its id.
pub(crate) enum Next {
    Answer(EncodedResponse),
    AskUser(usize),
}

pub(crate) async fn begin(
    server: &AuthorizationServer,
    (logins, session): (&Logins, &str),
    query: &str,
) -> Result<Next, Error> {
    let request = RequestParameters::from_urlencoded(query);
    let (client, redirect_uri) = find_client(request.single("client_id")?)?;
    let target = RedirectUriPolicy::default().select(&[redirect_uri], None)?;
    let pending: PendingResponse = match server.negotiate(&client, target, &request).await {
        Ok(pending) => pending,
        Err(refusal) => return Ok(Next::Answer(server.refuse(refusal, &client).await?)),
    };
    let row = Row {
        session: session.to_owned(),
        expires_at: pending.expires_at().as_seconds(),
        record: server.record_for_trusted_storage(pending)?,
    };
    Ok(Next::AskUser(logins.insert(row)))
}

/// What the handler of the form does: it reads the row, and nothing of the request again.
pub(crate) async fn finish(
    server: &AuthorizationServer,
    (logins, session): (&Logins, &str),
    (id, decision): (usize, &str),
) -> Result<EncodedResponse, Failure> {
    let row = logins.select(id, session);
    let row = row.ok_or("there is no such login in this session")?;
    let pending = server.restore_from_trusted_storage(&row.record)?;
    let (client, _) = find_client(Some(pending.client_id().as_str()))?; // as it is now
    let outcome: AuthorizationResponse = match decision {
        "approve" => AuthorizationResponse::code("SplxlOBeZQQYbYS6WxSbIA"),
        _ => AuthorizationError::access_denied().into(),
    };
    Ok(server.respond(pending, &client, outcome).await?) // once: a row that stays is no danger
}

/// Your store.
fn find_client(client_id: Option<&str>) -> Result<(Client, &'static str), Error> {
    let client_id = client_id.filter(|own| *own == "web");
    let client_id = client_id.and_then(|own| ClientId::try_new(own.to_owned()).ok());
    let client = Client::new(client_id.ok_or(Error::UnknownClient)?);
    Ok((client, "https://client.example/cb"))
}

pub(crate) fn server() -> Result<AuthorizationServer, Failure> {
    let mut configuration = Configuration::new("https://as.example".parse()?);
    configuration.default_signing_alg = Some("ES256".parse()?);
    Ok(AuthorizationServer::builder(configuration)
        .signers(SigningKey::generate(KeyKind::P256)?.signers())
        .random(Arc::new(SystemRandom))
        .build()?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let (server, logins) = (server()?, Logins::default());
    let query = "client_id=web&response_type=code&response_mode=form_post.jwt&state=x";
    let store = (&logins, "session-1");
    let encoded = match begin(&server, store, query).await? {
        Next::Answer(encoded) => encoded,
        Next::AskUser(id) => {
            let row = logins.select(id, "session-1").ok_or("no row")?;
            println!("row {id}, until {}: {}", row.expires_at, row.record);
            finish(&server, store, (id, "approve")).await?
        }
    };
    println!("{}", encoded.body());
    Ok(())
}
