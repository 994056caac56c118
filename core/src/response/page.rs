use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::vocabulary::{InvalidValue, RedirectTarget};

/// How pages and redirects protect themselves in the browser: the `page` table of the
/// configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PageSettings {
    /// The `Referrer-Policy` of every answer.
    pub referrer_policy: ReferrerPolicy,
    /// Where a page's form may be posted to, by content security policy.
    pub form_action: FormAction,
    /// How a page's script is allowed, by content security policy.
    pub csp: ContentSecurity,
}

/// A `Referrer-Policy` that does not send the authorization request's URL to the client.
///
/// The default is `strict-origin`, because browsers send `Origin: null` on the form post under
/// the two others, and clients that check `Origin` then refuse it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ReferrerPolicy {
    /// The origin alone, and nothing on a downgrade to http.
    #[default]
    StrictOrigin,
    /// Nothing. The form post has `Origin: null`.
    NoReferrer,
    /// Nothing across origins. The form post has `Origin: null`.
    SameOrigin,
}

impl ReferrerPolicy {
    /// The header's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StrictOrigin => "strict-origin",
            Self::NoReferrer => "no-referrer",
            Self::SameOrigin => "same-origin",
        }
    }
}

/// The `form-action` of a page's content security policy.
///
/// Off by default: browsers apply the directive to redirects that follow the post, so a client
/// that answers the post with a redirect to another origin would be cut off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FormAction {
    /// No directive.
    #[default]
    Any,
    /// The redirect target's origin only.
    Target,
}

/// How the content security policy allows a page's inline script. Never `unsafe-inline`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ContentSecurity {
    /// By the SHA-256 hash of its source, which needs nothing from the host.
    #[default]
    Hash,
    /// By a nonce that the host supplies with every answer.
    Nonce,
}

/// Which pages may frame an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameAncestors {
    /// None: the default.
    #[default]
    None,
    /// The redirect target's origin, for modes that are made for frames.
    Target,
}

/// An inline script of a page, with the hash that its content security policy needs.
///
/// Data never goes into the source: put it into attributes, escaped, and read it from there.
#[derive(Clone, Debug)]
pub struct InlineScript {
    source: Cow<'static, str>,
    hash: String,
}

impl InlineScript {
    /// Takes a script's source and computes its hash.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when the source has `<` followed by `/script`, `script` or `!--`, or a
    /// carriage return: a browser would then run something other than what was hashed.
    pub fn try_new(source: impl Into<Cow<'static, str>>) -> Result<Self, InvalidValue> {
        let source = source.into();
        let lower = source.to_ascii_lowercase();
        if ["</script", "<script", "<!--", "\r"]
            .iter()
            .any(|ends| lower.contains(ends))
        {
            return Err(InvalidValue(
                "an inline script has no `<script`, `</script`, `<!--` and no carriage return"
                    .into(),
            ));
        }
        let hash = STANDARD.encode(Sha256::digest(source.as_bytes()));
        Ok(Self { source, hash })
    }

    /// The source.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The source expression of the hash: `'sha256-…'`.
    pub fn csp_source(&self) -> String {
        format!("'sha256-{}'", self.hash)
    }

    /// The element, with the nonce where there is one.
    pub(crate) fn element(&self, nonce: Option<&CspNonce>) -> String {
        match nonce {
            Some(CspNonce(nonce)) => format!("<script nonce=\"{nonce}\">{}</script>", self.source),
            None => format!("<script>{}</script>", self.source),
        }
    }
}

/// Text for an element or a double-quoted attribute of a page: `& < > " '` become entities.
///
/// Browsers change line breaks and NUL in the values of form fields; what must arrive as it is
/// travels as JSON, as in a JWT.
///
/// ```
/// use jarm_core::response::escaped;
///
/// assert_eq!(escaped("\"><b>"), "&quot;&gt;&lt;b&gt;");
/// ```
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The host's nonce for a page's script ([CSP 3, nonce sources]). Make a fresh one for every
/// answer, of 128 random bits or more.
///
/// [CSP 3, nonce sources]: https://www.w3.org/TR/CSP3/#grammardef-nonce-source
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CspNonce(String);

impl CspNonce {
    /// Takes a nonce.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] unless it has 22 to 128 characters of base64 or base64url, so that it can
    /// break out of neither header nor attribute.
    pub fn try_new(nonce: impl Into<String>) -> Result<Self, InvalidValue> {
        let nonce = nonce.into();
        let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_' | '=');
        if !(22..=128).contains(&nonce.len()) || !nonce.chars().all(known) {
            let why = "a CSP nonce has 22 to 128 characters of base64 or base64url: 128 random bits or more";
            return Err(InvalidValue(why.into()));
        }
        Ok(Self(nonce))
    }

    /// The nonce.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A page's content security policy.
pub(crate) fn policy(
    target: &RedirectTarget,
    form_action: FormAction,
    frame_ancestors: FrameAncestors,
    script: &str,
) -> String {
    let mut policy =
        format!("default-src 'none'; base-uri 'none'; script-src {script}; frame-ancestors ");
    match frame_ancestors {
        FrameAncestors::None => policy.push_str("'none'"),
        // A whole scheme, where the origin has no name in a policy, is no target.
        FrameAncestors::Target => match target.csp_source() {
            source if source.ends_with(':') => policy.push_str("'none'"),
            source => policy.push_str(&source),
        },
    }
    if form_action == FormAction::Target {
        policy.push_str("; form-action ");
        policy.push_str(&target.csp_source());
    }
    policy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_over_the_source() {
        // printf 'alert(1)' | openssl dgst -sha256 -binary | base64
        let script = InlineScript::try_new("alert(1)").unwrap();
        assert_eq!(
            script.csp_source(),
            "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"
        );
    }

    #[test]
    fn a_script_that_the_parser_would_cut_is_refused() {
        for source in [
            "a</script>",
            "a</SCRIPT x",
            "<!-- a",
            "a\r\nb",
            "'<script>'",
        ] {
            assert!(InlineScript::try_new(source).is_err(), "{source:?}");
        }
    }

    #[test]
    fn a_nonce_cannot_break_out() {
        assert!(CspNonce::try_new("MDEyMzQ1Njc4OTAxMjM0NQ==").is_ok());
        for bad in [
            "",
            "short",
            "MDEyMzQ1Njc4OTAxMjM0NQ\"><b>",
            "MDEyMzQ1Njc4OTAxMjM0NQ; script-src *",
        ] {
            assert!(CspNonce::try_new(bad).is_err(), "{bad}");
        }
    }
}
