//! Step 5 of [JARM 2.4]: whose key it is that verifies the signature.
//!
//! [JARM 2.4]: https://openid.net/specs/oauth-v2-jarm.html#section-2.4

use super::header::registered;
use super::{IssuerKeySource, Reason, ResponseVerifier};
use crate::jose::{Header, JwkSet, KeyLookup, Unverified, UnverifiedJws};
use crate::vocabulary::JwsAlgorithm;

impl ResponseVerifier {
    /// Verifies with the pinned algorithm and a key of the issuer, or the client's secret.
    pub(super) async fn check_signature(&self, jws: &UnverifiedJws) -> Result<(), Reason> {
        let algorithm = &self.signing_alg;
        check_header(&jws.header, algorithm)?;
        match &self.issuer_keys {
            Some(source) => self.check_with_keys(source.as_ref(), jws).await,
            None => self.check_with_secret(jws),
        }
    }

    fn check_with_secret(&self, jws: &UnverifiedJws) -> Result<(), Reason> {
        let algorithm = &self.signing_alg;
        let least = algorithm.least_secret_octets().unwrap_or_default();
        let secrets = self.client.usable_secrets(self.clock.now(), least);
        let verified = jws.verify_with_secrets(self.verifier.as_ref(), algorithm, secrets);
        verified.map_err(|_| Reason::Signature)
    }

    async fn check_with_keys(
        &self,
        source: &dyn IssuerKeySource,
        jws: &UnverifiedJws,
    ) -> Result<(), Reason> {
        let known = source.keys(&self.issuer, KeyLookup::First).await?;
        match self.check_with_set(&known, jws) {
            // The issuer may have a new key.
            Err(Reason::NoKey(_)) => {
                let newer = source.keys(&self.issuer, KeyLookup::AfterMiss).await?;
                self.check_with_set(&newer, jws)
            }
            decided => decided,
        }
    }

    fn check_with_set(&self, set: &JwkSet, jws: &UnverifiedJws) -> Result<(), Reason> {
        let verified = jws.verify_with(self.verifier.as_ref(), &self.signing_alg, set);
        verified.map_err(|why| match why {
            Unverified::NoKey => {
                Reason::NoKey("none of the issuer's has the `kid` and is for the `alg`")
            }
            Unverified::SeveralKeys => {
                Reason::NoKey("several of the issuer's do, and no `kid` tells")
            }
            Unverified::Signature => Reason::Signature,
        })
    }
}

/// Whether the header names the pinned algorithm, and nothing that is not understood. A type of
/// another token is refused ([RFC 8725 3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11)).
fn check_header(header: &Header, algorithm: &JwsAlgorithm) -> Result<(), Reason> {
    registered(header, "alg", algorithm.as_str())?;
    if let Some(parameter) = header.refused() {
        let why = "is not understood here";
        return Err(Reason::Header { parameter, why });
    }
    if !header.says("typ", &["JWT"]) {
        let (parameter, why) = ("typ", "is not `JWT`");
        return Err(Reason::Header { parameter, why });
    }
    Ok(())
}
