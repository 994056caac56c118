use std::sync::Arc;

use jarm_core::provider::{
    EncodeContext, EncodeError, ProviderSettings, ResponseModeProvider, SettingsError,
};
use jarm_core::response::{EncodedResponse, FrameAncestors, InlineScript, ResponseParameters};
use jarm_core::{Carrier, InvalidValue, ResponseMode};

use crate::form_post_page::{FormPostPage, FormPostRenderer, FormPostWords, form_element};

/// `form_post`: a page whose form posts the parameters to the redirect URI.
///
/// The form submits itself, and by its button where there is no JavaScript. A host replaces the
/// page around it with a renderer of its own:
///
/// ```
/// use std::sync::Arc;
///
/// use jarm_core::provider::ResponseModeRegistry;
/// use jarm_response_modes::{FormPost, FormPostPage, FormPostRenderer};
///
/// #[derive(Debug)]
/// struct Branded;
///
/// impl FormPostRenderer for Branded {
///     fn render(&self, page: &FormPostPage) -> String {
///         let (form, script) = (page.form(), page.script());
///         format!(
///             "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Example Bank</title></head>\
///              <body><h1>Example Bank</h1>{form}{script}</body></html>"
///         )
///     }
/// }
///
/// let mut registry = ResponseModeRegistry::new();
/// registry.replace("form_post", jarm_core::origin!(), |settings| {
///     let (name, words) = (settings.name().clone(), settings.options()?);
///     Ok(Arc::new(FormPost::rendered_by(name, words, Arc::new(Branded))?))
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct FormPost {
    response_mode: ResponseMode,
    renderer: Arc<dyn FormPostRenderer>,
    words: FormPostWords,
    script: InlineScript,
}

impl FormPost {
    /// A page of the host's own around the form; the button has its label from `words`.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when the renderer's script cannot stand in a page.
    pub fn rendered_by(
        response_mode: ResponseMode,
        words: FormPostWords,
        renderer: Arc<dyn FormPostRenderer>,
    ) -> Result<Self, InvalidValue> {
        let script = InlineScript::try_new(renderer.script())?;
        Ok(Self {
            response_mode,
            renderer,
            words,
            script,
        })
    }

    /// The shipped page.
    pub(crate) fn configured(
        settings: &ProviderSettings,
    ) -> Result<Arc<dyn ResponseModeProvider>, SettingsError> {
        let words: FormPostWords = settings.options()?;
        let renderer = Arc::new(words.clone());
        Ok(Arc::new(Self::rendered_by(
            settings.name().clone(),
            words,
            renderer,
        )?))
    }
}

impl ResponseModeProvider for FormPost {
    fn response_mode(&self) -> &ResponseMode {
        &self.response_mode
    }

    fn carrier(&self) -> Carrier {
        Carrier::Body
    }

    fn encode(
        &self,
        context: &EncodeContext<'_>,
        parameters: &ResponseParameters,
    ) -> Result<EncodedResponse, EncodeError> {
        let script = &self.script;
        let form = context.form(parameters)?;
        let page = FormPostPage::new(
            form_element(&form, &self.words),
            context.script_element(script)?,
        );
        let html = self.renderer.render(&page);
        if !page.is_held_by(&html) {
            return Err(EncodeError::Rendering);
        }
        Ok(context
            .document(html, Some(script), FrameAncestors::None)?
            .with_form(form)
            .into())
    }
}
