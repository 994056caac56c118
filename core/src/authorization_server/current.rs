use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::key_ring::{Lasts, Succession};
use super::{AuthorizationServer, AuthorizationServerBuilder};
use crate::configuration::{ConfigurationError, ResponseJwtTyp};

/// The server in force, replaceable while others use it.
///
/// A host takes the server anew for each request. What was negotiated with an old one is answered
/// by the rules of the new one, or not at all. Keys rotate as verifiers need it: a new key is
/// published before it signs, and an old one for as long as something that it signed may be
/// verified ([`Configuration::jwks_max_age`](crate::Configuration::jwks_max_age)).
#[derive(Debug)]
pub struct CurrentServer {
    current: RwLock<Arc<AuthorizationServer>>,
    /// Held while a server is replaced, so that no replacement loses the keys of another.
    replacing: Mutex<()>,
}

impl CurrentServer {
    /// Starts with a server.
    pub fn new(server: AuthorizationServer) -> Self {
        Self {
            current: RwLock::new(Arc::new(server)),
            replacing: Mutex::new(()),
        }
    }

    /// The server in force now.
    pub fn get(&self) -> Arc<AuthorizationServer> {
        let current = self.current.read();
        current.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts another configuration, other keys, modes or policies into force, all at once. Used ids
    /// stay used, unless the builder is given a store of its own.
    ///
    /// # Errors
    ///
    /// [`ConfigurationError`] as of [`build`](AuthorizationServerBuilder::build), for another
    /// issuer, and for a key with the `kid` of another that is still needed; the old server stays
    /// in force.
    pub fn replace(
        &self,
        builder: AuthorizationServerBuilder,
    ) -> Result<Arc<AuthorizationServer>, ConfigurationError> {
        self.put(builder, &[])
    }

    /// The same, and drops keys that others have got hold of at once: those of these `kid`s neither
    /// sign nor are published any more, so what they signed is not verified. A new key may have the
    /// `kid` of one that is dropped.
    ///
    /// # Errors
    ///
    /// As of [`replace`](Self::replace).
    pub fn replace_dropping(
        &self,
        leaked_kids: &[&str],
        builder: AuthorizationServerBuilder,
    ) -> Result<Arc<AuthorizationServer>, ConfigurationError> {
        self.put(builder, leaked_kids)
    }

    fn put(
        &self,
        builder: AuthorizationServerBuilder,
        leaked_kids: &[&str],
    ) -> Result<Arc<AuthorizationServer>, ConfigurationError> {
        let _alone = self
            .replacing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let old = self.get();
        let built = builder.build_in_place_of(&old);
        let built = built.and_then(|server| server.with_keys_of(&old, leaked_kids));
        match &built {
            Ok(server) => tracing::info!(issuer = %server.issuer, "the server is replaced"),
            Err(error) => tracing::error!(%error, "the server is not replaced"),
        }
        let server = Arc::new(built?);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = server.clone();
        Ok(server)
    }
}

impl AuthorizationServer {
    /// The same with the keys of the server before, as far as they are still needed and not leaked.
    fn with_keys_of(mut self, old: &Self, leaked: &[&str]) -> Result<Self, ConfigurationError> {
        let lasts = |server: &Self| Lasts {
            jwks_max_age: server.jwks_max_age,
            response_jwt_lifetime: server.response_jwt_lifetime,
        };
        let succession = Succession {
            now: self.clock.now(),
            before: lasts(old),
            after: lasts(&self),
            typ: self.response_jwt_typ.as_ref().map(ResponseJwtTyp::as_str),
        };
        let before = old.key_ring.without(leaked)?;
        self.key_ring = self.key_ring.after(&before, succession)?;
        Ok(self)
    }
}
