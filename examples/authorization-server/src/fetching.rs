//! Where the keys of clients come from that registered a `jwks_uri`.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jarm::authorization_server::ClientKeySource;
use serde::{Deserialize, Serialize};

use crate::StartError;

/// The table `[jwks_uri]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct FetchSettings {
    /// Whether keys are fetched; if not, a `jwks_uri` is refused.
    pub fetch: bool,
    /// Hosts that may have addresses of the own network. No others may, since anybody can register
    /// a URL.
    pub allow_private_hosts: Vec<String>,
    /// A PEM file of certificates that are trusted beside those of the operating system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificates: Option<PathBuf>,
}

impl Default for FetchSettings {
    fn default() -> Self {
        Self {
            fetch: true,
            allow_private_hosts: Vec::new(),
            certificates: None,
        }
    }
}

impl FetchSettings {
    /// Takes the file of certificates from beside the configuration file.
    pub(crate) fn beside(&mut self, file: &Path) {
        if let (Some(certificates), Some(directory)) = (&mut self.certificates, file.parent()) {
            *certificates = directory.join(&*certificates);
        }
    }
}

/// The settings in force, and the source that came of them.
#[derive(Clone)]
pub(crate) struct Fetching {
    settings: FetchSettings,
    /// What the file of certificates holds.
    pem: Vec<u8>,
    source: Option<Arc<dyn ClientKeySource>>,
}

impl Fetching {
    pub(crate) fn new(settings: FetchSettings) -> Result<Self, StartError> {
        let pem = read(&settings)?;
        Self::with(settings, pem)
    }

    /// The same with other settings. As long as nothing changes, what was fetched is kept.
    pub(crate) fn renewed(&self, settings: FetchSettings) -> Result<Self, StartError> {
        let pem = read(&settings)?;
        if settings == self.settings && pem == self.pem {
            return Ok(self.clone());
        }
        Self::with(settings, pem)
    }

    pub(crate) fn source(&self) -> Option<Arc<dyn ClientKeySource>> {
        self.source.clone()
    }

    fn with(settings: FetchSettings, pem: Vec<u8>) -> Result<Self, StartError> {
        let source = if settings.fetch {
            fetcher(&settings, &pem)?
        } else {
            None
        };
        Ok(Self {
            settings,
            pem,
            source,
        })
    }
}

impl fmt::Debug for Fetching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetching")
            .field("settings", &self.settings)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

fn read(settings: &FetchSettings) -> Result<Vec<u8>, StartError> {
    let Some(path) = &settings.certificates else {
        return Ok(Vec::new());
    };
    std::fs::read(path)
        .map_err(|error| wrong("certificates", format!("{}: {error}", path.display())))
}

fn wrong(key: &str, problem: impl fmt::Display) -> StartError {
    StartError::Fetching(format!("jwks_uri.{key}: {problem}"))
}

/// This build has no TLS: a `jwks_uri` is refused.
#[cfg(not(feature = "fetch"))]
fn fetcher(
    settings: &FetchSettings,
    _: &[u8],
) -> Result<Option<Arc<dyn ClientKeySource>>, StartError> {
    if settings.allow_private_hosts.is_empty() && settings.certificates.is_none() {
        return Ok(None);
    }
    Err(wrong(
        "fetch",
        "this server was built without the feature `fetch`: leave the table out",
    ))
}

#[cfg(feature = "fetch")]
fn fetcher(
    settings: &FetchSettings,
    pem: &[u8],
) -> Result<Option<Arc<dyn ClientKeySource>>, StartError> {
    use jarm::jwks::JwksFetcher;
    use rustls::ClientConfig;
    use rustls::crypto::aws_lc_rs::default_provider;

    let roots = roots(pem)?;
    if roots.is_empty() {
        tracing::warn!(
            "keys are not fetched: the operating system trusts no certificates, and jwks_uri.certificates names none"
        );
        return Ok(None);
    }
    let tls = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong("fetch", error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut builder = JwksFetcher::builder(Arc::new(tls));
    for (index, host) in settings.allow_private_hosts.iter().enumerate() {
        let key = format!("allow_private_hosts[{index}]");
        builder = builder
            .allow_private_host(host)
            .map_err(|error| wrong(&key, error))?;
    }
    Ok(Some(Arc::new(builder.build())))
}

/// What the operating system trusts, and what the operator adds.
#[cfg(feature = "fetch")]
fn roots(pem: &[u8]) -> Result<rustls::RootCertStore, StartError> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;

    let mut roots = rustls::RootCertStore::empty();
    let native = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(native.certs);
    let own = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    let own = own.map_err(|error| wrong("certificates", error))?;
    if own.is_empty() && !pem.is_empty() {
        return Err(wrong("certificates", "there is no certificate in the file"));
    }
    for certificate in own {
        roots
            .add(certificate)
            .map_err(|error| wrong("certificates", error))?;
    }
    Ok(roots)
}
