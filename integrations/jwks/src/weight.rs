use jarm_core::jose::JwkSet;
use serde_json::Value;

/// About what a value takes beside its text.
const VALUE: usize = 32;

/// About what an object takes: the nodes of a tree, each for up to eleven members.
const NODE: usize = 640;

/// About how much memory a set takes, in octets.
pub(crate) fn weight(set: &JwkSet) -> usize {
    let keys = set.keys.iter().map(|key| object(key.members()));
    keys.sum()
}

fn object(members: &serde_json::Map<String, Value>) -> usize {
    let nodes = members.len() / 6 + 1; // half full, at worst
    let members = members
        .iter()
        .map(|(name, member)| name.len() + value(member));
    nodes * NODE + members.sum::<usize>()
}

fn value(given: &Value) -> usize {
    VALUE
        + match given {
            Value::Null | Value::Bool(_) | Value::Number(_) => 0,
            Value::String(text) => text.len(),
            Value::Array(all) => all.iter().map(value).sum(),
            Value::Object(members) => object(members),
        }
}
