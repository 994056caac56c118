//! The one table of response type × carrier × protection.
//!
//! Code, tests and documentation read [`RULES`]; nothing else decides where a response may travel.
//! The fragment, a posted body and a script's message are open to every response type, so the
//! table has columns for the query alone.

use serde::{Deserialize, Serialize};

use crate::vocabulary::{Carrier, InvalidValue, Protection, ResponseMode, ResponseType};

/// The redirect encoding that a response type falls back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RedirectEncoding {
    /// `query`, and `query.jwt` for the shortcut `jwt`.
    Query,
    /// `fragment`, and `fragment.jwt` for the shortcut `jwt`.
    Fragment,
}

impl RedirectEncoding {
    /// The mode of this encoding under a protection.
    pub fn mode(self, protection: Protection) -> ResponseMode {
        match (self, protection) {
            (Self::Query, Protection::Plain) => ResponseMode::QUERY,
            (Self::Query, Protection::Jwt) => ResponseMode::QUERY_JWT,
            (Self::Fragment, Protection::Plain) => ResponseMode::FRAGMENT,
            (Self::Fragment, Protection::Jwt) => ResponseMode::FRAGMENT_JWT,
        }
    }
}

/// Whether a success response may travel in a mode, the widest first. Errors carry no token and may
/// always.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// It may.
    Allowed,
    /// Only if the response JWT is encrypted ([JARM 2.3.1]): the query must not show a token.
    ///
    /// [JARM 2.3.1]: https://openid.net/specs/oauth-v2-jarm.html#section-2.3.1
    OnlyEncrypted,
    /// It must not ([Multiple Response Types 3 and 5]).
    ///
    /// [Multiple Response Types 3 and 5]: https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html
    Refused,
}

/// The rules of one response type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// The encoding when the request names no mode, and what `jwt` stands for as a JWT.
    pub default: RedirectEncoding,
    /// Whether it may travel in a plain query.
    pub query: Permission,
    /// Whether it may travel in a query as a JWT.
    pub query_jwt: Permission,
}

impl Rule {
    const OPEN: Self = Self {
        default: RedirectEncoding::Query,
        query: Permission::Allowed,
        query_jwt: Permission::Allowed,
    };
    const TOKEN: Self = Self {
        default: RedirectEncoding::Fragment,
        query: Permission::Refused,
        query_jwt: Permission::OnlyEncrypted,
    };

    /// Whether a success may travel on this carrier with this protection.
    pub fn permission(self, carrier: Carrier, protection: Protection) -> Permission {
        match (carrier, protection) {
            (Carrier::Query, Protection::Plain) => self.query,
            (Carrier::Query, Protection::Jwt) => self.query_jwt,
            (Carrier::Fragment | Carrier::Body | Carrier::Script, _) => Permission::Allowed,
        }
    }
}

/// The standard response types and their rules ([JARM 2.3.4], [Multiple Response Types 2.1 to 5]).
///
/// JARM leaves `jwt` open for `none`; here it stands for `query.jwt`, by the default of `none`.
///
/// [JARM 2.3.4]: https://openid.net/specs/oauth-v2-jarm.html#section-2.3.4
/// [Multiple Response Types 2.1 to 5]: https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html
pub const RULES: &[(ResponseType, Rule)] = &[
    (ResponseType::CODE, Rule::OPEN),
    (ResponseType::TOKEN, Rule::TOKEN),
    (ResponseType::ID_TOKEN, Rule::TOKEN),
    (ResponseType::ID_TOKEN_TOKEN, Rule::TOKEN),
    (ResponseType::CODE_ID_TOKEN, Rule::TOKEN),
    (ResponseType::CODE_TOKEN, Rule::TOKEN),
    (ResponseType::CODE_ID_TOKEN_TOKEN, Rule::TOKEN),
    (ResponseType::NONE, Rule::OPEN),
];

/// The rule for an error about a missing or unparseable response type.
pub const RULE_WITHOUT_RESPONSE_TYPE: Rule = Rule::OPEN;

/// The rule of a response type, known or not, about which no extension says anything.
pub(crate) fn rule_of(response_type: Option<&ResponseType>) -> Rule {
    let Some(response_type) = response_type else {
        return RULE_WITHOUT_RESPONSE_TYPE;
    };
    match RULES.iter().find(|(own, _)| own == response_type) {
        Some((_, rule)) => *rule,
        None if response_type.carries_token() => Rule::TOKEN,
        None => Rule::OPEN,
    }
}

/// A response type beyond the eight, as its extension defines it.
///
/// One that carries `token` or `id_token` is ruled like those, whatever it declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtensionResponseType {
    response_type: ResponseType,
    default: RedirectEncoding,
    claims: Vec<DeclarableClaim>,
}

