//! `corsPolicy`.

use super::at::At;
use super::report::Report;
use super::{headers, matches, time};

const METHODS: &[&str] = &["*", "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];

pub(super) fn check(route: &At, report: &mut Report) {
    let Some(policy) = route.get("corsPolicy") else {
        return;
    };
    policy.each("allowOrigins", &mut |origin| {
        let is_empty = ["exact", "prefix", "regex"].iter().all(|key| origin.text(key).is_empty());
        if is_empty {
            report.error(origin, "is an empty origin", &[]);
        } else {
            matches::pattern(origin, report);
        }
    });
    policy.each("allowMethods", &mut |method| {
        if !METHODS.contains(&method.str()) {
            report.error(method, "is `{}`, which is no HTTP method", &[method.str()]);
        }
    });
    for key in ["allowHeaders", "exposeHeaders"] {
        policy.each(key, &mut |name| {
            if name.str() != "*" {
                headers::plain_name(name.str(), name, report);
            }
        });
    }
    time::check(&policy, "maxAge", report);
    time::seconds(&policy, "maxAge", report);
}
