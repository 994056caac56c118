use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, PoisonError, RwLock};

use super::{AuthorizationServer, AuthorizationServerBuilder, CurrentServer};
use crate::configuration::{ConfigurationError, Problem};

/// Many issuers in one process, each with its keys, modes and policy.
///
/// The host says by a name which one a request is for, such as the first segment of its path, looks
/// a tenant up that is not here yet, and inserts it: until it is first asked for, a tenant costs
/// nothing. Servers share nothing with each other but what the host's builders share.
///
/// ```
/// use std::sync::Arc;
///
/// use jarm_core::authorization_server::Tenants;
/// use jarm_core::{AuthorizationServer, Configuration};
///
/// async fn server(tenants: &Tenants, name: &str) -> Result<Option<Arc<AuthorizationServer>>, String> {
///     if let Some(server) = tenants.get(name) {
///         return Ok(Some(server));
///     }
///     let Some(configuration) = look_up(name).await? else {
///         return Ok(None); // nothing is kept of a name that is no tenant's
///     };
///     let builder = AuthorizationServer::builder(configuration);
///     tenants.insert(name, builder).map(Some).map_err(|error| error.to_string())
/// }
///
/// /// Your database.
/// async fn look_up(name: &str) -> Result<Option<Configuration>, String> {
///     Err(format!("no database to find {name} in"))
/// }
/// # let _ = server;
/// ```
#[derive(Debug, Default)]
pub struct Tenants {
    servers: RwLock<HashMap<String, Arc<CurrentServer>>>,
}

impl Tenants {
    /// Starts without any.
    pub fn new() -> Self {
        Self::default()
    }

    /// The server in force for a tenant that is here.
    pub fn get(&self, name: &str) -> Option<Arc<AuthorizationServer>> {
        self.current(name).map(|current| current.get())
    }

    /// The same, to be [replaced](CurrentServer::replace) while it is used.
    pub fn current(&self, name: &str) -> Option<Arc<CurrentServer>> {
        let servers = self.servers.read().unwrap_or_else(PoisonError::into_inner);
        servers.get(name).cloned()
    }

    /// Builds a tenant's server and keeps it. Where another request was quicker, its server is
    /// returned, and this one dropped.
    ///
    /// # Errors
    ///
    /// [`ConfigurationError`] when the server cannot be built, or has the issuer of another tenant:
    /// two names for one tenant would be two servers, with used ids and keys of their own.
    pub fn insert(
        &self,
        name: &str,
        builder: AuthorizationServerBuilder,
    ) -> Result<Arc<AuthorizationServer>, ConfigurationError> {
        let built = builder.build()?; // without the lock
        let mut servers = self.servers.write().unwrap_or_else(PoisonError::into_inner);
        let issuer = built.issuer();
        let mut others = servers.iter().filter(|(own, _)| *own != name);
        if let Some((other, _)) = others.find(|(_, other)| other.get().issuer() == issuer) {
            let why =
                format!("`{issuer}` is the issuer of tenant `{other}`, too: give each its own");
            return Err(ConfigurationError::new("issuer", Problem::Invalid(why)));
        }
        Ok(match servers.entry(name.to_owned()) {
            Entry::Occupied(first) => first.get().get(),
            Entry::Vacant(place) => place.insert(Arc::new(CurrentServer::new(built))).get(),
        })
    }

    /// Lets go of a tenant that is gone. To change one, [replace](CurrentServer::replace) its server: a
    /// server that is made anew knows neither the used ids of the one before, unless the host keeps
    /// them, nor its keys.
    pub fn remove(&self, name: &str) {
        let mut servers = self.servers.write().unwrap_or_else(PoisonError::into_inner);
        servers.remove(name);
    }
}
