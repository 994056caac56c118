use super::ResponseModeProvider;
use crate::response::{
    ContentSecurity, CspNonce, Document, Form, FrameAncestors, InlineScript, PageSettings,
    Redirect, RedirectStatus, ResponseParameters, content_security_policy,
};
use crate::vocabulary::{Carrier, RedirectTarget};

/// What a provider encodes into: the validated target and what a page needs.
///
/// Its methods are the only way to make an [`EncodedResponse`](crate::response::EncodedResponse),
/// and each serves the carrier that the provider has declared.
#[derive(Clone, Copy, Debug)]
pub struct EncodeContext<'a> {
    target: &'a RedirectTarget,
    carrier: Carrier,
    settings: &'a EncodeSettings,
    nonce: Option<&'a CspNonce>,
}

/// What the configuration says about every answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct EncodeSettings {
    pub(crate) redirect_status: RedirectStatus,
    pub(crate) page: PageSettings,
}

impl<'a> EncodeContext<'a> {
    pub(crate) fn new(
        provider: &dyn ResponseModeProvider,
        target: &'a RedirectTarget,
        settings: &'a EncodeSettings,
    ) -> Self {
        Self {
            target,
            carrier: provider.carrier(),
            settings,
            nonce: None,
        }
    }

    /// Supplies the host's nonce.
    pub(crate) fn with_nonce(mut self, nonce: Option<&'a CspNonce>) -> Self {
        self.nonce = nonce;
        self
    }

    /// Where the answer goes.
    pub fn target(&self) -> &'a RedirectTarget {
        self.target
    }

    /// A redirect with the parameters appended to the target's query.
    ///
    /// # Errors
    ///
    /// [`EncodeError::Carrier`] unless the provider declares [`Carrier::Query`];
    /// [`EncodeError::TargetHasParameter`] when the target's own query holds one of them.
    pub fn redirect_with_query(
        &self,
        parameters: &ResponseParameters,
    ) -> Result<Redirect, EncodeError> {
        self.check(&[Carrier::Query], parameters)?;
        Ok(self.redirect(self.target.with_query(&parameters.form_urlencoded())))
    }

    /// A redirect with the parameters as the target's fragment.
    ///
    /// # Errors
    ///
    /// [`EncodeError::Carrier`] unless the provider declares [`Carrier::Fragment`];
    /// [`EncodeError::TargetHasParameter`] when the target's own query holds one of them.
    pub fn redirect_with_fragment(
        &self,
        parameters: &ResponseParameters,
    ) -> Result<Redirect, EncodeError> {
        self.check(&[Carrier::Fragment], parameters)?;
        Ok(self.redirect(self.target.with_fragment(&parameters.form_urlencoded())))
    }

    /// The parameters as a form that posts them to the target.
    ///
    /// # Errors
    ///
    /// [`EncodeError::Carrier`] unless the provider declares [`Carrier::Body`];
    /// [`EncodeError::TargetNotWeb`] when the target cannot be posted to;
    /// [`EncodeError::TargetHasParameter`] when the target's own query holds one of them.
    pub fn form(&self, parameters: &ResponseParameters) -> Result<Form, EncodeError> {
        self.check(&[Carrier::Body], parameters)?;
        let field = |(name, value): (&str, &crate::response::ParameterValue)| {
            (name.to_owned(), value.as_text().into_owned())
        };
        Ok(Form {
            action: self.target.as_str().to_owned(),
            fields: parameters.iter().map(field).collect(),
        })
    }

    /// A page, which holds its script as the element that
    /// [`script_element`](Self::script_element) returned for it.
    ///
    /// The content security policy allows that script and nothing else.
    ///
    /// # Errors
    ///
    /// [`EncodeError::Carrier`] unless the provider declares [`Carrier::Body`] or
    /// [`Carrier::Script`]; [`EncodeError::TargetNotWeb`] when the target is no web page;
    /// [`EncodeError::Rendering`] unless the page holds the script's element once;
    /// [`EncodeError::NonceMissing`] when the configuration says `csp = "nonce"` and the host
    /// supplied none.
    pub fn document(
        &self,
        html: String,
        script: Option<&InlineScript>,
        frame_ancestors: FrameAncestors,
    ) -> Result<Document, EncodeError> {
        self.check(
            &[Carrier::Body, Carrier::Script],
            &ResponseParameters::default(),
        )?;
        let source = match (script, self.nonce()?) {
            (None, _) => "'none'".to_owned(),
            (Some(script), nonce) => {
                if html.matches(&script.element(nonce)).count() != 1 {
                    return Err(EncodeError::Rendering);
                }
                nonce.map_or_else(
                    || script.csp_source(),
                    |own| format!("'nonce-{}'", own.as_str()),
                )
            }
        };
        let page = &self.settings.page;
        Ok(Document {
            html,
            content_security_policy: content_security_policy(
                self.target,
                page.form_action,
                frame_ancestors,
                &source,
            ),
            referrer_policy: page.referrer_policy.as_str(),
            form: None,
        })
    }

    /// The `<script>` element, ready for the page, with the host's nonce where one is used.
    ///
    /// # Errors
    ///
    /// [`EncodeError::NonceMissing`] as for [`document`](Self::document).
    pub fn script_element(&self, script: &InlineScript) -> Result<String, EncodeError> {
        Ok(script.element(self.nonce()?))
    }

    fn nonce(&self) -> Result<Option<&'a CspNonce>, EncodeError> {
        match self.settings.page.csp {
            ContentSecurity::Hash => Ok(None),
            ContentSecurity::Nonce => self.nonce.map(Some).ok_or(EncodeError::NonceMissing),
        }
    }

    fn redirect(&self, location: String) -> Redirect {
        Redirect {
            location,
            status: self.settings.redirect_status,
            referrer_policy: self.settings.page.referrer_policy.as_str(),
        }
    }

    /// A provider that declared another carrier would slip past the rules for this one; a target
    /// that holds a parameter already would make the client see it twice.
    fn check(
        &self,
        carriers: &[Carrier],
        parameters: &ResponseParameters,
    ) -> Result<(), EncodeError> {
        if !carriers.contains(&self.carrier) {
            return Err(EncodeError::Carrier(self.carrier));
        }
        if self.carrier.needs_web_target() && !self.target.is_web() {
            return Err(EncodeError::TargetNotWeb);
        }
        let clash = parameters
            .iter()
            .find(|(name, _)| self.target.has_query_parameter(name));
        clash.map_or(Ok(()), |(name, _)| {
            Err(EncodeError::TargetHasParameter(name.to_owned()))
        })
    }
}

/// A provider could not write the message. Nothing is sent to the client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The provider used a carrier that it does not declare.
    #[error("the provider declares the carrier {0:?} and writes to another")]
    Carrier(Carrier),
    /// The target is neither `https` nor `http`.
    #[error("a page can only be answered to an https or http redirect URI")]
    TargetNotWeb,
    /// The redirect URI's own query has a parameter of this name.
    #[error("the redirect URI already has a parameter `{0}` in its query")]
    TargetHasParameter(String),
    /// `page.csp` is `nonce` and the host supplied none.
    #[error(
        "page.csp is `nonce`: supply one with with_csp_nonce of the pending response or the refusal"
    )]
    NonceMissing,
    /// The page lacks its form or script, or has form elements of its own.
    #[error("a page holds its form and its script element once each, and no other form element")]
    Rendering,
}
