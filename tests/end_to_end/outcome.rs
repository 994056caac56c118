//! What becomes of a request, from the door to the answer.

use std::fmt;

use jarm::authorization_server::{Error, Refusal};
use jarm::metadata::Client;
use jarm::{AuthorizationServer, RequestParameters};

use crate::fixture::{Answer, REDIRECT_URI, run, success, target};

/// As text: `query.jwt` for a success, `invalid_request in query.jwt` for an error that the client
/// is told, `page 400: invalid_request` where it is told nothing.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    Success(Answer),
    Error(Answer),
    /// No mode may tell the client of this error.
    Local(String),
    /// The answer cannot be made.
    Failed(u16),
}

/// Sends `query`, and grants it if it is not refused.
pub(crate) fn outcome(server: &AuthorizationServer, client: &Client, query: &str) -> Outcome {
    let request = RequestParameters::from_urlencoded(query);
    run(async {
        let refusal = match server
            .negotiate(client, target(REDIRECT_URI), &request)
            .await
        {
            Ok(pending) => {
                let outcome = success(pending.response_type().unwrap());
                let encoded = server.respond(pending, client, outcome).await.unwrap();
                let answer = Answer::read(&encoded, REDIRECT_URI);
                assert_eq!(answer.text("error"), None, "{query}");
                return Outcome::Success(answer);
            }
            Err(refusal) => refusal,
        };
        let promised = match &refusal {
            Refusal::Answer(refused) => Some(refused.error().error().to_string()),
            Refusal::Local(error) => Some(error.error().to_string()),
            _ => None,
        };
        match server.refuse(refusal, client).await {
            Ok(encoded) => {
                let answer = Answer::read(&encoded, REDIRECT_URI);
                assert_eq!(answer.text("error"), promised.as_deref(), "{query}");
                Outcome::Error(answer)
            }
            Err(Error::Local(error)) => {
                assert_eq!(Some(error.error().to_string()), promised, "{query}");
                assert_eq!(Error::Local(error).http_status(), 400);
                Outcome::Local(promised.unwrap())
            }
            Err(error) => {
                assert_eq!(promised, None, "{query}");
                Outcome::Failed(error.http_status())
            }
        }
    })
}

/// The same as text.
pub(crate) fn seen(server: &AuthorizationServer, client: &Client, query: &str) -> String {
    outcome(server, client, query).to_string()
}

impl Outcome {
    /// What went to the client, if anything did.
    pub(crate) fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Success(answer) | Self::Error(answer) => Some(answer),
            Self::Local(_) | Self::Failed(_) => None,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encrypted = |answer: &Answer| match answer.encryption {
            Some(_) => ", encrypted",
            None => "",
        };
        match self {
            Self::Success(answer) => write!(f, "{}{}", answer.mode, encrypted(answer)),
            Self::Error(answer) => {
                let code = answer.text("error").unwrap_or_default();
                write!(f, "{code} in {}{}", answer.mode, encrypted(answer))
            }
            Self::Local(code) => write!(f, "page 400: {code}"),
            Self::Failed(status) => write!(f, "page {status}"),
        }
    }
}
