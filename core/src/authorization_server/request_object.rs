//! Request objects: parameters in a JWT that the client signed ([RFC 9101]).
//!
//! [RFC 9101]: https://www.rfc-editor.org/rfc/rfc9101

use serde_json::{Map, Value};

use super::{AuthorizationServer, ClientKeysRequest};
use crate::jose::{
    Header, JwsVerifier, KeySourceError, NotOfItsType, Unverified, UnverifiedJws, audiences, date,
};
use crate::metadata::Client;
use crate::request::{RequestParameters, RequestSource};
use crate::response::{AuthorizationError, ErrorCode};
use crate::vocabulary::JwsAlgorithm;

/// Claims that are about the JWT and not parameters ([RFC 9101 4]).
///
/// [RFC 9101 4]: https://www.rfc-editor.org/rfc/rfc9101#section-4
const ENVELOPE: [&str; 6] = ["iss", "aud", "exp", "nbf", "iat", "jti"];

/// How far the clocks may be apart, in seconds.
const SKEW: f64 = 30.0;

/// How old a request object may be, and how long it may be valid, in seconds ([FAPI 2.0 Message
/// Signing 5.3.1](https://openid.net/specs/fapi-message-signing-2_0.html#section-5.3.1)).
const LONGEST: f64 = 3600.0;

/// The longest request object, in octets; what is pushed has the host's limit as well.
const LARGEST: usize = 64 * 1024;

impl AuthorizationServer {
    /// The parameters of a request object, once it is verified in full.
    pub(super) async fn verify_request_object(
        &self,
        client: &Client,
        jwt: &str,
    ) -> Result<RequestParameters, AuthorizationError> {
        let Some(verifier) = &self.verifier else {
            let error = AuthorizationError::new(ErrorCode::REQUEST_NOT_SUPPORTED);
            return Err(error.description("request objects are not supported here"));
        };
        if jwt.len() > LARGEST {
            return Err(refuse("it is too long"));
        }
        let jws = UnverifiedJws::parse(jwt.to_owned());
        let jws = jws.map_err(|malformed| refuse(malformed.to_string()))?;
        let algorithm = self.request_object_algorithm(&jws.header, client)?;
        self.check_signature(client, &jws, (verifier.as_ref(), &algorithm))
            .await?;
        self.check_claims(client, &jws.claims)?;
        Ok(parameters(jws.claims).with_source(RequestSource::RequestObject))
    }

    /// The algorithm that is registered, or else one of public keys: what a secret signs must have
    /// been agreed upon ([RFC 8725 3.1]).
    ///
    /// [RFC 8725 3.1]: https://www.rfc-editor.org/rfc/rfc8725#section-3.1
    fn request_object_algorithm(
        &self,
        header: &Header,
        client: &Client,
    ) -> Result<JwsAlgorithm, AuthorizationError> {
        if let Some(parameter) = header.refused() {
            return Err(refuse(format!("its header has {parameter}")));
        }
        if !header.says("typ", &["JWT", "oauth-authz-req+jwt"]) {
            return Err(refuse("its typ is that of another JWT"));
        }
        let named = header.text("alg").unwrap_or_default();
        let named = JwsAlgorithm::try_new(named.to_owned());
        let named = named.map_err(|_| refuse("it is not signed, or has no alg"))?;
        let is_right = match &client.metadata().request_object_signing_alg {
            Some(registered) => *registered == named,
            None => !named.uses_client_secret(),
        };
        if !is_right {
            return Err(refuse("its alg is not the registered one"));
        }
        if !self.request_object_algorithms().any(|own| *own == named) {
            return Err(refuse("its alg is not supported here"));
        }
        Ok(named)
    }

    /// The signature is the client's: by its secret, or by a key that it registered.
    async fn check_signature(
        &self,
        client: &Client,
        jws: &UnverifiedJws,
        (by, algorithm): (&dyn JwsVerifier, &JwsAlgorithm),
    ) -> Result<(), AuthorizationError> {
        let found = if let Some(least) = algorithm.least_secret_octets() {
            let secrets = client.usable_secrets(self.clock.now(), least);
            jws.verify_with_secrets(by, algorithm, secrets)
        } else if let Some(registered) = &client.metadata().jwks {
            jws.verify_with(by, algorithm, registered)
        } else {
            self.verify_with_source(client, jws, (by, algorithm))
                .await
                .map_err(|error| {
                    let client_id = client.client_id();
                    let error: &dyn std::error::Error = &error; // with its sources
                    tracing::warn!(?client_id, error, "no key for a request object");
                    refuse("the client's keys cannot be had")
                })?
        };
        found.map_err(|why| match why {
            Unverified::NoKey => refuse("no key of the client has its kid and is for its alg"),
            Unverified::SeveralKeys => refuse("several keys of the client fit, and it has no kid"),
            Unverified::Signature => refuse("the signature is not the client's"),
        })
    }

