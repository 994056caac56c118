//! The table on the crate page, `Which library does what`, against the source and `Cargo.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use jarm_core::jose::{ClientSecretMac as _, JweEncrypter as _};
use jarm_jose::{HmacClientSecrets, JwaEncrypter};

use crate::support::{ALGORITHMS, key};

type Names = BTreeSet<String>;

/// Dependencies that compute nothing.
const OTHER: [&str; 6] = [
    "base64",
    "jarm-core",
    "jsonwebtoken",
    "serde",
    "thiserror",
    "zeroize",
];

/// What is in backticks in each cell: names of algorithms, and of libraries in the two builds.
struct Row {
    algorithms: Names,
    with_aws_lc: Names,
    pure: Names,
}

impl Row {
    /// Both builds use the same code.
    fn is_shared(&self) -> bool {
        self.with_aws_lc == self.pure
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn table() -> Vec<Row> {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("//! | "));
    let rows: Vec<_> = rows
        .skip(2)
        .map(|row| {
            let cells: Vec<_> = row
                .trim_end_matches(" |")
                .split(" | ")
                .map(quoted)
                .collect();
            let [algorithms, with_aws_lc, pure] = cells.try_into().expect("three cells");
            Row {
                algorithms,
                with_aws_lc,
                pure,
            }
        })
        .collect();
    assert!(rows.len() > 10, "the table is not found");
    rows
}

fn quoted(cell: &str) -> Names {
    let parts = cell.split('`').skip(1).step_by(2);
    parts.map(str::to_owned).collect()
}

fn dependencies() -> Names {
    let text = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let (_, rest) = text.split_once("\n[dependencies]\n").unwrap();
    let section = rest.split("\n[").next().unwrap();
    let lines = section.lines().filter(|line| !line.starts_with('#'));
    let names = lines.filter_map(|line| line.split(['.', ' ', '=']).next());
    names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The dependencies that code names in paths, tests left out.
fn named_in(files: &[PathBuf]) -> Names {
    let all = dependencies();
    let mut named = Names::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for line in code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
        {
            named.extend(all.iter().filter(|one| names(line, one)).cloned());
        }
    }
    named
}

/// Whether a path begins with the crate: `rsa::` and `::rsa::`, but not `aws_lc_rs::rsa::`.
fn names(line: &str, dependency: &str) -> bool {
    let path = format!("{}::", dependency.replace('-', "_"));
    let is_name = |end: Option<char>| end.is_some_and(|end| end.is_alphanumeric() || end == '_');
    line.match_indices(&path).any(|(at, _)| {
        let before = &line[..at];
        let before = before.strip_suffix("::").unwrap_or(before);
        !is_name(before.chars().last())
    })
}

fn sources(folder: &str, without: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if without.iter().any(|one| path.ends_with(one)) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "{folder} is empty");
    found
}

fn union<'a>(rows: impl Iterator<Item = &'a Names>) -> Names {
    rows.flatten().cloned().collect()
}

#[test]
fn every_algorithm_stands_in_one_row() {
    let mut offered = Names::new();
    let jws = HmacClientSecrets.algorithms().iter();
    offered.extend(jws.map(|one| one.as_str().to_owned()));
    for (_, file, _) in ALGORITHMS {
        offered.extend(
            key(file)
                .algorithms()
                .iter()
                .map(|one| one.as_str().to_owned()),
        );
    }
    let jwe = JwaEncrypter.key_management_algorithms().iter();
    offered.extend(jwe.map(|one| one.as_str().to_owned()));
    let enc = JwaEncrypter.content_encryption_algorithms().iter();
    offered.extend(enc.map(|one| one.as_str().to_owned()));
    assert_eq!(offered.len(), 3 + 11 + 15 + 6);

    let mut rows = BTreeMap::new();
    for name in table().iter().flat_map(|row| &row.algorithms) {
        *rows.entry(name.clone()).or_insert(0) += 1;
    }
    let once: Names = rows
        .iter()
        .filter(|(_, rows)| **rows == 1)
        .map(|(name, _)| name.clone())
        .collect();
    assert_eq!(once, offered);
}

#[test]
fn the_libraries_of_the_table_are_the_dependencies() {
    let table = table();
    let mut named = union(table.iter().flat_map(|row| [&row.with_aws_lc, &row.pure]));
    named.extend(OTHER.map(str::to_owned));
    assert_eq!(named, dependencies());
}

#[test]
fn each_directory_names_the_libraries_of_its_rows_and_no_other() {
    let table = table();
    let cryptography = |named: Names| -> Names {
        let other = |name: &String| OTHER.contains(&name.as_str());
        named.into_iter().filter(|name| !other(name)).collect()
    };
    let differing = || table.iter().filter(|row| !row.is_shared());
    let shared = table.iter().filter(|row| row.is_shared());

    let named = cryptography(named_in(&sources("src/backend/aws_lc", &[])));
    assert_eq!(named, union(differing().map(|row| &row.with_aws_lc)));

    let named = cryptography(named_in(&sources("src/backend/rust_crypto", &[])));
    assert_eq!(named, union(differing().map(|row| &row.pure)));

    let named = cryptography(named_in(&sources("src", &["backend", "encryption/tests"])));
    assert_eq!(named, union(shared.map(|row| &row.pure)));
}

#[test]
fn a_crate_is_told_from_a_module_of_its_name() {
    assert!(names("use rsa::BigUint;", "rsa"));
    assert!(names("use ::rsa::BigUint;", "rsa"));
    assert!(names(
        "    x25519_dalek::PublicKey::from(&own)",
        "x25519-dalek"
    ));
    assert!(!names("use aws_lc_rs::rsa::KeySize;", "rsa"));
    assert!(!names("use super::rsa::significant;", "rsa"));
    assert!(!names("use parsa::x;", "rsa"));
}
