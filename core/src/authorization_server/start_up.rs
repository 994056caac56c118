//! What is checked before a server starts, so that nothing of it fails later in front of a user.

use super::AuthorizationServer;
use crate::configuration::{ConfigurationError, Problem, hint};
use crate::jose::JweEncrypter;
use crate::vocabulary::JwsAlgorithm;

impl AuthorizationServer {
    /// What can be seen in the whole server alone.
    pub(super) fn checked(self, root: &str) -> Result<Self, ConfigurationError> {
        self.redirect_length.check(&self.in_force.modes, root)?;
        self.check_allowed_signing_algs(root)?;
        self.check_default_signing_alg(root)?;
        Ok(self)
    }

    /// An empty list allows nothing, and a name that is neither a standard one nor a key's is a typing
    /// error.
    fn check_allowed_signing_algs(&self, root: &str) -> Result<(), ConfigurationError> {
        let Some(allowed) = &self.in_force.policy.signing_algs else {
            return Ok(());
        };
        let path = format!("{root}.allowed_signing_algs");
        let refuse = |path, why| Err(ConfigurationError::new(path, Problem::Invalid(why)));
        if allowed.is_empty() {
            let why =
                "list one algorithm at least, or leave it out for all that there are keys for";
            return refuse(path, why.to_owned());
        }
        let is_known = |own| JwsAlgorithm::STANDARD.contains(own) || self.signer(own).is_some();
        let mut listed = allowed.iter().enumerate();
        let Some((index, unknown)) = listed.find(|(_, own)| !is_known(own)) else {
            return Ok(());
        };
        let standard = JwsAlgorithm::STANDARD.each_ref().map(JwsAlgorithm::as_str);
        let unknown = unknown.as_str();
        let why = format!("no key signs with `{unknown}`{}", hint(unknown, &standard));
        refuse(format!("{path}[{index}]"), why)
    }

    /// Where a mode makes JWTs, a client that names no algorithm gets one that has a key.
    fn check_default_signing_alg(&self, root: &str) -> Result<(), ConfigurationError> {
        let algorithm = &self.default_signing_alg;
        let has_key =
            self.in_force.policy.admits_algorithm(algorithm) && self.signer(algorithm).is_some();
        if has_key || !self.in_force.modes.has_jwt() {
            return Ok(());
        }
        let with_key = self.signing_algorithms();
        let with_key = with_key.into_iter().filter(|own| !own.uses_client_secret());
        let available: Vec<_> = with_key.collect();
        let problem = if self.in_force.policy.admits_algorithm(algorithm) {
            Problem::DefaultSigningAlgorithm {
                algorithm: algorithm.clone(),
                available,
            }
        } else {
            Problem::DefaultSigningAlgorithmNotAllowed {
                algorithm: algorithm.clone(),
                available,
            }
        };
        let path = format!("{root}.default_signing_alg");
        Err(ConfigurationError::new(path, problem))
    }
}

pub(super) fn check_response_jwts(
    root: &str,
    [lifetime, jwks_max_age, jti]: [Result<(), Problem>; 3],
) -> Result<(), ConfigurationError> {
    for (key, checked) in [
        ("response_jwt_lifetime", lifetime),
        ("jwks_max_age", jwks_max_age),
        ("response_jwt_jti", jti),
    ] {
        checked.map_err(|problem| ConfigurationError::new(format!("{root}.{key}"), problem))?;
    }
    Ok(())
}

pub(super) fn check_jti(is_on: bool, has_random: bool) -> Result<(), Problem> {
    (!is_on || has_random)
        .then_some(())
        .ok_or(Problem::RandomSourceMissing)
}

pub(super) fn check_lifetime(seconds: u64, any: bool) -> Result<(), Problem> {
    let is_sound = seconds >= 30 && (seconds <= 600 || any);
    is_sound.then_some(()).ok_or(Problem::Lifetime(seconds))
}

pub(super) fn check_jwks_max_age(seconds: u64) -> Result<(), Problem> {
    const DAY: u64 = 24 * 60 * 60;
    let why =
        format!("{seconds} seconds: published keys are kept for a day at most, {DAY} seconds");
    (seconds <= DAY).then_some(()).ok_or(Problem::Invalid(why))
}

pub(super) fn check_encrypter(
    encrypter: Option<&dyn JweEncrypter>,
) -> Result<(), ConfigurationError> {
    let offers_nothing = |own: &dyn JweEncrypter| {
        own.key_management_algorithms().is_empty() || own.content_encryption_algorithms().is_empty()
    };
    if encrypter.is_some_and(offers_nothing) {
        let why = "the encrypter offers no algorithm: give the builder one that does, or none";
        return Err(ConfigurationError::new("", Problem::Invalid(why.into())));
    }
    Ok(())
}
