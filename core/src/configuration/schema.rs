use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use super::{Configuration, RequireJarm, ResponseJwtTyp};
use crate::response::RedirectStatus;
use crate::vocabulary::{Issuer, JwsAlgorithm, ResponseMode, ResponseType};

/// The [JSON Schema] of [`Configuration`], for editors and for checks before a deployment.
///
/// It describes the content of the table that holds the configuration. What it refuses, [`read`] or
/// `build` refuses, too; they check more than it can say. A host may derive `schemars::JsonSchema`
/// for its whole file, of which [`Configuration`] is one table.
///
/// ```
/// let schema = jarm_core::configuration::schema();
/// assert_eq!(schema["properties"]["redirect_status"]["default"], 303);
/// ```
///
/// [JSON Schema]: https://json-schema.org/draft/2020-12
/// [`read`]: super::read
pub fn schema() -> Value {
    SchemaSettings::draft2020_12()
        .with_transform(RecursiveTransform(plain))
        .into_generator()
        .into_root_schema_for::<Configuration>()
        .into()
}

/// Keeps of a documentation comment the first paragraph, since the others talk to programmers, and
/// no `format`: those of integers are Rust's and unknown to strict validators.
fn plain(schema: &mut Schema) {
    schema.remove("format");
    if let Some(Value::String(text)) = schema.get_mut("description") {
        let first = text.split("\n\n").next().unwrap_or_default();
        *text = first.replace('\n', " ");
    }
}

/// Implements the schema of a type whose serde is written by hand.
macro_rules! by_hand {
    ($($name:ident: $schema:tt)+) => {
        $(
            impl JsonSchema for $name {
                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    json_schema!($schema)
                }
            }
        )+
    };
}

by_hand! {
    Issuer: {
        "description": "An https URL without query, fragment and user information; http on loopback.",
        "type": "string",
        "pattern": r"^https?://[^/?#@\\\s][^?#@\\\s]*$",
        "examples": ["https://as.example.com"],
    }
    ResponseMode: {
        "description": "The name of a response mode. Other crates may bring more than the examples.",
        "type": "string",
        "pattern": "^[A-Za-z0-9._:-]{1,64}$",
        "examples": ResponseMode::STANDARD,
    }
    ResponseType: {
        "description": "Values with one space between them, in whatever order.",
        "type": "string",
        "maxLength": 128,
        "pattern": "^[A-Za-z0-9_.:-]+( [A-Za-z0-9_.:-]+)*$",
        "examples": ResponseType::STANDARD,
    }
    JwsAlgorithm: {
        "description": "A JWS `alg` value, never `none`. A signer may bring more than the examples.",
        "type": "string",
        "pattern": "^[A-Za-z0-9_+-]{1,64}$",
        "not": { "pattern": "^[Nn][Oo][Nn][Ee]$" },
        "examples": JwsAlgorithm::STANDARD,
    }
    ResponseJwtTyp: {
        "description": "`JWT`, or a type of the operator's own in the trees `vnd.`, `prs.` and `x.`.",
        "type": "string",
        "pattern": r"^([Jj][Ww][Tt]|([Vv][Nn][Dd]|[Pp][Rr][Ss]|[Xx])\.[A-Za-z0-9+._-]*)$",
        "examples": ["JWT"],
    }
    RedirectStatus: {
        "description": "303 See Other, or 302 Found. 307 and 308 would re-send the user's form to the client.",
        "type": "integer",
        "enum": [RedirectStatus::SeeOther, RedirectStatus::Found],
    }
    RequireJarm: {
        "description": "`false`: the client decides. `\"when_registered\"`: clients that registered any `authorization_*` member for responses. `true`: every client.",
        "enum": [RequireJarm::No, RequireJarm::WhenRegistered, RequireJarm::Always],
    }
}
