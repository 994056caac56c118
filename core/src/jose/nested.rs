//! Signed, then encrypted: the compact serialisation of a JWE whose content is a JWS
//! ([JARM 2.2], [RFC 7516 7.1]).
//!
//! [JARM 2.2]: https://openid.net/specs/oauth-v2-jarm.html#section-2.2
//! [RFC 7516 7.1]: https://www.rfc-editor.org/rfc/rfc7516#section-7.1

use base64::Engine as _;
use base64::display::Base64Display;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Serialize, Serializer};

use super::{
    ContentKey, EncryptionError, EphemeralPublicKey, IvAndTag, JweEncrypter, KeyManagementHeader,
};
use crate::vocabulary::{JweContentEncryptionAlgorithm, JweKeyManagementAlgorithm};

/// By which algorithms a client's responses are encrypted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AlgAndEnc<'a> {
    pub(crate) alg: &'a JweKeyManagementAlgorithm,
    pub(crate) enc: &'a JweContentEncryptionAlgorithm,
}

/// Who can decrypt a message: whoever gets at its content key, by the key of this `kid`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recipient<'a> {
    pub(crate) content_key: &'a ContentKey,
    pub(crate) kid: Option<&'a str>,
}

impl AlgAndEnc<'_> {
    /// Encrypts a JWS in compact serialisation.
    ///
    /// # Errors
    ///
    /// [`EncryptionError`] when the encrypter fails, and when what it returns contradicts itself.
    pub(crate) fn encrypt(
        self,
        encrypter: &dyn JweEncrypter,
        recipient: Recipient<'_>,
        jws: String,
    ) -> Result<String, EncryptionError> {
        const HEADER: usize = 512;
        const REST: usize = 128; // initialization vector, padding, tag and dots, in base64url
        let content_key = recipient.content_key;
        self.check_content_key(content_key)?;
        let encrypted_key = content_key.encrypted_key().unwrap_or_default();
        let mut header = Vec::with_capacity(HEADER);
        serde_json::to_writer(&mut header, &self.header(recipient)).map_err(|_| EncryptionError)?;
        let octets = header.len() + encrypted_key.len() + jws.len();
        let mut jwe = String::with_capacity(octets.div_ceil(3) * 4 + REST);
        URL_SAFE_NO_PAD.encode_string(header, &mut jwe);
        let clear = Clear::of(&jws);
        let mut content = jws.into_bytes();
        let added = encrypter.encrypt(self.enc, content_key, jwe.as_bytes(), &mut content)?;
        self.check_content(clear, &content, &added)?;
        for part in [encrypted_key, added.iv(), &content, added.tag()] {
            jwe.push('.');
            URL_SAFE_NO_PAD.encode_string(part, &mut jwe);
        }
        Ok(jwe)
    }

    /// Whether a content key is what the algorithms say, as far as they are known here.
    fn check_content_key(self, content_key: &ContentKey) -> Result<(), EncryptionError> {
        let (key, encrypted_key) = (content_key.key(), content_key.encrypted_key());
        let has_size = self.enc.key_octets().is_none_or(|size| size == key.len());
        let transports = self.alg.transports_key();
        let is_transported = transports.is_none_or(|own| own == encrypted_key.is_some());
        let is_encrypted = encrypted_key.is_none_or(|own| !own.is_empty() && own != key);
        let header = content_key.header();
        let alg = self.alg.as_str();
        let has_header = match header {
            Some(KeyManagementHeader::EphemeralPublicKey(_)) => alg.starts_with("ECDH-"),
            Some(KeyManagementHeader::AesGcmKeyWrap(_)) => alg.ends_with("GCMKW"),
            None => !alg.starts_with("ECDH-ES") && !alg.ends_with("GCMKW"),
        };
        let fits = has_size && is_transported && is_encrypted && has_header;
        fits.then_some(()).ok_or(EncryptionError)
    }

    /// Whether the content has the sizes that the algorithm gives it, and is not what it was.
    fn check_content(
        self,
        clear: Clear,
        content: &[u8],
        added: &IvAndTag,
    ) -> Result<(), EncryptionError> {
        const BLOCK: usize = 16;
        let sizes = (added.iv().len(), added.tag().len(), content.len());
        let padded = clear.length - clear.length % BLOCK + BLOCK;
        let has_sizes = match self.enc.as_str() {
            "A128GCM" | "A192GCM" | "A256GCM" => sizes == (12, 16, clear.length),
            "A128CBC-HS256" => sizes == (BLOCK, 16, padded),
            "A192CBC-HS384" => sizes == (BLOCK, 24, padded),
            "A256CBC-HS512" => sizes == (BLOCK, 32, padded),
            _ => sizes.0 > 0 && sizes.1 > 0 && sizes.2 > 0,
        };
        let fits = has_sizes && !content.starts_with(&clear.begin);
        fits.then_some(()).ok_or(EncryptionError)
    }

    fn header<'a>(&'a self, Recipient { content_key, kid }: Recipient<'a>) -> Header<'a> {
        let mut header = Header {
            alg: self.alg,
            enc: self.enc,
            cty: "JWT",
            kid,
            epk: None,
            iv: None,
            tag: None,
        };
        match content_key.header() {
            Some(KeyManagementHeader::EphemeralPublicKey(epk)) => header.epk = Some(epk.into()),
            Some(KeyManagementHeader::AesGcmKeyWrap(wrap)) => {
                header.iv = Some(Octets(wrap.iv()));
                header.tag = Some(Octets(wrap.tag()));
            }
            None => {}
        }
        header
    }
}

