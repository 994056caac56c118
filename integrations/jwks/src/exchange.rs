//! One request and its response, of which nothing is believed.

use std::time::Duration;

use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::client::conn::http1::Builder;
use hyper::header::{
    ACCEPT, ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HOST, LOCATION, USER_AGENT,
};
use hyper::{HeaderMap, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use jarm_core::jose::JwkSet;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;
use url::{Position, Url};

use crate::freshness::freshness;
use crate::{Limits, Problem};

/// The longest head of a response, in octets.
const HEAD: usize = 16 * 1024;

const ACCEPTED: &str = "application/jwk-set+json, application/json";

/// What a server answered.
pub(crate) enum Answer {
    Document(Fetched),
    Redirect(String),
}

/// A set, and for how long it is fresh.
pub(crate) struct Fetched {
    pub(crate) set: JwkSet,
    pub(crate) freshness: Duration,
}

/// Asks for a document over a connection that is used for nothing else.
pub(crate) async fn exchange<S>(stream: S, url: &Url, limits: &Limits) -> Result<Answer, Problem>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut client = Builder::new();
    client.max_buf_size(HEAD);
    let connected = client.handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = connected.map_err(http)?;
    let mut connections = JoinSet::new(); // which ends what is in it when it is dropped
    connections.spawn(connection);
    let response = sender.send_request(request(url)?).await.map_err(http)?;
    read(response, limits).await
}

fn request(url: &Url) -> Result<Request<Empty<Bytes>>, Problem> {
    Request::get(&url[Position::BeforePath..Position::AfterQuery])
        .header(HOST, &url[Position::BeforeHost..Position::AfterPort])
        .header(ACCEPT, ACCEPTED)
        .header(ACCEPT_ENCODING, "identity")
        .header(USER_AGENT, "jarm-jwks")
        .header(CONNECTION, "close")
        .body(Empty::new())
        .map_err(|error| Problem::Http(error.into()))
}

async fn read(response: Response<Incoming>, limits: &Limits) -> Result<Answer, Problem> {
    let (head, body) = response.into_parts();
    match head.status {
        StatusCode::OK => {}
        StatusCode::MOVED_PERMANENTLY
        | StatusCode::FOUND
        | StatusCode::SEE_OTHER
        | StatusCode::TEMPORARY_REDIRECT
        | StatusCode::PERMANENT_REDIRECT => {
            let location = head.headers.get(LOCATION);
            let location = location.and_then(|location| location.to_str().ok());
            return Ok(Answer::Redirect(location.ok_or(Problem::Redirect)?.into()));
        }
        other => return Err(Problem::Status(other.as_u16())),
    }
    check(&head.headers)?;
    let document = collect(body, limits.body).await?;
    let set = JwkSet::from_fetched(&document).map_err(Problem::NotJwks)?;
    let freshness = freshness(&head.headers, limits);
    Ok(Answer::Document(Fetched { set, freshness }))
}

/// Whether the document may be what was asked for. Servers of files do not know `jwk-set+json`.
fn check(headers: &HeaderMap) -> Result<(), Problem> {
    if headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .any(|coding| coding != "identity")
    {
        return Err(Problem::Compressed);
    }
    let Some(media_type) = headers.get(CONTENT_TYPE) else {
        return Ok(());
    };
    let media_type = media_type.to_str().unwrap_or_default().to_ascii_lowercase();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let is_json = matches!(
        essence,
        "application/json" | "application/octet-stream" | "text/json" | "text/plain"
    );
    if is_json || essence.starts_with("application/") && essence.ends_with("+json") {
        return Ok(());
    }
    Err(Problem::NotJson)
}

/// The body, however its length is said: no more than the limit is ever in memory.
async fn collect(mut body: Incoming, limit: usize) -> Result<Vec<u8>, Problem> {
    let too_long = || Problem::TooLong { limit };
    if usize::try_from(body.size_hint().lower()).map_or(true, |announced| announced > limit) {
        return Err(too_long());
    }
    let mut document = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(octets) = frame.map_err(http)?.into_data() else {
            continue; // trailers
        };
        if octets.len() > limit - document.len() {
            return Err(too_long());
        }
        document.extend_from_slice(&octets);
    }
    Ok(document)
}

fn http(error: hyper::Error) -> Problem {
    Problem::Http(error.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_that_it_is_something_else_than_json_is_not_read() {
        let checked = |name, value: &str| {
            let headers = HeaderMap::from_iter([(name, value.parse().unwrap())]);
            check(&headers).is_ok()
        };
        for json in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/jwk-set+json",
            "application/octet-stream",
            "text/plain",
        ] {
            assert!(checked(CONTENT_TYPE, json), "{json}");
        }
        for other in [
            "text/html",
            "text/html+json",
            "application/xml",
            "image/png",
            "json",
            "",
        ] {
            assert!(!checked(CONTENT_TYPE, other), "{other}");
        }
        assert!(check(&HeaderMap::new()).is_ok());
        assert!(checked(CONTENT_ENCODING, "identity"));
        assert!(!checked(CONTENT_ENCODING, "gzip") && !checked(CONTENT_ENCODING, "br"));
    }
}
