//! Transactions in memory, and the cookie by which a browser finds its own.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its fixture too"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jarm_core::client::{InMemoryTransactions, Transaction};
use jarm_core::clock::{Clock, UnixTime};
use jarm_core::jose::{RandomSource, RandomSourceError};

/// A clock that is moved by hand.
#[derive(Debug, Default)]
struct Moved(AtomicU64);

impl Moved {
    fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Clock for Moved {
    fn now(&self) -> UnixTime {
        UnixTime::from_seconds(self.0.load(Ordering::Relaxed))
    }
}

/// Octets that repeat a number.
#[derive(Debug)]
struct Number(u16);

impl RandomSource for Number {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomSourceError> {
        for (octet, own) in buffer.iter_mut().zip(self.0.to_be_bytes().iter().cycle()) {
            *octet = *own;
        }
        Ok(())
    }
}

fn transaction(number: u16) -> Transaction {
    let (issuer, client_id) = ("https://as.example", "cid");
    let (issuer, client_id) = (issuer.parse().unwrap(), client_id.parse().unwrap());
    Transaction::begin(issuer, client_id, &Number(number)).unwrap()
}

/// Keeps a transaction and returns what the browser is given.
fn keep(transactions: &InMemoryTransactions, number: u16) -> String {
    let (name, value) = transactions.keep(transaction(number));
    assert_eq!(name, "set-cookie");
    value
}

/// What a browser with this cookie takes out.
fn take(transactions: &InMemoryTransactions, set: &str) -> Option<Transaction> {
    let (pair, _) = set.split_once(';').unwrap();
    transactions.take([pair])
}

#[test]
fn the_cookie_is_for_its_host_alone() {
    let id = transaction(1).id();
    assert_eq!(
        keep(&InMemoryTransactions::new(), 1),
        format!("__Host-transaction={id}; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure")
    );
    assert_eq!(
        keep(&InMemoryTransactions::without_https(), 1),
        format!("transaction={id}; Path=/; Max-Age=600; HttpOnly; SameSite=Lax")
    );
}

#[test]
fn a_transaction_is_taken_once_within_ten_minutes() {
    for (minutes, is_found) in [(0, true), (9, true), (10, false), (11, false)] {
        let clock = Arc::new(Moved::default());
        let transactions = InMemoryTransactions::new().clock(clock.clone());
        let set = keep(&transactions, 1);
        clock.advance(60 * minutes);
        let found = take(&transactions, &set);
        let expected = is_found.then(|| transaction(1));
        assert_eq!(found, expected, "after {minutes} minutes");
        assert_eq!(take(&transactions, &set), None);
    }
}

#[test]
fn each_browser_takes_its_own() {
    let transactions = InMemoryTransactions::without_https();
    let sets = [1, 2, 3].map(|number| keep(&transactions, number));
    for (number, set) in [(2, &sets[1]), (3, &sets[2]), (1, &sets[0])] {
        assert_eq!(take(&transactions, set), Some(transaction(number)));
    }
}

#[test]
fn of_more_than_10_000_the_oldest_are_dropped() {
    let transactions = InMemoryTransactions::new();
    let sets: Vec<_> = (0..10_002).map(|one| keep(&transactions, one)).collect();
    let found = |at: usize| take(&transactions, sets.get(at).unwrap()).is_some();
    assert!(!found(0) && !found(1));
    assert!(found(2) && found(10_001));
}

#[test]
fn those_that_have_expired_make_room() {
    let clock = Arc::new(Moved::default());
    let transactions = InMemoryTransactions::new().clock(clock.clone());
    for number in 0..10_000 {
        keep(&transactions, number);
    }
    clock.advance(599);
    let young = keep(&transactions, 10_000);
    clock.advance(1);
    for number in 10_001..20_000 {
        keep(&transactions, number);
    }
    assert!(take(&transactions, &young).is_some());
}

#[test]
fn the_cookie_is_found_among_others() {
    let own = format!("__Host-transaction={}", transaction(1).id());
    let own = own.as_str();
    let stale = format!("__Host-transaction={}", transaction(2).id());
    for headers in [
        vec![format!("a=1; {own}; b=2")],
        vec![format!("a=1;{own};b=2")],
        vec![format!("{stale}; {own}")],
        vec!["a=1".to_owned(), own.to_owned(), "b=2".to_owned()],
        vec![stale.clone(), own.to_owned()],
        vec![format!("name=J\u{fc}rgen; {own}")],
    ] {
        let transactions = InMemoryTransactions::new();
        keep(&transactions, 1);
        let found = transactions.take(&headers);
        assert_eq!(found, Some(transaction(1)), "{headers:?}");
    }
    let latin = [b"name=J\xfcrgen; ", own.as_bytes()].concat();
    let transactions = InMemoryTransactions::new();
    keep(&transactions, 1);
    assert!(transactions.take([latin]).is_some());
    assert!(transactions.take([""; 0]).is_none());
}

#[test]
fn a_host_beside_cannot_plant_the_cookie_under_a_name_that_looks_alike() {
    let transactions = InMemoryTransactions::new();
    keep(&transactions, 1);
    let own = format!("__Host-transaction={}", transaction(1).id());
    for before in ["\u{3000}", "\u{2000}", "\u{a0}", "\u{85}", "\t", "\""] {
        let planted = format!("a=1; {before}{own}");
        let found = transactions.take([planted]);
        assert_eq!(found, None, "{before:?}");
    }
    assert!(transactions.take([own]).is_some());
}

#[test]
fn debug_shows_no_transaction() {
    let transactions = InMemoryTransactions::new();
    keep(&transactions, 1);
    let shown = format!("{transactions:?}");
    assert!(!shown.contains(&transaction(1).id()), "{shown}");
}
