//! Where requests go: hosts, subsets, weights, mirrors.

use super::at::At;
use super::headers;
use super::names;
use super::report::Report;
use crate::istio::number::Decimal;

/// The destinations under `route`, of any protocol: each weight from 0, and not all of several 0.
pub(super) fn weighted(route: &At, report: &mut Report) {
    let mut total = 0_i64;
    let mut count = 0;
    route.each("route", &mut |found| {
        headers::operations(found, report);
        check(found, "destination", report);
        let weight = found.int("weight");
        if weight < 0
            && let Some(at) = found.get("weight")
        {
            report.error(&at, "is `{}`, which is below 0", &[&weight.to_string()]);
        }
        total += weight;
        count += 1;
    });
    if count > 1
        && total == 0
        && let Some(list) = route.get("route")
    {
        report.error(&list, "has several destinations whose weights add up to 0", &[]);
    }
}

/// The destination under a key.
fn check(at: &At, key: &str, report: &mut Report) {
    let Some(found) = at.get(key) else { return };
    if let Some(host) = found.get("host") {
        let name = host.str();
        if name == "*" {
            report.error(&host, "is `*`, which is no destination", &[]);
        } else if let Err((wrong, word)) = names::wildcard_domain(name) {
            report.error(&host, wrong, &[word]);
        }
    }
    if let Some(subset) = found.get("subset")
        && !subset.str().is_empty()
    {
        subset_name(&subset, report);
    }
    let Some(port) = found.get("port") else {
        return;
    };
    match port.get("number") {
        Some(number) => names::port(&number, report),
        None => report.error(&port, "has no `number`", &[]),
    }
}

/// The name of a subset.
pub(super) fn subset_name(at: &At, report: &mut Report) {
    let name = at.str();
    if name.is_empty() {
        report.error(at, "is an empty name of a subset", &[]);
    } else if !names::is_label(name) {
        report.error(at, "is `{}`, which is no name of a subset", &[name]);
    }
}

/// `mirror` and what belongs to it.
pub(super) fn mirror(route: &At, report: &mut Report) {
    for key in ["mirrorPercent", "mirror_percent"] {
        let Some(found) = route.get(key) else {
            continue;
        };
        if found.value.as_int().is_some_and(|percent| percent > 100) {
            report.error(&found, "is over 100", &[]);
        }
        report.warn(&found, "is deprecated; use `mirrorPercentage`", &[]);
    }
    percentage(route, "mirrorPercentage", report);
    check(route, "mirror", report);
}

/// `mirrors`.
pub(super) fn mirrors(route: &At, report: &mut Report) {
    route.each("mirrors", &mut |found| {
        check(found, "destination", report);
        percentage(found, "percentage", report);
    });
}

fn percentage(at: &At, key: &str, report: &mut Report) {
    let Some(found) = at.get(key) else { return };
    let Some(value) = found.get("value") else {
        return;
    };
    let Some(number) = Decimal::of(value.value) else {
        return;
    };
    if number > Decimal::HUNDRED || number < Decimal::ZERO {
        report.error(&value, "is not between 0 and 100", &[]);
    }
}
