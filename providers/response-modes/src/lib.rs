//! The standard response modes of OAuth 2.0 as providers for `jarm-core`: `query`, `fragment`,
//! `form_post`, their `.jwt` forms and the shortcut `jwt`.
//!
//! Linking this crate registers all seven (feature `link-time`, on by default; a host that depends
//! on the facade `jarm` has it linked). Without life before `main`, hand [`registrations`] to
//! [`ResponseModeRegistry::register_all`]:
//!
//! ```
//! use jarm_core::provider::ResponseModeRegistry;
//!
//! let mut registry = ResponseModeRegistry::new();
//! registry.register_all(jarm_response_modes::registrations())?;
//! assert_eq!(registry.kinds().count(), 7);
//! # Ok::<(), jarm_core::configuration::ConfigurationError>(())
//! ```
//!
//! | kind | options |
//! | --- | --- |
//! | `query`, `query.jwt` | `dummy_fragment` (false): end the redirect with `#_` ([RFC 9700 4.1.3]) |
//! | `fragment`, `fragment.jwt` | |
//! | `form_post`, `form_post.jwt` | `title`, `button`, `lang`: the words of the page, see [`FormPostWords`] |
//! | `jwt` | |
//!
//! [`ResponseModeRegistry::register_all`]: jarm_core::provider::ResponseModeRegistry::register_all
//! [RFC 9700 4.1.3]: https://www.rfc-editor.org/rfc/rfc9700#section-4.1.3

mod form_post;
mod form_post_page;
mod redirect;

use jarm_core::Protection;
use jarm_core::provider::{Constructor, ResponseModeRegistration};

pub use form_post::FormPost;
pub use form_post_page::{FormPostPage, FormPostRenderer, FormPostWords};
pub use redirect::{Fragment, Query};

/// `query` ([Multiple Response Types 2.1](https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html#ResponseModes)).
pub const QUERY: ResponseModeRegistration = ResponseModeRegistration::new(
    "query",
    jarm_core::origin!(),
    Constructor::Provider(Query::configured),
);

/// `fragment` ([Multiple Response Types 2.1](https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html#ResponseModes)).
pub const FRAGMENT: ResponseModeRegistration = ResponseModeRegistration::new(
    "fragment",
    jarm_core::origin!(),
    Constructor::Provider(Fragment::configured),
);

/// `form_post` ([Form Post Response Mode 2](https://openid.net/specs/oauth-v2-form-post-response-mode-1_0.html#FormPostResponseMode)).
pub const FORM_POST: ResponseModeRegistration = ResponseModeRegistration::new(
    "form_post",
    jarm_core::origin!(),
    Constructor::Provider(FormPost::configured),
);

/// `query.jwt` ([JARM 2.3.1](https://openid.net/specs/oauth-v2-jarm.html#section-2.3.1)).
pub const QUERY_JWT: ResponseModeRegistration = ResponseModeRegistration::new(
    "query.jwt",
    jarm_core::origin!(),
    Constructor::JwtSecured("query"),
);

/// `fragment.jwt` ([JARM 2.3.2](https://openid.net/specs/oauth-v2-jarm.html#section-2.3.2)).
pub const FRAGMENT_JWT: ResponseModeRegistration = ResponseModeRegistration::new(
    "fragment.jwt",
    jarm_core::origin!(),
    Constructor::JwtSecured("fragment"),
);

/// `form_post.jwt` ([JARM 2.3.3](https://openid.net/specs/oauth-v2-jarm.html#section-2.3.3)).
pub const FORM_POST_JWT: ResponseModeRegistration = ResponseModeRegistration::new(
    "form_post.jwt",
    jarm_core::origin!(),
    Constructor::JwtSecured("form_post"),
);

/// `jwt`, the shortcut to the default redirect encoding
/// ([JARM 2.3.4](https://openid.net/specs/oauth-v2-jarm.html#section-2.3.4)).
pub const JWT: ResponseModeRegistration = ResponseModeRegistration::new(
    "jwt",
    jarm_core::origin!(),
    Constructor::Shortcut(|request| request.rule.default.mode(Protection::Jwt)),
);

jarm_core::register_response_mode!(
    QUERY,
    FRAGMENT,
    FORM_POST,
    QUERY_JWT,
    FRAGMENT_JWT,
    FORM_POST_JWT,
    JWT
);

/// The seven registrations, for hosts that register by plain calls.
pub fn registrations() -> [ResponseModeRegistration; 7] {
    [
        QUERY,
        FRAGMENT,
        FORM_POST,
        QUERY_JWT,
        FRAGMENT_JWT,
        FORM_POST_JWT,
        JWT,
    ]
}
