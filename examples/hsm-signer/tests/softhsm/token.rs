//! A token of one's own, in a process of one's own.

use std::any::type_name;
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::{env, fs};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error as ModuleError, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use hsm_signer::{HsmSigner, Pin, Token};
use jarm::JwsAlgorithm;

pub(crate) const LABEL: &str = "jarm";
pub(crate) const PIN: &str = "271828";
const SECURITY_OFFICER_PIN: &str = "31415926";

/// Set in the process that does a test's work.
const IN_CHILD: &str = "HSM_SIGNER_TEST_CHILD";
const MODULES: [&str; 2] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
];

/// Object identifiers of curves in DER.
pub(crate) const P256: &[u8] = &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
pub(crate) const P384: &[u8] = &[6, 5, 0x2b, 0x81, 4, 0, 0x22];

/// Does the work of the test that calls this, with an empty token.
///
/// `SoftHSM` takes the place of its tokens from the environment, once a process, and a login holds
/// for a process: the test starts itself again, alone and with an environment of its own.
pub(crate) fn with_token<W: FnOnce(&TestToken)>(work: W) {
    if env::var_os(IN_CHILD).is_some() {
        return work(&TestToken::init());
    }
    // `softhsm::name_of_the_test::{{closure}}`
    let test = type_name::<W>().split("::").nth(1).unwrap();
    let module = module();
    let directory = Directory::new(test);
    let mut child = Command::new(env::current_exe().unwrap());
    let output = child
        .args([test, "--exact", "--nocapture"])
        .env("SOFTHSM2_CONF", directory.configuration())
        .env("PKCS11_MODULE", module)
        .env(IN_CHILD, "1")
        .output()
        .unwrap();
    let [told, errors] =
        [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(output.status.success(), "{told}\n{errors}");
    assert!(told.contains("1 passed"), "no test is named {test}: {told}");
}

/// The PKCS #11 library: the one that the variable `PKCS11_MODULE` names, else Debian's.
pub(crate) fn module() -> PathBuf {
    let named = env::var_os("PKCS11_MODULE").map(PathBuf::from);
    let files = named.map_or_else(|| MODULES.map(PathBuf::from).to_vec(), |named| vec![named]);
    let found = files.into_iter().find(|file| file.is_file());
    found.expect(
        "SoftHSM is missing: apt-get install softhsm2, or set PKCS11_MODULE to its libsofthsm2.so",
    )
}

/// The directory of one test's tokens; removed at its end.
struct Directory(PathBuf);

impl Directory {
    fn new(test: &str) -> Self {
        let name = format!("softhsm-{}-{test}", process::id());
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(directory.join("tokens")).unwrap();
        Self(directory)
    }

    fn configuration(&self) -> PathBuf {
        let file = self.0.join("softhsm2.conf");
        let tokens = self.0.join("tokens");
        let text = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
            tokens.display()
        );
        fs::write(&file, text).unwrap();
        file
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The token as its administrator has it. No session of his stays open: he holds no login for the
/// signers.
pub(crate) struct TestToken {
    module: Pkcs11,
    slot: Slot,
}

impl TestToken {
    fn init() -> Self {
        let module = Pkcs11::new(module()).unwrap();
        let locking = CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK);
        module.initialize(locking).unwrap();
        let slot = module.get_slots_with_token().unwrap()[0];
        let officer = Pin::from(SECURITY_OFFICER_PIN);
        module.init_token(slot, &officer, LABEL).unwrap();
        let session = module.open_rw_session(slot).unwrap();
        session.login(UserType::So, Some(&officer)).unwrap();
        session.init_pin(&Pin::from(PIN)).unwrap();
        drop(session);
        Self { module, slot }
    }

    /// Does something in a session of the user.
    pub(crate) fn as_user<T>(&self, work: impl FnOnce(&Session) -> T) -> T {
        let session = self.module.open_rw_session(self.slot).unwrap();
        match session.login(UserType::User, Some(&Pin::from(PIN))) {
            Ok(()) | Err(ModuleError::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => work(&session),
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) fn generate_rsa(&self, label: &str, bits: u32) {
        let public = [
            Attribute::ModulusBits(u64::from(bits).into()),
            Attribute::PublicExponent(vec![1, 0, 1]),
        ];
        self.generate(
            &Mechanism::RsaPkcsKeyPairGen,
            [label; 2],
            &public,
            &CONFINED,
        );
    }

    pub(crate) fn generate_ec(&self, label: &str, curve: &[u8]) {
        self.generate_ec_with([label; 2], curve, &CONFINED);
    }

    /// With the labels of the public and the private key, and attributes of the private one.
    pub(crate) fn generate_ec_with(&self, labels: [&str; 2], curve: &[u8], private: &[Attribute]) {
        let public = [Attribute::EcParams(curve.to_vec())];
        self.generate(&Mechanism::EccKeyPairGen, labels, &public, private);
    }

    fn generate(
        &self,
        mechanism: &Mechanism<'_>,
        labels: [&str; 2],
        public: &[Attribute],
        private: &[Attribute],
    ) {
        let [public_label, private_label] = labels.map(|label| Attribute::Label(label.into()));
        let own = [Attribute::Private(false), Attribute::Verify(true)];
        let public = [&own[..], &[Attribute::Token(true), public_label], public].concat();
        let own = [Attribute::Private(true), Attribute::Sign(true)];
        let private = [&own[..], &[Attribute::Token(true), private_label], private].concat();
        self.as_user(|session| session.generate_key_pair(mechanism, &public, &private))
            .unwrap();
    }

    pub(crate) fn destroy(&self, label: &str) {
        self.as_user(|session| {
            let label = [Attribute::Label(label.into())];
            let objects = session.find_objects(&label).unwrap();
            assert_eq!(objects.len(), 2, "a public and a private key");
            for object in objects {
                session.destroy_object(object).unwrap();
            }
        });
    }

    /// Takes the login from the whole process.
    pub(crate) fn log_out(&self) {
        let session = self.module.open_ro_session(self.slot).unwrap();
        session.logout().unwrap();
    }

    /// Shuts the module down for the whole process.
    pub(crate) fn shut_down(&self) {
        self.module.clone().finalize().unwrap();
    }

    pub(crate) fn change_pin(&self, old: &str, new: &str) {
        let session = self.module.open_rw_session(self.slot).unwrap();
        session.set_pin(&Pin::from(old), &Pin::from(new)).unwrap();
    }
}

/// The token as the library opens it.
pub(crate) fn open() -> Token {
    Token::open(module(), LABEL, Pin::from(PIN)).unwrap()
}

pub(crate) fn signer(label: &str, algorithm: &JwsAlgorithm) -> HsmSigner {
    open().signer(label, algorithm).unwrap()
}

/// What keeps a private key on the token.
pub(crate) const CONFINED: [Attribute; 2] =
    [Attribute::Sensitive(true), Attribute::Extractable(false)];

pub(crate) fn private_key(session: &Session, key_type: KeyType) -> ObjectHandle {
    let wanted = [
        Attribute::Class(ObjectClass::PRIVATE_KEY),
        Attribute::KeyType(key_type),
    ];
    session.find_objects(&wanted).unwrap()[0]
}
