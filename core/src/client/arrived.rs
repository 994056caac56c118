use std::fmt;

use super::{Reason, Transaction};
use crate::metadata::ClientMetadata;
use crate::response::{ParameterValue, ResponseParameters};
use crate::vocabulary::{Carrier, Protection, RESPONSE_PARAMETERS, ResponseMode};

/// The longest response that is looked at: a nested JWT with an ID Token, an access token and
/// certificates has a tenth of it.
pub(super) const LONGEST: usize = 64 * 1024;

/// The most parameters that are looked at: the redirect URI's own stand among them. Each is compared
/// with all others.
const MOST: usize = 256;

/// What arrived at the redirect URI: every pair, duplicates included, and where it was.
///
/// A fragment does not leave the browser; a script of the client's page hands it over. `Debug`
/// shows the names only.
///
/// ```
/// use jarm_core::client::ArrivedResponse;
///
/// let arrived = ArrivedResponse::query("tenant=7&response=eyJ…");
/// # let _ = arrived;
/// ```
#[derive(Clone)]
pub struct ArrivedResponse {
    carrier: Carrier,
    pairs: Vec<(String, String)>,
}

impl ArrivedResponse {
    /// Takes a query, without the question mark.
    pub fn query(query: &str) -> Self {
        Self::urlencoded(Carrier::Query, query.as_bytes())
    }

    /// Takes a fragment, without the number sign.
    pub fn fragment(fragment: &str) -> Self {
        Self::urlencoded(Carrier::Fragment, fragment.as_bytes())
    }

    /// Takes the body of a form post, in `application/x-www-form-urlencoded`.
    pub fn form_post(body: impl AsRef<[u8]>) -> Self {
        Self::urlencoded(Carrier::Body, body.as_ref())
    }

    /// Takes decoded pairs, in order.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(
        carrier: Carrier,
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let owned = |(name, value): (N, V)| (name.into(), value.into());
        let pairs = pairs.into_iter().map(owned).collect();
        Self { carrier, pairs }
    }

    /// Takes the parameter `response` by itself.
    pub fn response(carrier: Carrier, response: impl Into<String>) -> Self {
        Self::from_pairs(carrier, [("response", response)])
    }

    fn urlencoded(carrier: Carrier, encoded: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(encoded).into_owned();
        Self::from_pairs(carrier, pairs)
    }

    /// The values of a parameter.
    fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let own = self.pairs.iter().filter(move |(own, _)| own == name);
        own.map(|(_, value)| value.as_str())
    }

    /// The one value of a parameter; an empty one counts as absent ([RFC 6749 3.1]).
    ///
    /// [RFC 6749 3.1]: https://www.rfc-editor.org/rfc/rfc6749#section-3.1
    fn single(&self, name: &'static str) -> Result<Option<&str>, Reason> {
        let mut values = self.values(name);
        let first = values.next();
        match values.next() {
            Some(_) => Err(Reason::Duplicate(name)),
            None => Ok(first.filter(|value| !value.is_empty())),
        }
    }

    /// The response JWT. Whatever stands beside it is ignored, even a code; but for another issuer
    /// ([RFC 9207 2.4](https://www.rfc-editor.org/rfc/rfc9207#section-2.4)).
    pub(super) fn jwt(
        &self,
        transaction: &Transaction,
        client: &ClientMetadata,
    ) -> Result<&str, Reason> {
        self.check(transaction, client)?;
        let expected = transaction.issuer().as_str();
        if self.values("iss").any(|iss| iss != expected) {
            return Err(Reason::OtherIssuer);
        }
        let response = self.single("response")?;
        if response.is_none() && self.is_plain_response() {
            return Err(Reason::PlainInsteadOfJwt);
        }
        response.ok_or(Reason::NoResponse)
    }

    /// The parameters of a plain response.
    pub(super) fn plain(
        &self,
        transaction: &Transaction,
        client: &ClientMetadata,
    ) -> Result<ResponseParameters, Reason> {
        self.check(transaction, client)?;
        if self.values("response").next().is_some() {
            return Err(Reason::JwtInsteadOfPlain);
        }
        if !self.is_plain_response() {
            return Err(Reason::NoResponse);
        }
        for name in RESPONSE_PARAMETERS {
            self.single(name)?;
        }
        let mut parameters = ResponseParameters::with_capacity(self.pairs.len());
        for (name, value) in &self.pairs {
            let value = ParameterValue::from(value.clone());
            // What has no name of a parameter, or the name of one before, is the redirect URI's own.
            let _ = parameters.insert(name.clone(), value);
        }
        Ok(parameters)
    }

    fn is_plain_response(&self) -> bool {
        let is_plain = |name: &str| name != "response" && RESPONSE_PARAMETERS.contains(&name);
        self.pairs.iter().any(|(name, _)| is_plain(name))
    }

    /// Whether it came where a response may, and is not too long.
    fn check(&self, transaction: &Transaction, client: &ClientMetadata) -> Result<(), Reason> {
        self.check_size()?;
        // A mode that the server cannot use is told as an error in the type's default one.
        match self.check_carrier(transaction, client) {
            Err(_) if self.carrier == transaction.default_carrier() => Ok(()),
            checked => checked,
        }
    }

    /// Whether it is small enough to be looked at.
    pub(super) fn check_size(&self) -> Result<(), Reason> {
        let length = |(name, value): &(String, String)| name.len() + value.len();
        if self.pairs.iter().map(length).sum::<usize>() > LONGEST {
            return Err(Reason::TooLong { limit: LONGEST });
        }
        if self.pairs.len() > MOST {
            return Err(Reason::TooMany { limit: MOST });
        }
        Ok(())
    }

    /// Whether it came in the way that was asked for, as a success must.
    ///
    /// A client that registered `form_post.jwt` lets a server post a JWT that is too long for a URL.
    pub(super) fn check_carrier(
        &self,
        transaction: &Transaction,
        client: &ClientMetadata,
    ) -> Result<(), Reason> {
        let found = self.carrier;
        let registered = client.response_modes.as_deref().unwrap_or_default();
        let may_be_posted = transaction.protection() == Protection::Jwt
            && registered.contains(&ResponseMode::FORM_POST_JWT);
        match transaction.carrier() {
            Some(_) if may_be_posted && found == Carrier::Body => Ok(()),
            Some(expected) if expected != found => Err(Reason::OtherCarrier { expected, found }),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for ArrivedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.pairs.iter().map(|(name, _)| name).collect();
        f.debug_struct("ArrivedResponse")
            .field("carrier", &self.carrier)
            .field("names", &names)
            .finish()
    }
}
