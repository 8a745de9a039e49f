//! Reading fields whose shape has been checked: what does not fit is left out, because it was reported there.

use crate::order::Keys;

use super::Spanned;
use super::table;
use crate::shape;
use crate::text::{Span, in_backticks};
use crate::value::{Key, Value};

/// How long a name may be, and how many there may be, to be compared with what was meant.
const LIMIT_NEAR: usize = 100;

/// The text under a key, with its place.
pub(super) fn text(value: &Value, key: &str) -> Option<Spanned<String>> {
    spanned(value.at(&[key])?)
}

/// The text under a key.
pub(super) fn string(value: &Value, key: &str) -> Option<String> {
    Some(value.at(&[key])?.as_str()?.to_owned())
}

/// The items of the list under a key that are text.
pub(super) fn texts(value: &Value, key: &str) -> Vec<Spanned<String>> {
    items(value, key).iter().filter_map(spanned).collect()
}

/// The items of the list under a key; none where there is no list.
pub(super) fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.at(&[key]).map(Value::items).unwrap_or_default()
}

/// The entries of the mapping under a key; none where there is no mapping.
pub(super) fn entries<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = (&'a Key, &'a Value)> + use<'a> {
    // A list: what every caller does with it is compiled for one kind of iterator, and not for the way to it.
    value.at(&[key]).into_iter().flat_map(Value::entries).collect::<Vec<_>>().into_iter()
}

/// The entries of the mapping under a key whose values are text.
pub(super) fn pairs(value: &Value, key: &str) -> Vec<(String, String)> {
    entries(value, key).filter_map(|(key, value)| Some((key.name.to_string(), value.as_str()?.to_owned()))).collect()
}

/// The seconds of a number under one key with its unit under another.
pub(super) fn seconds(value: &Value, number: &str, unit: &str) -> Option<u32> {
    let number = u32::try_from(value.at(&[number])?.as_int()?).ok()?;
    let unit = value.text_at(&[unit])?;
    let factors = [1, 60, 3600];
    let (_, factor) = table::UNITS.iter().zip(factors).find(|(name, _)| name.eq_ignore_ascii_case(unit))?;
    number.checked_mul(factor)
}

/// The seconds of the period under a key.
pub(super) fn period(value: &Value, key: &str) -> Option<Spanned<u32>> {
    let period = value.at(&[key])?;
    Some(Spanned { value: seconds(period, "duration", "unit")?, span: period.at(&["duration"])?.span })
}

/// Whether the text under a key is `word`, in any case.
pub(super) fn is_word(value: &Value, key: &str, word: &str) -> bool {
    value.text_at(&[key]).is_some_and(|text| text.eq_ignore_ascii_case(word))
}

/// The boolean under a key.
pub(super) fn flag(value: &Value, key: &str) -> Option<bool> {
    value.at(&[key])?.as_bool()
}

/// What to do about a name that is none of the known ones.
pub(super) fn suggest(name: &str, known: &Keys<&str>) -> String {
    if known.is_empty() {
        return "the config has none".to_owned();
    }
    match near(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the config has {}", in_backticks(few(known).copied().take(10))),
    }
}

/// The known name that was meant, where one is near.
pub(super) fn near<'a>(name: &str, known: &Keys<&'a str>) -> Option<&'a str> {
    let is_short = name.len() <= LIMIT_NEAR;
    is_short.then(|| shape::nearest(name, few(known).copied())).flatten()
}

fn few<'a, 'k>(known: &'k Keys<&'a str>) -> impl Iterator<Item = &'k &'a str> {
    known.iter().filter(|name| name.len() <= LIMIT_NEAR).take(LIMIT_NEAR)
}

/// The place of a key, or of the mapping where an alias or a merge supplies it.
pub(super) fn key_span(map: &Value, key: &str) -> Span {
    map.as_map().and_then(|map| map.key(key)).map_or(map.span, |key| key.span)
}

fn spanned(value: &Value) -> Option<Spanned<String>> {
    Some(Spanned { value: value.as_str()?.to_owned(), span: value.span })
}
