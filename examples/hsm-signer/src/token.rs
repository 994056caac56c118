use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error as ModuleError, RvError};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use jarm::JwsAlgorithm;

use crate::{HsmError, HsmSigner, Pin};

/// A token of a PKCS #11 module, and the PIN to log in with.
#[derive(Clone)]
pub struct Token {
    module: Pkcs11,
    label: Arc<str>,
    pin: Arc<Mutex<Result<Pin, RvError>>>,
}

impl Token {
    /// Loads the module, finds the token by its label, and tries the PIN. Blocks.
    ///
    /// Where this process is logged in to the token already, the module does not look at the PIN:
    /// a wrong one is then found when it is needed.
    ///
    /// # Errors
    ///
    /// [`HsmError::Module`] when `module` is no PKCS #11 library, [`HsmError::Token`] when there is
    /// no such token, [`HsmError::PinRefused`] when the PIN is wrong.
    pub fn open(module: impl AsRef<Path>, label: &str, pin: Pin) -> Result<Self, HsmError> {
        let module = Pkcs11::new(module)?;
        match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            // Somebody else in this process uses the module, too.
            Ok(()) | Err(ModuleError::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(error) => return Err(error.into()),
        }
        let token = Self {
            module,
            label: label.into(),
            pin: Arc::new(Mutex::new(Ok(pin))),
        };
        token.session()?;
        Ok(token)
    }

    /// The key pair with this label as a signer: a P-256 key for ES256, an RSA key for PS256.
    /// Blocks, and signs once to see that the two keys are a pair.
    ///
    /// # Errors
    ///
    /// [`HsmError::UnsupportedAlgorithm`], [`HsmError::Key`] when there is no such key or it must
    /// not be used, otherwise what the token says.
    pub fn signer(&self, label: &str, algorithm: &JwsAlgorithm) -> Result<HsmSigner, HsmError> {
        HsmSigner::try_new(self.clone(), label, algorithm)
    }

    /// A new session that is logged in.
    pub(crate) fn session(&self) -> Result<Session, HsmError> {
        use RvError::{
            PinExpired, PinIncorrect, PinInvalid, PinLenRange, PinLocked, UserAlreadyLoggedIn,
        };
        let session = self.module.open_ro_session(self.slot()?)?;
        let mut pin = self.pin.lock().unwrap_or_else(PoisonError::into_inner);
        let own = pin
            .as_ref()
            .map_err(|refusal| HsmError::PinRefused(*refusal))?;
        match session.login(UserType::User, Some(own)) {
            // The login is the process's, not the session's.
            Ok(()) | Err(ModuleError::Pkcs11(UserAlreadyLoggedIn, _)) => {}
            Err(ModuleError::Pkcs11(
                refusal @ (PinExpired | PinIncorrect | PinInvalid | PinLenRange | PinLocked),
                _,
            )) => {
                *pin = Err(refusal);
                return Err(HsmError::PinRefused(refusal));
            }
            Err(error) => return Err(error.into()),
        }
        drop(pin);
        Ok(session)
    }

    /// Where the token is now: it may come back in another slot.
    fn slot(&self) -> Result<Slot, HsmError> {
        let mut slots = self.module.get_slots_with_token()?;
        slots.retain(|slot| {
            let info = self.module.get_token_info(*slot);
            info.is_ok_and(|info| info.token_initialized() && info.label() == &*self.label)
        });
        let one = <[Slot; 1]>::try_from(slots);
        one.map(|[slot]| slot).map_err(|slots| HsmError::Token {
            label: self.label.to_string(),
            found: slots.len(),
        })
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}
