//! The keys that sign, those that will, and those that did.

use crate::clock::UnixTime;
use crate::configuration::{ConfigurationError, Problem};
use crate::jose::{CompactJws, Jwk, JwkSet};
use crate::vocabulary::JwsAlgorithm;

/// Every key that is published, in order: those of the builder, then those of servers before this
/// one.
#[derive(Debug)]
pub(super) struct KeyRing {
    keys: Vec<RingKey>,
    jwks: JwkSet,
    /// Until when somebody may have a set that was published by a server before this one.
    others_kept_until: UnixTime,
    /// Until when a response may be verified that was signed by a server before this one.
    others_verified_until: UnixTime,
}

#[derive(Clone, Debug)]
struct RingKey {
    jws: CompactJws,
    signs_from: UnixTime,
    /// Set once the operator has taken the key out.
    retired: Option<Retired>,
}

#[derive(Clone, Copy, Debug)]
struct Retired {
    /// When another key takes over; with none that does, when it was taken out.
    signs_until: UnixTime,
    published_until: UnixTime,
}

/// How long what a server gives out lasts, in seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lasts {
    /// For how long published keys may be kept.
    pub(super) jwks_max_age: u64,
    /// For how long a response is verified.
    pub(super) response_jwt_lifetime: u64,
}

/// One server in the place of another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Succession<'a> {
    pub(super) now: UnixTime,
    pub(super) before: Lasts,
    pub(super) after: Lasts,
    /// The `typ` of the responses after it.
    pub(super) typ: Option<&'a str>,
}

impl KeyRing {
    /// Keys that sign at once.
    pub(super) fn new(signers: Vec<CompactJws>) -> Result<Self, ConfigurationError> {
        let in_force = |jws| RingKey {
            jws,
            signs_from: UnixTime::from_seconds(0),
            retired: None,
        };
        Self::of(signers.into_iter().map(in_force).collect())
    }

    fn of(keys: Vec<RingKey>) -> Result<Self, ConfigurationError> {
        let jwks = published(&keys)?;
        let never = UnixTime::from_seconds(0);
        Ok(Self {
            keys,
            jwks,
            others_kept_until: never,
            others_verified_until: never,
        })
    }

    /// The same keys in the place of others: a key that is new signs once whoever kept an older set
    /// must have fetched it, and a key that is gone signs until then, and stays published until
    /// nothing is verified with it any more.
    pub(super) fn after(
        self,
        old: &Self,
        succession: Succession<'_>,
    ) -> Result<Self, ConfigurationError> {
        let Succession {
            now,
            before,
            after,
            typ,
        } = succession;
        // The clock has told whole seconds only: what happens now may be almost a second later.
        let at_latest = now.after(1);
        let kept_until = match before.jwks_max_age {
            0 => now,
            age => at_latest.after(age),
        };
        let kept_until = kept_until.max(old.others_kept_until);
        let verified_until = at_latest.after(before.response_jwt_lifetime);
        let verified_until = verified_until.max(old.others_verified_until);
        let mut keys = self.keys;
        for key in &mut keys {
            key.signs_from = match old.find(&key.jws) {
                Some(same) => same.signs_from,
                None if old.signs(key.jws.signer().algorithm(), now) => kept_until,
                None => UnixTime::from_seconds(0),
            };
        }
        let gone = old
            .keys
            .iter()
            .filter(|own| keys.iter().all(|key| !is_same(&key.jws, &own.jws)));
        let retained: Vec<_> = gone
            .filter_map(|own| {
                let algorithm = own.jws.signer().algorithm();
                let successors = keys
                    .iter()
                    .filter(|key| key.jws.signer().algorithm() == algorithm);
                let taken_over = successors.map(|key| key.signs_from).min();
                let retired = match (own.retired, taken_over) {
                    (Some(retired), Some(_)) => retired,
                    // An algorithm that is taken out is taken out at once.
                    (Some(retired), None) => Retired {
                        signs_until: retired.signs_until.min(now),
                        ..retired
                    },
                    (None, taken_over) => {
                        let signs_until = taken_over.unwrap_or(now).max(now);
                        let last = signs_until.after(after.response_jwt_lifetime);
                        let keeps = before.jwks_max_age.max(after.jwks_max_age);
                        Retired {
                            signs_until,
                            published_until: last.max(verified_until).after(keeps),
                        }
                    }
                };
                (retired.published_until > now).then(|| RingKey {
                    jws: CompactJws::new(own.jws.signer().clone(), typ),
                    signs_from: own.signs_from,
                    retired: Some(retired),
                })
            })
            .collect();
        keys.extend(retained);
        Ok(Self {
            others_kept_until: kept_until,
            others_verified_until: verified_until,
            ..Self::of(keys)?
        })
    }

