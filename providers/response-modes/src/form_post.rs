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
/// use maud::{DOCTYPE, Markup, html};
///
/// #[derive(Debug)]
/// struct Branded;
///
/// impl FormPostRenderer for Branded {
///     fn render(&self, page: &FormPostPage) -> Markup {
///         html! {
///             (DOCTYPE)
///             html lang="en" {
///                 head { meta charset="utf-8"; title { "Example Bank" } }
///                 body { h1 { "Example Bank" } (page.form()) (page.script()) }
///             }
///         }
///     }
/// }
///
/// let mut registry = ResponseModeRegistry::new();
/// registry.replace("form_post", jarm_core::origin!(), |settings| {
///     Ok(Arc::new(FormPost::rendered_by(settings.name().clone(), Arc::new(Branded))))
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct FormPost {
    response_mode: ResponseMode,
    renderer: Arc<dyn FormPostRenderer>,
    words: FormPostWords,
    script: Result<InlineScript, InvalidValue>,
}

impl FormPost {
    /// The shipped page with words of your own.
    pub fn new(response_mode: ResponseMode, words: FormPostWords) -> Self {
        let renderer: Arc<dyn FormPostRenderer> = Arc::new(words.clone());
        Self {
            words,
            ..Self::rendered_by(response_mode, renderer)
        }
    }

    /// A page of the host's own around the form.
    pub fn rendered_by(response_mode: ResponseMode, renderer: Arc<dyn FormPostRenderer>) -> Self {
        let script = InlineScript::try_new(renderer.script());
        Self {
            response_mode,
            words: FormPostWords::default(),
            script,
            renderer,
        }
    }

    pub(crate) fn configured(
        settings: &ProviderSettings,
    ) -> Result<Arc<dyn ResponseModeProvider>, SettingsError> {
        Ok(Arc::new(Self::new(
            settings.name().clone(),
            settings.options()?,
        )))
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
        let script = self.script.as_ref().map_err(|_| EncodeError::Rendering)?;
        let form = context.form(parameters)?;
        let page = FormPostPage::new(
            form_element(&form, &self.words),
            context.script_element(script)?,
        );
        let html = self.renderer.render(&page).into_string();
        if !page.is_held_by(&html) {
            return Err(EncodeError::Rendering);
        }
        Ok(context
            .document(html, Some(script), FrameAncestors::None)?
            .with_form(form)
            .into())
    }
}
