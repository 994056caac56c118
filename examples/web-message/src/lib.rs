//! `web_message`: a response mode of one's own.
//!
//! The parameters go to the window that opened the authorization request, or to the frame's
//! parent, by `window.postMessage`, after draft-sakimura-oauth-wmrm. The message goes to the
//! origin of the validated redirect URI and to no other; it has the draft's form
//! `{"type": "authorization_response", "response": {…}}`.
//!
//! This crate depends on `jarm-core` alone. Linking it registers the kind `web_message`; a
//! configuration that lists `web_message` and `web_message.jwt` then has both.
//!
//! | option | default | |
//! | --- | --- | --- |
//! | `title` | `Returning to the application` | the page's title |

use std::sync::Arc;

use jarm_core::provider::{
    Constructor, EncodeContext, EncodeError, NotAdmitted, ProviderSettings, ResponseModeProvider,
    ResponseModeRegistration, ResponseRequest, SettingsError,
};
use jarm_core::response::{
    EncodedResponse, FrameAncestors, InlineScript, ResponseParameters, escaped,
};
use jarm_core::{Carrier, ResponseMode};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The registration, for hosts that register by plain calls.
pub const WEB_MESSAGE: ResponseModeRegistration = ResponseModeRegistration::new(
    "web_message",
    jarm_core::origin!(),
    Constructor::Provider(WebMessage::configured),
);

jarm_core::register_response_mode!(WEB_MESSAGE);

/// Data comes from attributes, so the script is constant and its hash, too.
const SCRIPT: &str = "const data = document.currentScript.previousElementSibling.dataset;
const message = { type: 'authorization_response', response: JSON.parse(data.response) };
const receiver = window.opener || window.parent;
if (receiver !== window) receiver.postMessage(message, data.origin);";

/// The provider.
#[derive(Clone, Debug)]
pub struct WebMessage {
    response_mode: ResponseMode,
    options: Options,
    script: InlineScript,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Options {
    title: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            title: "Returning to the application".into(),
        }
    }
}

impl WebMessage {
    fn configured(
        settings: &ProviderSettings,
    ) -> Result<Arc<dyn ResponseModeProvider>, SettingsError> {
        let script = InlineScript::try_new(SCRIPT)
            .map_err(|error| SettingsError::new("", error.to_string()))?;
        Ok(Arc::new(Self {
            response_mode: settings.name().clone(),
            options: settings.options()?,
            script,
        }))
    }
}

impl ResponseModeProvider for WebMessage {
    fn response_mode(&self) -> &ResponseMode {
        &self.response_mode
    }

    fn carrier(&self) -> Carrier {
        Carrier::Script
    }

    /// An origin that has no name cannot be messaged.
    fn admits(&self, request: &ResponseRequest<'_>) -> Result<(), NotAdmitted> {
        let origin = request.target.origin();
        origin
            .map(|_| ())
            .ok_or_else(|| NotAdmitted("web_message needs a redirect_uri with an origin".into()))
    }

    fn encode(
        &self,
        context: &EncodeContext<'_>,
        parameters: &ResponseParameters,
    ) -> Result<EncodedResponse, EncodeError> {
        let origin = context.target().origin().ok_or(EncodeError::TargetNotWeb)?;
        let response: Map<String, Value> = parameters
            .iter()
            .map(|(name, value)| (name.to_owned(), value.as_text().into()))
            .collect();
        let html = format!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\
             <body><p data-origin=\"{origin}\" data-response=\"{response}\">{title}</p>{script}</body></html>",
            title = escaped(&self.options.title),
            origin = escaped(&origin),
            response = escaped(&Value::Object(response).to_string()),
            script = context.script_element(&self.script)?,
        );
        Ok(context
            .document(html, Some(&self.script), FrameAncestors::Target)?
            .into())
    }
}

#[cfg(test)]
mod tests {
    use jarm_core::response::Document;

    use super::*;

    fn web_message() -> Arc<dyn ResponseModeProvider> {
        let name = ResponseMode::try_new("web_message").unwrap();
        WebMessage::configured(&ProviderSettings::new(name, Map::new())).unwrap()
    }

    /// What the script would send.
    fn read(page: &Document) -> Option<Vec<(String, String)>> {
        let data = page
            .html()
            .split("data-response=\"")
            .nth(1)?
            .split('"')
            .next()?;
        let entities = [
            ("&quot;", "\""),
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&#39;", "'"),
            ("&amp;", "&"),
        ];
        let json = entities
            .iter()
            .fold(data.to_owned(), |json, (entity, character)| {
                json.replace(entity, character)
            });
        let message: Map<String, Value> = serde_json::from_str(&json).ok()?;
        let text =
            |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
        // A JSON object has no order; the suite's parameters do.
        ["state", "code"]
            .into_iter()
            .map(|name| text(message.get_key_value(name)?))
            .collect()
    }

    #[test]
    fn it_passes_the_suite_for_providers() {
        let complaints = jarm_core::testing::check_page_provider(web_message().as_ref(), read);
        assert_eq!(complaints, Vec::<String>::new());
    }

    #[test]
    fn a_misspelt_option_is_refused() {
        let name = ResponseMode::try_new("web_message").unwrap();
        let options = Map::from_iter([("titel".to_owned(), Value::from("x"))]);
        let error = WebMessage::configured(&ProviderSettings::new(name, options)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "titel: unknown key `titel`, did you mean `title`?"
        );
    }
}
