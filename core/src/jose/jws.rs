use std::fmt::Debug;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{ClientSecret, Jwk};
use crate::future::{BoxError, BoxFuture};
use crate::vocabulary::JwsAlgorithm;

/// One private key used with one algorithm: what signs response JWTs.
///
/// Implement it for a hardware security module or a cloud key service; `jarm-jose` implements it
/// for keys in memory. The key behind [`key_id`](Self::key_id) is the key that signs, always: to
/// rotate, make a new signer ([RFC 7515 4.1.4]).
///
/// [RFC 7515 4.1.4]: https://www.rfc-editor.org/rfc/rfc7515#section-4.1.4
pub trait JwsSigner: Debug + Send + Sync {
    /// The algorithm of every signature.
    fn algorithm(&self) -> &JwsAlgorithm;

    /// The `kid` under which the public key is published.
    fn key_id(&self) -> &str;

    /// The public key. `kid`, `use` and `alg` are set when it is published.
    fn public_key(&self) -> Jwk;

    /// Signs the JWS signing input, `BASE64URL(header) '.' BASE64URL(payload)` in ASCII.
    ///
    /// Returns the signature octets as [RFC 7518 3] defines them: for ECDSA `R || S` of fixed
    /// length, not DER.
    ///
    /// # Errors
    ///
    /// [`SigningError`] when there is no signature. Nothing is then sent to the client.
    ///
    /// [RFC 7518 3]: https://www.rfc-editor.org/rfc/rfc7518#section-3
    fn sign<'a>(&'a self, signing_input: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SigningError>>;
}

/// HMAC under clients' secrets: what signs `HS*` responses.
pub trait ClientSecretMac: Debug + Send + Sync {
    /// The algorithms that can be computed.
    fn algorithms(&self) -> &[JwsAlgorithm];

    /// Computes the MAC of the signing input, under the secret's UTF-8 octets.
    ///
    /// # Errors
    ///
    /// [`SigningError`] when the algorithm is not one of [`algorithms`](Self::algorithms) or the
    /// secret is shorter than the MAC ([RFC 7518 3.2]).
    ///
    /// [RFC 7518 3.2]: https://www.rfc-editor.org/rfc/rfc7518#section-3.2
    fn mac(
        &self,
        algorithm: &JwsAlgorithm,
        secret: &ClientSecret,
        signing_input: &[u8],
    ) -> Result<Vec<u8>, SigningError>;
}

const _: Option<(&dyn JwsSigner, &dyn ClientSecretMac)> = None;

/// A signature could not be made.
///
/// A local primitive's failure has no detail; a remote signer's failure carries its source, for
/// the host's log and never for the client.
#[derive(Debug, Default, thiserror::Error)]
#[error("the response could not be signed")]
pub struct SigningError {
    #[source]
    source: Option<BoxError>,
}

impl SigningError {
    /// A failure without detail.
    pub fn opaque() -> Self {
        Self::default()
    }

    /// A failure of something remote.
    pub fn from_source(source: impl Into<BoxError>) -> Self {
        Self {
            source: Some(source.into()),
        }
    }
}

/// A signer with its JOSE header serialised once: what makes JWTs in compact serialisation.
///
/// Response JWTs are made by the [`AuthorizationServer`](crate::AuthorizationServer). This is for
/// the host's other JWTs that the same signer signs, such as ID Tokens.
#[derive(Clone, Debug)]
pub struct CompactJws {
    signer: Arc<dyn JwsSigner>,
    header: String,
}

impl CompactJws {
    /// The header holds the signer's `alg` and `kid`, and `typ` where there is one.
    pub fn new(signer: Arc<dyn JwsSigner>, typ: Option<&str>) -> Self {
        let header = encoded_header(signer.algorithm(), typ, Some(signer.key_id()));
        Self { signer, header }
    }

    /// The signer.
    pub fn signer(&self) -> &Arc<dyn JwsSigner> {
        &self.signer
    }

    /// Makes the compact serialisation over a JSON payload ([RFC 7515 7.1]).
    ///
    /// # Errors
    ///
    /// [`SigningError`] when the signer fails.
    ///
    /// [RFC 7515 7.1]: https://www.rfc-editor.org/rfc/rfc7515#section-7.1
    pub async fn sign(&self, payload: &[u8]) -> Result<String, SigningError> {
        let mut jws = signing_input(&self.header, payload);
        let signature = self.signer.sign(jws.as_bytes()).await?;
        append_signature(&mut jws, &signature)?;
        Ok(jws)
    }
}

/// The same for `HS*`: no `kid`, because a client's secret is in no JWK Set.
#[derive(Clone, Debug)]
pub(crate) struct ClientSecretJws {
    mac: Arc<dyn ClientSecretMac>,
    headers: Vec<(JwsAlgorithm, String)>,
}

impl ClientSecretJws {
    pub(crate) fn new(mac: Arc<dyn ClientSecretMac>, typ: Option<&str>) -> Self {
        let header = |algorithm: &JwsAlgorithm| encoded_header(algorithm, typ, None);
        let headers = mac
            .algorithms()
            .iter()
            .map(|own| (own.clone(), header(own)))
            .collect();
        Self { mac, headers }
    }

    pub(crate) fn algorithms(&self) -> &[JwsAlgorithm] {
        self.mac.algorithms()
    }

    pub(crate) fn sign(
        &self,
        algorithm: &JwsAlgorithm,
        secret: &ClientSecret,
        payload: &[u8],
    ) -> Result<String, SigningError> {
        let header = self.headers.iter().find(|(own, _)| own == algorithm);
        let (_, header) = header.ok_or_else(SigningError::opaque)?;
        let mut jws = signing_input(header, payload);
        let signature = self.mac.mac(algorithm, secret, jws.as_bytes())?;
        append_signature(&mut jws, &signature)?;
        Ok(jws)
    }
}

fn encoded_header(algorithm: &JwsAlgorithm, typ: Option<&str>, kid: Option<&str>) -> String {
    let mut header = serde_json::Map::new();
    header.insert("alg".into(), algorithm.as_str().into());
    header.extend(typ.map(|typ| ("typ".into(), typ.into())));
    header.extend(kid.map(|kid| ("kid".into(), kid.into())));
    URL_SAFE_NO_PAD.encode(serde_json::Value::Object(header).to_string())
}

/// `header.payload`, with room for the largest usual signature.
fn signing_input(header: &str, payload: &[u8]) -> String {
    const SIGNATURE: usize = 684; // RSA with 4096 bits, in base64url
    let payload_length = payload.len().div_ceil(3) * 4;
    let mut input = String::with_capacity(header.len() + payload_length + SIGNATURE + 2);
    input.push_str(header);
    input.push('.');
    URL_SAFE_NO_PAD.encode_string(payload, &mut input);
    input
}

/// An empty signature is what `none` has: whoever returns one has failed.
fn append_signature(input: &mut String, signature: &[u8]) -> Result<(), SigningError> {
    if signature.is_empty() {
        return Err(SigningError::opaque());
    }
    input.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, input);
    Ok(())
}
