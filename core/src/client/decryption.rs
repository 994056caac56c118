//! Step 1 of [JARM 2.4]: what arrived is decrypted, by the algorithms and keys that the client
//! registered.
//!
//! [JARM 2.4]: https://openid.net/specs/oauth-v2-jarm.html#section-2.4

use std::sync::Arc;

use serde_json::Value;
use zeroize::Zeroizing;

use super::Reason;
use super::header::registered;
use crate::jose::{
    AlgAndEnc, Authenticated, ClientSecret, ContentKey, DecryptionError, EncryptedKey,
    EphemeralPublicKey, Header, IvAndTag, JweDecrypter, JweDecryptionKey, KeyManagementHeader,
    UndecryptedJwe, octets,
};

/// What a client decrypts with.
#[derive(Debug)]
pub(super) struct Decryption {
    pub(super) decrypter: Arc<dyn JweDecrypter>,
    pub(super) keys: Vec<Arc<dyn JweDecryptionKey>>,
}

/// By what a content key can be had.
pub(super) enum DecryptionKeys<'a> {
    Private(&'a [Arc<dyn JweDecryptionKey>]),
    Secrets(Vec<&'a ClientSecret>),
}

impl Decryption {
    /// Decrypts a JWE and returns the JWS inside.
    pub(super) async fn decrypt(
        &self,
        compact: &str,
        algorithms: AlgAndEnc<'_>,
        keys: DecryptionKeys<'_>,
    ) -> Result<String, Reason> {
        let jwe = UndecryptedJwe::parse(compact)?;
        check_header(&jwe.header, algorithms)?;
        let encrypted = encrypted_key(&jwe, algorithms)?;
        let content = match keys {
            DecryptionKeys::Private(keys) => {
                let key = choose(keys, &jwe.header, algorithms)?;
                self.content(&jwe, algorithms, key.content_key(&encrypted).await)
            }
            DecryptionKeys::Secrets(secrets) => secrets.into_iter().find_map(|secret| {
                let key = self.decrypter.content_key_from_secret(secret, &encrypted);
                self.content(&jwe, algorithms, key)
            }),
        };
        let content = content.ok_or(Reason::Undecryptable)?;
        let jws = std::str::from_utf8(&content).map_err(|_| Reason::NotNested)?;
        // Exactly one signature inside exactly one encryption: no claims by themselves, which
        // anybody who has the client's public key can encrypt, and nothing deeper.
        match jws.split('.').count() {
            3 => Ok(jws.to_owned()),
            _ => Err(Reason::NotNested),
        }
    }

    /// Decrypts the content. Without a content key the same is done with one that everybody knows,
    /// and its result thrown away, so that the time does not tell a wrong key from a wrong tag
    /// ([RFC 7516 11.5](https://www.rfc-editor.org/rfc/rfc7516#section-11.5)).
    fn content(
        &self,
        jwe: &UndecryptedJwe<'_>,
        AlgAndEnc { enc, .. }: AlgAndEnc<'_>,
        key: Result<ContentKey, DecryptionError>,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let (key, is_had) = if let Ok(key) = key {
            (key, true)
        } else {
            let zeros = vec![0; enc.key_octets().unwrap_or_default()];
            (ContentKey::direct(zeros), false)
        };
        let authenticated = Authenticated {
            associated_data: jwe.protected.as_bytes(),
            iv_and_tag: &jwe.iv_and_tag,
        };
        let mut content = Zeroizing::new(jwe.content.clone());
        let decrypted = self
            .decrypter
            .decrypt(enc, &key, authenticated, &mut content);
        (is_had && decrypted.is_ok()).then_some(content)
    }
}

/// Whether the header says what was registered, and nothing that is not understood.
fn check_header(header: &Header, AlgAndEnc { alg, enc }: AlgAndEnc<'_>) -> Result<(), Reason> {
    registered(header, "alg", alg.as_str())?;
    registered(header, "enc", enc.as_str())?;
    if let Some(parameter) = header.refused() {
        let why = "is not understood here";
        return Err(Reason::Header { parameter, why });
    }
    if !header.says("cty", &["JWT"]) {
        let (parameter, why) = ("cty", "is not `JWT`");
        return Err(Reason::Header { parameter, why });
    }
    Ok(())
}

/// The key with the header's `kid`, or the only one that fits where there is none.
fn choose<'a>(
    keys: &'a [Arc<dyn JweDecryptionKey>],
    header: &Header,
    AlgAndEnc { alg, .. }: AlgAndEnc<'_>,
) -> Result<&'a dyn JweDecryptionKey, Reason> {
    let kid = header.kid();
    let mut fitting = keys
        .iter()
        .filter(|key| key.algorithms().contains(alg))
        .filter(|key| kid.is_none() || key.key_id() == kid);
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Ok(only.as_ref()),
        (None, _) => Err(Reason::NoKey(
            "none of the client's has the `kid` and `alg`",
        )),
        (Some(_), Some(_)) => Err(Reason::NoKey(
            "several of the client's do, and no `kid` tells",
        )),
    }
}

/// The content key as the message brings it, with what the algorithm needs of the header.
fn encrypted_key<'a>(
    jwe: &'a UndecryptedJwe<'_>,
    AlgAndEnc { alg, enc }: AlgAndEnc<'a>,
) -> Result<EncryptedKey<'a>, Reason> {
    let UndecryptedJwe {
        header,
        encrypted_key,
        ..
    } = jwe;
    let has_key = !encrypted_key.is_empty();
    if alg.transports_key().is_some_and(|own| own != has_key) {
        return Err(Reason::Undecryptable);
    }
    let encrypted = EncryptedKey::new(alg, enc, encrypted_key);
    Ok(if alg.as_str().starts_with("ECDH-ES") {
        let epk = header.get("epk").and_then(ephemeral_public_key);
        let epk = epk.ok_or(Reason::Header {
            parameter: "epk",
            why: "is not there, or is no public key",
        })?;
        let party = |name| octets_of(header, name).map(Option::unwrap_or_default);
        encrypted
            .with_header(KeyManagementHeader::EphemeralPublicKey(epk))
            .with_parties(party("apu")?, party("apv")?)
    } else if alg.as_str().ends_with("GCMKW") {
        let part = |name| octets_of(header, name)?.ok_or(Reason::Undecryptable);
        let wrap = IvAndTag::new(&part("iv")?, &part("tag")?);
        encrypted.with_header(KeyManagementHeader::AesGcmKeyWrap(wrap))
    } else {
        encrypted
    })
}

fn ephemeral_public_key(epk: &Value) -> Option<EphemeralPublicKey> {
    let text = |name| epk.get(name)?.as_str();
    let coordinate = |name| octets(text(name)?, name).ok();
    let crv = text("crv")?.to_owned().into();
    let x = coordinate("x")?;
    match text("kty")? {
        "EC" => {
            let y = coordinate("y")?;
            Some(EphemeralPublicKey::Ec { crv, x, y })
        }
        "OKP" => Some(EphemeralPublicKey::Okp { crv, x }),
        _ => None,
    }
}

/// A header parameter of octets, if it is there.
fn octets_of(header: &Header, name: &'static str) -> Result<Option<Vec<u8>>, Reason> {
    let value = header.get(name).map(|value| {
        let text = value.as_str().ok_or(Reason::Header {
            parameter: name,
            why: "is no text",
        })?;
        Ok::<_, Reason>(octets(text, name)?)
    });
    value.transpose()
}