/// A claim by which another kind of JWT is known. A response JWT that had it could pass as an ID
/// Token or a logout token ([RFC 8725 3.12]), so only a response type that declares it returns it.
///
/// [RFC 8725 3.12]: https://www.rfc-editor.org/rfc/rfc8725#section-3.12
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeclarableClaim {
    /// `sub`
    Sub,
    /// `nonce`
    Nonce,
    /// `events`
    Events,
    /// `cnf`
    Cnf,
}

impl DeclarableClaim {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Sub, Self::Nonce, Self::Events, Self::Cnf];

    /// The claim's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sub => "sub",
            Self::Nonce => "nonce",
            Self::Events => "events",
            Self::Cnf => "cnf",
        }
    }
}

impl ExtensionResponseType {
    /// An extension whose default encoding is the query.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] for one of the eight standard types: their rules stand.
    pub fn try_new(response_type: ResponseType) -> Result<Self, InvalidValue> {
        if ResponseType::STANDARD.contains(&response_type) {
            let why =
                format!("`{response_type}` is a standard response type and needs no declaration");
            return Err(InvalidValue(why));
        }
        Ok(Self {
            response_type,
            default: RedirectEncoding::Query,
            claims: Vec::new(),
        })
    }

    /// Makes the fragment its default encoding and closes the plain query to it.
    #[must_use]
    pub fn like_a_token(mut self) -> Self {
        self.default = RedirectEncoding::Fragment;
        self
    }

    /// Declares a parameter that is otherwise refused in a response JWT.
    #[must_use]
    pub fn returns_claim(mut self, claim: DeclarableClaim) -> Self {
        self.claims.push(claim);
        self
    }

    pub(crate) fn response_type(&self) -> &ResponseType {
        &self.response_type
    }
}

/// The response types that a server answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ResponseTypes {
    listed: Vec<ResponseType>,
    extensions: Vec<ExtensionResponseType>,
}

impl ResponseTypes {
    pub(crate) fn new(listed: Vec<ResponseType>, extensions: Vec<ExtensionResponseType>) -> Self {
        Self { listed, extensions }
    }

    /// Without those of the configuration that fail `keep`.
    pub(crate) fn retain_listed(mut self, keep: impl Fn(&ResponseType) -> bool) -> Self {
        self.listed.retain(keep);
        self
    }

    /// All of them, those of the configuration first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &ResponseType> {
        let declared = self.extensions.iter().map(|own| &own.response_type);
        let declared = declared.filter(|own| !self.listed.contains(own));
        self.listed.iter().chain(declared)
    }

    pub(crate) fn contains(&self, response_type: &ResponseType) -> bool {
        self.iter().any(|own| own == response_type)
    }

    /// The rule of a response type, known or not.
    pub(crate) fn rule(&self, response_type: Option<&ResponseType>) -> Rule {
        let declared = response_type.and_then(|own| self.extension(own));
        match declared.map(|own| own.default) {
            Some(RedirectEncoding::Fragment) => Rule::TOKEN,
            Some(RedirectEncoding::Query) | None => rule_of(response_type),
        }
    }

    /// The otherwise refused claims that a response type declares.
    pub(crate) fn declared_claims(
        &self,
        response_type: Option<&ResponseType>,
    ) -> &[DeclarableClaim] {
        let extension = response_type.and_then(|own| self.extension(own));
        extension.map_or(&[], |own| own.claims.as_slice())
    }

    fn extension(&self, response_type: &ResponseType) -> Option<&ExtensionResponseType> {
        self.extensions
            .iter()
            .find(|own| own.response_type == *response_type)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_covers_the_standard_types_and_agrees_with_what_they_carry() {
        for standard in ResponseType::STANDARD {
            let rows: Vec<_> = RULES.iter().filter(|(own, _)| *own == standard).collect();
            let [(_, rule)] = rows.as_slice() else {
                panic!("{standard} has {} rows", rows.len())
            };
            let expected = if standard.carries_token() {
                Rule::TOKEN
            } else {
                Rule::OPEN
            };
            assert_eq!(*rule, expected, "{standard}");
        }
    }

    #[test]
    fn an_extension_that_carries_a_token_is_ruled_like_one() {
        let parse = |value: &str| value.parse::<ResponseType>().unwrap();
        let types = ResponseTypes::new(
            vec![parse("code device")],
            vec![
                ExtensionResponseType::try_new(parse("id_token device")).unwrap(),
                ExtensionResponseType::try_new(parse("vp_token"))
                    .unwrap()
                    .like_a_token()
                    .returns_claim(DeclarableClaim::Sub),
            ],
        );
        assert_eq!(types.rule(Some(&parse("code device"))), Rule::OPEN);
        assert_eq!(types.rule(Some(&parse("device id_token"))), Rule::TOKEN);
        assert_eq!(types.rule(Some(&parse("vp_token"))), Rule::TOKEN);
        assert_eq!(types.rule(None), Rule::OPEN);
        assert_eq!(
            types.declared_claims(Some(&parse("vp_token"))),
            [DeclarableClaim::Sub]
        );
        assert!(types.contains(&parse("vp_token")) && !types.contains(&ResponseType::CODE));
    }
}
