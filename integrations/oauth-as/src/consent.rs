use jarm_core::RequestParameters;
use jarm_core::authorization_server::{PendingError, PendingResponse};
use jarm_core::metadata::Client;
use jarm_core::response::AuthorizationError;
use oauth_as::authorization::ValidatedAuthorizationRequest;
use oauth_as::server::Clock;
use oauth_as::store::Storage;

use crate::{Judged, LocalError, OauthAsHost};

impl<S: Storage, C: Clock> OauthAsHost<'_, S, C> {
    /// Keeps with a pending response the request and the scope that the user is about to be shown, as
    /// its host data.
    ///
    /// `request` is what was judged. Seal or store the result while the user decides; then
    /// [`judge_again`](Self::judge_again).
    pub fn before_consent(
        &self,
        pending: PendingResponse,
        valid: &ValidatedAuthorizationRequest,
        request: &RequestParameters,
    ) -> PendingResponse {
        // `state` is in the pending response, and may be long.
        let kept = request.without_parameter("state").to_urlencoded();
        pending.with_host_data(format!("{}\n{kept}", valid.scope))
    }

    /// Has `oauth-as` validate the request again, when the user has decided: only validation makes one
    /// that a code is issued for, and what it means may have changed since.
    ///
    /// # Errors
    ///
    /// As of [`judge`](Self::judge); [`LocalError::Changed`] when scope or redirect URI are not those
    /// any more that the user saw, and [`LocalError::NotAnswered`] when `pending` did not come from
    /// [`before_consent`](Self::before_consent).
    pub async fn judge_again(
        &self,
        pending: &PendingResponse,
        client: &Client,
    ) -> Result<Result<ValidatedAuthorizationRequest, AuthorizationError>, LocalError> {
        let kept = pending.host_data().and_then(|data| data.split_once('\n'));
        let (scope, request) = kept.ok_or(PendingError::Format)?;
        let request = RequestParameters::from_urlencoded(request);
        let Judged { target, verdict } = self.judge(client, &request).await?;
        let is_other_scope =
            |valid: &ValidatedAuthorizationRequest| valid.scope.to_string() != scope;
        if target.as_str() != pending.target().as_str()
            || verdict.as_ref().is_ok_and(is_other_scope)
        {
            return Err(LocalError::Changed);
        }
        Ok(verdict)
    }
}
