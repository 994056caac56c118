use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::{AuthorizationServer, AuthorizationServerBuilder};
use crate::configuration::ConfigurationError;

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
    /// [`ConfigurationError`] as of [`build`](AuthorizationServerBuilder::build), and for another
    /// issuer; the old server stays in force.
    pub fn replace(
        &self,
        builder: AuthorizationServerBuilder,
    ) -> Result<Arc<AuthorizationServer>, ConfigurationError> {
        let _alone = self
            .replacing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let replaced = builder.build_after(&self.get());
        match &replaced {
            Ok(server) => tracing::info!(issuer = %server.issuer, "the server is replaced"),
            Err(error) => tracing::error!(%error, "the server is not replaced"),
        }
        let server = Arc::new(replaced?);
        self.set(server.clone());
        Ok(server)
    }

    /// The same at once and without overlap, for a key that others have got hold of: keys that are
    /// gone are not published any more, and what was signed with them is not verified.
    ///
    /// # Errors
    ///
    /// As of [`build`](AuthorizationServerBuilder::build).
    pub fn replace_dropping_old_keys(
        &self,
        builder: AuthorizationServerBuilder,
    ) -> Result<Arc<AuthorizationServer>, ConfigurationError> {
        let _alone = self
            .replacing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut server = builder.build_after(&self.get())?;
        server.key_ring = server.key_ring.without_retired()?;
        let server = Arc::new(server);
        self.set(server.clone());
        Ok(server)
    }

    fn set(&self, server: Arc<AuthorizationServer>) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = server;
    }
}
