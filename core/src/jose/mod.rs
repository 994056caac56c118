//! The contracts behind which cryptography stands. No key and no primitive lives here.
//!
//! A signer or a decryption key may wait (a hardware security module, a cloud service), so
//! [`JwsSigner::sign`] and [`JweDecryptionKey::content_key`] return a boxed future; everything else
//! answers at once, because what it needs is public or in memory. The serialisations are composed here, so an implementer handles bytes and never a
//! header.

mod compact;
mod decrypter;
mod jwe;
mod jwk;
mod jws;
mod key_choice;
mod key_search;
mod key_source;
mod nested;
mod random;
mod registered_claims;
mod seal;
mod secret;
mod strict_json;
mod verifier;

pub use compact::Malformed;
pub(crate) use compact::{Header, UndecryptedJwe, UnverifiedJws, octets, peek_at_claims};
pub use decrypter::{Authenticated, DecryptionError, EncryptedKey, JweDecrypter, JweDecryptionKey};
pub use jwe::{
    ContentKey, EncryptionError, EphemeralPublicKey, IvAndTag, JweEncrypter, JwePublicKey,
    KeyManagementHeader, PublicKeyError,
};
pub use jwk::{Jwk, JwkSet};
pub(crate) use jws::ClientSecretJws;
pub use jws::{ClientSecretMac, CompactJws, JwsSigner, SigningError};
pub(crate) use key_choice::{in_order_of_preference, is_for_verification, why_unsuitable};
pub(crate) use key_search::Unverified;
pub use key_source::{KeyLookup, KeySourceError};
pub(crate) use nested::{AlgAndEnc, Recipient};
pub use random::{RandomSource, RandomSourceError};
pub(crate) use registered_claims::{NotOfItsType, audiences, date};
pub use seal::{Sealer, SealingError};
pub use secret::ClientSecret;
pub use verifier::{JwsVerifier, Signed, VerificationError};
