use std::fmt::Debug;
use std::io;
use std::net::{IpAddr, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::Duration;

use jarm_core::BoxFuture;
use tokio::sync::Semaphore;
use tokio::time::timeout;

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
    /// The error of the look-up. No address at all counts as one, too. With
    /// [`ResourceBusy`](io::ErrorKind::ResourceBusy) the name is not blamed, and looked up again when
    /// it is asked for the next time.
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;
}

const _: Option<&dyn Resolver> = None;

/// A look-up cannot be cut off, and takes a thread until the operating system gives up.
const LOOK_UPS: usize = 16;

/// How long a look-up waits for its turn. Names that their owner's servers are slow to answer for
/// take all turns; that is not to be held against other names.
const TURN: Duration = Duration::from_secs(1);

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
            let permit = timeout(TURN, self.0.clone().acquire_owned()).await;
            let permit = permit.map_err(|_| io::ErrorKind::ResourceBusy)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_name_that_gets_no_turn_is_not_blamed() {
        let resolver = SystemResolver::default();
        let _slow = resolver.0.acquire_many(16).await.unwrap();
        let error = resolver.resolve("a.example").await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ResourceBusy);
    }
}
