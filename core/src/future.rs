use std::future::Future;
use std::pin::Pin;

/// A future that a trait object returns.
///
/// Dropping it before it is ready leaves nothing half done, so a host can put its own time-out
/// around any call of this library.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A source of an error, as remote signers and stores report it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
