//! Scalars as kubectl reads them, and quoting that every reader agrees on.
//!
//! kubectl reads YAML 1.1 scalars with Go's number syntax (`sigs.k8s.io/yaml`, `goyaml.v2/resolve.go`).

use super::words::number;
use std::cmp::Ordering;
use std::rc::Rc;

use crate::value::Data;

/// What a plain scalar means, and what a person may have taken it for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scalar {
    /// `y`, `no`, `on` and the like: a boolean to kubectl, a word to a person and to YAML 1.2.
    Word(bool),
    /// `0755` or `1_000`: a number to kubectl that is not what it looks like.
    Number(i64),
}

/// Reads a plain scalar as kubectl does.
pub fn read_plain(text: &Rc<str>) -> Data {
    read_other(text).unwrap_or_else(|| Data::Str(Rc::clone(text)))
}

/// What a plain scalar means that is no text to kubectl.
fn read_other(text: &str) -> Option<Data> {
    let Some(first) = text.bytes().next() else {
        return Some(Data::Null);
    };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => read_word(text),
        b'.' | b'+' | b'-' | b'0'..=b'9' => read_number(text),
        _ => None,
    }
}

fn read_word(text: &str) -> Option<Data> {
    Some(match text {
        "~" | "null" | "Null" | "NULL" => Data::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Data::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Data::Bool(false),
        _ => return None,
    })
}

fn read_number(text: &str) -> Option<Data> {
    let digits: String;
    let plain = if text.contains('_') && (!text.starts_with('.') || divides_digits(text)) {
        digits = text.replace('_', "");
        digits.as_str()
    } else {
        text
    };
    if let Some(number) = read_int(plain) {
        return Some(number);
    }
    let is_float = is_special(text) || (is_float(plain) && !is_too_large(plain));
    is_float.then(|| Data::Float(plain.into()))
}

/// Whether every `_` stands between two digits, as Go wants it where a number begins with its point.
fn divides_digits(text: &str) -> bool {
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let mut windows = text.as_bytes().windows(3);
    !text.ends_with('_')
        && windows.all(|window| window.get(1) != Some(&b'_') || (is_digit(window.first()) && is_digit(window.last())))
}

/// Whether a text names an infinite number or none at all, which YAML has and JSON has not.
pub(super) fn is_special(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

/// Go's `strconv.ParseInt(text, 0, 64)`, and then its `ParseUint`.
fn read_int(text: &str) -> Option<Data> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = if let Some(hex) = lower.strip_prefix("0x") {
        (16, hex)
    } else if let Some(binary) = lower.strip_prefix("0b") {
        (2, binary)
    } else if let Some(octal) = lower.strip_prefix("0o") {
        (8, octal)
    } else if lower.len() > 1 && lower.starts_with('0') {
        (8, lower.get(1..).unwrap_or_default())
    } else {
        (10, lower.as_str())
    };
    // `from_str_radix` takes a sign of its own, which Go does not allow behind a prefix.
    let first = digits.bytes().next()?;
    if !first.is_ascii_alphanumeric() {
        return None;
    }
    let size = u64::from_str_radix(digits, radix).ok()?;
    let number = if text.starts_with('-') { 0_i64.checked_sub_unsigned(size) } else { i64::try_from(size).ok() };
    match number {
        Some(number) => Some(Data::Int(number)),
        None if text.starts_with(['-', '+']) => None,
        None => Some(Data::Float(size.to_string().into())),
    }
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, and the names of the special numbers.
fn is_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa_fits = match mantissa.split_once('.') {
        Some(("", fraction)) => !fraction.is_empty() && digits(fraction),
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => !mantissa.is_empty() && digits(mantissa),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        let unsigned = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !unsigned.is_empty() && digits(unsigned)
    });
    mantissa_fits && exponent_fits
}

/// The digits of the number from which on Go finds a float too large, half a step above the largest; it has 309.
const TOO_LARGE: &str = "179769313486231580793728971405303415079934132710037826936173";

/// Whether a float is too large for 64 bits: kubectl takes it for text then, as with the hash `12e4567`.
fn is_too_large(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let zeros = whole.bytes().chain(fraction.bytes()).take_while(|byte| *byte == b'0').count();
    if zeros == whole.len() + fraction.len() {
        return false;
    }
    let limit = if exponent.starts_with('-') { i64::MIN / 2 } else { i64::MAX / 2 };
    let exponent = number(exponent).unwrap_or(limit);
    let count = |length: usize| i64::try_from(length).unwrap_or(i64::MAX / 4);
    match exponent.saturating_add(count(whole.len())).saturating_sub(count(zeros)).cmp(&309) {
        Ordering::Less => false,
        Ordering::Greater => true,
        Ordering::Equal => whole.bytes().chain(fraction.bytes()).skip(zeros).ge(TOO_LARGE.bytes()),
    }
}

/// Whether kubectl makes the same text of a float again when it turns a key into text: it takes 32 bits for that.
pub(super) fn is_key_kept(float: &str) -> bool {
    let unsigned = float.strip_prefix('-').unwrap_or(float);
    let Some((whole, fraction)) = unsigned.split_once('.') else { return false };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let is_whole = whole == "0" || (!whole.is_empty() && !whole.starts_with('0'));
    let is_fraction = !fraction.is_empty() && !fraction.ends_with('0');
    // Up to five digits come back as they were, without an exponent.
    is_whole && is_fraction && digits(whole) && digits(fraction) && whole.len() + fraction.len() <= 5
}

/// What is doubtful about a plain scalar: kubectl reads it otherwise than a person would.
pub fn ambiguity(text: &str) -> Option<Scalar> {
    let may_be = |byte: u8| matches!(byte, b'y' | b'Y' | b'n' | b'N' | b'o' | b'O' | b'0'..=b'9' | b'+' | b'-');
    if !text.bytes().next().is_some_and(may_be) {
        return None;
    }
    match read_other(text)? {
        Data::Bool(truth) if !matches!(text, "true" | "True" | "TRUE" | "false" | "False" | "FALSE") => {
            Some(Scalar::Word(truth))
        }
        Data::Int(number) => {
            let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
            let odd = digits.contains('_') || (digits.len() > 1 && digits.starts_with('0'));
            odd.then_some(Scalar::Number(number))
        }
        _ => None,
    }
}

/// Whether a text can stand without quotes in any YAML reader, in block and in flow style.
pub fn is_plain_safe(text: &str) -> bool {
    let mut bytes = text.bytes();
    let starts_well = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_' || byte == b'/');
    starts_well
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/'))
        && read_other(text).is_none()
        && !text.starts_with('.')
}

/// The text in double quotes, with escapes that YAML and JSON share.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                out.extend(["\\u", &format!("{:04x}", c as u32)]);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
