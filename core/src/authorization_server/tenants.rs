use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use super::{AuthorizationServer, AuthorizationServerBuilder, CurrentServer};
use crate::configuration::{ConfigurationError, Problem};

/// Many issuers in one process, each with its keys, modes and policy.
///
/// The host says by a name which one a request is for, such as the first segment of its path. A
/// tenant's server is made when it is first asked for; until then it costs nothing. Servers share
/// nothing with each other but what the host's builders share.
///
/// ```
/// use jarm_core::authorization_server::Tenants;
/// use jarm_core::{AuthorizationServer, Configuration};
///
/// let tenants = Tenants::new(|name: &str| {
///     let known = ["blue", "red"].contains(&name);
///     let issuer = format!("https://as.example/{name}").parse().ok()?;
///     known.then(|| AuthorizationServer::builder(Configuration::new(issuer)))
/// });
/// assert!(tenants.get("green")?.is_none());
/// # Ok::<(), jarm_core::configuration::ConfigurationError>(())
/// ```
pub struct Tenants<F> {
    make: F,
    servers: RwLock<HashMap<String, Arc<CurrentServer>>>,
}

impl<F: Fn(&str) -> Option<AuthorizationServerBuilder>> Tenants<F> {
    /// Takes what tells a tenant's configuration and keys by its name; `None` where there is no such
    /// tenant.
    pub fn new(make: F) -> Self {
        Self {
            make,
            servers: RwLock::default(),
        }
    }

    /// The server in force for a tenant; `None` where there is no such tenant.
    ///
    /// # Errors
    ///
    /// [`ConfigurationError`] when it is asked for the first time and cannot be built, or has the
    /// issuer of another tenant.
    pub fn get(&self, name: &str) -> Result<Option<Arc<AuthorizationServer>>, ConfigurationError> {
        Ok(self.current(name)?.map(|current| current.get()))
    }

    /// The same, to be [replaced](CurrentServer::replace) while it is used.
    ///
    /// # Errors
    ///
    /// As of [`get`](Self::get).
    pub fn current(&self, name: &str) -> Result<Option<Arc<CurrentServer>>, ConfigurationError> {
        let servers = self.servers.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = servers.get(name) {
            return Ok(Some(known.clone()));
        }
        drop(servers);
        // Nothing is kept of names that are no tenant's: anybody can make those up.
        let Some(builder) = (self.make)(name) else {
            return Ok(None);
        };
        let made = builder.build()?; // without the lock
        let mut servers = self.servers.write().unwrap_or_else(PoisonError::into_inner);
        let issuer = made.issuer();
        let mut others = servers.iter().filter(|(own, _)| *own != name);
        if let Some((other, _)) = others.find(|(_, other)| other.get().issuer() == issuer) {
            let why =
                format!("`{issuer}` is the issuer of tenant `{other}`, too: give each its own");
            return Err(ConfigurationError::new("issuer", Problem::Invalid(why)));
        }
        Ok(Some(match servers.entry(name.to_owned()) {
            Entry::Occupied(first) => first.get().clone(), // somebody was quicker
            Entry::Vacant(place) => place.insert(Arc::new(CurrentServer::new(made))).clone(),
        }))
    }

    /// Lets go of a tenant that is gone. To change one, [replace](CurrentServer::replace) its server: a
    /// server that is made anew knows neither the used ids of the one before, unless the host keeps
    /// them, nor its keys.
    pub fn remove(&self, name: &str) {
        let mut servers = self.servers.write().unwrap_or_else(PoisonError::into_inner);
        servers.remove(name);
    }
}

impl<F> fmt::Debug for Tenants<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenants")
            .field("servers", &self.servers)
            .finish_non_exhaustive()
    }
}
