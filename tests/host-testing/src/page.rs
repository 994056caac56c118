use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use jarm::response::EncodedResponse;
use serde_json::Value;

use crate::Pairs;

/// What a host sent.
#[derive(Debug)]
pub struct Page {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, which is text.
    pub body: String,
}

impl Page {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Where a redirect leads.
    pub fn location(&self) -> Option<&str> {
        let location = self.headers.get(LOCATION)?;
        Some(location.to_str().unwrap())
    }

    /// Names and values of the hidden inputs.
    pub fn inputs(&self) -> Pairs {
        let inputs = self.body.split("<input ").skip(1);
        inputs
            .map(|input| (attribute(input, "name"), attribute(input, "value")))
            .collect()
    }

    /// The form of a consent page, as a decision sends it.
    pub fn consent_form(&self, decision: &str) -> Pairs {
        assert_eq!(self.status, 200, "{}", self.body);
        assert_eq!(self.location(), None);
        let mut form = self.inputs();
        form.push(("decision".to_owned(), decision.to_owned()));
        form
    }

    /// Nothing goes to the client.
    #[track_caller]
    pub fn stays_local(&self, status: u16) {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.location(), None);
        assert!(!self.body.contains("<form"), "{}", self.body);
    }

    /// The client is told as JSON.
    #[track_caller]
    pub fn is_json_error(&self, status: u16, error: &str) {
        assert_eq!(self.status, status, "{error}: {}", self.body);
        assert_eq!(self.headers[CONTENT_TYPE], "application/json");
        assert_eq!(self.headers[CACHE_CONTROL], "no-store");
        assert_eq!(self.location(), None);
        assert_eq!(self.json()["error"], error, "{}", self.body);
    }
}

impl From<EncodedResponse> for Page {
    fn from(encoded: EncodedResponse) -> Self {
        let headers = encoded
            .headers()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
        Self {
            status: encoded.status().try_into().unwrap(),
            headers: headers.collect(),
            body: encoded.into_body(),
        }
    }
}

/// The value of the first attribute of this name.
pub fn attribute(element: &str, name: &str) -> String {
    let (_, value) = element.split_once(&format!("{name}=\"")).unwrap();
    let (value, _) = value.split_once('"').unwrap();
    value
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
