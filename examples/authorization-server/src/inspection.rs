//! What there is to say about a response JWT: it is verified, or it ends in some step.

use jarm::client::{Reason, ResponseVerifierError, Step};
use jarm::response::ResponseParameters;

use crate::clients::RegisteredClient;
use crate::state::Host;
use crate::verifier;

/// What came of verification.
#[derive(Debug)]
pub(crate) enum Inspection {
    /// Every step was passed.
    Verified(ResponseParameters),
    /// Nothing of it can be believed.
    Refused {
        /// Where verification ended.
        step: Step,
        /// Why.
        reason: String,
    },
}

/// What became of one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate<'a> {
    Passed,
    Failed(&'a str),
    NotReached,
}

impl Inspection {
    /// Verifies a response as its client does, but for what only the client knows: its transaction
    /// and its private keys.
    ///
    /// # Errors
    ///
    /// [`ResponseVerifierError`] when this server cannot be such a client.
    pub(crate) async fn of(
        host: &Host,
        client: &RegisteredClient,
        response: &str,
    ) -> Result<Self, ResponseVerifierError> {
        let verifier = match verifier::of(host, client) {
            Ok(verifier) => verifier,
            Err(ResponseVerifierError::NoDecryptionKey(_)) => return Ok(undecrypted(response)),
            Err(error) => return Err(error),
        };
        let outcome = verifier.verify_without_transaction(response).await;
        Ok(outcome.map_or_else(
            |refused| Self::Refused {
                step: refused.step(),
                reason: refused.reason().to_string(),
            },
            Self::Verified,
        ))
    }

    /// The numbered steps of JARM 2.4, in order.
    pub(crate) fn steps(&self) -> impl Iterator<Item = (u8, Step, Fate<'_>)> {
        let numbered = |step: Step| step.number().map(|number| (number, step));
        let all = Step::ALL.into_iter().filter_map(numbered);
        all.map(|(number, step)| (number, step, self.fate(step)))
    }

    fn fate(&self, step: Step) -> Fate<'_> {
        match self {
            Self::Verified(_) => Fate::Passed,
            Self::Refused { step: end, .. } if step < *end => Fate::Passed,
            Self::Refused { step: end, reason } if step == *end => Fate::Failed(reason),
            Self::Refused { .. } => Fate::NotReached,
        }
    }
}

/// The client registered a public key, and has the private one for itself.
fn undecrypted(response: &str) -> Inspection {
    let is_encrypted = response.split('.').count() == 5;
    let reason = if is_encrypted {
        "the server has not the client's private key: only the client can decrypt the response"
            .to_owned()
    } else {
        Reason::NotEncrypted.to_string()
    };
    let step = Step::Decryption;
    Inspection::Refused { step, reason }
}
