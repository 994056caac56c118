//! Who sends a request to `/par` or `/token`: a client assertion, and a DPoP proof.

use axum::http::HeaderMap;
use jarm::RequestParameters;
use oauth_as::client_assertion::unverified_subject;
use oauth_as::dpop::DPOP_HEADER;
use oauth_as::error::{ErrorCode, ErrorResponse};
use oauth_as::server::{ClientCredential, TokenRequestContext};

/// What a request says of its sender. `oauth-as` checks it.
pub(crate) struct Sender<'a> {
    pub(crate) client_id: String,
    pub(crate) context: TokenRequestContext<'a>,
}

/// Reads it. Nothing but `private_key_jwt` is looked for.
pub(crate) fn read<'a>(
    form: &'a RequestParameters,
    headers: &'a HeaderMap,
) -> Result<Sender<'a>, ErrorResponse> {
    let unauthenticated =
        |why: &'static str| ErrorResponse::new(ErrorCode::InvalidClient).with_description(why);
    let assertion = single(form, "client_assertion")?;
    let assertion = assertion.ok_or_else(|| unauthenticated("client_assertion is missing"))?;
    let kind = single(form, "client_assertion_type")?;
    let subject = || unverified_subject(assertion);
    let client_id = single(form, "client_id")?
        .map(str::to_owned)
        .or_else(subject);
    let client_id = client_id.ok_or_else(|| unauthenticated("the client_assertion has no sub"))?;

    let mut context = TokenRequestContext::new(ClientCredential::assertion(kind, assertion));
    let mut proofs = headers.get_all(DPOP_HEADER).iter();
    if let Some(proof) = proofs.next() {
        let several = || {
            let why = "there is one DPoP header at most, in ASCII";
            ErrorResponse::new(ErrorCode::InvalidDpopProof).with_description(why)
        };
        let proof = proof.to_str().map_err(|_| several())?;
        if proofs.next().is_some() {
            return Err(several());
        }
        context = context.with_dpop_proof(proof);
    }
    Ok(Sender { client_id, context })
}

/// A parameter that may occur once.
pub(crate) fn single<'a>(
    form: &'a RequestParameters,
    name: &'static str,
) -> Result<Option<&'a str>, ErrorResponse> {
    let twice = |error: jarm::DuplicateParameter| {
        ErrorResponse::new(ErrorCode::InvalidRequest).with_description(error.to_string())
    };
    form.single(name).map_err(twice)
}
