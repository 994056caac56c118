//! `docs/oxide-auth.md` makes the host out of the plain one.

use crate::client::Client;
use crate::plain;
use crate::support::{Browser, HostBrowser as _};

const GUIDE: &str = include_str!("../../../../docs/oxide-auth.md");
const PLAIN: &str = include_str!("plain.rs");
const HOST: &str = include_str!("../../src/host.rs");
const IN_EARNEST: &str = include_str!("in_earnest.rs");

/// The guide's blocks of a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let begin = format!("```{language}\n");
    let blocks = GUIDE.split(&begin).skip(1);
    blocks
        .map(|rest| rest.split_once("```").unwrap().0)
        .collect()
}

/// The lines of the guide's only diff.
fn diff() -> Vec<(char, &'static str)> {
    let parts = |line: &'static str| match line.chars().next() {
        Some(sign @ (' ' | '+' | '-' | '…')) => (sign, line.get(sign.len_utf8()..).unwrap()),
        None => (' ', line),
        Some(_) => panic!("{line}"),
    };
    let lines = blocks("diff").into_iter().flat_map(str::lines);
    lines.map(parts).collect()
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
fn what_the_guide_says_of_servers_in_earnest_is_tested() {
    for block in blocks("rust") {
        let mut tested = IN_EARNEST.lines();
        for line in block.lines() {
            let is_tested = tested.any(|own| own.trim() == line.trim());
            assert!(is_tested, "{line}");
        }
    }
}

#[test]
fn it_takes_fewer_than_thirty_lines() {
    let in_manifest = blocks("toml").into_iter().flat_map(str::lines).count();
    let in_server = diff().iter().filter(|(sign, _)| *sign == '+').count();
    assert_eq!([in_manifest, in_server], [2, 27], "the guide says how many");
    assert!(in_manifest + in_server < 30);
}

#[tokio::test]
async fn the_server_of_the_guide_answers_in_the_mode_that_was_asked_for() {
    let mut browser = Browser::of(oxide_auth_host::router().unwrap());
    let client = Client::asking_for(Some("form_post.jwt"), &mut browser).await;
    let page = browser.decide(&client.request(), "allow").await;
    let code = client.code(&page).await;
    let tokens = browser.redeem(&code, client.code_verifier()).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
}

#[tokio::test]
async fn the_plain_host_answers_plainly_whatever_the_mode() {
    let mut host = Browser::new();
    let client = Client::asking_for(Some("form_post.jwt"), &mut host).await;
    let mut plain = Browser::of(plain::router().unwrap());
    let path = format!(
        "/authorize?{}",
        crate::support::urlencoded(&client.request())
    );
    let form = vec![("decision".to_owned(), "allow".to_owned())];
    let page = plain.post(&path, &form).await;
    assert_eq!(page.status, 302);
    assert!(page.location().unwrap().contains("&code="));
}
