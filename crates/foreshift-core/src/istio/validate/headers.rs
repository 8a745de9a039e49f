//! Headers: what is added, set and removed, and what a match may name.

use super::at::At;
use super::report::Report;
use super::virtual_service::is_claim;

/// `headers` of a route or destination.
pub(super) fn operations(at: &At, report: &mut Report) {
    let Some(found) = at.get("headers") else {
        return;
    };
    for (side, name_rule) in [("request", authority_allowed as Name), ("response", not_special)] {
        let Some(side) = found.get(side) else {
            continue;
        };
        for key in ["add", "set"] {
            side.entries(key, &mut |name, value| {
                name_rule(name, value, report);
                content(value, report);
            });
        }
        side.each("remove", &mut |name| not_special(name.str(), name, report));
    }
}

type Name = fn(&str, &At, &mut Report);

/// What a request may be given: the authority too.
fn authority_allowed(name: &str, at: &At, report: &mut Report) {
    if !is_authority(name) {
        not_special(name, at, report);
    }
}

fn not_special(name: &str, at: &At, report: &mut Report) {
    if name.is_empty() {
        report.error(at, "is for a header without a name", &[]);
    } else if name.eq_ignore_ascii_case("host") {
        report.error(at, "is for `{}`, which no operation may touch", &[name]);
    } else if name.starts_with(':') {
        report.error(at, "is for `{}`, and a header's name may not begin with `:`", &[name]);
    }
}

fn is_authority(name: &str) -> bool {
    name.eq_ignore_ascii_case(":authority") || name.eq_ignore_ascii_case("host")
}

/// The authority may be written once: by the rewrite, or by one header.
pub(super) fn authority(route: &At, report: &mut Report) {
    let rewrite = route.get("rewrite");
    let mut is_set = rewrite.is_some_and(|rewrite| !rewrite.text("authority").is_empty());
    let Some(headers) = route.get("headers") else {
        return;
    };
    let Some(request) = headers.get("request") else {
        return;
    };
    for key in ["set", "add"] {
        request.entries(key, &mut |name, value| {
            if !is_authority(name) {
                return;
            }
            if is_set {
                report.error(value, "writes the authority a second time", &[]);
            }
            is_set = is_set || !value.str().is_empty();
        });
    }
}

/// The name of a header in a match.
pub(super) fn match_name(name: &str, at: &At, report: &mut Report) {
    if !is_claim(name) {
        plain_name(name, at, report);
    }
}

/// The name of a header: letters, digits, `-` and `_`.
pub(super) fn plain_name(name: &str, at: &At, report: &mut Report) {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if name.is_empty() {
        report.error(at, "has a header without a name", &[]);
    } else if !name.bytes().all(inner) {
        report.error(at, "has `{}`, which is no name of a header", &[name]);
    }
}

/// The value of a header: no control characters, and every `%` begins a variable of Envoy's or is doubled.
fn content(at: &At, report: &mut Report) {
    let text = at.str();
    let is_control = |byte: u8| (byte < 0x20 && byte != b'\t') || byte == 0x7f;
    if text.bytes().any(is_control) {
        report.error(at, "has a control character", &[]);
    } else if !is_format(text) {
        report.error(at, "is `{}`, in which a `%` neither is doubled nor encloses a variable", &[text]);
    }
}

/// Where Envoy's reader of `%VARIABLE%` and `%VARIABLE(["argument"])%` is.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Reading {
    Text,
    Name,
    BeforeArguments,
    BeforeString,
    String,
    BehindString,
    BehindArguments,
    BeforeEnd,
}

fn is_format(text: &str) -> bool {
    let mut reading = Reading::Text;
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        let is_space = byte == b' ';
        reading = match (reading, byte) {
            (Reading::Text, b'%') => match bytes.peek() {
                None => return false,
                Some(b'%') => {
                    bytes.next();
                    Reading::Text
                }
                Some(_) => Reading::Name,
            },
            (Reading::Text, _) | (Reading::Name | Reading::BeforeEnd, b'%') => Reading::Text,
            (Reading::Name, b'(') => Reading::BeforeArguments,
            (Reading::BeforeArguments, b'[') | (Reading::BehindString, b',') => Reading::BeforeString,
            (Reading::BehindString, b']') => Reading::BehindArguments,
            (Reading::String, b'\\') => match bytes.next() {
                None => return false,
                Some(_) => Reading::String,
            },
            (Reading::String | Reading::BehindArguments, b')') => Reading::BeforeEnd,
            (Reading::String, b'"') => Reading::BehindString,
            (Reading::BeforeString, b'"') => Reading::String,
            (Reading::BeforeArguments, _) if !is_space => Reading::String,
            (Reading::Name | Reading::String | Reading::BeforeArguments, _) => reading,
            (_, _) if is_space => reading,
            _ => return false,
        };
    }
    reading == Reading::Text
}
