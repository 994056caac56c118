//! `docs/oxide-auth.md` makes the host out of the plain one.

use oxide_auth::primitives::prelude::{Client as Known, ClientMap};
use oxide_auth::primitives::registrar::ExactUrl;

use crate::client::Client;
use crate::plain;
use crate::support::{Browser, CLIENT_ID, REDIRECT_URI};

const GUIDE: &str = include_str!("../../../../docs/oxide-auth.md");
const PLAIN: &str = include_str!("plain.rs");
const HOST: &str = include_str!("../../src/host.rs");
const START: &str = include_str!("../../src/lib.rs");

/// The guide's first block with this language.
fn block(language: &str) -> &'static str {
    let (_, rest) = GUIDE.split_once(&format!("```{language}\n")).unwrap();
    let (block, rest) = rest.split_once("```").unwrap();
    assert!(!rest.contains(&format!("```{language}")), "the only one");
    block
}

/// What is written where the host starts; an ellipsis stands for the lines between.
fn start() -> impl Iterator<Item = &'static str> {
    block("rust").lines().filter(|line| *line != "…")
}

/// The lines of the guide's only diff.
fn diff() -> Vec<(char, &'static str)> {
    let parts = |line: &'static str| match line.chars().next() {
        Some(sign @ (' ' | '+' | '-' | '…')) => (sign, line.get(sign.len_utf8()..).unwrap()),
        None => (' ', line),
        Some(_) => panic!("{line}"),
    };
    block("diff").lines().map(parts).collect()
}

/// The guide's changes, done to the plain host.
fn changed() -> Vec<&'static str> {
    let mut plain = PLAIN.lines();
    let mut made = Vec::new();
    let mut is_after_gap = true;
    for (sign, line) in diff() {
        match sign {
            '…' => is_after_gap = true,
            '+' => made.push(line),
            _ => {
                let mut next = plain.next();
                while is_after_gap && next != Some(line) {
                    made.push(next.unwrap_or_else(|| panic!("not in the plain host: {line}")));
                    next = plain.next();
                }
                assert_eq!(next, Some(line));
                is_after_gap = false;
                if sign == ' ' {
                    made.push(line);
                }
            }
        }
    }
    made.extend(plain);
    made
}

#[test]
fn the_guide_makes_this_host_out_of_the_plain_one() {
    assert_eq!(changed().join("\n").trim(), HOST.trim());
}

#[test]
fn it_starts_as_the_guide_says() {
    let mut lines = START.lines();
    for line in start() {
        assert!(lines.any(|own| own == line), "{line}");
    }
}

#[test]
fn it_takes_fewer_than_thirty_lines() {
    let in_manifest = block("toml").lines().count();
    let at_start = start().count();
    let in_server = diff().iter().filter(|(sign, _)| *sign == '+').count();
    let all = [in_manifest, at_start, in_server];
    assert_eq!(all, [2, 10, 15], "the guide says how many");
    assert!(all.iter().sum::<usize>() < 30);
}

#[tokio::test]
async fn the_plain_host_answers_plainly_whatever_the_mode() {
    let mut host = Browser::new();
    let client = Client::asking_for(Some("form_post.jwt"), &mut host).await;
    let redirect_uri = ExactUrl::new(REDIRECT_URI.to_owned()).unwrap();
    let known = Known::public(CLIENT_ID, redirect_uri.into(), "read".parse().unwrap());
    let mut plain = Browser::of(plain::router(ClientMap::from_iter([known])));
    let path = format!(
        "/authorize?{}",
        crate::support::urlencoded(&client.request())
    );
    let form = vec![("decision".to_owned(), "allow".to_owned())];
    let page = plain.post(&path, &form).await;
    assert_eq!(page.status, 302);
    assert!(page.location().unwrap().contains("&code="));
}
