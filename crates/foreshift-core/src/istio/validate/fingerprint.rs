//! A number for a condition, equal for conditions that say the same.

use crate::value::{Data, Map, Value};

/// Of a match of a route: its name and the order of its keys do not count, nor do keys with `null`.
pub(super) fn of_match(found: &Value) -> u64 {
    found.as_map().map_or(0, |map| entries(map, "name"))
}

fn entries(map: &Map, ignored: &str) -> u64 {
    let counted = map.iter().filter(|(key, value)| *key.name != *ignored && !value.is_null());
    // A sum does not depend on the order.
    counted.fold(0, |sum, (key, value)| sum.wrapping_add(mixed(text(&key.name), of(value))))
}

fn of(value: &Value) -> u64 {
    match &value.data {
        Data::Null => 1,
        Data::Bool(truth) => 2 + u64::from(*truth),
        Data::Int(number) => mixed(4, number.cast_unsigned()),
        Data::Float(number) => mixed(5, text(number)),
        Data::Str(content) => mixed(6, text(content)),
        Data::Seq(items) => items.iter().fold(7, |sum, item| mixed(sum, of(item))),
        Data::Map(map) => mixed(8, entries(map, "")),
    }
}

/// FNV-1a.
fn text(content: &str) -> u64 {
    content.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn mixed(left: u64, right: u64) -> u64 {
    (left.rotate_left(5) ^ right).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