/// What is remembered of the content that is encrypted in place.
#[derive(Clone, Copy)]
struct Clear {
    length: usize,
    /// Sixteen octets of a ciphertext are those of its content by chance once in 2¹²⁸ times.
    begin: [u8; 16],
}

impl Clear {
    fn of(content: &str) -> Self {
        let mut begin = [0; 16];
        for (own, octet) in begin.iter_mut().zip(content.bytes()) {
            *own = octet;
        }
        let length = content.len();
        Self { length, begin }
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
    epk: Option<Epk<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iv: Option<Octets<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<Octets<'a>>,
}

#[derive(Serialize)]
struct Epk<'a> {
    kty: &'static str,
    crv: &'a str,
    x: Octets<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<Octets<'a>>,
}

impl<'a> From<&'a EphemeralPublicKey> for Epk<'a> {
    fn from(key: &'a EphemeralPublicKey) -> Self {
        let (kty, crv, x, y) = match key {
            EphemeralPublicKey::Ec { crv, x, y } => ("EC", crv, x, Some(Octets(y))),
            EphemeralPublicKey::Okp { crv, x } => ("OKP", crv, x, None),
        };
        let x = Octets(x);
        Self { kty, crv, x, y }
    }
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
    use crate::jose::{ClientSecret, JwePublicKey, Jwk, PublicKeyError};

    const JWS: &str = "header.payload.signature";

    /// Returns vectors and tags of these sizes, and the content backwards or as it was.
    #[derive(Clone, Copy, Debug)]
    struct Returns {
        iv: usize,
        tag: usize,
        encrypts: bool,
    }

    const WORKS: Returns = Returns {
        iv: 12,
        tag: 16,
        encrypts: true,
    };

    impl JweEncrypter for Returns {
        fn key_management_algorithms(&self) -> &[JweKeyManagementAlgorithm] {
            &[]
        }

        fn content_encryption_algorithms(&self) -> &[JweContentEncryptionAlgorithm] {
            &[]
        }

        fn public_key(
            &self,
            _: &JweKeyManagementAlgorithm,
            _: &Jwk,
        ) -> Result<Arc<dyn JwePublicKey>, PublicKeyError> {
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
            _: &ContentKey,
            associated_data: &[u8],
            content: &mut Vec<u8>,
        ) -> Result<IvAndTag, EncryptionError> {
            assert!(associated_data.iter().all(|octet| *octet != b'.'));
            if self.encrypts {
                content.reverse();
            }
            Ok(IvAndTag::new(&vec![1; self.iv], &vec![2; self.tag]))
        }
    }

    const ECDH: AlgAndEnc<'_> = AlgAndEnc {
        alg: &JweKeyManagementAlgorithm::ECDH_ES,
        enc: &JweContentEncryptionAlgorithm::A128GCM,
    };
    const WRAP: AlgAndEnc<'_> = AlgAndEnc {
        alg: &JweKeyManagementAlgorithm::A128GCMKW,
        enc: &JweContentEncryptionAlgorithm::A128GCM,
    };

    fn encrypt(
        algorithms: AlgAndEnc<'_>,
        encrypter: &Returns,
        key: &ContentKey,
    ) -> Result<String, EncryptionError> {
        let kid = Some("k\"1");
        let recipient = Recipient {
            content_key: key,
            kid,
        };
        algorithms.encrypt(encrypter, recipient, JWS.to_owned())
    }

    fn header(jwe: &str) -> String {
        let header = URL_SAFE_NO_PAD.decode(jwe.split('.').next().unwrap());
        String::from_utf8(header.unwrap()).unwrap()
    }

    fn agreed() -> ContentKey {
        let crv = "P-256".into();
        let (x, y) = (vec![1], vec![2]);
        let epk = EphemeralPublicKey::Ec { crv, x, y };
        let epk = KeyManagementHeader::EphemeralPublicKey(epk);
        ContentKey::direct(vec![0; 16]).with_header(epk)
    }

    fn wrapped(encrypted_key: Vec<u8>) -> ContentKey {
        let wrap = KeyManagementHeader::AesGcmKeyWrap(IvAndTag::new(&[4], &[5]));
        ContentKey::transported(vec![0; 16], encrypted_key).with_header(wrap)
    }

    #[test]
    fn the_header_has_what_the_algorithm_needs_and_no_more() {
        let jwe = encrypt(ECDH, &WORKS, &agreed()).unwrap();
        assert_eq!(
            header(&jwe),
            r#"{"alg":"ECDH-ES","enc":"A128GCM","cty":"JWT","kid":"k\"1","epk":{"kty":"EC","crv":"P-256","x":"AQ","y":"Ag"}}"#
        );
        let parts: Vec<_> = jwe.split('.').collect();
        assert_eq!(
            (parts.len(), parts[1], parts[2]),
            (5, "", "AQEBAQEBAQEBAQEB")
        );

        let jwe = encrypt(WRAP, &WORKS, &wrapped(vec![3])).unwrap();
        assert_eq!(
            header(&jwe),
            r#"{"alg":"A128GCMKW","enc":"A128GCM","cty":"JWT","kid":"k\"1","iv":"BA","tag":"BQ"}"#
        );
    }

    #[test]
    fn an_encrypter_that_contradicts_itself_has_failed() {
        let cbc = AlgAndEnc {
            enc: &JweContentEncryptionAlgorithm::A128CBC_HS256,
            ..ECDH
        };
        let no_iv = Returns { iv: 0, ..WORKS };
        let short_tag = Returns { tag: 15, ..WORKS };
        let does_nothing = Returns {
            encrypts: false,
            ..WORKS
        };
        let of_cbc = Returns { iv: 16, ..WORKS };
        for (algorithms, encrypter, key) in [
            (ECDH, WORKS, wrapped(vec![1])),                // transports a key
            (ECDH, WORKS, ContentKey::direct(vec![0; 16])), // has no `epk`
            (ECDH, WORKS, ContentKey::direct(vec![0; 15])), // has another size
            (WRAP, WORKS, agreed()),                        // transports none
            (WRAP, WORKS, wrapped(Vec::new())),             // nor does this
            (WRAP, WORKS, wrapped(vec![0; 16])),            // in the clear
            (WRAP, WORKS, ContentKey::transported(vec![0; 16], vec![1])), // no `iv` and `tag`
            (ECDH, no_iv, agreed()),
            (ECDH, short_tag, agreed()),
            (ECDH, does_nothing, agreed()),
            (cbc, of_cbc, agreed()), // is not padded
        ] {
            assert_eq!(encrypt(algorithms, &encrypter, &key), Err(EncryptionError));
        }
    }

    #[test]
    fn an_algorithm_that_is_not_known_here_may_transport_a_key_or_not() {
        let alg = &JweKeyManagementAlgorithm::try_new("HPKE-0").unwrap();
        let enc = &JweContentEncryptionAlgorithm::try_new("XC20P").unwrap();
        let unknown = AlgAndEnc { alg, enc };
        for key in [
            ContentKey::direct(vec![0; 99]),
            ContentKey::transported(vec![0; 99], vec![1]),
        ] {
            assert!(encrypt(unknown, &WORKS, &key).is_ok());
        }
        let nothing = ContentKey::transported(vec![0; 99], Vec::new());
        assert!(encrypt(unknown, &WORKS, &nothing).is_err());
    }
}
