use std::fmt::Display;

use jarm_core::{JweKeyManagementAlgorithm, JwsAlgorithm};

/// A key cannot be used for signing or decrypting responses.
///
/// The messages say what to do. They name members, sizes and identifiers, never key material.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// There is no key in what was given.
    #[error("there is no key: give a private key in PEM, a private JWK, or a set with a key in it")]
    Empty,
    /// No readable PEM block.
    #[error("no readable PEM block: give one that begins with `-----BEGIN PRIVATE KEY-----`")]
    Pem,
    /// A PEM block of a private key in a format that is not read here.
    #[error(
        "`{label}` is not read here: convert the key to PKCS#8 with `openssl pkcs8 -topk8 -nocrypt`"
    )]
    UnsupportedPem {
        /// The label of the PEM block.
        label: String,
    },
    /// More than one private key where one is needed.
    #[error("the PEM text holds {count} private keys: give each of them by itself")]
    SeveralKeys {
        /// How many there are.
        count: usize,
    },
    /// The private key is encrypted under a passphrase.
    #[error("the private key is encrypted: decrypt it with `openssl pkcs8` before it is loaded")]
    Encrypted,
    /// The ASN.1 structure is not one of a private key.
    #[error("the key is not a private key in PKCS#8, PKCS#1 or SEC1: export it again as PKCS#8")]
    Der,
    /// The JSON text is not one of a private key.
    #[error("the private JWK cannot be read: {reason}")]
    Jwk {
        /// What is wrong, without the value.
        reason: String,
    },
    /// A public key or a certificate where a private key is needed.
    #[error("this is a public key or a certificate: give the private key")]
    PublicKey,
    /// A symmetric secret where a private key is needed.
    #[error(
        "this is a shared secret, not a private key: what is signed or encrypted under one takes the client's `ClientSecret`"
    )]
    SharedSecret,
    /// A private key of a kind that neither signs nor decrypts responses.
    #[error(
        "keys of type `{found}` are not supported: use RSA, EC, or OKP with Ed25519 to sign and X25519 to decrypt"
    )]
    UnsupportedKeyType {
        /// The `kty` or object identifier that was found.
        found: String,
    },
    /// A curve that has no algorithm here, or none for this use of the key.
    #[error(
        "the curve `{found}` is not supported here: use P-256, P-384, P-521, or Ed25519 to sign and X25519 to decrypt"
    )]
    UnsupportedCurve {
        /// The `crv` or object identifier that was found.
        found: String,
    },
    /// An RSA modulus that is too small to be safe or too large to be used
    /// ([RFC 7518 3.3](https://www.rfc-editor.org/rfc/rfc7518#section-3.3)).
    #[error("an RSA key of {bits} bits is refused: use one of 2048 to 8192 bits")]
    RsaModulus {
        /// The size of the modulus.
        bits: usize,
    },
    /// An RSA public exponent that is even, 1, or longer than 33 bits.
    #[error("the RSA public exponent is even, one or too large: use 65537")]
    RsaExponent,
    /// The numbers of the key contradict each other or are out of range.
    #[error(
        "the numbers of the private key do not belong together or are out of range: export the key again"
    )]
    Inconsistent,
    /// The JWK itself says that it is for something else.
    #[error(
        "the JWK is not for signing: `use` must be `sig` and `key_ops` must include `sign`, where present"
    )]
    NotForSigning,
    /// The JWK itself says that it is for something else.
    #[error(
        "the JWK is not for decryption: `use` must be `enc` and `key_ops` must include `decrypt`, `unwrapKey`, `deriveKey` or `deriveBits`, where present"
    )]
    NotForDecryption,
    /// The key cannot sign, or may not sign, with an algorithm.
    #[error("the key `{key_id}` does not sign with `{algorithm}`: it signs with {}", names(.usable))]
    UnsupportedAlgorithm {
        /// The key.
        key_id: String,
        /// The name that was asked for.
        algorithm: String,
        /// What the key signs with.
        usable: Vec<JwsAlgorithm>,
    },
    /// The key cannot decrypt with the algorithm that its JWK names.
    #[error("the key does not decrypt with `{algorithm}`: it decrypts with {}", names(.usable))]
    UnsupportedKeyManagement {
        /// The name in the JWK.
        algorithm: String,
        /// What such a key decrypts with.
        usable: Vec<JweKeyManagementAlgorithm>,
    },
    /// Two keys of a set have one identifier.
    #[error("two keys have the key id `{key_id}`: a key id names one key")]
    DuplicateKeyId {
        /// The identifier.
        key_id: String,
    },
    /// A key of a set is refused.
    #[error("keys[{index}]: {source}")]
    InSet {
        /// The place in the array `keys`, from 0.
        index: usize,
        /// Why it is refused.
        source: Box<KeyError>,
    },
    /// A client's secret is shorter than the MAC
    /// ([RFC 7518 3.2](https://www.rfc-editor.org/rfc/rfc7518#section-3.2)).
    #[error(
        "the client's secret is too short for `{algorithm}`: it needs {minimum} octets or more"
    )]
    ShortClientSecret {
        /// The algorithm.
        algorithm: JwsAlgorithm,
        /// The smallest length, in octets of UTF-8.
        minimum: usize,
    },
    /// The crypto backend did not make or export a key.
    #[error("the crypto backend failed: try again, and look at the system's source of randomness")]
    Backend,
}

fn names<T: Display>(algorithms: &[T]) -> String {
    let names: Vec<_> = algorithms.iter().map(|one| format!("`{one}`")).collect();
    names.join(", ")
}