    /// The same without the keys of these `kid`s.
    pub(super) fn without(&self, kids: &[&str]) -> Result<Self, ConfigurationError> {
        let keeps = |key: &&RingKey| !kids.contains(&key.jws.signer().key_id());
        Ok(Self {
            others_kept_until: self.others_kept_until,
            others_verified_until: self.others_verified_until,
            ..Self::of(self.keys.iter().filter(keeps).cloned().collect())?
        })
    }

    /// The public keys that are still needed, each once.
    pub(super) fn jwks(&self, now: UnixTime) -> JwkSet {
        let is_needed = |key: &RingKey| key.retired.is_none_or(|own| now < own.published_until);
        let needed = |jwk: &&Jwk| {
            let mut keys = self.keys.iter().filter(|key| is_needed(key));
            keys.any(|key| Some(key.jws.signer().key_id()) == jwk.kid())
        };
        self.jwks.keys.iter().filter(needed).cloned().collect()
    }

    /// The key that is current for an algorithm: the first that signs now.
    pub(super) fn current(&self, algorithm: &JwsAlgorithm, now: UnixTime) -> Option<&CompactJws> {
        let current = |key: &&RingKey| {
            key.jws.signer().algorithm() == algorithm
                && key.signs_from <= now
                && key.retired.is_none_or(|retired| now < retired.signs_until)
        };
        self.keys.iter().find(current).map(|key| &key.jws)
    }

    /// The algorithms of the keys that are not retired.
    pub(super) fn algorithms(&self) -> impl Iterator<Item = &JwsAlgorithm> {
        let kept = self.keys.iter().filter(|key| key.retired.is_none());
        kept.map(|key| key.jws.signer().algorithm())
    }

    fn signs(&self, algorithm: &JwsAlgorithm, now: UnixTime) -> bool {
        self.current(algorithm, now).is_some()
    }

    fn find(&self, jws: &CompactJws) -> Option<&RingKey> {
        self.keys.iter().find(|own| is_same(&own.jws, jws))
    }
}

fn is_same(one: &CompactJws, other: &CompactJws) -> bool {
    let (one, other) = (one.signer(), other.signer());
    one.key_id() == other.key_id()
        && one.algorithm() == other.algorithm()
        && one.public_key() == other.public_key()
}

/// The public keys, each once, with `alg` only where a key signs with one algorithm.
fn published(ring: &[RingKey]) -> Result<JwkSet, ConfigurationError> {
    let mut keys: Vec<(&str, Jwk, Vec<&JwsAlgorithm>)> = Vec::new();
    for RingKey { jws, .. } in ring {
        let signer = jws.signer();
        let (kid, key) = (signer.key_id(), signer.public_key());
        if signer.algorithm().uses_client_secret() {
            let why =
                "a signer cannot sign with HS256, HS384 or HS512: their key is the client's secret";
            return Err(ConfigurationError::new("", Problem::Invalid(why.into())));
        }
        if kid.is_empty() {
            let why = "a signing key has an empty kid: give it one, or leave it to the thumbprint";
            return Err(ConfigurationError::new("", Problem::Invalid(why.into())));
        }
        match keys.iter_mut().find(|(own, ..)| *own == kid) {
            None => keys.push((kid, key, vec![signer.algorithm()])),
            Some((_, own, algorithms)) if *own == key => algorithms.push(signer.algorithm()),
            Some(_) => {
                return Err(ConfigurationError::new(
                    "",
                    Problem::DuplicateKeyId(kid.to_owned()),
                ));
            }
        }
    }
    let publish = |(kid, key, algorithms): (&str, Jwk, Vec<&JwsAlgorithm>)| {
        key.for_publication(kid, &algorithms)
    };
    Ok(JwkSet {
        keys: keys.into_iter().map(publish).collect(),
    })
}
