//! What the schemas say beyond types: rules in CEL, formats, lengths.

use crate::istio::duration;
use crate::istio::number::Decimal;
use crate::value::{Data, Value};

/// A duration as Go and CEL read it, at least a millisecond long.
pub(super) fn duration(value: &Value) -> Option<&'static str> {
    let nanos = value.as_str().and_then(duration::nanos);
    (nanos.is_none_or(|nanos| nanos < 1_000_000))
        .then_some("has to be a duration of at least a millisecond, such as `1.5s`")
}

/// Bytes in base64.
pub(super) fn base64(value: &Value) -> Option<&'static str> {
    let text = value.as_str()?;
    let body = text.trim_end_matches('=');
    let padding = text.len() - body.len();
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    (padding > 2 || text.len() % 4 != 0 || !body.bytes().all(is_digit)).then_some("has to be base64")
}

/// A number that is not negative.
pub(super) fn not_negative(value: &Value) -> Option<&'static str> {
    is_below(value, Decimal::ZERO).then_some("is below 0")
}

/// A number from 0 to 100.
pub(super) fn percent(value: &Value) -> Option<&'static str> {
    (is_below(value, Decimal::ZERO) || is_above(value, Decimal::HUNDRED)).then_some("is not between 0 and 100")
}

fn is_below(value: &Value, limit: Decimal) -> bool {
    Decimal::of(value).is_some_and(|number| number < limit)
}

fn is_above(value: &Value, limit: Decimal) -> bool {
    Decimal::of(value).is_some_and(|number| number > limit)
}

/// No more than 4096 ports.
pub(super) fn ports(value: &Value) -> Option<&'static str> {
    (value.items().len() > 4096).then_some("has more than 4096 entries")
}

/// The labels of a selector: no wildcards, no empty key, no value over 63 bytes, no more than 4096.
pub(super) fn selector(value: &Value) -> Option<&'static str> {
    let Data::Map(map) = &value.data else {
        return None;
    };
    if map.len() > 4096 {
        return Some("has more than 4096 entries");
    }
    map.iter().find_map(|(key, value)| {
        let text = value.as_str().unwrap_or_default();
        if key.name.is_empty() {
            Some("has an empty key")
        } else if key.name.contains('*') || text.contains('*') {
            Some("has a wildcard, and a selector knows none")
        } else if text.chars().count() > 63 {
            Some("has a value of more than 63 characters")
        } else {
            None
        }
    })
}
