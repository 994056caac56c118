//! What every provider must satisfy, and fixed stand-ins for clock, key and randomness.
//!
//! A mode of your own is done when [`check_provider`] finds nothing:
//!
//! ```
//! # use jarm_core::provider::{EncodeContext, EncodeError, ResponseModeProvider};
//! # use jarm_core::response::{EncodedResponse, ResponseParameters};
//! # use jarm_core::{Carrier, ResponseMode};
//! # #[derive(Debug)]
//! # struct Mine(ResponseMode);
//! # impl ResponseModeProvider for Mine {
//! #     fn response_mode(&self) -> &ResponseMode { &self.0 }
//! #     fn carrier(&self) -> Carrier { Carrier::Fragment }
//! #     fn encode(&self, context: &EncodeContext<'_>, parameters: &ResponseParameters) -> Result<EncodedResponse, EncodeError> {
//! #         Ok(context.redirect_with_fragment(parameters)?.into())
//! #     }
//! # }
//! # let mine = Mine("mine".parse().unwrap());
//! assert_eq!(jarm_core::testing::check_provider(&mine), Vec::<String>::new());
//! ```

use crate::clock::{Clock, UnixTime};
use crate::jose::{BoxFuture, Jwk, JwsSigner, RandomSource, RandomSourceError, SigningError};
use crate::provider::{EncodeContext, EncodeError, EncodeSettings, ResponseModeProvider};
use crate::response::{EncodedResponse, ResponseParameters};
use crate::vocabulary::{JwsAlgorithm, Protection, RedirectTarget, RedirectUriPolicy};

/// A clock that stands still.
#[derive(Clone, Copy, Debug)]
pub struct FixedClock(pub u64);

impl Clock for FixedClock {
    fn now(&self) -> UnixTime {
        UnixTime::from_seconds(self.0)
    }
}

/// Randomness that is none: every byte is the same.
#[derive(Clone, Copy, Debug)]
pub struct FixedRandom(pub u8);

impl RandomSource for FixedRandom {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomSourceError> {
        buffer.fill(self.0);
        Ok(())
    }
}

/// A signer without a key: its signature is `signed`, and no client verifies it.
#[derive(Clone, Debug)]
pub struct FixedSigner(pub JwsAlgorithm);

impl JwsSigner for FixedSigner {
    fn algorithm(&self) -> &JwsAlgorithm {
        &self.0
    }

    fn key_id(&self) -> &'static str {
        "fixed"
    }

    fn public_key(&self) -> Jwk {
        Jwk::fixed_for_tests()
    }

    fn sign<'a>(&'a self, _: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SigningError>> {
        Box::pin(std::future::ready(Ok(b"signed".to_vec())))
    }
}

/// Redirect URIs that providers have got wrong: their own query, an empty one, none, markup.
const TARGETS: [&str; 6] = [
    "https://client.example/cb",
    "https://client.example",
    "https://client.example/cb?",
    "https://client.example/cb?keep=1&x=%20a+b&z",
    "https://client.example/cb?a=1&lt=2&quot;",
    "https://client.example/cb\"><script>alert(1)</script>",
];

/// Values that break out of URLs, attributes, scripts and headers.
const VALUES: [&str; 8] = [
    "plain",
    "a b+c&d=e#f?g%20",
    "\"><script>alert(1)</script>",
    "'--></script><script>alert(1)</script>",
    "line\r\nSet-Cookie: a=b",
    "\u{202e}\u{2028}\u{2029}\u{0}é",
    "&lt;already&gt;&#34;",
    "submit",
];

