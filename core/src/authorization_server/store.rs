//! The two doors by which a pending response leaves this process and comes back.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::pending::{Record, VERSION};
use super::{AuthorizationServer, Error, PendingError, PendingId, PendingResponse};
use crate::jose::Sealer;
use crate::vocabulary::ClientId;

impl AuthorizationServer {
    /// Encrypts a pending response, so that it can wait in a cookie, a hidden input or a cache
    /// that is not trusted.
    ///
    /// The result is base64url text, bound to the issuer, the client, `session` (a value that the
    /// host ties to the user's browser, such as its session id) and the format's version. It
    /// expires, and carries a random id by which it is answered once.
    ///
    /// # Errors
    ///
    /// [`Error::NoSealer`] and [`Error::NoRandomSource`] where the builder was given none,
    /// [`Error::Sealing`] and [`Error::Random`] when they fail; [`PendingError::NoSession`] when
    /// `session` is empty.
    pub fn seal(&self, pending: PendingResponse, session: &str) -> Result<String, Error> {
        if session.is_empty() {
            return Err(PendingError::NoSession.into());
        }
        let bound_to = self.associated_data(&pending.client_id, session);
        let record = self.record(pending)?;
        let mut sealed = vec![VERSION];
        sealed.extend(self.sealer()?.seal(&bound_to, &record)?);
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Decrypts what [`seal`](Self::seal) returned for this client and session.
    ///
    /// # Errors
    ///
    /// [`Error::Pending`]: [`PendingError::NotAuthentic`] when any byte, the client, the session
    /// or the issuer differs; [`PendingError::Format`] for another version's;
    /// [`PendingError::Expired`]. [`Error::NoSealer`] where the builder was given none.
    pub fn unseal(
        &self,
        sealed: &str,
        client_id: &ClientId,
        session: &str,
    ) -> Result<PendingResponse, Error> {
        let opened = self.open(sealed, client_id, session);
        if let Err(error) = &opened {
            tracing::debug!(?client_id, %error, "a pending response is refused");
        }
        opened
    }

    /// A pending response as JSON text, for storage that only this server writes: a database row
    /// or a server-side session.
    ///
    /// It is not encrypted and holds `state`.
    ///
    /// # Errors
    ///
    /// [`Error::NoRandomSource`] or [`Error::Random`], for the id.
    pub fn record_for_trusted_storage(&self, pending: PendingResponse) -> Result<String, Error> {
        let record = self.record(pending)?;
        String::from_utf8(record).map_err(|_| PendingError::Format.into())
    }

    /// Reads what [`record_for_trusted_storage`](Self::record_for_trusted_storage) returned.
    ///
    /// Whoever can write the record chooses where the user is redirected: never read one from a
    /// cookie, a form or anything else that passes through a browser. Use
    /// [`seal`](Self::seal) for those.
    ///
    /// # Errors
    ///
    /// [`Error::Pending`]: [`PendingError::Format`], [`PendingError::OtherIssuer`] or
    /// [`PendingError::Expired`].
    pub fn restore_from_trusted_storage(&self, record: &str) -> Result<PendingResponse, Error> {
        Ok(self.restore(record.as_bytes())?)
    }

    fn open(
        &self,
        sealed: &str,
        client_id: &ClientId,
        session: &str,
    ) -> Result<PendingResponse, Error> {
        let key = self.sealer()?;
        let bytes = URL_SAFE_NO_PAD
            .decode(sealed)
            .map_err(|_| PendingError::NotAuthentic)?;
        let (version, bytes) = bytes.split_first().ok_or(PendingError::NotAuthentic)?;
        if *version != VERSION {
            return Err(PendingError::Format.into());
        }
        let bound_to = self.associated_data(client_id, session);
        let record = key
            .unseal(&bound_to, bytes)
            .map_err(|_| PendingError::NotAuthentic)?;
        let pending = self.restore(&record)?;
        if pending.client_id != *client_id {
            return Err(PendingError::OtherClient.into());
        }
        Ok(pending)
    }

    fn record(&self, pending: PendingResponse) -> Result<Vec<u8>, Error> {
        let id = match &pending.id {
            Some(id) => id.clone(),
            None => PendingId::new(self.random_id()?),
        };
        let record = Record::of(pending, id);
        Ok(serde_json::to_vec(&record).map_err(|_| PendingError::Format)?)
    }

    fn restore(&self, record: &[u8]) -> Result<PendingResponse, PendingError> {
        let record: Record = serde_json::from_slice(record).map_err(|_| PendingError::Format)?;
        if record.version != VERSION {
            return Err(PendingError::Format);
        }
        let pending = record.into_pending();
        if pending.issuer != self.issuer {
            return Err(PendingError::OtherIssuer);
        }
        if pending.expires_at <= self.clock.now() {
            return Err(PendingError::Expired);
        }
        Ok(pending)
    }

    fn sealer(&self) -> Result<&dyn Sealer, Error> {
        self.sealer.as_deref().ok_or(Error::NoSealer)
    }

    /// What a sealed value is bound to. Lengths stand before values, so that no two bindings have
    /// the same octets.
    fn associated_data(&self, client_id: &ClientId, session: &str) -> Vec<u8> {
        let mut data = b"jarm pending response".to_vec();
        data.push(VERSION);
        for part in [self.issuer.as_str(), client_id.as_str(), session] {
            data.extend((part.len() as u64).to_be_bytes());
            data.extend(part.as_bytes());
        }
        data
    }
}
