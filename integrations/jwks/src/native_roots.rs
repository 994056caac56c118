use std::sync::Arc;

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::{ClientConfig, RootCertStore};

use crate::{JwksFetcher, JwksFetcherBuilder};

impl JwksFetcher {
    /// Begins with a TLS configuration of aws-lc-rs that trusts the certificates that the operating
    /// system trusts now. They are read once.
    ///
    /// # Errors
    ///
    /// [`NoNativeRoots`] when there are none.
    pub fn with_native_roots() -> Result<JwksFetcherBuilder, NoNativeRoots> {
        let found = rustls_native_certs::load_native_certs();
        let mut roots = RootCertStore::empty();
        let (trusted, _unreadable) = roots.add_parsable_certificates(found.certs);
        if trusted == 0 {
            let why = found.errors.into_iter().next();
            return Err(NoNativeRoots(why.map(Into::into)));
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| NoNativeRoots(Some(error.into())))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self::builder(Arc::new(tls)))
    }
}

/// The operating system trusts no certificates, or they cannot be read.
#[derive(Debug, thiserror::Error)]
#[error(
    "there are no certificates that the operating system trusts: install them, or give a TLS configuration"
)]
pub struct NoNativeRoots(#[source] Option<jarm_core::BoxError>);