/// Checks a provider against every row of targets and values, and says in a sentence what is
/// wrong in each; nothing, for a provider that is right.
pub fn check_provider(provider: &dyn ResponseModeProvider) -> Vec<String> {
    let mut complaints = Vec::new();
    let mode = provider.response_mode();
    if (provider.protection() == Protection::Jwt) != mode.names_jwt() {
        complaints.push(format!(
            "`{mode}` must end in `.jwt` exactly if it is protected"
        ));
    }
    let settings = EncodeSettings::default();
    for uri in TARGETS {
        for value in VALUES {
            let parameters = parameters(value);
            let encode = |uri: &str| -> Result<EncodedResponse, EncodeError> {
                let target = RedirectTarget::restored(uri);
                provider.encode(
                    &EncodeContext::new(provider, &target, &settings),
                    &parameters,
                )
            };
            let complain = |why: String| format!("{uri:?} with {value:?}: {why}");
            match encode(uri) {
                Err(error) => complaints.push(complain(error.to_string())),
                Ok(encoded) => {
                    if encode(uri) != Ok(encoded.clone()) {
                        complaints.push(complain("two calls differ, so it is not pure".into()));
                    }
                    complaints.extend(faults(&encoded, uri, &parameters).into_iter().map(complain));
                }
            }
        }
    }
    complaints.extend(check_refusals(provider, &settings));
    complaints
}

fn parameters(value: &'static str) -> ResponseParameters {
    let mut parameters = ResponseParameters::default();
    for (name, value) in [("state", value), ("code", "canary")] {
        // Two different, well-formed names are always accepted.
        let _ = parameters.insert(name, value);
    }
    parameters
}

fn faults(encoded: &EncodedResponse, uri: &str, parameters: &ResponseParameters) -> Vec<String> {
    let mut faults = Vec::new();
    let mut check = |holds: bool, why: &str| {
        if !holds {
            faults.push(why.to_owned());
        }
    };
    let printable = |value: &str| value.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
    check(
        encoded.headers().all(|(_, value)| printable(value)),
        "a header is not visible ASCII",
    );
    check(
        !format!("{encoded:?}").contains("canary"),
        "Debug shows a parameter",
    );
    match encoded {
        EncodedResponse::Redirect(redirect) => {
            let added = redirect.location().strip_prefix(uri).unwrap_or_default();
            check(
                redirect.location().starts_with(uri),
                "the redirect URI is not kept byte for byte",
            );
            let pairs = added
                .trim_start_matches(['?', '&', '#'])
                .trim_end_matches("#_");
            let arrived: Vec<_> = form_urlencoded::parse(pairs.as_bytes())
                .into_owned()
                .collect();
            check(
                arrived == as_pairs(parameters),
                "the parameters do not arrive unchanged",
            );
        }
        EncodedResponse::Document(document) => {
            check(
                !document.html().contains("<script>alert"),
                "a value runs as a script",
            );
            check(
                !document.content_security_policy().contains("unsafe"),
                "the policy allows inline script",
            );
            if let Some(form) = document.form() {
                let fields: Vec<_> = form
                    .fields()
                    .map(|(n, v)| (n.to_owned(), v.to_owned()))
                    .collect();
                check(form.action() == uri, "the action is not the redirect URI");
                check(
                    fields == as_pairs(parameters),
                    "the fields are not the parameters",
                );
            }
        }
    }
    faults
}

fn as_pairs(parameters: &ResponseParameters) -> Vec<(String, String)> {
    parameters
        .iter()
        .map(|(name, value)| (name.to_owned(), value.as_text().into_owned()))
        .collect()
}

/// What every provider must refuse.
fn check_refusals(provider: &dyn ResponseModeProvider, settings: &EncodeSettings) -> Vec<String> {
    let mut complaints = Vec::new();
    let encode = |target: &RedirectTarget| {
        provider.encode(
            &EncodeContext::new(provider, target, settings),
            &parameters("s"),
        )
    };
    let application = RedirectUriPolicy::default().select(&["com.example.app:/cb"], None);
    let to_application = application.map(|target| encode(&target).is_ok());
    if to_application != Ok(!provider.carrier().needs_web_target()) {
        complaints
            .push("a private-use redirect URI is answered exactly if the carrier allows it".into());
    }
    let polluted = RedirectTarget::restored("https://client.example/cb?code=forged");
    if encode(&polluted).is_ok_and(|encoded| matches!(encoded, EncodedResponse::Redirect(_))) {
        complaints.push("a redirect URI that holds `code` already is refused".into());
    }
    complaints
}
