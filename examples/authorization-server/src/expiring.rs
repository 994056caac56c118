//! A map in memory that forgets.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jarm::clock::UnixTime;

/// Values by name, each until a time. A full map forgets what would expire first.
pub(crate) struct Expiring<V> {
    entries: Mutex<HashMap<String, (V, UnixTime)>>,
    capacity: usize,
}

impl<V: Clone> Expiring<V> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            entries: Mutex::new(HashMap::new()),
            capacity,
        }
    }

    pub(crate) fn insert(&self, name: String, value: V, expires_at: UnixTime, now: UnixTime) {
        let mut entries = self.entries();
        if entries.len() >= self.capacity {
            entries.retain(|_, (_, end)| *end > now);
        }
        if entries.len() >= self.capacity {
            let first = entries
                .iter()
                .min_by_key(|(_, (_, end))| *end)
                .map(|(name, _)| name.clone());
            first.and_then(|name| entries.remove(&name));
        }
        entries.insert(name, (value, expires_at));
    }

    pub(crate) fn get(&self, name: &str, now: UnixTime) -> Option<V> {
        let entries = self.entries();
        entries
            .get(name)
            .filter(|(_, end)| *end > now)
            .map(|(value, _)| value.clone())
    }

    /// Changes a value, if it is there still.
    pub(crate) fn change(&self, name: &str, change: impl FnOnce(&mut V)) {
        if let Some((value, _)) = self.entries().get_mut(name) {
            change(value);
        }
    }

    /// Takes a value out, so that it is had once.
    pub(crate) fn take(&self, name: &str, now: UnixTime) -> Option<V> {
        self.entries()
            .remove(name)
            .filter(|(_, end)| *end > now)
            .map(|(value, _)| value)
    }

    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.entries().is_empty()
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<String, (V, UnixTime)>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V> fmt::Debug for Expiring<V> {
    /// The names are codes and session ids.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expiring")
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_taken_once_and_before_its_time() {
        let (map, at) = (Expiring::new(2), UnixTime::from_seconds);
        map.insert("a".into(), 1, at(10), at(0));
        assert_eq!(map.get("a", at(9)), Some(1));
        assert_eq!(map.take("a", at(9)), Some(1));
        assert_eq!(map.take("a", at(9)), None);
        map.insert("b".into(), 2, at(10), at(0));
        assert_eq!((map.get("b", at(10)), map.take("b", at(10))), (None, None));
    }

    #[test]
    fn a_full_map_forgets_what_expires_first() {
        let (map, at) = (Expiring::new(2), UnixTime::from_seconds);
        for (name, end) in [("a", 20), ("b", 10), ("c", 30)] {
            map.insert(name.into(), end, at(end), at(0));
        }
        assert_eq!(
            [
                map.get("a", at(0)),
                map.get("b", at(0)),
                map.get("c", at(0))
            ],
            [Some(20), None, Some(30)]
        );
    }

    #[test]
    fn a_value_is_changed_while_it_is_there_and_comes_back_by_no_change() {
        let (map, at) = (Expiring::new(2), UnixTime::from_seconds);
        map.insert("a".into(), 1, at(10), at(0));
        map.change("a", |value| *value = 2);
        assert_eq!(map.take("a", at(9)), Some(2));
        map.change("a", |value| *value = 3);
        assert_eq!(map.get("a", at(9)), None);
    }

    #[test]
    fn debug_shows_neither_names_nor_values() {
        let (map, at) = (Expiring::new(2), UnixTime::from_seconds);
        map.insert("canary".into(), "canary", at(10), at(0));
        assert_eq!(format!("{map:?}"), "Expiring { capacity: 2, .. }");
    }
}
