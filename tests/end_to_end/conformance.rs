//! `docs/conformance.md`: every rule is there once, and its proof exists.

use std::path::Path;

/// The rules: how many each section has.
const SECTIONS: [(char, u8); 17] = [
    ('A', 15),
    ('B', 14),
    ('C', 18),
    ('D', 8),
    ('E', 11),
    ('F', 13),
    ('G', 17),
    ('H', 10),
    ('I', 11),
    ('J', 5),
    ('K', 5),
    ('L', 8),
    ('M', 6),
    ('N', 6),
    ('O', 7),
    ('P', 12),
    ('Q', 17),
];

fn rules() -> Vec<String> {
    SECTIONS
        .iter()
        .flat_map(|(section, last)| (1..=*last).map(move |number| format!("{section}{number}")))
        .collect()
}

/// A source file of the repository by its path from the root.
type Read<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What is wrong with a table; `rules` are the IDs that it must hold.
fn faults(table: &str, rules: &[String], read: Read) -> Vec<String> {
    let rows: Vec<Vec<&str>> = table.lines().filter_map(row).collect();
    let mut faults = Vec::new();
    if rows.is_empty() {
        faults.push("the table has no rows".to_owned());
    }
    for rule in rules {
        match rows
            .iter()
            .filter(|row| row.first() == Some(&rule.as_str()))
            .count()
        {
            0 => faults.push(format!("{rule} is missing")),
            1 => {}
            _ => faults.push(format!("{rule} occurs twice")),
        }
    }
    for row in &rows {
        let [id, _rule, _source, _level, proof] = row.as_slice() else {
            faults.push(format!("{row:?} has not five cells"));
            continue;
        };
        if !rules.iter().any(|rule| rule == id) {
            faults.push(format!("{id} is no rule"));
        }
        faults.extend(
            proof_faults(proof, read)
                .into_iter()
                .map(|fault| format!("{id}: {fault}")),
        );
    }
    faults
}

/// The cells of a row, if the line is one below a table's head.
fn row(line: &str) -> Option<Vec<&str>> {
    let line = line.trim().strip_prefix('|')?;
    let cells: Vec<&str> = line
        .strip_suffix('|')
        .unwrap_or(line)
        .split('|')
        .map(str::trim)
        .collect();
    let is_head = matches!(cells.first(), Some(&("ID" | "---")));
    (!is_head).then_some(cells)
}

/// What is wrong with a proof: tests, or reasons against the rule. Every row needs one, whatever its
/// level.
fn proof_faults(proof: &str, read: Read) -> Vec<String> {
    if let Some(why) = proof.strip_prefix("not applicable:") {
        return if why.trim().is_empty() {
            vec!["not applicable, but why?".to_owned()]
        } else {
            Vec::new()
        };
    }
    let claims: Vec<&str> = proof.split('`').skip(1).step_by(2).collect();
    if claims.is_empty() {
        return vec!["there is no proof".to_owned()];
    }
    let unproved = claims.into_iter().filter(|claim| !is_test(claim, read));
    unproved
        .map(|claim| format!("there is no test `{claim}`"))
        .collect()
}

/// Whether `file::test` names a test that runs.
fn is_test(reference: &str, read: Read) -> bool {
    let Some((path, name)) = reference.split_once("::") else {
        return false;
    };
    match (read(path), path.rsplit_once('.')) {
        (Some(source), Some((_, "rs"))) => is_rust_test(&source, name),
        (Some(source), Some((_, "js"))) => is_node_test(&source, name),
        _ => false,
    }
}

fn is_rust_test(source: &str, name: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let heads = [format!("fn {name}("), format!("async fn {name}(")];
    lines.iter().enumerate().any(|(at, line)| {
        let above = lines.iter().take(at).rev();
        let attributes: Vec<_> = above.take_while(|line| line.starts_with("#[")).collect();
        heads.iter().any(|head| line.starts_with(head))
            && attributes
                .iter()
                .any(|own| **own == "#[test]" || own.starts_with("#[tokio::test"))
            && !attributes.iter().any(|own| own.starts_with("#[ignore"))
    })
}

