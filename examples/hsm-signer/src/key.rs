//! A key pair on the token, and what must be true of it.

use cryptoki::error::{Error as ModuleError, RvError};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use jarm::JwsAlgorithm;

use crate::public::PublicKey;
use crate::{HsmError, KeyProblem};

/// What is signed: modules are not asked to hash, because `SoftHSM` cannot with ECDSA.
pub(crate) type Sha256Digest = [u8; 32];

/// What an algorithm asks of the key and the module.
#[derive(Clone, Copy, Debug)]
enum Scheme {
    Ps256,
    Es256,
}

/// By what a key pair is found.
#[derive(Clone, Debug)]
pub(crate) struct KeyName {
    label: String,
    scheme: Scheme,
}

/// A key pair as one session sees it.
#[derive(Clone, Debug)]
pub(crate) struct KeyPair {
    pub(crate) public: PublicKey,
    private: ObjectHandle,
}

impl Scheme {
    fn key_type(self) -> KeyType {
        match self {
            Self::Ps256 => KeyType::RSA,
            Self::Es256 => KeyType::EC,
        }
    }

    fn mechanism(self) -> Mechanism<'static> {
        match self {
            Self::Ps256 => Mechanism::RsaPkcsPss(PkcsPssParams {
                hash_alg: MechanismType::SHA256,
                mgf: PkcsMgfType::MGF1_SHA256,
                s_len: 32.into(), // as long as the hash (RFC 7518 3.5)
            }),
            Self::Es256 => Mechanism::Ecdsa,
        }
    }
}

impl KeyName {
    pub(crate) fn new(label: &str, algorithm: &JwsAlgorithm) -> Result<Self, HsmError> {
        let scheme = if *algorithm == JwsAlgorithm::PS256 {
            Scheme::Ps256
        } else if *algorithm == JwsAlgorithm::ES256 {
            Scheme::Es256
        } else {
            return Err(HsmError::UnsupportedAlgorithm(algorithm.clone()));
        };
        Ok(Self {
            label: label.to_owned(),
            scheme,
        })
    }

    pub(crate) fn problem(&self, problem: KeyProblem) -> HsmError {
        HsmError::Key {
            label: self.label.clone(),
            problem,
        }
    }

    /// Finds the pair and checks it.
    pub(crate) fn find(&self, session: &Session) -> Result<KeyPair, HsmError> {
        // 1. There is one public and one private key.
        let public_handle = self.one(session, ObjectClass::PUBLIC_KEY, "public")?;
        let private = self.one(session, ObjectClass::PRIVATE_KEY, "private")?;
        // 2. The private key stays where it is.
        let confined = [Attribute::Sensitive(true), Attribute::Extractable(false)];
        let asked = [AttributeType::Sensitive, AttributeType::Extractable];
        if session.get_attributes(private, &asked)? != confined {
            return Err(self.problem(KeyProblem::Extractable));
        }
        // 3. The public key can be published and is strong enough.
        let public = self
            .public(session, public_handle)?
            .map_err(|problem| self.problem(problem))?;
        let pair = KeyPair { public, private };
        // 4. They belong together.
        self.prove(session, &pair, public_handle)?;
        Ok(pair)
    }

    pub(crate) fn sign(
        &self,
        session: &Session,
        pair: &KeyPair,
        digest: &Sha256Digest,
    ) -> Result<Vec<u8>, HsmError> {
        let signature = session.sign(&self.scheme.mechanism(), pair.private, digest)?;
        if signature.len() == pair.public.signature_length() {
            return Ok(signature);
        }
        Err(self.problem(KeyProblem::SignatureLength {
            length: signature.len(),
        }))
    }

    fn one(
        &self,
        session: &Session,
        class: ObjectClass,
        half: &'static str,
    ) -> Result<ObjectHandle, HsmError> {
        let found = session.find_objects(&[
            Attribute::Token(true),
            Attribute::Class(class),
            Attribute::KeyType(self.scheme.key_type()),
            Attribute::Label(self.label.clone().into_bytes()),
        ])?;
        let one = <[ObjectHandle; 1]>::try_from(found);
        one.map(|[key]| key).map_err(|found| {
            self.problem(KeyProblem::NotOne {
                half,
                found: found.len(),
            })
        })
    }

    fn public(
        &self,
        session: &Session,
        key: ObjectHandle,
    ) -> Result<Result<PublicKey, KeyProblem>, HsmError> {
        use AttributeType::{EcParams, EcPoint, Modulus, PublicExponent};
        let asked = match self.scheme {
            Scheme::Ps256 => [Modulus, PublicExponent],
            Scheme::Es256 => [EcParams, EcPoint],
        };
        Ok(match session.get_attributes(key, &asked)?.as_slice() {
            [Attribute::Modulus(n), Attribute::PublicExponent(e)] => PublicKey::rsa(n, e),
            [Attribute::EcParams(curve), Attribute::EcPoint(point)] => {
                PublicKey::p256(curve, point)
            }
            _ => Err(KeyProblem::UnknownForm),
        })
    }

    /// Two objects may have one label and not belong together: then no client could verify.
    fn prove(
        &self,
        session: &Session,
        pair: &KeyPair,
        public: ObjectHandle,
    ) -> Result<(), HsmError> {
        use RvError::{SignatureInvalid, SignatureLenRange};
        let digest = [0x5a; 32];
        let signature = self.sign(session, pair, &digest)?;
        match session.verify(&self.scheme.mechanism(), public, &digest, &signature) {
            Err(ModuleError::Pkcs11(SignatureInvalid | SignatureLenRange, _)) => {
                Err(self.problem(KeyProblem::NotAPair))
            }
            outcome => Ok(outcome?),
        }
    }
}
