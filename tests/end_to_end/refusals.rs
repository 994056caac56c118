//! Faulty configurations and registrations, as somebody new would write them: what is refused says
//! where, what was found and what would be right.

use std::collections::BTreeSet;

use jarm::authorization_server::Registration;
use jarm::jose::ClientSecret;
use jarm::metadata::{ClientMetadata, SecretAvailability};
use jarm::{AuthorizationServer, Configuration};
use serde_json::{Value, json};

use crate::fixture::{NOW, SECRET, builder, builder_of, configuration, jwks, key};

/// A text that is wrong, where it is, what of it is repeated, and the words that tell what to do.
type Row<Input> = (Input, &'static str, &'static str, &'static str);

/// The message of each row, which holds what the row says and is the message of no other.
fn check<Input>(rows: &[Row<Input>], refusal: impl Fn(&Input) -> String) {
    let mut messages = BTreeSet::new();
    for (input, path, found, right) in rows {
        let message = refusal(input);
        assert!(
            message.starts_with(&format!("{path}: ")),
            "{path}: {message}"
        );
        assert!(message.contains(found), "{found}: {message}");
        assert!(message.contains(right), "{right}: {message}");
        let is_plain = message.chars().all(|c| matches!(c, ' '..='~'));
        assert!(is_plain, "one line of ASCII: {message:?}");
        assert!(messages.insert(message.clone()), "twice: {message}");
    }
}

/// The host's file.
#[derive(serde::Deserialize)]
struct File {
    jarm: Configuration,
}

fn start(toml: &str) -> Result<AuthorizationServer, String> {
    let mut jarm: toml::Table = toml.parse().unwrap();
    if !toml.contains("issuer") && !toml.is_empty() {
        jarm.insert("issuer".into(), "https://as.example".into());
    }
    if !toml.contains("default_signing_alg") {
        jarm.insert("default_signing_alg".into(), "ES256".into());
    }
    let file = toml::Table::from_iter([("jarm".to_owned(), jarm.into())]);
    let File { jarm } = jarm::configuration::read(file).map_err(|error| error.to_string())?;
    builder_of(jarm).build().map_err(|error| error.to_string())
}

#[test]
fn the_right_configuration_starts() {
    for toml in [
        "issuer = \"https://as.example\"",
        "require_jarm = true",
        "profile = \"fapi2-message-signing\"",
    ] {
        assert!(start(toml).is_ok(), "{toml}");
    }
}

#[test]
fn a_faulty_configuration_is_refused_with_its_path_and_what_would_be_right() {
    let rows = CONFIGURATIONS;
    assert!(rows.len() >= 40, "{}", rows.len());
    check(rows, |toml| start(toml).unwrap_err());
}

#[rustfmt::skip] // a row is a line
const CONFIGURATIONS: &[Row<&str>] = &[
    ("", "jarm", "issuer", "missing"),
    ("issuer = \"as.example\"", "jarm.issuer", "\"as.example\"", "https://"),
    ("issuer = \"http://as.example\"", "jarm.issuer", "\"http://as.example\"", "https"),
    ("issuer = \"https://as.example?a\"", "jarm.issuer", "\"https://as.example?a\"", "query"),
    ("isuer = \"https://as.example\"", "jarm.isuer", "`isuer`", "did you mean `issuer`?"),
    ("response_modes = []", "jarm.response_modes", "`response_modes`", "did you mean `response_mode`?"),
    ("require_jram = true", "jarm.require_jram", "`require_jram`", "did you mean `require_jarm`?"),
    ("requireJarm = true", "jarm.requireJarm", "`requireJarm`", "did you mean `require_jarm`?"),
    ("elephant = true", "jarm.elephant", "`elephant`", "known are `issuer`, "),
    ("response_types = []", "jarm.response_types", "list", "one response type at least"),
    ("response_types = [\"cod\"]", "jarm.response_types[0]", "`cod`", "did you mean `code`?"),
    ("response_types = [\"code\", \"vp_token\"]", "jarm.response_types[1]", "`vp_token`", "extension_response_type"),
    ("response_types = [\"code code\"]", "jarm.response_types[0]", "response_type", "each value once"),
    ("response_types = [\"code none\"]", "jarm.response_types[0]", "`none`", "not combined"),
    ("response_types = \"code\"", "jarm.response_types", "\"code\"", "a list in brackets"),
    ("response_mode = []", "jarm.response_mode", "list", "leave the key out for the seven standard ones"),
    ("response_mode = [{ name = \"form post\" }]", "jarm.response_mode[0].name", "\"form post\"", "ASCII letters"),
    ("response_mode = [{ name = \"form_psot\" }]", "jarm.response_mode[0].name", "`form_psot`", "did you mean `form_post`?"),
    ("response_mode = [{ name = \"query\" }, { name = \"query\" }]", "jarm.response_mode[1].name", "`query` is listed twice", "remove one"),
    ("response_mode = [{ name = \"post\", kind = \"from_post\" }]", "jarm.response_mode[0].kind", "`from_post`", "did you mean `form_post`?"),
    ("response_mode = [{ name = \"post\", kind = \"form_post.jwt\" }]", "jarm.response_mode[0].name", "`post`", "change its name or its kind"),
    ("response_mode = [{ name = \"fragment\", kind = \"query\" }]", "jarm.response_mode[0].kind", "`fragment`", "give this kind another name"),
    ("response_mode = [{ name = \"form_post\", options = { titel = \"Back\" } }]", "jarm.response_mode[0].options.titel", "`titel`", "did you mean `title`?"),
    ("response_mode = [{ name = \"query\", options = { dummy_fragment = \"yes\" } }]", "jarm.response_mode[0].options.dummy_fragment", "\"yes\"", "a boolean"),
    ("response_mode = [{ name = \"query\" }, { name = \"jwt\" }]", "jarm.response_mode[1].name", "`jwt` stands for `query.jwt`", "list it too, or drop `jwt`"),
    ("response_mode = [{ kind = \"query\" }]", "jarm.response_mode[0]", "`name`", "missing"),
    ("response_types = [\"token\"]\nresponse_mode = [{ name = \"query\" }]", "jarm.response_types", "`token`", "list one, such as `form_post`"),
    ("response_jwt_lifetime = 20", "jarm.response_jwt_lifetime", "20 seconds", "30 to 600 seconds"),
    ("response_jwt_lifetime = 3600", "jarm.response_jwt_lifetime", "3600 seconds", "allow_response_jwt_lifetime_beyond_ten_minutes"),
    ("response_jwt_lifetime = \"2 min\"", "jarm.response_jwt_lifetime", "\"2 min\"", "a whole number"),
    ("response_jwt_jti = \"yes\"", "jarm.response_jwt_jti", "\"yes\"", "a boolean"),
    ("response_jwt_typ = \"at+jwt\"", "jarm.response_jwt_typ", "\"at+jwt\"", "leave it out, write \"JWT\""),
    ("default_signing_alg = \"RS256\"", "jarm.default_signing_alg", "`RS256`", "set default_signing_alg to one of these"),
    ("default_signing_alg = \"none\"", "jarm.default_signing_alg", "`none`", "every response JWT is signed"),
    ("default_signing_alg = \"ES 256\"", "jarm.default_signing_alg", "\"ES 256\"", "the name of a JOSE algorithm"),
    ("redirect_status = 307", "jarm.redirect_status", "307", "303"),
    ("unsupported_mode_error = \"invalid_requst\"", "jarm.unsupported_mode_error", "`invalid_requst`", "did you mean `invalid_request`?"),
    ("require_jarm = \"always\"", "jarm.require_jarm", "\"always\"", "true, false or \"when_registered\""),
    ("require_jarm = 1", "jarm.require_jarm", "`1`", "true, false or \"when_registered\""),
    ("registration = { require_jarm = \"yes\" }", "jarm.registration.require_jarm", "\"yes\"", "true, false or \"when_registered\""),
    ("registration = { requires_jarm = true }", "jarm.registration.requires_jarm", "`requires_jarm`", "did you mean `require_jarm`?"),
    ("refusal_delivery = \"local-page\"", "jarm.refusal_delivery", "`local-page`", "did you mean `local_page`?"),
    ("refusal_delivery = \"page\"", "jarm.refusal_delivery", "`page`", "known are `jwt`, `local_page`"),
    ("allow = [{ response_type = \"cod\" }]", "jarm.allow[0].response_type", "`cod`", "did you mean `code`?"),
    ("allow = [{ response_mode = [\"jwt\"] }]", "jarm.allow[0]", "`response_type`", "missing"),
    ("allow = [{ response_type = \"code\", response_modes = [\"jwt\"] }]", "jarm.allow[0].response_modes", "`response_modes`", "did you mean `response_mode`?"),
    ("allow = [{ response_type = \"code\", response_mode = \"jwt\" }]", "jarm.allow[0].response_mode", "\"jwt\"", "a list in brackets"),
    ("allow = [{ response_type = \"code\", response_mode = [] }]", "jarm.allow[0].response_mode", "list", "leave it out for all of them"),
    ("allow = [{ response_type = \"code\", response_mode = [\"jwt\", \"foo\"] }]", "jarm.allow[0].response_mode[1]", "`foo` is not in force", "list it under response_mode"),
    ("response_types = [\"none\"]\nallow = [{ response_type = \"code\" }]", "jarm.response_types", "`none`", "name it in `allow`"),
    ("require_jarm = true\nresponse_mode = [{ name = \"form_post\" }]", "jarm.response_types", "`code`", "`form_post.jwt` where require_jarm demands it"),
    ("allowed_signing_algs = [\"RS256\", \"ES255\"]", "jarm.allowed_signing_algs[1]", "`ES255`", "did you mean `ES256`?"),
    ("allowed_signing_algs = [\"rsa\"]", "jarm.allowed_signing_algs[0]", "`rsa`", "known are `RS256`, "),
    ("allow = []", "jarm.allow", "list one row", "leave it out to allow everything"),
    ("profile = \"fapi2-message-signing\"\nrequire_jarm = \"when_registered\"", "jarm.require_jarm", "\"when_registered\"", "leave it out, or the profile"),
    ("profile = \"fapi1\"", "jarm.profile", "`fapi1`", "known are `fapi1-advanced`, `fapi2-message-signing`"),
    ("profile = \"fapi2_message_signing\"", "jarm.profile", "`fapi2_message_signing`", "did you mean `fapi2-message-signing`?"),
    ("profile = \"fapi1-advanced\"\nallow = [{ response_type = \"code\" }]", "jarm.allow[0]", "`code` in every mode", "leave it out, or the profile"),
    ("profile = \"fapi2-message-signing\"\nallowed_signing_algs = [\"PS256\", \"RS256\"]", "jarm.allowed_signing_algs[1]", "`RS256`", "leave it out, or the profile"),
    ("profile = \"fapi2-message-signing\"\ndefault_signing_alg = \"RS256\"", "jarm.default_signing_alg", "`RS256`", "leave it out, or the profile"),
    ("profile = \"fapi2-message-signing\"\nresponse_types = [\"code\", \"id_token\"]", "jarm.response_types", "`id_token`", "name it in `allow`"),
    ("profile = \"fapi1-advanced\"\nresponse_mode = [{ name = \"fragment\" }]", "jarm.allow[1].response_mode[0]", "`jwt` is not in force", "list it under response_mode"),
    ("allowed_signing_algs = [\"none\"]", "jarm.allowed_signing_algs[0]", "`none`", "every response JWT is signed"),
    ("allowed_signing_algs = [\"PS256\"]", "jarm.default_signing_alg", "`ES256` is not in allowed_signing_algs", "add it there"),
    ("allowed_signing_algs = []", "jarm.allowed_signing_algs", "one algorithm at least", "leave it out for all"),
    ("page = { cps = \"hash\" }", "jarm.page.cps", "`cps`", "did you mean `csp`?"),
    ("page = { csp = \"unsafe-inline\" }", "jarm.page.csp", "`unsafe-inline`", "known are `hash`, `nonce`"),
    ("page = { referrer_policy = \"strict_origin\" }", "jarm.page.referrer_policy", "`strict_origin`", "did you mean `strict-origin`?"),
];

#[derive(Clone, Copy)]
enum Secret {
    None,
    Hashed,
    Short,
    Long,
    Expired,
}

/// The server's configuration, the secret that the client has, and what it sends.
type Sent = (&'static str, Secret, Value);

fn register((toml, secret, sent): &Sent) -> Result<ClientMetadata, String> {
    let server = match *toml {
        "no encrypter" => AuthorizationServer::builder(configuration("")).signers(key().signers()),
        toml => builder(toml),
    };
    let (short, long) = (ClientSecret::new("s".repeat(20)), ClientSecret::new(SECRET));
    let expired = ClientSecret::new(SECRET).expires_at(NOW);
    let secret = match secret {
        Secret::None => SecretAvailability::NoSecret,
        Secret::Hashed => SecretAvailability::HashOnly,
        Secret::Short => SecretAvailability::Plaintext(&short),
        Secret::Long => SecretAvailability::Plaintext(&long),
        Secret::Expired => SecretAvailability::Plaintext(&expired),
    };
    let metadata = ClientMetadata::read(sent.clone()).map_err(|error| error.to_string())?;
    let registration = Registration::dynamic(metadata, secret);
    let registered = server.build().unwrap().register(registration);
    registered.map_err(|error| error.to_string())
}

const SIGNED_ALG: &str = "authorization_signed_response_alg";
const ENCRYPTED_ALG: &str = "authorization_encrypted_response_alg";
const ENCRYPTED_ENC: &str = "authorization_encrypted_response_enc";

#[test]
fn the_right_registration_is_accepted() {
    for sent in [
        json!({}),
        json!({ SIGNED_ALG: "ES256", "response_modes": ["jwt"] }),
        json!({ ENCRYPTED_ALG: "ECDH-ES", "jwks": jwks(&[json!({})]) }),
        json!({ SIGNED_ALG: "HS512", ENCRYPTED_ALG: "dir" }),
    ] {
        assert!(
            register(&("", Secret::Long, sent.clone())).is_ok(),
            "{sent}"
        );
    }
}

#[test]
fn a_faulty_registration_is_refused_with_its_member_and_what_would_be_right() {
    let rows: Vec<_> = [signing(), encryption(), keys(), types_and_modes()].concat();
    assert!(rows.len() >= 40, "{}", rows.len());
    check(&rows, |sent| register(sent).unwrap_err());
}

#[rustfmt::skip] // a row is a line
fn signing() -> Vec<Row<Sent>> {
    use Secret::{Expired, Hashed, Long, None, Short};
    let alg = |alg: &str| json!({ SIGNED_ALG: alg });
    let public = json!({ SIGNED_ALG: "HS256", "token_endpoint_auth_method": "none" });
    let only_es256 = "allowed_signing_algs = [\"ES256\"]";
    vec![
        (("", None, alg("PS256")), SIGNED_ALG, "`PS256`", "choose one of ES256, HS256"),
        (("", None, alg("es256")), SIGNED_ALG, "`es256`", "choose one of ES256"),
        (("", None, alg("none")), SIGNED_ALG, "`none`", "every response JWT is signed"),
        (("", None, alg("")), SIGNED_ALG, "\"\"", "the name of a JOSE algorithm"),
        (("", None, json!({ SIGNED_ALG: ["ES384"] })), SIGNED_ALG, "sequence", "expected a string"),
        (("", None, alg("HS256")), SIGNED_ALG, "`HS256`", "needs a client secret, and the client has none"),
        (("", Hashed, alg("HS256")), SIGNED_ALG, "`HS256`", "in plaintext"),
        (("", Expired, alg("HS256")), SIGNED_ALG, "`HS256`", "has expired"),
        (("", Short, alg("HS256")), SIGNED_ALG, "this one has 20", "at least 32 octets"),
        (("", Short, alg("HS512")), SIGNED_ALG, "this one has 20", "at least 64 octets"),
        (("", Long, public), SIGNED_ALG, "`HS256`", "a public client has none"),
        ((only_es256, Long, alg("HS256")), SIGNED_ALG, "`HS256`", "choose one of ES256"),
    ]
}

#[rustfmt::skip] // a row is a line
fn encryption() -> Vec<Row<Sent>> {
    use Secret::{Expired, Hashed, Long, None, Short};
    let alg = |alg: &str| json!({ ENCRYPTED_ALG: alg, "jwks": jwks(&[json!({})]) });
    let enc = |enc: &str| {
        json!({ ENCRYPTED_ALG: "ECDH-ES", ENCRYPTED_ENC: enc, "jwks": jwks(&[json!({})]) })
    };
    let dir = || json!({ ENCRYPTED_ALG: "dir", ENCRYPTED_ENC: "A256GCM" });
    let public = json!({ ENCRYPTED_ALG: "dir", "token_endpoint_auth_method": "none" });
    let plain = "response_mode = [{ name = \"query\" }]";
    vec![
        (("", None, json!({ ENCRYPTED_ENC: "A256GCM" })), ENCRYPTED_ENC, "it is registered", "together with authorization_encrypted_response_alg"),
        (("", None, alg("RSA1_5")), ENCRYPTED_ALG, "`RSA1_5`", "use RSA-OAEP-256"),
        (("", None, alg("PBES2-HS256+A128KW")), ENCRYPTED_ALG, "`PBES2-HS256+A128KW`", "use A256KW"),
        (("", None, alg("ECDH-1PU")), ENCRYPTED_ALG, "`ECDH-1PU`", "choose one of RSA-OAEP, "),
        (("", None, alg("ecdh-es")), ENCRYPTED_ALG, "`ecdh-es`", "choose one of RSA-OAEP, "),
        (("", None, alg("A 1")), ENCRYPTED_ALG, "\"A 1\"", "the name of a JOSE algorithm"),
        (("", None, json!({ ENCRYPTED_ALG: 7 })), ENCRYPTED_ALG, "`7`", "expected a string"),
        (("", None, enc("A128CBC+HS256")), ENCRYPTED_ENC, "`A128CBC+HS256`", "choose one of A128CBC-HS256, "),
        (("", None, enc("XC20P")), ENCRYPTED_ENC, "`XC20P`", "choose one of A128CBC-HS256, "),
        (("", None, dir()), ENCRYPTED_ALG, "`dir` with `A256GCM`", "needs a client secret, and the client has none"),
        (("", Hashed, dir()), ENCRYPTED_ALG, "`dir` with `A256GCM`", "in plaintext"),
        (("", Expired, dir()), ENCRYPTED_ALG, "`dir` with `A256GCM`", "has expired"),
        (("", Short, dir()), ENCRYPTED_ALG, "this one has 20", "at least 32 octets"),
        (("", Short, json!({ ENCRYPTED_ALG: "A192KW" })), ENCRYPTED_ALG, "this one has 20", "at least 24 octets"),
        (("", Long, public), ENCRYPTED_ALG, "`dir`", "a public client has none"),
        (("no encrypter", None, alg("ECDH-ES")), ENCRYPTED_ALG, "not available", "leave it out"),
        ((plain, None, json!({ SIGNED_ALG: "RS256" })), SIGNED_ALG, "`RS256`", "choose one of ES256"),
    ]
}

#[rustfmt::skip] // a row is a line
fn keys() -> Vec<Row<Sent>> {
    let none = |sent: Value| ("", Secret::None, sent);
    let set = |keys: &[Value]| json!({ ENCRYPTED_ALG: "ECDH-ES", "jwks": jwks(keys) });
    let raw = |key: Value| json!({ "jwks": { "keys": [key] } });
    let uri = |uri: &str| json!({ "jwks_uri": uri });
    let rsa = json!({ ENCRYPTED_ALG: "RSA-OAEP", "jwks": jwks(&[json!({})]) });
    let both = json!({ "jwks": jwks(&[json!({})]), "jwks_uri": "https://c.example/jwks" });
    let by_uri = json!({ ENCRYPTED_ALG: "ECDH-ES", "jwks_uri": "https://c.example/jwks" });
    let many = json!({ "jwks": jwks(&vec![json!({}); 33]) });
    vec![
        (none(both), "jwks_uri", "`jwks` or by `jwks_uri`", "not both"),
        (none(json!({ ENCRYPTED_ALG: "ECDH-ES" })), "jwks", "a public key", "send one"),
        (none(by_uri), "jwks_uri", "not fetched", "send them as `jwks`"),
        (none(set(&[])), "jwks", "`ECDH-ES`", "the set is empty"),
        (none(set(&[json!({ "use": "sig" })])), "jwks", "keys[0]: `use` is \"sig\"", "not \"enc\""),
        (none(set(&[json!({ "alg": "ECDH-ES+A128KW" })])), "jwks", "keys[0]: `alg` is \"ECDH-ES+A128KW\"", "not \"ECDH-ES\""),
        (none(set(&[json!({ "key_ops": ["verify"] })])), "jwks", "keys[0]: `key_ops`", "none of encrypt, wrapKey"),
        (none(rsa), "jwks", "keys[0]: `kty`", "is not RSA"),
        (none(set(&[json!({}), json!({ "y": "AA" })])), "jwks.keys[1]", "`y`", "octets"),
        (none(raw(json!({ "kty": "oct", "k": "AA" }))), "jwks.keys[0]", "`oct`", "a symmetric key is not public"),
        (none(raw(json!({ "kty": "EC", "d": "AA" }))), "jwks.keys[0]", "`d`", "send the public half only"),
        (none(raw(json!({ "crv": "P-256" }))), "jwks.keys[0]", "JWK", "has a `kty` member"),
        (none(raw(json!({ "kty": "EC", "kid": 1 }))), "jwks.keys[0]", "`kid`", "is a string"),
        (none(raw(json!("key"))), "jwks.keys[0]", "a JWK", "is a JSON object"),
        (none(json!({ "jwks": "{}" })), "jwks", "this is a text", "a JWK Set is a JSON object"),
        (none(json!({ "jwks": {} })), "jwks", "a JWK Set", "has an array `keys`"),
        (none(many), "jwks", "these are 33", "32 keys at most"),
        (none(uri("http://c.example/jwks")), "jwks_uri", "a jwks_uri", "is an https URL"),
    ]
}

#[rustfmt::skip] // a row is a line
fn types_and_modes() -> Vec<Row<Sent>> {
    let on = |toml: &'static str, sent: Value| (toml, Secret::None, sent);
    let types = |types: Value| json!({ "response_types": types });
    let modes = |modes: Value| json!({ "response_modes": modes });
    let only_jwt = "allow = [{ response_type = \"code\", response_mode = [\"jwt\"] }]";
    let encrypted =
        "response_types = [\"id_token\"]\nresponse_mode = [{ name = \"query.jwt\" }]";
    let required = "require_jarm = true";
    let own = "registration = { require_jarm = true }";
    let token_in_query = json!({ "response_types": ["token"], "response_modes": ["query"] });
    vec![
        (on("", types(json!([]))), "response_types", "one at least", "leave it out for `code`"),
        (on("", types(json!(["vp_token"]))), "response_types", "`vp_token`", "choose among `code`, `token`, "),
        (on("", types(json!("code"))), "response_types", "\"code\"", "a list in brackets"),
        (on("", types(json!(["code", "code code"]))), "response_types[1]", "response_type", "each value once"),
        (on("", types(json!(["none token"]))), "response_types[0]", "`none`", "not combined"),
        (on("", types(json!(["code  token"]))), "response_types[0]", "a list of names", "one space between them"),
        (on(only_jwt, types(json!(["code", "token"]))), "response_types", "`token`", "choose among `code`"),
        (on(encrypted, types(json!(["id_token"]))), "response_types", "`id_token`", "register authorization_encrypted_response_alg"),
        (on("", token_in_query), "response_types", "`token`", "any of your response_modes"),
        (on("", modes(json!([]))), "response_modes", "one at least", "leave it out for all"),
        (on("", modes(json!(["jwt", "foo"]))), "response_modes", "`foo`", "choose among query, "),
        (on("", modes(json!("jwt"))), "response_modes", "\"jwt\"", "a list in brackets"),
        (on("", modes(json!(["query jwt"]))), "response_modes[0]", "\"query jwt\"", "ASCII letters"),
        (on(required, modes(json!(["QUERY.JWT"]))), "response_modes", "`QUERY.JWT`", "choose among query.jwt, "),
        (on(required, modes(json!(["jwt", "query"]))), "response_modes", "`query`", "can answer none of your response_types"),
        (on(own, modes(json!(["jwt", "form_post"]))), "response_modes", "`form_post`", "can answer none of your response_types"),
        (on(only_jwt, modes(json!(["query.jwt"]))), "response_types", "`code`", "any of your response_modes"),
        (on(only_jwt, modes(json!(["jwt", "fragment.jwt"]))), "response_modes", "`fragment.jwt`", "can answer none of your response_types"),
    ]
}