/// Titles stand as they are written, `${…}` included.
fn is_node_test(source: &str, title: &str) -> bool {
    let calls: Vec<String> = ["test", "describe"]
        .iter()
        .flat_map(|call| ['\'', '"', '`'].map(|quote| format!("{call}({quote}{title}{quote},")))
        .collect();
    source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .any(|line| calls.iter().any(|call| line.contains(call)))
}

#[test]
fn every_rule_has_a_proof_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).ok();
    let faults = faults(&read("docs/conformance.md").unwrap(), &rules(), &read);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The files of the tables below.
fn sample(path: &str) -> Option<String> {
    let source = match path {
        "a.rs" => {
            "#[test]\nfn one() {}\n#[tokio::test]\n  async fn two() {}\nfn helper() {}\n\
             #[test]\n#[ignore = \"slow\"]\nfn ignored() {}\n// #[test]\n// fn gone() {}"
        }
        "a.test.js" => {
            "test('in short', () => {});\n  describe(`by ${method}`, () => {});\n\
             test.skip('not now', () => {});\n// test('gone', () => {});"
        }
        _ => return None,
    };
    Some(source.to_owned())
}

/// The faults of a table with the rules X1 and X2, of which the second is in order.
fn faults_of(first: &str) -> Vec<String> {
    let table = format!(
        "| ID | rule | source | level | proof |\n| --- | --- | --- | --- | --- |\n{first}\n| X2 | r | s | MAY | `a.rs::one` |"
    );
    faults(&table, &["X1".to_owned(), "X2".to_owned()], &sample)
}

#[test]
fn proofs_that_exist_are_accepted() {
    for proof in [
        "`a.rs::one`",
        "`a.rs::two`<br>`a.rs::one` (the rest)",
        "`a.test.js::in short`",
        "`a.test.js::by ${method}`",
        "not applicable: the host does it",
    ] {
        assert_eq!(
            faults_of(&format!("| X1 | r | s | MUST | {proof} |")),
            [""; 0],
            "{proof}"
        );
    }
}

#[test]
fn a_row_without_a_proof_that_exists_is_a_fault() {
    for proof in [
        "",
        "planned",
        "tested by hand",
        "`missing`",
        "`planned`",
        "`a.rs::one`<br>`planned` (the rest)",
        "not applicable:",
        "`b.rs::one`",
        "`a.rs`",
        "`a.rs::on`",
        "`a.rs::helper`",
        "`a.rs::ignored`",
        "`a.rs::gone`",
        "`a.test.js::in`",
        "`a.test.js::by GET`",
        "`a.test.js::not now`",
        "`a.test.js::gone`",
        "`a.rs::one`<br>`a.rs::three`",
    ] {
        for level in ["MUST", "SEC", "shall", "SHOULD"] {
            let faults = faults_of(&format!("| X1 | r | s | {level} | {proof} |"));
            assert!(
                matches!(faults.as_slice(), [one] if one.starts_with("X1: ")),
                "{proof}: {faults:?}"
            );
        }
    }
}

#[test]
fn each_rule_stands_in_the_table_once() {
    assert_eq!(faults_of(""), ["X1 is missing"]);
    assert_eq!(
        faults_of("| X2 | r | s | MAY | `a.rs::one` |"),
        ["X1 is missing", "X2 occurs twice"]
    );
    let beyond = "| X1 | r | s | MAY | `a.rs::one` |\n| X3 | r | s | MAY | `a.rs::one` |";
    assert_eq!(faults_of(beyond), ["X3 is no rule"]);
    assert_eq!(
        faults_of("| X1 | `a.rs::one` |").len(),
        1,
        "cells are counted"
    );
}

#[test]
fn a_table_without_rows_is_a_fault() {
    assert_eq!(
        faults("# Conformance", &[], &sample),
        ["the table has no rows"]
    );
    assert_eq!(rules().len(), 183);
}
