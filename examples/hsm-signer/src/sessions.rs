//! The blocking calls. Whoever makes them may be stopped for as long as the module likes.

use std::sync::{Mutex, MutexGuard, PoisonError};

use cryptoki::session::Session;

use crate::key::{KeyName, KeyPair, Sha256Digest};
use crate::public::PublicKey;
use crate::{HsmError, KeyProblem, Token};

/// One published key, and the sessions in which it signs: one call at a time in each.
#[derive(Debug)]
pub(crate) struct Sessions {
    token: Token,
    name: KeyName,
    public: PublicKey,
    idle: Mutex<Vec<(Session, KeyPair)>>,
}

impl Sessions {
    /// Opens the first session, and takes the key that is found for the one to publish.
    pub(crate) fn open(token: Token, name: KeyName) -> Result<Self, HsmError> {
        let session = token.session()?;
        let pair = name.find(&session)?;
        Ok(Self {
            token,
            name,
            public: pair.public.clone(),
            idle: Mutex::new(vec![(session, pair)]),
        })
    }

    pub(crate) fn name(&self) -> &KeyName {
        &self.name
    }

    pub(crate) fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs in an idle session, or in a new one. A session that has waited may be of no use any
    /// more, because somebody logged out or the network failed: then, too, in a new one.
    pub(crate) fn sign(&self, digest: &Sha256Digest) -> Result<Vec<u8>, HsmError> {
        let idle = self.idle().pop();
        if let Some(idle) = idle {
            if let Ok(signature) = self.sign_in(idle, digest) {
                return Ok(signature);
            }
            self.idle().clear(); // they are as old
        }
        self.sign_in(self.another()?, digest)
    }

    fn sign_in(
        &self,
        (session, pair): (Session, KeyPair),
        digest: &Sha256Digest,
    ) -> Result<Vec<u8>, HsmError> {
        let signature = self.name.sign(&session, &pair, digest)?;
        self.idle().push((session, pair));
        Ok(signature)
    }

    /// Another session, with the same key: the one that the `kid` names (RFC 7515 4.1.4).
    fn another(&self) -> Result<(Session, KeyPair), HsmError> {
        let session = self.token.session()?;
        let pair = self.name.find(&session)?;
        if pair.public != self.public {
            return Err(self.name.problem(KeyProblem::Replaced));
        }
        Ok((session, pair))
    }

    fn idle(&self) -> MutexGuard<'_, Vec<(Session, KeyPair)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
