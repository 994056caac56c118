//! `docs/answers.md`: what the library answers to every request, cell by cell.
//!
//! The page is made of real answers. `JARM_WRITE_DOCS=1` in the environment writes it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use jarm::jose::ClientSecret;
use jarm::metadata::Client;
use jarm::{AuthorizationServer, ResponseMode, ResponseType};

use crate::fixture::{SECRET, client_with, client_with_encryption, server};
use crate::outcome::{Outcome, outcome};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/answers.md");

const HEAD: &str = "\
# Who is answered what

What this library answers to every response type in every mode, for five clients under five
policies. The test `tests/end_to_end/answers.rs` makes this page of real answers and fails where they
differ. After a change of rule, write it anew:

```console
JARM_WRITE_DOCS=1 cargo test -p jarm --test end_to_end answers
```

The seven standard modes are in force. A column is the `response_mode` of the request; `-` stands
for a request without one, `foo` and `foo.jwt` for modes that there are not.

| cell | |
| --- | --- |
| ✓ | a success, in the mode that was asked for |
| query.jwt | a success, in this mode |
| !query.jwt | the error `invalid_request`, told to the client in this mode |
| ?query.jwt | the error `unsupported_response_type`, told to the client in this mode |
| ✕ | the client is told nothing: a local page with status 400 |
| ✕✕ | the client is told nothing: a local page with status 500 |

| client | has registered |
| --- | --- |
| public | nothing about responses, and it has no secret: its JWTs are signed with the server's default |
| signed | `authorization_signed_response_alg` |
| encrypted | `authorization_encrypted_response_alg`: every JWT in its tables is signed, then encrypted |
| secret | `authorization_signed_response_alg` = `HS256`: every JWT in its tables is signed with its secret |
| restricted | `response_modes` = `[\"jwt\"]` |

