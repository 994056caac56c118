//! Finding the one private key in a PEM text ([RFC 7468]).
//!
//! [RFC 7468]: https://www.rfc-editor.org/rfc/rfc7468

use ::rsa::pkcs8::der::SecretDocument;

use super::{KeyMaterial, der};
use crate::KeyError;

const BEGIN: &str = "-----BEGIN ";

/// Reads the private key. Other blocks beside it (`EC PARAMETERS`, a certificate) are passed over.
pub(crate) fn read(pem: &[u8]) -> Result<KeyMaterial, KeyError> {
    let text = std::str::from_utf8(pem).map_err(|_| KeyError::Pem)?;
    if text.trim().is_empty() {
        return Err(KeyError::Empty);
    }
    let blocks = blocks(text).ok_or(KeyError::Pem)?;
    let is_private = |block: &&Block<'_>| block.label.ends_with("PRIVATE KEY");
    let private: Vec<_> = blocks.iter().filter(is_private).collect();
    match private.as_slice() {
        [key] => key.read(),
        [] if blocks.iter().any(Block::is_public) => Err(KeyError::PublicKey),
        [] => Err(KeyError::Pem),
        several => Err(KeyError::SeveralKeys {
            count: several.len(),
        }),
    }
}

struct Block<'a> {
    label: &'a str,
    /// From `-----BEGIN` to the end of the `-----END` line.
    text: &'a str,
}

impl Block<'_> {
    fn is_public(&self) -> bool {
        self.label.ends_with("PUBLIC KEY") || self.label.ends_with("CERTIFICATE")
    }

    fn read(&self) -> Result<KeyMaterial, KeyError> {
        if self.label == "ENCRYPTED PRIVATE KEY" || self.text.contains("Proc-Type: 4,ENCRYPTED") {
            return Err(KeyError::Encrypted);
        }
        let read: fn(&[u8]) -> Result<KeyMaterial, KeyError> = match self.label {
            "PRIVATE KEY" => der::read_pkcs8,
            "RSA PRIVATE KEY" => der::read_pkcs1,
            "EC PRIVATE KEY" => der::read_sec1,
            label => {
                return Err(KeyError::UnsupportedPem {
                    label: label.into(),
                });
            }
        };
        let (_, document) = SecretDocument::from_pem(self.text).map_err(|_| KeyError::Pem)?;
        read(document.as_bytes())
    }
}

fn blocks(text: &str) -> Option<Vec<Block<'_>>> {
    text.match_indices(BEGIN)
        .map(|(start, _)| block(text.get(start..)?))
        .collect()
}

fn block(text: &str) -> Option<Block<'_>> {
    let (label, _) = text.strip_prefix(BEGIN)?.split_once("-----")?;
    let end = format!("-----END {label}-----");
    let length = text.find(&end)? + end.len();
    Some(Block {
        label,
        text: text.get(..length)?,
    })
}