    /// Asks once more where none of the keys is the one.
    async fn verify_with_source(
        &self,
        client: &Client,
        jws: &UnverifiedJws,
        (by, algorithm): (&dyn JwsVerifier, &JwsAlgorithm),
    ) -> Result<Result<(), Unverified>, KeySourceError> {
        let request = ClientKeysRequest::new(&self.issuer, client);
        let known = self.client_keys.keys(request).await?;
        let found = jws.verify_with(by, algorithm, &known);
        if found != Err(Unverified::NoKey) {
            return Ok(found);
        }
        let newer = self.client_keys.keys(request.after_miss()).await?;
        Ok(jws.verify_with(by, algorithm, &newer))
    }

    /// Who made it, for whom, and until when; and that it leads nowhere else.
    fn check_claims(
        &self,
        client: &Client,
        claims: &Map<String, Value>,
    ) -> Result<(), AuthorizationError> {
        let client_id = client.client_id().as_str();
        for name in ["iss", "client_id"] {
            let is_client = claims.get(name).and_then(Value::as_str) == Some(client_id);
            if !is_client {
                return Err(refuse(format!("its {name} is not the client")));
            }
        }
        let audiences = audiences(claims).unwrap_or_default().unwrap_or_default();
        if !audiences.contains(&self.issuer.as_str()) {
            return Err(refuse("its aud is not this issuer"));
        }
        if ["request", "request_uri"]
            .iter()
            .any(|name| claims.contains_key(*name))
        {
            return Err(refuse("it holds another request"));
        }
        self.check_times(claims)
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "seconds since 1970 are far below 2^53"
    )]
    fn check_times(&self, claims: &Map<String, Value>) -> Result<(), AuthorizationError> {
        let date = |name| {
            let no_date = |NotOfItsType| refuse(format!("its {name} is no date"));
            date(claims, name).map_err(no_date)
        };
        let now = self.clock.now().as_seconds() as f64;
        let exp = date("exp")?.ok_or_else(|| refuse("it has no exp"))?;
        if now >= exp + SKEW {
            return Err(refuse("it has expired"));
        }
        if exp > now + SKEW + LONGEST {
            return Err(refuse("it is valid for more than an hour"));
        }
        if self.require_request_object_nbf {
            let nbf = date("nbf")?.ok_or_else(|| refuse("it has no nbf"))?;
            if exp > nbf + LONGEST {
                return Err(refuse("it is valid for more than an hour"));
            }
        }
        for name in ["nbf", "iat"] {
            let Some(date) = date(name)? else { continue };
            if date > now + SKEW || date < now - SKEW - LONGEST {
                return Err(refuse(format!("its {name} is in the future or too old")));
            }
        }
        Ok(())
    }
}

/// The claims as parameters. Numbers and booleans become text, objects and arrays their JSON; the
/// members of `resource` become as many parameters ([RFC 8707 2.1]).
///
/// [RFC 8707 2.1]: https://www.rfc-editor.org/rfc/rfc8707#section-2.1
fn parameters(claims: Map<String, Value>) -> RequestParameters {
    let mut pairs = Vec::with_capacity(claims.len());
    for (name, value) in claims {
        if ENVELOPE.contains(&name.as_str()) {
            continue;
        }
        match value {
            Value::Null => {}
            Value::String(text) => pairs.push((name, text)),
            Value::Array(all) if name == "resource" && all.iter().all(Value::is_string) => {
                let texts = all.iter().filter_map(Value::as_str);
                pairs.extend(texts.map(|text| (name.clone(), text.to_owned())));
            }
            other => pairs.push((name, other.to_string())),
        }
    }
    RequestParameters::from_pairs(pairs)
}

fn refuse(why: impl AsRef<str>) -> AuthorizationError {
    let error = AuthorizationError::new(ErrorCode::INVALID_REQUEST_OBJECT);
    error.description(format!("the request object is refused: {}", why.as_ref()))
}
