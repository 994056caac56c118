use std::borrow::Cow;

use jarm_core::authorization_server::Error;
use jarm_core::{ClientId, RedirectTarget, RedirectUriPolicy, RequestParameters};
use oxide_auth::endpoint::{Endpoint, OAuthError, WebRequest};
use oxide_auth::primitives::registrar::{ClientUrl, ExactUrl, RegisteredUrl, RegistrarError};

use crate::LocalError;

/// A client and its redirect URI, as the registrar bound them.
pub(crate) struct Bound {
    pub(crate) client_id: ClientId,
    pub(crate) redirect_uri: RegisteredUrl,
}

impl Bound {
    /// Asks the registrar which of the client's redirect URIs a request means.
    pub(crate) fn by<R: WebRequest, E: Endpoint<R>>(
        endpoint: &mut E,
        parameters: &RequestParameters,
    ) -> Result<Self, LocalError<E::Error>> {
        let client_id = parameters.single("client_id").map_err(Error::from)?;
        let redirect_uri = parameters.single("redirect_uri").map_err(Error::from)?;
        let redirect_uri = redirect_uri.map(|uri| ExactUrl::new(uri.to_owned()).map(Cow::Owned));
        let asked = ClientUrl {
            client_id: client_id.ok_or(LocalError::NotBound)?.into(),
            redirect_uri: redirect_uri.transpose().map_err(|_| LocalError::NotBound)?,
        };
        let bound = match endpoint.registrar() {
            Some(registrar) => registrar.bound_redirect(asked),
            None => Err(RegistrarError::PrimitiveError),
        };
        match bound {
            Ok(bound) => Ok(Self {
                client_id: ClientId::try_new(&*bound.client_id)
                    .map_err(|_| LocalError::NotBound)?,
                redirect_uri: bound.redirect_uri.into_owned(),
            }),
            Err(RegistrarError::Unspecified) => Err(LocalError::NotBound),
            Err(RegistrarError::PrimitiveError) => Err(LocalError::Endpoint(
                endpoint.error(OAuthError::PrimitiveError),
            )),
        }
    }

    /// Where the answer goes.
    pub(crate) fn target(&self, policy: &RedirectUriPolicy) -> Result<RedirectTarget, Error> {
        let target = RedirectTarget::validated_by_host(policy, self.redirect_uri.as_str());
        Ok(target?)
    }
}
