//! `localityLbSetting`: where requests go by region, zone and subzone.

use super::at::At;
use super::report::Report;

const TOPOLOGY: &[&str] =
    &["topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone"];

/// With how many localities one is compared. More than 100 cannot have whole shares that add up to 100.
const MOST_COMPARED: usize = 100;

/// Every rule. `has_outliers` says whether the policy around it has `outlierDetection`.
pub(super) fn check(setting: &At, has_outliers: bool, report: &mut Report) {
    let has_failover = setting.has_items("failover");
    if has_failover && setting.has_items("distribute") {
        report.error(setting, "has both `distribute` and `failover`", &[]);
        return;
    }
    if has_failover && let Some(label) = topology_priority(setting) {
        report.error(setting, "has both `failover` and `{}` in `failoverPriority`", &[label]);
        return;
    }
    if !distribute(setting, report) {
        return;
    }
    if (has_failover || setting.has_items("failoverPriority")) && !has_outliers {
        report.warn(setting, "does nothing without `outlierDetection`", &[]);
    }
    setting.each("failover", &mut |failover| regions(failover, report));
}

fn topology_priority(setting: &At) -> Option<&'static str> {
    let priority = setting.get("failoverPriority")?;
    let mut labels = priority.value.items().iter().filter_map(|label| label.as_str());
    labels.find_map(|label| TOPOLOGY.iter().find(|known| **known == label).copied())
}

fn regions(failover: &At, report: &mut Report) {
    let (from, to) = (failover.text("from"), failover.text("to"));
    if from == to {
        report.error(failover, "leads from `{}` to itself", &[from]);
    }
    for region in [from, to] {
        if region.contains('/') {
            report.error(failover, "has `{}`, which is more than a region", &[region]);
        }
        if region.contains('*') {
            report.error(failover, "has `{}`, and a region here is no wildcard", &[region]);
        }
    }
}

/// Whether nothing was wrong that makes Istio stop.
fn distribute(setting: &At, report: &mut Report) -> bool {
    let Some(list) = setting.get("distribute") else {
        return true;
    };
    let mut sources = Vec::new();
    for index in 0..list.value.items().len() {
        let Some(entry) = list.nth(index) else {
            continue;
        };
        let from = entry.text("from");
        if let Some(wrong) = overlap(&sources, from) {
            report.error(&entry, wrong, &[from]);
        }
        sources.push(from);
        if !shares(&entry, report) {
            return false;
        }
    }
    true
}

fn shares(entry: &At, report: &mut Report) -> bool {
    let mut total = 0;
    let mut is_in_range = true;
    let mut targets = Vec::new();
    entry.entries("to", &mut |locality, share| {
        let weight = share.value.as_int().unwrap_or_default();
        if !(1..=100).contains(&weight) {
            report.error(share, "is `{}`, which is no share from 1 to 100", &[&weight.to_string()]);
            is_in_range = false;
        }
        total += weight;
        if let Some(wrong) = overlap(&targets, locality) {
            report.error(share, wrong, &[locality]);
        }
        targets.push(locality);
    });
    if is_in_range && total != 100 {
        report.error(entry, "has shares in `to` that add up to {} instead of 100", &[&total.to_string()]);
    }
    is_in_range && total == 100
}

/// What is wrong with a locality, alone or after those `before` it.
fn overlap(before: &[&str], locality: &str) -> Option<&'static str> {
    let stars = locality.matches('*').count();
    if stars > 1 || (stars == 1 && !locality.ends_with('*')) {
        return Some("has `{}`, and a wildcard stands once and at the end");
    }
    if parts(locality).any(str::is_empty) {
        return Some("has `{}`, in which a part is empty");
    }
    // Istio keeps what it saw as a tree: a shorter name covers what is below it, in the order of the text.
    let covers = |other: &&str| {
        let mut wanted = parts(locality);
        parts(other).all(|part| part == "*" || wanted.next() == Some(part))
    };
    let same_region = |other: &&str| parts(locality).count() == 1 && parts(other).next() == Some(locality);
    let same_zone = |other: &&str| parts(locality).count() == 2 && parts(other).take(2).eq(parts(locality));
    before
        .iter()
        .take(MOST_COMPARED)
        .any(|other| covers(other) || same_region(other) || same_zone(other))
        .then_some("has `{}`, which overlaps with a locality before it")
}

fn parts(locality: &str) -> std::str::SplitN<'_, char> {
    locality.splitn(3, '/')
}
