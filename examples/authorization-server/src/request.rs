//! What an authorization request asks for, apart from how it is answered.

use jarm::authorization_server::PendingResponse;
use jarm::response::{AuthorizationError, ErrorCode};
use jarm::{ClientId, DuplicateParameter, RedirectTarget, RequestParameters, ResponseType};
use serde::{Deserialize, Serialize};

use crate::clients::RegisteredClient;

/// The scopes that are granted; others are left out.
pub(crate) const SCOPES: [&str; 3] = ["openid", "profile", "email"];

/// Who asks for no scope is granted this one (RFC 6749 3.3).
const DEFAULT_SCOPE: &str = "profile";

/// A sound authorization request. It waits, sealed, beside the pending response.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) client_id: ClientId,
    /// What will be granted.
    pub(crate) scope: String,
    /// Whether that is less or more than what was asked for, so that the client must be told.
    pub(crate) scope_differs: bool,
    pub(crate) nonce: Option<String>,
    /// By the method S256.
    pub(crate) code_challenge: Option<String>,
    /// Then the token request must repeat it (RFC 6749 4.1.3).
    pub(crate) has_redirect_uri: bool,
    pub(crate) login_hint: Option<String>,
    pub(crate) prompt: Prompt,
    /// How many seconds ago the user may have logged in.
    pub(crate) max_age: Option<u64>,
}

/// What a user approves: that this client is given this, at this address in this form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Consent {
    client_id: ClientId,
    redirect_uri: String,
    response_type: Option<ResponseType>,
    scope: String,
}

/// Which pages the client wants the user to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Prompt {
    /// Login where nobody is logged in, and consent.
    Default,
    /// None: whatever cannot be done without the user is an error.
    None,
    /// Login in any case.
    Login,
}

impl Request {
    /// Applies the server's own rules to the parameters that count. Their errors are for the client.
    pub(crate) fn read(
        parameters: &RequestParameters,
        response_type: Option<&ResponseType>,
        client: &RegisteredClient,
    ) -> Result<Self, AuthorizationError> {
        let single = |name| parameters.single(name).map_err(duplicate);
        let values = response_type.into_iter().flat_map(ResponseType::values);
        let values: Vec<&str> = values.collect();
        if single("registration")?.is_some() {
            let code = ErrorCode::REGISTRATION_NOT_SUPPORTED;
            return Err(AuthorizationError::new(code));
        }
        let requested = single("scope")?;
        let is_asked =
            |scope: &str| requested.is_some_and(|list| list.split(' ').any(|own| own == scope));
        let nonce = single("nonce")?;
        if values.contains(&"id_token") {
            // OpenID Connect Core 3.1.2.1, 3.2.2.1
            if !is_asked("openid") {
                let why = "an ID Token needs the scope openid";
                return Err(AuthorizationError::new(ErrorCode::INVALID_SCOPE).description(why));
            }
            if nonce.is_none() {
                return Err(AuthorizationError::invalid_request(
                    "an ID Token needs a nonce",
                ));
            }
        }
        let granted: Vec<&str> = match requested {
            Some(_) => SCOPES.into_iter().filter(|own| is_asked(own)).collect(),
            None => vec![DEFAULT_SCOPE],
        };
        if granted.is_empty() {
            let why = format!(
                "none of these scopes is known, known are {}",
                SCOPES.join(", ")
            );
            return Err(AuthorizationError::new(ErrorCode::INVALID_SCOPE).description(why));
        }
        let asked_for = requested.map_or(0, |list| list.split(' ').count());
        let code_challenge =
            read_challenge(single("code_challenge")?, single("code_challenge_method")?)?;
        if code_challenge.is_none() && client.is_public() && values.contains(&"code") {
            return Err(AuthorizationError::invalid_request(
                "a public client sends a code_challenge",
            ));
        }
        let prompt = read_prompt(single("prompt")?)?;
        let max_age = read_max_age(single("max_age")?)?;
        if prompt == Prompt::None && single("id_token_hint")?.is_some() {
            // Hints are not read: whether it is the same user cannot be known (OpenID Connect
            // Core 3.1.2.1).
            return Err(AuthorizationError::login_required());
        }
        Ok(Self {
            client_id: client.client.client_id().clone(),
            scope_differs: granted.len() != asked_for,
            scope: granted.join(" "),
            nonce: nonce.map(str::to_owned),
            code_challenge,
            has_redirect_uri: single("redirect_uri")?.is_some(),
            login_hint: single("login_hint")?.map(str::to_owned),
            prompt,
            max_age,
        })
    }

    /// What the user approves, if that may be remembered: a public client on the user's device
    /// could be any application there, so the user is asked each time (RFC 8252 8.6).
    pub(crate) fn consent(
        &self,
        pending: &PendingResponse,
        client: &RegisteredClient,
    ) -> Option<Consent> {
        if client.is_public() && is_on_the_device(pending.target()) {
            return None;
        }
        Some(Consent {
            client_id: self.client_id.clone(),
            redirect_uri: pending.target().as_str().to_owned(),
            response_type: pending.response_type().cloned(),
            scope: self.scope.clone(),
        })
    }
}

/// Whether the scheme is private-use or the host loopback. Names that only begin like one are
/// asked once too often.
fn is_on_the_device(target: &RedirectTarget) -> bool {
    // The policy admits `http` on loopback alone.
    const LOOPBACK: [&str; 4] = [
        "http:",
        "https://localhost",
        "https://127.",
        "https://[::1]",
    ];
    target
        .origin()
        .is_none_or(|origin| LOOPBACK.iter().any(|own| origin.starts_with(own)))
}

fn duplicate(error: DuplicateParameter) -> AuthorizationError {
    AuthorizationError::invalid_request(error.to_string())
}

/// The method `plain`, also the default for an absent method, is refused (RFC 9700 2.1.1).
fn read_challenge(
    challenge: Option<&str>,
    method: Option<&str>,
) -> Result<Option<String>, AuthorizationError> {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    match (challenge, method) {
        (None, None) => Ok(None),
        (Some(challenge), Some("S256"))
            if challenge.len() == 43 && challenge.chars().all(known) =>
        {
            Ok(Some(challenge.to_owned()))
        }
        (Some(_), Some("S256")) => Err(AuthorizationError::invalid_request(
            "the code_challenge is no SHA-256 hash",
        )),
        (None, Some("S256")) => Err(AuthorizationError::invalid_request(
            "the code_challenge is missing",
        )),
        (_, _) => Err(AuthorizationError::invalid_request(
            "the code_challenge_method must be S256",
        )),
    }
}

fn read_prompt(prompt: Option<&str>) -> Result<Prompt, AuthorizationError> {
    let values: Vec<&str> = prompt.unwrap_or_default().split(' ').collect();
    match values.as_slice() {
        ["none"] => Ok(Prompt::None),
        many if many.contains(&"none") => Err(AuthorizationError::invalid_request(
            "prompt=none stands alone",
        )),
        many if many.contains(&"login") || many.contains(&"select_account") => Ok(Prompt::Login),
        _ => Ok(Prompt::Default), // consent is asked for anyway
    }
}

fn read_max_age(max_age: Option<&str>) -> Result<Option<u64>, AuthorizationError> {
    match max_age {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Ok(Some(digits.parse().unwrap_or(u64::MAX))) // more than any login's age
        }
        Some(_) => Err(AuthorizationError::invalid_request(
            "max_age is a number of seconds",
        )),
        None => Ok(None),
    }
}
