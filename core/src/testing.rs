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
use crate::future::BoxFuture;
use crate::jose::{Jwk, JwsSigner, RandomSource, RandomSourceError, SigningError};
use crate::provider::{EncodeContext, EncodeSettings, ResponseModeProvider};
use crate::response::{Document, EncodedResponse, Form, ResponseParameters};
use crate::vocabulary::{Carrier, JwsAlgorithm, Protection, RedirectTarget, RedirectUriPolicy};

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
/// wrong; nothing, for a provider that is right.
///
/// What arrives is read from a redirect's `Location` and from a form. For a page that sends the
/// parameters by other means, use [`check_page_provider`].
pub fn check_provider(provider: &dyn ResponseModeProvider) -> Vec<String> {
    check_page_provider(provider, |_| None)
}

/// The same, with `read` taking the parameters out of a page without a form, as its script or a
/// client would: names and values in order, or `None` where it cannot.
pub fn check_page_provider(
    provider: &dyn ResponseModeProvider,
    read: impl Fn(&Document) -> Option<Vec<(String, String)>>,
) -> Vec<String> {
    let mut complaints = Complaints::default();
    let mode = provider.response_mode();
    if (provider.protection() == Protection::Jwt) != mode.names_jwt() {
        complaints.add(
            "its name must end in `.jwt` exactly if it is protected",
            mode.as_str(),
        );
    }
    let settings = EncodeSettings::default();
    for uri in TARGETS {
        for value in VALUES {
            let parameters = parameters(value);
            let encode = || {
                let target = RedirectTarget::restored(uri);
                let context = EncodeContext::new(provider, &target, &settings);
                provider.encode(&context, &parameters)
            };
            let row = format!("{uri:?} with {value:?}");
            match encode() {
                Err(error) => complaints.add(&error.to_string(), &row),
                Ok(encoded) => {
                    if encode() != Ok(encoded.clone()) {
                        complaints.add("two calls differ, so it is not pure", &row);
                    }
                    let arrived = match &encoded {
                        EncodedResponse::Redirect(redirect) => {
                            Some(added(redirect.location(), uri))
                        }
                        EncodedResponse::Document(page) => {
                            page.form().map(fields).or_else(|| read(page))
                        }
                    };
                    match arrived {
                        Some(pairs) if pairs == as_pairs(&parameters) => {}
                        Some(_) => complaints.add("the parameters do not arrive unchanged", &row),
                        None => complaints.add(UNREAD, &row),
                    }
                    for fault in faults(provider, &encoded, uri) {
                        complaints.add(fault, &row);
                    }
                }
            }
        }
    }
    for refusal in check_refusals(provider, &settings) {
        complaints.add(refusal, mode.as_str());
    }
    complaints.into_sentences()
}

const UNREAD: &str =
    "what arrives cannot be read from the page: give check_page_provider a function that can";

/// Each fault once, with how often it was found and where first.
#[derive(Default)]
struct Complaints(Vec<(String, String, usize)>);

impl Complaints {
    fn add(&mut self, fault: &str, row: &str) {
        match self.0.iter_mut().find(|(own, ..)| own == fault) {
            Some((.., times)) => *times += 1,
            None => self.0.push((fault.to_owned(), row.to_owned(), 1)),
        }
    }

    fn into_sentences(self) -> Vec<String> {
        let sentence = |(fault, row, times)| format!("{fault} ({times} times, first: {row})");
        self.0.into_iter().map(sentence).collect()
    }
}

fn parameters(value: &'static str) -> ResponseParameters {
    let mut parameters = ResponseParameters::default();
    for (name, value) in [("state", value), ("code", "canary")] {
        // Two different, well-formed names are always accepted.
        let _ = parameters.insert(name, value);
    }
    parameters
}

fn faults(
    provider: &dyn ResponseModeProvider,
    encoded: &EncodedResponse,
    uri: &str,
) -> Vec<&'static str> {
    let mut faults = Vec::new();
    let mut check = |holds: bool, why| {
        if !holds {
            faults.push(why);
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
        EncodedResponse::Redirect(redirect) => check(
            redirect.location().starts_with(uri),
            "the redirect URI is not kept byte for byte",
        ),
        EncodedResponse::Document(document) => {
            check(
                !document.html().contains("<script>alert"),
                "a value runs as a script",
            );
            let form = document.form();
            check(
                form.is_some() || provider.carrier() != Carrier::Body,
                "a mode whose carrier is the body gives the page its form, by Document::with_form",
            );
            check(
                form.is_none_or(|form| form.action() == uri),
                "the action is not the redirect URI",
            );
        }
    }
    faults
}

/// The parameters that a `Location` adds to the redirect URI.
fn added(location: &str, uri: &str) -> Vec<(String, String)> {
    let added = location.strip_prefix(uri).unwrap_or_default();
    let pairs = added.trim_start_matches(['?', '&', '#']);
    let pairs = pairs.strip_suffix("#_").unwrap_or(pairs);
    form_urlencoded::parse(pairs.as_bytes())
        .into_owned()
        .collect()
}

fn fields(form: &Form) -> Vec<(String, String)> {
    form.fields()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn as_pairs(parameters: &ResponseParameters) -> Vec<(String, String)> {
    parameters
        .iter()
        .map(|(name, value)| (name.to_owned(), value.as_text().into_owned()))
        .collect()
}

/// What every provider must refuse.
fn check_refusals(
    provider: &dyn ResponseModeProvider,
    settings: &EncodeSettings,
) -> Vec<&'static str> {
    let mut complaints = Vec::new();
    let encode = |target: &RedirectTarget| {
        let context = EncodeContext::new(provider, target, settings);
        provider.encode(&context, &parameters("s"))
    };
    let application = RedirectUriPolicy::default().select(&["com.example.app:/cb"], None);
    let to_application = application.map(|target| encode(&target).is_ok());
    if to_application != Ok(!provider.carrier().needs_web_target()) {
        complaints.push("a private-use redirect URI is answered exactly if the carrier allows it");
    }
    let polluted = RedirectTarget::restored("https://client.example/cb?code=forged");
    if encode(&polluted).is_ok_and(|encoded| matches!(encoded, EncodedResponse::Redirect(_))) {
        complaints.push("a redirect URI that holds `code` already is refused");
    }
    complaints
}
