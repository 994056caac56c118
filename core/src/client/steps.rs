//! Steps 2 to 5 of [JARM 2.4], after decryption. Each takes the value of the one before, so there
//! is one order; only the last gives anything away.
//!
//! [JARM 2.4]: https://openid.net/specs/oauth-v2-jarm.html#section-2.4

use serde_json::{Map, Value};

use super::{Reason, RefusedResponse, Step};
use crate::clock::UnixTime;
use crate::jose::{NotOfItsType, UnverifiedJws, audiences, date};
use crate::vocabulary::{ClientId, Issuer};

/// What a client expects of the claims.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected<'a> {
    pub(super) client_id: &'a ClientId,
    pub(super) sole_audience: bool,
    pub(super) now: UnixTime,
    /// How far the clocks may be apart, in seconds.
    pub(super) skew: u64,
    /// The longest lifetime that is accepted, in seconds.
    pub(super) longest_lifetime: Option<u64>,
}

/// A JWS of whatever origin.
pub(super) struct Decrypted(String);

impl Decrypted {
    pub(super) fn new(jws: String) -> Self {
        Self(jws)
    }

    /// 2. `iss` is the expected issuer. Keys are looked up after this, so a wrong issuer causes no
    ///    network call ([JARM 5.1](https://openid.net/specs/oauth-v2-jarm.html#section-5.1)).
    pub(super) fn issued_by(self, issuer: &Issuer) -> Result<OfIssuer, RefusedResponse> {
        let refuse = |reason| Step::Issuer.refuses(reason);
        let jws = UnverifiedJws::parse(self.0).map_err(|malformed| refuse(malformed.into()))?;
        match jws.claims.get("iss") {
            Some(Value::String(iss)) if iss == issuer.as_str() => Ok(OfIssuer(jws)),
            Some(Value::String(_)) => Err(refuse(Reason::OtherIssuer)),
            Some(_) => Err(refuse(Reason::Type("iss"))),
            None => Err(refuse(Reason::Missing("iss"))),
        }
    }
}

/// Says that it is of the expected issuer.
pub(super) struct OfIssuer(UnverifiedJws);

impl OfIssuer {
    /// 3. `aud` is the client. 4. `exp` has not passed.
    ///
    /// What is wrong with them is told after the signature was looked at as well, so that the time
    /// does not tell who sent the response which of the three it was.
    pub(super) fn with_claims(self, expected: Expected<'_>) -> ForClient {
        let Self(jws) = self;
        let fault = check_audience(&jws.claims, expected)
            .map_err(|reason| Step::Audience.refuses(reason))
            .and_then(|()| {
                check_times(&jws.claims, expected).map_err(|reason| Step::Expiry.refuses(reason))
            });
        ForClient { jws, fault }
    }
}

/// Says that it is for the client and valid now, or does not.
pub(super) struct ForClient {
    jws: UnverifiedJws,
    fault: Result<(), RefusedResponse>,
}

impl ForClient {
    /// What the signature is looked for by.
    pub(super) fn jws(&self) -> &UnverifiedJws {
        &self.jws
    }

    /// 5. The signature is the issuer's; `verified` is what came of looking at it.
    pub(super) fn with_signature(
        self,
        verified: Result<(), Reason>,
    ) -> Result<Map<String, Value>, RefusedResponse> {
        let Self { jws, fault } = self;
        fault?;
        verified.map_err(|reason| Step::Signature.refuses(reason))?;
        Ok(jws.claims)
    }
}

fn check_audience(claims: &Map<String, Value>, expected: Expected<'_>) -> Result<(), Reason> {
    let own = expected.client_id.as_str();
    let audiences = audiences(claims).map_err(|NotOfItsType| Reason::Type("aud"))?;
    let audiences = audiences.ok_or(Reason::Missing("aud"))?;
    if !audiences.contains(&own) {
        return Err(Reason::OtherAudience);
    }
    if expected.sole_audience && audiences.iter().any(|aud| *aud != own) {
        return Err(Reason::FurtherAudiences);
    }
    Ok(())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "seconds since 1970 are far below 2^53"
)]
fn check_times(claims: &Map<String, Value>, expected: Expected<'_>) -> Result<(), Reason> {
    let now = expected.now.as_seconds() as f64;
    let skew = expected.skew as f64;
    let date = |name| date(claims, name).map_err(|NotOfItsType| Reason::Type(name));
    let exp = date("exp")?.ok_or(Reason::Missing("exp"))?;
    if now >= exp + skew {
        return Err(Reason::Expired);
    }
    if let Some(limit) = expected.longest_lifetime
        && exp > now + skew + limit as f64
    {
        return Err(Reason::TooLongValid { limit });
    }
    for name in ["nbf", "iat"] {
        if date(name)?.is_some_and(|date| date > now + skew) {
            return Err(Reason::InTheFuture(name));
        }
    }
    Ok(())
}
