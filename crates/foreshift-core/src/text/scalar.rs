//! Scalars as kubectl reads them, and quoting that every reader agrees on.
//!
//! kubectl reads YAML 1.1 scalars with Go's number syntax (`sigs.k8s.io/yaml`, `goyaml.v2/resolve.go`).

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
pub fn read_plain(text: &str) -> Data {
    let Some(first) = text.bytes().next() else {
        return Data::Null;
    };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => read_word(text),
        b'.' | b'+' | b'-' | b'0'..=b'9' => read_number(text),
        _ => Data::Str(text.to_owned()),
    }
}

fn read_word(text: &str) -> Data {
    match text {
        "~" | "null" | "Null" | "NULL" => Data::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Data::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Data::Bool(false),
        _ => Data::Str(text.to_owned()),
    }
}

fn read_number(text: &str) -> Data {
    let digits: String;
    let plain = if text.contains('_') && !text.starts_with('.') {
        digits = text.replace('_', "");
        digits.as_str()
    } else {
        text
    };
    if let Some(number) = read_int(plain) {
        return Data::Int(number);
    }
    if is_float(plain) { Data::Float(plain.to_owned()) } else { Data::Str(text.to_owned()) }
}

/// Go's `strconv.ParseInt(text, 0, 64)`.
fn read_int(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
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
    i64::from_str_radix(&format!("{sign}{digits}"), radix).ok()
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

/// What is doubtful about a plain scalar: kubectl reads it otherwise than a person would.
pub fn ambiguity(text: &str) -> Option<Scalar> {
    let may_be = |byte: u8| matches!(byte, b'y' | b'Y' | b'n' | b'N' | b'o' | b'O' | b'0'..=b'9' | b'+' | b'-');
    if !text.bytes().next().is_some_and(may_be) {
        return None;
    }
    match read_plain(text) {
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
        && matches!(read_plain(text), Data::Str(_))
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
