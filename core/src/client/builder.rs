use std::sync::Arc;

use super::decryption::Decryption;
use super::verifier::IssParameter;
use super::{IssuerKeySource, ResponseVerifier};
use crate::clock::{Clock, SystemClock};
use crate::jose::{AlgAndEnc, JweDecrypter, JweDecryptionKey, JwsVerifier};
use crate::metadata::{Client, EncWithoutAlg};
use crate::vocabulary::{
    Issuer, JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm, JwsAlgorithm,
};

/// How far apart the clocks of server and client may be, if nothing else is said, in seconds.
const CLOCK_SKEW: u64 = 30;

/// A response lives for minutes; a skew beyond that would be its lifetime.
const LARGEST_CLOCK_SKEW: u64 = 300;

/// What a [`ResponseVerifier`] is made from.
#[derive(Debug)]
#[must_use]
pub struct ResponseVerifierBuilder {
    issuer: Issuer,
    client: Client,
    verifier: Option<Arc<dyn JwsVerifier>>,
    issuer_keys: Option<Arc<dyn IssuerKeySource>>,
    decrypter: Option<Arc<dyn JweDecrypter>>,
    decryption_keys: Vec<Arc<dyn JweDecryptionKey>>,
    clock: Arc<dyn Clock>,
    clock_skew: u64,
    longest_lifetime: Option<u64>,
    sole_audience: bool,
    iss_parameter: IssParameter,
}

impl ResponseVerifierBuilder {
    pub(super) fn new(issuer: Issuer, client: Client) -> Self {
        Self {
            issuer,
            client,
            verifier: None,
            issuer_keys: None,
            decrypter: None,
            decryption_keys: Vec::new(),
            clock: Arc::new(SystemClock),
            clock_skew: CLOCK_SKEW,
            longest_lifetime: None,
            sole_audience: false,
            iss_parameter: IssParameter::Required,
        }
    }

    /// What verifies signatures; always needed.
    pub fn verifier(mut self, verifier: Arc<dyn JwsVerifier>) -> Self {
        self.verifier = Some(verifier);
        self
    }

    /// Where the issuer's public keys come from; needed unless responses are signed with the
    /// client's secret (`HS*`), and not asked then.
    pub fn issuer_keys(mut self, source: Arc<dyn IssuerKeySource>) -> Self {
        self.issuer_keys = Some(source);
        self
    }

    /// What decrypts; needed where the client registered encryption.
    pub fn decrypter(mut self, decrypter: Arc<dyn JweDecrypter>) -> Self {
        self.decrypter = Some(decrypter);
        self
    }

    /// Adds a private key of the client, of which it registered the public half. Keep the former
    /// one for as long as responses to it may be on their way.
    pub fn decryption_key(mut self, key: Arc<dyn JweDecryptionKey>) -> Self {
        self.decryption_keys.push(key);
        self
    }

    /// Adds several keys, such as those of a private JWK Set.
    pub fn decryption_keys(
        mut self,
        keys: impl IntoIterator<Item = Arc<dyn JweDecryptionKey>>,
    ) -> Self {
        self.decryption_keys.extend(keys);
        self
    }

    /// The clock; the operating system's, if not called.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// By how many seconds the server's clock may differ: 30, if not called; 300 at most.
    pub fn clock_skew(mut self, seconds: u64) -> Self {
        self.clock_skew = seconds;
        self
    }

    /// Refuses responses that are valid for longer than so many seconds; [JARM 2.1] recommends that
    /// servers keep to 600. There is no limit, if not called, because some do not.
    ///
    /// [JARM 2.1]: https://openid.net/specs/oauth-v2-jarm.html#section-2.1
    pub fn longest_lifetime(mut self, seconds: u64) -> Self {
        self.longest_lifetime = Some(seconds);
        self
    }

    /// Refuses responses whose `aud` names others beside the client. They are accepted, if not
    /// called ([RFC 7519 4.1.3]).
    ///
    /// [RFC 7519 4.1.3]: https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3
    pub fn sole_audience(mut self) -> Self {
        self.sole_audience = true;
        self
    }

    /// Accepts responses in plain modes that do not say whose they are. For servers whose metadata
    /// lack `authorization_response_iss_parameter_supported`, and never for a client of several
    /// issuers, which cannot tell them apart then ([RFC 9207 2.4], [RFC 9700 4.4]).
    ///
    /// [RFC 9207 2.4]: https://www.rfc-editor.org/rfc/rfc9207#section-2.4
    /// [RFC 9700 4.4]: https://www.rfc-editor.org/rfc/rfc9700#section-4.4
    pub fn allow_plain_responses_without_iss(mut self) -> Self {
        self.iss_parameter = IssParameter::MayBeMissing;
        self
    }

