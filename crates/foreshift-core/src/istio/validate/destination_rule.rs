//! A `DestinationRule` as a whole.

use super::at::At;
use super::report::Report;
use super::seen::Seen;
use super::{destination, names, traffic_policy, visibility};

/// Every rule of the webhook.
pub(super) fn check(spec: &At, namespace: &str, report: &mut Report) {
    match spec.get("host") {
        None => report.error(spec, "has no `host`", &[]),
        Some(host) => {
            if let Err((wrong, word)) = names::wildcard_domain(host.str()) {
                report.error(&host, wrong, &[word]);
            }
        }
    }
    traffic_policy::check(spec, namespace, report);
    subsets(spec, namespace, report);
    visibility::check(spec, namespace, report);
    let Some(selector) = spec.get("workloadSelector") else {
        return;
    };
    visibility::own_namespace_only(spec, namespace, report);
    let labels = selector.get("matchLabels").and_then(|labels| labels.value.as_map());
    if labels.is_none_or(crate::value::Map::is_empty) {
        report.warn(&selector, "has no labels, and so selects every workload", &[]);
    }
}

fn subsets(spec: &At, namespace: &str, report: &mut Report) {
    let mut seen = Seen::default();
    spec.each("subsets", &mut |subset| {
        let name = subset.text("name");
        if !seen.is_new(name) {
            report.error(subset, "is a second subset `{}`", &[name]);
        }
        if let Some(name) = subset.get("name") {
            destination::subset_name(&name, report);
        }
        names::pod_labels(subset, "labels", report);
        traffic_policy::check(subset, namespace, report);
    });
}
