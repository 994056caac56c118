//! Signed, then encrypted: the compact serialisation of a JWE whose content is a JWS
//! ([JARM 2.2], [RFC 7516 7.1]).
//!
//! [JARM 2.2]: https://openid.net/specs/oauth-v2-jarm.html#section-2.2
//! [RFC 7516 7.1]: https://www.rfc-editor.org/rfc/rfc7516#section-7.1

use base64::Engine as _;
use base64::display::Base64Display;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Serialize, Serializer};

use super::{ContentKey, EncryptionError, JweEncrypter, KeyManagementHeader};
use crate::vocabulary::{JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm};

/// How a client's responses are encrypted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct JweAlgorithms<'a> {
    pub(crate) alg: &'a JweKeyManagementAlgorithm,
    pub(crate) enc: &'a JweContentEncryptionAlgorithm,
}

impl JweAlgorithms<'_> {
    /// How many octets a client's secret must have at least: as many as the key that is derived
    /// from it, and no more than `HS256` asks for. A shorter one can be guessed
    /// ([RFC 8725 3.5]).
    ///
    /// [RFC 8725 3.5]: https://www.rfc-editor.org/rfc/rfc8725#section-3.5
    pub(crate) fn least_secret_octets(self) -> usize {
        const ENOUGH: usize = 32;
        let derived = self.alg.derived_octets(self.enc);
        derived.map_or(ENOUGH, |octets| octets.min(ENOUGH))
    }

    /// Encrypts a JWS in compact serialisation to whoever gets at `content_key`.
    ///
    /// # Errors
    ///
    /// [`EncryptionError`] when the encrypter fails, and when what it returns contradicts itself.
    pub(crate) fn encrypt(
        self,
        encrypter: &dyn JweEncrypter,
        (content_key, kid): (&ContentKey, Option<&str>),
        jws: String,
    ) -> Result<String, EncryptionError> {
        const REST: usize = 128; // initialization vector, padding, tag and dots, in base64url
        let (key, encrypted_key) = (content_key.key(), content_key.encrypted_key());
        let has_size = self.enc.key_octets().is_none_or(|size| size == key.len());
        if !has_size || encrypted_key.is_empty() != self.alg.is_direct() {
            return Err(EncryptionError);
        }
        let header = serde_json::to_vec(&self.header(kid, content_key.header()));
        let header = header.map_err(|_| EncryptionError)?;
        let octets = header.len() + encrypted_key.len() + jws.len();
        let mut jwe = String::with_capacity(octets.div_ceil(3) * 4 + REST);
        URL_SAFE_NO_PAD.encode_string(header, &mut jwe);
        let mut content = jws.into_bytes();
        let added = encrypter.encrypt(self.enc, key, jwe.as_bytes(), &mut content)?;
        if content.is_empty() || added.iv.is_empty() || added.tag.is_empty() {
            return Err(EncryptionError);
        }
        for part in [encrypted_key, &added.iv, &content, &added.tag] {
            jwe.push('.');
            URL_SAFE_NO_PAD.encode_string(part, &mut jwe);
        }
        Ok(jwe)
    }

    fn header<'a>(
        &'a self,
        kid: Option<&'a str>,
        key_management: Option<&'a KeyManagementHeader>,
    ) -> Header<'a> {
        let (mut epk, mut iv, mut tag) = (None, None, None);
        match key_management {
            Some(KeyManagementHeader::EphemeralPublicKey { curve, x, y }) => {
                epk = Some(EphemeralPublicKey {
                    kty: if y.is_some() { "EC" } else { "OKP" },
                    crv: curve,
                    x: Octets(x),
                    y: y.as_deref().map(Octets),
                });
            }
            Some(KeyManagementHeader::KeyWrap { iv: own, tag: its }) => {
                (iv, tag) = (Some(Octets(own)), Some(Octets(its)));
            }
            None => {}
        }
        Header {
            alg: self.alg,
            enc: self.enc,
            cty: "JWT",
            kid,
            epk,
            iv,
            tag,
        }
    }
}

/// The whole protected header. `cty` says that the content is a JWT itself ([RFC 7519 5.2]).
///
/// [RFC 7519 5.2]: https://www.rfc-editor.org/rfc/rfc7519#section-5.2
#[derive(Serialize)]
struct Header<'a> {
    alg: &'a JweKeyManagementAlgorithm,
    enc: &'a JweContentEncryptionAlgorithm,
    cty: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    epk: Option<EphemeralPublicKey<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iv: Option<Octets<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<Octets<'a>>,
}

#[derive(Serialize)]
struct EphemeralPublicKey<'a> {
    kty: &'static str,
    crv: &'static str,
    x: Octets<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<Octets<'a>>,
}