    /// Makes the verifier.
    ///
    /// # Errors
    ///
    /// [`ResponseVerifierError`] when something is missing that its client's responses will need,
    /// so that none of them is refused for that reason later.
    pub fn build(self) -> Result<ResponseVerifier, ResponseVerifierError> {
        let Self {
            issuer,
            client,
            verifier,
            issuer_keys,
            decrypter,
            decryption_keys,
            clock,
            clock_skew,
            longest_lifetime,
            sole_audience,
            iss_parameter,
        } = self;
        if clock_skew > LARGEST_CLOCK_SKEW {
            return Err(ResponseVerifierError::ClockSkew { clock_skew });
        }
        let verifier = verifier.ok_or(ResponseVerifierError::NoVerifier)?;
        let registered = &client.metadata().authorization_signed_response_alg;
        let signing_alg = registered.clone().unwrap_or(JwsAlgorithm::RS256);
        if !verifier.algorithms().contains(&signing_alg) {
            return Err(ResponseVerifierError::Signing(signing_alg));
        }
        let now = clock.now();
        let has_secret = |least| client.usable_secrets(now, least).next().is_some();
        let issuer_keys = match signing_alg.least_secret_octets() {
            Some(least) if !has_secret(least) => {
                return Err(ResponseVerifierError::NoSecret { least });
            }
            Some(_) => None,
            None => Some(issuer_keys.ok_or(ResponseVerifierError::NoIssuerKeys)?),
        };
        let decryption = match client.metadata().encryption() {
            Err(EncWithoutAlg) => return Err(ResponseVerifierError::EncWithoutAlg),
            Ok(None) => None,
            Ok(Some(AlgAndEnc { alg, enc })) => {
                let decrypter = decrypter.ok_or(ResponseVerifierError::NoDecrypter)?;
                let decrypts = decrypter.content_encryption_algorithms().contains(enc);
                let by_secret = alg.least_secret_octets(enc);
                let is_known = by_secret.is_none() || decrypter.secret_algorithms().contains(alg);
                if !decrypts || !is_known {
                    let (alg, enc) = (alg.clone(), enc.clone());
                    return Err(ResponseVerifierError::Decryption { alg, enc });
                }
                let fits = |key: &Arc<dyn JweDecryptionKey>| key.algorithms().contains(alg);
                match by_secret {
                    Some(least) if !has_secret(least) => {
                        return Err(ResponseVerifierError::NoSecret { least });
                    }
                    None if !decryption_keys.iter().any(fits) => {
                        return Err(ResponseVerifierError::NoDecryptionKey(alg.clone()));
                    }
                    _ => {}
                }
                let keys = decryption_keys;
                Some(Decryption { decrypter, keys })
            }
        };
        Ok(ResponseVerifier {
            issuer,
            client,
            signing_alg,
            verifier,
            issuer_keys,
            decryption,
            clock,
            clock_skew,
            longest_lifetime,
            sole_audience,
            iss_parameter,
        })
    }
}

/// A verifier cannot be made: what its client registered needs something that it was not given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseVerifierError {
    /// Nothing verifies signatures.
    #[error("nothing verifies signatures: give a `verifier`, such as `JwaVerifier`")]
    NoVerifier,
    /// The registered algorithm cannot be verified.
    #[error(
        "`{0}` cannot be verified: look at `authorization_signed_response_alg` (RS256, if left out) and at the verifier's algorithms"
    )]
    Signing(JwsAlgorithm),
    /// The issuer signs with keys of its own, and there is no source of them.
    #[error("responses are signed with the issuer's key: say where to find it, by `issuer_keys`")]
    NoIssuerKeys,
    /// The client's secret is needed, and there is none that may be used.
    #[error(
        "the client's secret is needed, with {least} octets or more: add it to the `Client`, unless it is a public one"
    )]
    NoSecret {
        /// How many octets it must have at least.
        least: usize,
    },
    /// It is registered how the content is encrypted and not with which key.
    #[error(
        "authorization_encrypted_response_enc is registered without authorization_encrypted_response_alg"
    )]
    EncWithoutAlg,
    /// Encryption is registered, and nothing decrypts.
    #[error(
        "encryption is registered and nothing decrypts: give a `decrypter`, such as `JwaDecrypter`"
    )]
    NoDecrypter,
    /// The registered algorithms cannot be decrypted.
    #[error("{alg} with {enc} is registered, and the decrypter has not both")]
    Decryption {
        /// The key management algorithm.
        alg: JweKeyManagementAlgorithm,
        /// The content encryption algorithm.
        enc: JweContentEncryptionAlgorithm,
    },
    /// No private key of the client can be used with the registered algorithm.
    #[error("{0} is registered, and no `decryption_key` is for it: add the client's private key")]
    NoDecryptionKey(JweKeyManagementAlgorithm),
    /// The skew is larger than a response's lifetime should be.
    #[error(
        "a clock skew of {clock_skew} seconds is refused: set the clocks, and allow 300 at most"
    )]
    ClockSkew {
        /// What was given, in seconds.
        clock_skew: u64,
    },
}
