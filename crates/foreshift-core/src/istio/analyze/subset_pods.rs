//! Subsets that select no pod. Needs every pod, or the workloads that make them.

use super::known_hosts::KnownHosts;
use super::objects::{Objects, Resource};
use super::{Analysis, Rule};
use crate::diagnostic::Severity;
use crate::istio::destination_rule;
use crate::kubernetes::{Labels, labels_of, selects};

const NO_PODS: Rule = Rule("IST0173", Severity::Error);

/// Where a pod runs, as labels of its node that istiod counts as the pod's.
const TOPOLOGY: &[&str] =
    &["topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone"];

/// IST0173: a subset whose labels no pod has. As in istioctl, pods of every namespace count, and a Service's own
/// selector does not; the template of a workload counts as a pod. A rule whose host is known to be unknown is left
/// to IST0174.
pub fn subset_pods(objects: &Objects) -> Vec<Analysis> {
    let known = KnownHosts::new(objects);
    let pods: Vec<Labels> = objects.workloads().map(|workload| pod_labels(objects, &workload)).collect();
    let mut found = Vec::new();
    for rule in objects.destination_rules() {
        let host = known.find(&rule, destination_rule::host(rule.value));
        if host.is_none() && !known.is_empty() {
            continue;
        }
        let of_host = labels_of(host.and_then(|host| host.selector));
        for subset in destination_rule::subsets(rule.value) {
            let mut selector = of_host.clone();
            selector.put_all(subset.labels());
            if !pods.iter().any(|pod| selects(&selector, pod)) {
                let template = "has the subset `{}`, whose labels no pod has";
                found.push(NO_PODS.found(&rule, subset.span(), template, &[subset.name]));
            }
        }
    }
    found
}

fn pod_labels(objects: &Objects, workload: &Resource) -> Labels {
    if workload.kind != "Pod" {
        return labels_of(workload.value.at(&["spec", "template", "metadata", "labels"]));
    }
    let mut labels = labels_of(workload.value.at(&["metadata", "labels"]));
    let Some(name) = workload.value.text_at(&["spec", "nodeName"]) else {
        return labels;
    };
    labels.insert("kubernetes.io/hostname".to_owned(), name.to_owned());
    let node = objects.of("", "Node").find(|node| node.name == name);
    let of_node = labels_of(node.and_then(|node| node.value.at(&["metadata", "labels"])));
    for key in TOPOLOGY {
        if let Some(value) = of_node.get(*key).filter(|value| !value.is_empty()) {
            labels.insert((*key).to_owned(), value.clone());
        }
    }
    labels
}