/// Octets in base64url.
struct Octets<'a>(&'a [u8]);

impl Serialize for Octets<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Base64Display::new(self.0, &URL_SAFE_NO_PAD))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::jose::{ClientSecret, IvAndTag, JwePublicKey, Jwk, PublicKeyError};

    /// Returns what it holds.
    #[derive(Debug)]
    struct Returns(&'static [u8], &'static [u8]);

    impl JweEncrypter for Returns {
        fn key_management_algorithms(&self) -> &[JweKeyManagementAlgorithm] {
            &[]
        }

        fn content_encryption_algorithms(&self) -> &[JweContentEncryptionAlgorithm] {
            &[]
        }

        fn public_key(&self, _: &Jwk) -> Result<Arc<dyn JwePublicKey>, PublicKeyError> {
            Err(PublicKeyError::Unsupported("none".into()))
        }

        fn content_key_for_secret(
            &self,
            _: &JweKeyManagementAlgorithm,
            _: &JweContentEncryptionAlgorithm,
            _: &ClientSecret,
        ) -> Result<ContentKey, EncryptionError> {
            Err(EncryptionError)
        }

        fn encrypt(
            &self,
            _: &JweContentEncryptionAlgorithm,
            _: &[u8],
            associated_data: &[u8],
            content: &mut Vec<u8>,
        ) -> Result<IvAndTag, EncryptionError> {
            assert!(associated_data.iter().all(|octet| *octet != b'.'));
            content.reverse();
            Ok(IvAndTag {
                iv: self.0.to_vec(),
                tag: self.1.to_vec(),
            })
        }
    }

    const ECDH: JweAlgorithms<'_> = JweAlgorithms {
        alg: &JweKeyManagementAlgorithm::ECDH_ES,
        enc: &JweContentEncryptionAlgorithm::A128GCM,
    };
    const WRAP: JweAlgorithms<'_> = JweAlgorithms {
        alg: &JweKeyManagementAlgorithm::A128GCMKW,
        enc: &JweContentEncryptionAlgorithm::A128GCM,
    };

    fn encrypt(
        algorithms: JweAlgorithms<'_>,
        encrypter: &Returns,
        key: &ContentKey,
    ) -> Result<String, EncryptionError> {
        algorithms.encrypt(encrypter, (key, Some("k\"1")), "a.b.c".to_owned())
    }

    fn header(jwe: &str) -> String {
        let header = URL_SAFE_NO_PAD.decode(jwe.split('.').next().unwrap());
        String::from_utf8(header.unwrap()).unwrap()
    }

    #[test]
    fn the_header_has_what_the_algorithm_needs_and_no_more() {
        let works = Returns(b"iv", b"tag");
        let agreed =
            ContentKey::new(vec![0; 16]).with_header(KeyManagementHeader::EphemeralPublicKey {
                curve: "P-256",
                x: vec![1],
                y: Some(vec![2]),
            });
        let jwe = encrypt(ECDH, &works, &agreed).unwrap();
        assert_eq!(
            header(&jwe),
            r#"{"alg":"ECDH-ES","enc":"A128GCM","cty":"JWT","kid":"k\"1","epk":{"kty":"EC","crv":"P-256","x":"AQ","y":"Ag"}}"#
        );
        assert_eq!(jwe.split_once('.').unwrap().1, ".aXY.Yy5iLmE.dGFn");

        let wrapped = ContentKey::new(vec![0; 16]).with_encrypted_key(vec![3]);
        let wrapped = wrapped.with_header(KeyManagementHeader::KeyWrap {
            iv: vec![4],
            tag: vec![5],
        });
        let jwe = encrypt(WRAP, &works, &wrapped).unwrap();
        assert_eq!(
            header(&jwe),
            r#"{"alg":"A128GCMKW","enc":"A128GCM","cty":"JWT","kid":"k\"1","iv":"BA","tag":"BQ"}"#
        );
    }

    #[test]
    fn an_encrypter_that_contradicts_itself_has_failed() {
        let key = || ContentKey::new(vec![0; 16]);
        let works = Returns(b"iv", b"tag");
        for (algorithms, encrypter, key) in [
            (ECDH, &works, key().with_encrypted_key(vec![1])), // nothing is transported
            (WRAP, &works, key()),                             // something is
            (ECDH, &works, ContentKey::new(vec![0; 15])),
            (ECDH, &Returns(b"", b"tag"), key()),
            (ECDH, &Returns(b"iv", b""), key()),
        ] {
            assert_eq!(encrypt(algorithms, encrypter, &key), Err(EncryptionError));
        }
    }
}
