//! The conditions of an http route.

use super::at::At;
use super::names;
use super::report::Report;
use super::{headers, regex};

/// The longest pattern.
const LIMIT: usize = 1024;

/// One entry of `match`.
pub(super) fn http(found: &At, report: &mut Report) {
    found.entries("headers", &mut |name, header| {
        headers::match_name(name, header, report);
        text(header, report);
    });
    found.entries("withoutHeaders", &mut |name, header| {
        headers::match_name(name, header, report);
        // Here `*` is no pattern, but says that the header is there at all.
        if header.text("regex") != "*" {
            text(header, report);
        }
    });
    if let Some(uri) = found.get("uri") {
        pattern(&uri, report);
    }
    for key in ["scheme", "method", "authority"] {
        if let Some(part) = found.get(key) {
            text(&part, report);
        }
    }
    found.entries("queryParams", &mut |_, parameter| text(parameter, report));
    layer4(found, report);
    let namespace = found.text("sourceNamespace");
    if !namespace.is_empty()
        && !names::is_label(namespace)
        && let Some(at) = found.get("sourceNamespace")
    {
        report.error(&at, "is `{}`, which is no namespace", &[namespace]);
    }
}

/// What the conditions of every protocol have.
pub(super) fn layer4(found: &At, report: &mut Report) {
    if found.int("port") != 0
        && let Some(port) = found.get("port")
    {
        names::port(&port, report);
    }
    names::pod_labels(found, "sourceLabels", report);
    names::gateways(found, report);
}

/// A condition on a text, where an empty prefix is none.
fn text(at: &At, report: &mut Report) {
    if let Some(prefix) = at.get("prefix")
        && prefix.str().is_empty()
    {
        report.error(&prefix, "is an empty prefix", &[]);
    }
    pattern(at, report);
}

/// The pattern of a condition on a text.
pub(super) fn pattern(at: &At, report: &mut Report) {
    let Some(found) = at.get("regex") else { return };
    if found.str().is_empty() {
        report.error(&found, "is an empty pattern", &[]);
    } else {
        expression(&found, report);
    }
}

/// A regular expression in RE2's syntax.
pub(super) fn expression(at: &At, report: &mut Report) {
    let pattern = at.str();
    if pattern.len() > LIMIT {
        report.error(at, "is a pattern of more than 1024 bytes", &[]);
    } else if let Err(wrong) = regex::check(pattern) {
        report.error(at, "is `{}`, which is no pattern in RE2's syntax: {}", &[pattern, wrong]);
    }
}
