//! What a route does other than pass a request on: redirect, answer, rewrite.

use super::at::At;
use super::matches;
use super::names;
use super::report::Report;

/// `redirect`. Istio stops at the first thing that is wrong.
pub(super) fn redirect(route: &At, report: &mut Report) {
    let Some(found) = route.get("redirect") else {
        return;
    };
    let is_text = |key: &&str| !found.text(key).is_empty();
    let is_there = |key: &&str| found.has(key);
    if !["uri", "authority", "scheme"].iter().any(is_text) && !["port", "derivePort"].iter().any(is_there) {
        report.error(&found, "has neither `uri` nor `authority` nor `scheme` nor a port", &[]);
        return;
    }
    let code = found.int("redirectCode");
    let scheme = found.text("scheme");
    if code != 0 && !(300..400).contains(&code) {
        report.error(&found, "has the `redirectCode` `{}`, which is none of 300 to 399", &[&code.to_string()]);
    } else if !matches!(scheme, "" | "http" | "https") {
        report.error(&found, "has the `scheme` `{}`, which is neither `http` nor `https`", &[scheme]);
    } else if found.int("port") > 0
        && let Some(port) = found.get("port")
    {
        names::port(&port, report);
    }
}

/// `directResponse`.
pub(super) fn direct_response(route: &At, report: &mut Report) {
    let Some(found) = route.get("directResponse") else {
        return;
    };
    if let Some(body) = found.get("body") {
        let size = body_size(&body);
        if size > 1 << 20 {
            report.error(&body, "is larger than a mebibyte", &[]);
        } else if size > 100 << 10 {
            report.warn(&body, "is larger than 100 KiB, which weighs on the control plane", &[]);
        }
    }
    if let Some(status) = found.get("status") {
        self::status(&status, report);
    }
}

fn body_size(body: &At) -> usize {
    let bytes = body.text("bytes");
    let padding = bytes.len() - bytes.trim_end_matches('=').len();
    body.text("string").len() + (bytes.len() / 4 * 3).saturating_sub(padding)
}

/// A status that Envoy can answer with. Istio lets 600 pass too.
pub(super) fn status(at: &At, report: &mut Report) {
    let status = at.value.as_int().unwrap_or_default();
    if !(200..=600).contains(&status) {
        report.error(at, "is `{}`, which is no status from 200 to 599", &[&status.to_string()]);
    }
}

/// `rewrite`.
pub(super) fn rewrite(route: &At, report: &mut Report) {
    let Some(found) = route.get("rewrite") else {
        return;
    };
    let has_uri = !found.text("uri").is_empty();
    let Some(regex) = found.get("uriRegexRewrite") else {
        if !has_uri && found.text("authority").is_empty() {
            report.error(&found, "has neither `uri` nor `uriRegexRewrite` nor `authority`", &[]);
        }
        return;
    };
    if has_uri {
        report.error(&found, "has both `uri` and `uriRegexRewrite`", &[]);
        return;
    }
    if regex.text("match").is_empty() || regex.text("rewrite").is_empty() {
        report.error(&regex, "needs both `match` and `rewrite`", &[]);
    } else if let Some(pattern) = regex.get("match") {
        matches::expression(&pattern, report);
    }
}
