//! The client's role, for clients that are registered here.

use std::sync::Arc;

use jarm::client::{ResponseVerifier, ResponseVerifierError};
use jarm::jose::{JwaDecrypter, JwaVerifier};

use crate::clients::RegisteredClient;
use crate::state::Host;

/// What verifies the responses that a client gets from this server: by what it registered, with its
/// secret, and with the public keys as they are published now.
///
/// A client somewhere else has an `IssuerKeySource` that fetches the issuer's `jwks_uri`.
pub(crate) fn of(
    host: &Host,
    client: &RegisteredClient,
) -> Result<ResponseVerifier, ResponseVerifierError> {
    let server = host.current.get();
    ResponseVerifier::builder(server.issuer().clone(), client.client.clone())
        .verifier(Arc::new(JwaVerifier))
        .issuer_keys(Arc::new(server.jwks()))
        .decrypter(Arc::new(JwaDecrypter))
        .clock(host.clock.clone())
        .build()
}