Each has registered all eight response types; `secret` has done so before a FAPI profile was chosen, because
it could not register under one. Clients with the same answers share a table. [Configure](configure.md#policy)
tells what the policies are, [What may travel where](response-modes.md) the rules below them.
";

const POLICIES: [(&str, &str); 5] = [
    ("No policy", ""),
    ("JARM required of everybody", "require_jarm = true"),
    (
        "JARM required of who registered it",
        "require_jarm = \"when_registered\"",
    ),
    ("FAPI 1.0 Advanced", "profile = \"fapi1-advanced\""),
    (
        "FAPI 2.0 Message Signing",
        "profile = \"fapi2-message-signing\"",
    ),
];

/// What a request says in `response_mode`, nothing first.
fn columns() -> Vec<String> {
    let standard = ResponseMode::STANDARD.map(|mode| mode.to_string());
    let unknown = ["foo".to_owned(), "foo.jwt".to_owned()];
    let none = [String::new()];
    none.into_iter().chain(standard).chain(unknown).collect()
}

fn clients() -> [(&'static str, Client); 5] {
    let public = client_with(|metadata| {
        metadata.token_endpoint_auth_method = Some("none".into());
    });
    let signed = client_with(|metadata| {
        metadata.authorization_signed_response_alg = Some("ES256".parse().unwrap());
    });
    let secret = client_with(|metadata| {
        metadata.authorization_signed_response_alg = Some("HS256".parse().unwrap());
    });
    let restricted = client_with(|metadata| {
        metadata.response_modes = Some(vec![ResponseMode::JWT]);
    });
    [
        ("public", public),
        ("signed", signed),
        ("encrypted", client_with_encryption()),
        ("secret", secret.with_secret(ClientSecret::new(SECRET))),
        ("restricted", restricted),
    ]
}

/// The answers to one client: a row for each response type.
type Rows = Vec<Vec<String>>;

fn rows(server: &AuthorizationServer, kind: &str, client: &Client) -> Rows {
    let row = |response_type: &ResponseType| {
        let answered = |mode: &String| {
            let query = query(response_type, mode);
            let outcome = outcome(server, client, &query);
            check_protection(kind, &outcome);
            cell(mode, &outcome)
        };
        columns().iter().map(answered).collect()
    };
    ResponseType::STANDARD.iter().map(row).collect()
}

fn query(response_type: &ResponseType, mode: &str) -> String {
    let response_type = response_type.as_str().replace(' ', "+");
    let mode = match mode {
        "" => String::new(),
        mode => format!("&response_mode={mode}"),
    };
    format!("response_type={response_type}&state=st{mode}")
}

/// What the page says of a client's JWTs above its tables.
fn check_protection(kind: &str, outcome: &Outcome) {
    let Some(answer) = outcome.answer() else {
        return;
    };
    assert_eq!(answer.text("state"), Some("st"));
    let is_jwt = !answer.header.is_null();
    let is_encrypted = is_jwt && kind == "encrypted";
    assert_eq!(answer.encryption.is_some(), is_encrypted, "{kind}");
    let algorithm = match kind {
        _ if !is_jwt => None,
        "secret" => Some("HS256"),
        _ => Some("ES256"),
    };
    let signed_with = answer.header.get("alg").and_then(|alg| alg.as_str());
    assert_eq!(signed_with, algorithm, "{kind}");
}

fn cell(mode: &str, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Success(answer) if answer.mode == mode => "✓".into(),
        Outcome::Success(answer) => answer.mode.clone(),
        Outcome::Error(answer) => {
            let mark = match answer.text("error") {
                Some("invalid_request") => '!',
                Some("unsupported_response_type") => '?',
                other => panic!("the legend does not know {other:?}"),
            };
            format!("{mark}{}", answer.mode)
        }
        Outcome::Local(_) => "✕".into(),
        Outcome::Failed(500) => "✕✕".into(),
        Outcome::Failed(status) => panic!("the legend does not know {status}"),
    }
}

/// The page as the library answers now, and how many answers are in it.
fn page() -> (String, usize) {
    let (mut page, mut cells) = (HEAD.to_owned(), 0);
    for (title, toml) in POLICIES {
        let server = server(toml);
        let mut tables: Vec<(Vec<&str>, Rows)> = Vec::new();
        for (kind, client) in clients() {
            let rows = rows(&server, kind, &client);
            cells += rows.iter().map(Vec::len).sum::<usize>();
            match tables.iter_mut().find(|(_, own)| *own == rows) {
                Some((kinds, _)) => kinds.push(kind),
                None => tables.push((vec![kind], rows)),
            }
        }
        write!(page, "\n## {title}\n").unwrap();
        if !toml.is_empty() {
            write!(page, "\n`{toml}`\n").unwrap();
        }
        for (kinds, rows) in tables {
            write!(page, "\n### Clients: {}\n\n", kinds.join(", ")).unwrap();
            page.push_str(&table(&rows));
        }
    }
    (page, cells)
}

fn table(rows: &Rows) -> String {
    let name = |mode: &String| {
        if mode.is_empty() {
            "-".into()
        } else {
            mode.clone()
        }
    };
    let columns: Vec<String> = columns().iter().map(name).collect();
    let mut table = format!("| `response_type` | {} |\n", columns.join(" | "));
    writeln!(table, "| --- |{}", " --- |".repeat(columns.len())).unwrap();
    for (response_type, row) in ResponseType::STANDARD.iter().zip(rows) {
        writeln!(table, "| {response_type} | {} |", row.join(" | ")).unwrap();
    }
    table
}

#[test]
fn the_page_of_answers_shows_what_is_answered() {
    let (page, count) = page();
    assert_eq!(count, 5 * 5 * 8 * 10);
    let path = Path::new(PAGE);
    if std::env::var_os("JARM_WRITE_DOCS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    let differences = differences(&written, &page);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert_eq!(cells(&written).len(), count);
    assert!(written == page, "all cells are right, and the text is not");
}

/// The cells of a page by policy, client, response type and mode.
fn cells(page: &str) -> BTreeMap<String, &str> {
    let (mut cells, mut policy, mut kinds, mut columns) = (BTreeMap::new(), "", "", Vec::new());
    for line in page.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            policy = title;
        } else if let Some(title) = line.strip_prefix("### Clients: ") {
            kinds = title;
        }
        let row = line
            .strip_prefix("| ")
            .and_then(|row| row.strip_suffix(" |"));
        let mut row = row.into_iter().flat_map(|row| row.split(" | "));
        let is_of_a_table = |first: &&str| !policy.is_empty() && *first != "---";
        let Some(response_type) = row.next().filter(is_of_a_table) else {
            continue;
        };
        if response_type == "`response_type`" {
            columns = row.collect();
            continue;
        }
        for (column, cell) in columns.iter().zip(row) {
            for kind in kinds.split(", ") {
                let place = format!("{policy}, {kind}: {response_type} in {column}");
                cells.insert(place, cell);
            }
        }
    }
    cells
}

/// What stands in a cell and is not what is answered.
fn differences(written: &str, answered: &str) -> Vec<String> {
    let (written, answered) = (cells(written), cells(answered));
    let tell = |(place, cell): (&String, &&str)| {
        let other = written.get(place).unwrap_or(&"nothing");
        (other != cell).then(|| format!("{place} is answered {cell}, and {other} stands there"))
    };
    let mut differences: Vec<_> = answered.iter().filter_map(tell).collect();
    let more = written
        .keys()
        .filter(|place| !answered.contains_key(*place));
    differences.extend(more.map(|place| format!("{place} is nothing that is asked")));
    differences
}

#[test]
fn one_changed_cell_is_found_for_each_client_of_its_table() {
    let (page, _) = page();
    let changed = page.replacen("| code | query | ✓ |", "| code | query | ✕ |", 1);
    let clients = ["public", "secret", "signed"];
    let expected = clients.map(|client| {
        format!("No policy, {client}: code in query is answered ✓, and ✕ stands there")
    });
    assert_eq!(differences(&changed, &page), expected);
    assert_eq!(differences("", &page).len(), 2000);
    assert_eq!(differences(&page, "").len(), 2000);
    assert_eq!(differences(&page, &page), [""; 0]);
}
