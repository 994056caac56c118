use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::jose::{RandomSource, RandomSourceError};
use crate::rules::{RedirectEncoding, rule_of};
use crate::vocabulary::{Carrier, ClientId, Issuer, Protection, ResponseMode, ResponseType};

/// What a client asked for, kept until the answer arrives: the only place from which the expected
/// issuer, the client's identifier, the mode and `state` are taken ([JARM 2.4]).
///
/// Keep it bound to the user's browser, in the session or in a sealed cookie, and take it out once:
/// a response that arrives a second time then finds none. It is stored with serde. `Debug` shows
/// neither `state` nor what belongs to it.
///
/// ```
/// use jarm_core::client::Transaction;
/// use jarm_core::{ClientId, Issuer, ResponseMode, ResponseType};
/// # use jarm_core::jose::{RandomSource, RandomSourceError};
/// # #[derive(Debug)]
/// # struct SystemRandom;
/// # impl RandomSource for SystemRandom {
/// #     fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomSourceError> { buffer.fill(7); Ok(()) }
/// # }
///
/// let issuer = Issuer::try_new("https://as.example.com")?;
/// let transaction = Transaction::begin(issuer, ClientId::try_new("s6BhdRkqt3")?, &SystemRandom)?
///     .response_type(ResponseType::CODE)
///     .response_mode(ResponseMode::JWT);
/// let own = [("scope", "openid"), ("redirect_uri", "https://client.example/cb")];
/// let url = transaction.authorization_url("https://as.example.com/authorize", own);
/// assert!(url.starts_with("https://as.example.com/authorize?scope=openid&redirect_uri=https%3A%2F%2F"));
/// assert!(url.contains("&response_mode=jwt&state="));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [JARM 2.4]: https://openid.net/specs/oauth-v2-jarm.html#section-2.4
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    issuer: Issuer,
    client_id: ClientId,
    response_type: ResponseType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    response_mode: Option<ResponseMode>,
    state: String,
    nonce: String,
    code_verifier: String,
}

impl Transaction {
    /// Begins a transaction for a code in mode `jwt`, with a fresh `state`, `nonce` and PKCE
    /// verifier of 256 random bits each ([RFC 6749 10.12], [RFC 7636 4.1]).
    ///
    /// # Errors
    ///
    /// [`RandomSourceError`] when there is no randomness.
    ///
    /// [RFC 6749 10.12]: https://www.rfc-editor.org/rfc/rfc6749#section-10.12
    /// [RFC 7636 4.1]: https://www.rfc-editor.org/rfc/rfc7636#section-4.1
    pub fn begin(
        issuer: Issuer,
        client_id: ClientId,
        random: &dyn RandomSource,
    ) -> Result<Self, RandomSourceError> {
        let fresh = || {
            let mut octets = [0; 32];
            random.fill(&mut octets)?;
            Ok(URL_SAFE_NO_PAD.encode(octets))
        };
        Ok(Self {
            issuer,
            client_id,
            response_type: ResponseType::CODE,
            response_mode: Some(ResponseMode::JWT),
            state: fresh()?,
            nonce: fresh()?,
            code_verifier: fresh()?,
        })
    }

    /// Asks for another response type.
    #[must_use]
    pub fn response_type(mut self, response_type: ResponseType) -> Self {
        self.response_type = response_type;
        self
    }

    /// Asks for another mode; a plain one has no JWT, and is held to [RFC 9207].
    ///
    /// [RFC 9207]: https://www.rfc-editor.org/rfc/rfc9207
    #[must_use]
    pub fn response_mode(mut self, response_mode: ResponseMode) -> Self {
        self.response_mode = Some(response_mode);
        self
    }

    /// Asks for no mode, and so for the response type's default, which is a plain one.
    #[must_use]
    pub fn without_response_mode(mut self) -> Self {
        self.response_mode = None;
        self
    }

    /// Takes a `state` of the client's own making, which nobody can guess.
    #[must_use]
    pub fn with_state(mut self, state: impl Into<String>) -> Self {
        self.state = state.into();
        self
    }

    /// The parameters of the authorization request that follow from the transaction: `client_id`,
    /// `response_type`, `response_mode`, `state`, `nonce`, and PKCE where a code is asked for
    /// ([RFC 7636 4.3], [JARM 5.4]). `redirect_uri` and `scope` are the client's to add.
    ///
    /// [RFC 7636 4.3]: https://www.rfc-editor.org/rfc/rfc7636#section-4.3
    /// [JARM 5.4]: https://openid.net/specs/oauth-v2-jarm.html#section-5.4
    pub fn authorization_request(&self) -> Vec<(&'static str, String)> {
        let mut parameters = vec![
            ("client_id", self.client_id.to_string()),
            ("response_type", self.response_type.to_string()),
        ];
        if let Some(response_mode) = &self.response_mode {
            parameters.push(("response_mode", response_mode.to_string()));
        }
        parameters.push(("state", self.state.clone()));
        parameters.push(("nonce", self.nonce.clone()));
        if self.response_type.contains("code") {
            let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&self.code_verifier));
            parameters.push(("code_challenge", challenge));
            parameters.push(("code_challenge_method", "S256".to_owned()));
        }
        parameters
    }

    /// The URL to which the browser is sent: the server's `authorization_endpoint` as it is, with
    /// these parameters and then those of [`authorization_request`](Self::authorization_request).
    pub fn authorization_url<'a>(
        &self,
        endpoint: &str,
        own: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .extend_pairs(own)
            .extend_pairs(self.authorization_request());
        let separator = if endpoint.contains('?') { '&' } else { '?' };
        format!("{endpoint}{separator}{}", query.finish())
    }

    /// A name under which the transaction can be kept, such as a cookie's value: 256 bits that
    /// nobody can guess, and that are in no message to the server.
    pub fn id(&self) -> String {
        let digest = Sha256::new_with_prefix("transaction ");
        URL_SAFE_NO_PAD.encode(digest.chain_update(&self.code_verifier).finalize())
    }

    /// The issuer that was asked.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// Who asked.
    pub fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// The `state` of the request, and so of the response.
    pub fn state(&self) -> &str {
        &self.state
    }

    /// The `nonce` that an ID Token of this transaction has.
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// The `code_verifier` of the token request.
    pub fn code_verifier(&self) -> &str {
        &self.code_verifier
    }

    /// What was asked for.
    pub(super) fn asked_for(&self) -> &ResponseType {
        &self.response_type
    }

    /// How the parameters are protected.
    pub(super) fn protection(&self) -> Protection {
        match &self.response_mode {
            Some(mode) if mode.names_jwt() => Protection::Jwt,
            _ => Protection::Plain,
        }
    }

    /// Where a success arrives; `None` for modes that are not known here.
    pub(super) fn carrier(&self) -> Option<Carrier> {
        match self.response_mode.as_ref().map(ResponseMode::as_str) {
            None | Some("jwt") => Some(self.default_carrier()),
            Some("query" | "query.jwt") => Some(Carrier::Query),
            Some("fragment" | "fragment.jwt") => Some(Carrier::Fragment),
            Some("form_post" | "form_post.jwt") => Some(Carrier::Body),
            Some(_) => None,
        }
    }

    /// Where the response type's responses arrive if nothing else is said.
    pub(super) fn default_carrier(&self) -> Carrier {
        match rule_of(Some(&self.response_type)).default {
            RedirectEncoding::Query => Carrier::Query,
            RedirectEncoding::Fragment => Carrier::Fragment,
        }
    }
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .field("response_type", &self.response_type)
            .field("response_mode", &self.response_mode)
            .finish_non_exhaustive()
    }
}
