//! `docs/oauth-as.md` shows this host.

const GUIDE: &str = include_str!("../../../../docs/oauth-as.md");
const SOURCES: [&str; 3] = [
    include_str!("../../src/authorize.rs"),
    include_str!("../../src/consent.rs"),
    include_str!("../../src/jarm_server.rs"),
];

fn has(source: &str, block: &str) -> bool {
    let mut lines = source.lines().map(str::trim);
    block
        .lines()
        .all(|shown| lines.any(|own| own == shown.trim()))
}

#[test]
fn every_block_of_the_guide_is_code_of_the_host() {
    let blocks = GUIDE.split("```rust\n").skip(1);
    let blocks: Vec<_> = blocks
        .map(|rest| rest.split_once("```").unwrap().0)
        .collect();
    assert_eq!(blocks.len(), SOURCES.len());
    for block in blocks {
        assert!(SOURCES.iter().any(|own| has(own, block)), "{block}");
    }
}
