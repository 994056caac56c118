use std::fmt::Debug;
use std::io;
use std::net::{IpAddr, ToSocketAddrs as _};
use std::sync::Arc;

use jarm_core::BoxFuture;
use tokio::sync::Semaphore;

/// How host names become addresses.
///
/// It is asked once for every connection, and what it says is checked and then connected to: there
/// is no second look-up that could say something else. Names of hosts that may be private pass
/// through here, too; addresses that stand in a URL do not.
pub trait Resolver: Debug + Send + Sync {
    /// The addresses of a host, the preferred one first.
    ///
    /// # Errors
    ///
    /// The error of the look-up. No address at all counts as one, too.
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;
}

const _: Option<&dyn Resolver> = None;

/// A look-up cannot be cut off, and takes a thread until the operating system gives up.
const LOOK_UPS: usize = 16;

/// The operating system's resolver, and the default.
#[derive(Clone, Debug)]
pub struct SystemResolver(Arc<Semaphore>);

impl Default for SystemResolver {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(LOOK_UPS)))
    }
}

impl Resolver for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let permit = self.0.clone().acquire_owned().await;
            let permit = permit.map_err(io::Error::other)?;
            let host = host.to_owned();
            let look_up = move || {
                let _until_it_ends = permit;
                let found = (host.as_str(), 0).to_socket_addrs()?;
                Ok(found.map(|address| address.ip()).collect())
            };
            tokio::task::spawn_blocking(look_up).await?
        })
    }
}
