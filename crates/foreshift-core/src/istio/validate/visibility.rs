//! `exportTo`: which namespaces see an object.

use super::at::At;
use super::names;
use super::report::Report;
use super::seen::Seen;

/// The rules for every kind.
pub(super) fn check(spec: &At, namespace: &str, report: &mut Report) {
    let Some(list) = spec.get("exportTo") else {
        return;
    };
    let mut seen = Seen::default();
    spec.each("exportTo", &mut |entry| {
        let target = expand(entry.str(), namespace);
        if !seen.is_new(target) {
            report.error(entry, "has `{}` a second time", &[entry.str()]);
        } else if target == "~" {
            report.error(entry, "is `~`, which only a `ServiceEntry` may have", &[]);
        } else if target != "*" && !names::is_label(target) {
            report.error(entry, "is `{}`, which is neither `.` nor `*` nor a namespace", &[target]);
        }
    });
    let has_all = list.value.items().iter().any(|entry| entry.as_str() == Some("*"));
    if has_all && list.value.items().len() > 1 {
        report.error(&list, "has `*` and something else", &[]);
    }
}

/// A rule for selected workloads is for its own namespace alone.
pub(super) fn own_namespace_only(spec: &At, namespace: &str, report: &mut Report) {
    let Some(list) = spec.get("exportTo") else {
        return;
    };
    let entries = || list.value.items().iter().filter_map(|entry| entry.as_str());
    let count = entries().count();
    if count == 0 {
        return;
    }
    if !entries().any(|entry| expand(entry, namespace) == namespace) {
        report.error(&list, "leaves its namespace, although the object has a `workloadSelector`", &[]);
    } else if count > 1 {
        report.error(&list, "has more than its own namespace, although the object has a `workloadSelector`", &[]);
    }
}

fn expand<'a>(entry: &'a str, namespace: &'a str) -> &'a str {
    if entry == "." { namespace } else { entry }
}
