//! Who belongs together: the Service behind a host, and the Deployment behind a Service.

use super::workload::is_left_behind;
use super::{Pair, World};
use crate::diagnostic::{Code, Diagnostic};
use crate::istio::{destination_rule, host};
use crate::kubernetes::{Key, Labels, Object, labels_of, pod_labels, selects};
use crate::text::in_backticks;

/// The Deployment of the manifests whose pods a pair's active subset selects.
pub(super) fn workload_of(pair: &Pair, world: &World, diagnostics: &mut Vec<Diagnostic>) -> Option<Key> {
    let rule = world.wanted(&pair.destination_rule)?;
    let subset = destination_rule::subset(&rule.value, &pair.active_name)?;
    let service = service_of(&pair.host, world);
    let selector = selector_of(service, &subset.labels());
    if service.is_none() {
        // Several pairs of one host have one Service.
        let message = format!(
            "the Service of `{}` is not given: the subset `{}` alone decides which pods it is about",
            pair.host, subset.name
        );
        if !diagnostics.iter().any(|known| known.message == message) {
            diagnostics.push(
                Diagnostic::new(Code::ServiceUnknown, pair.span, message)
                    .help("give it with the manifests or as what runs now"),
            );
        }
    }
    let wanted = joined(&selector, &subset.labels());
    // A Service selects pods of its own namespace only.
    let is_near = |key: &Key| host::namespace(&pair.host).is_none_or(|namespace| namespace == key.namespace);
    let deployments = world.included.iter().filter(|object| is_deployment(&object.key) && is_near(&object.key));
    let deployments: Vec<&Object> = deployments.collect();
    let fits = |object: &&&Object| object.template().is_some_and(|template| selects(&wanted, &pod_labels(template)));
    let found: Vec<&&Object> = deployments.iter().filter(fits).collect();
    match found.as_slice() {
        [only] => {
            let key = only.key.clone();
            refuse_if_others_are_cut_off(pair, world, &key, &wanted, diagnostics)?;
            Some(key)
        }
        [] => {
            diagnostics.push(no_workload(pair, world, &deployments, &selector, &subset.labels()));
            None
        }
        several => {
            let names = in_backticks(several.iter().map(|object| object.key.name.as_str()));
            let message = format!("the subset `{}` selects the pods of several Deployments: {names}", subset.name);
            diagnostics.push(Diagnostic::new(Code::WorkloadAmbiguous, subset.span(), message).help(
                "a pin selects one revision of one of them: give the subset a label that only its Deployment has",
            ));
            None
        }
    }
}

/// The Service whose name a host is.
pub(crate) fn service_of<'a>(host: &str, world: &'a World) -> Option<&'a Object> {
    let (name, rest) = host.split_once('.')?;
    let namespace = rest.strip_suffix(".svc.cluster.local")?;
    let key = Key { group: String::new(), kind: "Service".into(), namespace: namespace.into(), name: name.into() };
    world.wanted(&key)
}

/// What selects a Service's pods; the labels of the active subset where it is not known, or has no selector.
pub(super) fn selector_of(service: Option<&Object>, subset: &Labels) -> Labels {
    let selector = service.map(|service| labels_of(service.value.at(&["spec", "selector"]))).unwrap_or_default();
    if selector.is_empty() { subset.clone() } else { selector }
}

pub(super) fn is_deployment(key: &Key) -> bool {
    key.group == "apps" && key.kind == "Deployment"
}

/// Every pair of both.
fn joined(left: &Labels, right: &Labels) -> Labels {
    left.iter().chain(right).map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Pods that the active subset selects now and would not select any more once it is pinned.
fn refuse_if_others_are_cut_off(
    pair: &Pair,
    world: &World,
    own: &Key,
    wanted: &Labels,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<()> {
    let other = world.all_wanted().find(|object| {
        object.key != *own
            && object.key.namespace == own.namespace
            && object.value.at(&["metadata", "ownerReferences"]).is_none()
            && !is_left_behind(object, own)
            && !object.is_past()
            && labels_of_pods(object).is_some_and(|labels| selects(wanted, &labels))
    });
    let Some(other) = other else { return Some(()) };
    let message = format!(
        "the subset `{}` selects the pods of {} too, and would not once it is pinned to one revision of {own}",
        pair.active_name, other.key
    );
    diagnostics.push(
        Diagnostic::new(Code::SubsetSelectsOthers, other.span(), message)
            .help("give the subset a label that only its Deployment's pods have"),
    );
    None
}

/// The labels of the pods that an object makes, or of a pod itself.
pub(super) fn labels_of_pods(object: &Object) -> Option<Labels> {
    match (object.key.group.as_str(), object.key.kind.as_str()) {
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet") => object.template().map(pod_labels),
        ("", "Pod") => Some(pod_labels(&object.value)),
        _ => None,
    }
}

/// Why no Deployment fits: if one is meant, what its new template lacks.
fn no_workload(pair: &Pair, world: &World, deployments: &[&Object], selector: &Labels, subset: &Labels) -> Diagnostic {
    let wanted = joined(selector, subset);
    let runs_now = |object: &&&Object| {
        let live = world.live.get(&object.key).and_then(|live| live.template());
        live.is_some_and(|template| selects(&wanted, &pod_labels(template)))
    };
    let meant = deployments.iter().find(runs_now).or(match deployments {
        [only] => Some(only),
        _ => None,
    });
    let Some(meant) = meant else {
        let labels: Vec<String> = wanted.iter().map(|(key, value)| format!("{key}: {value}")).collect();
        let message = format!("no Deployment of the manifests has pods that the subset `{}` selects", pair.active_name);
        let found = Diagnostic::new(Code::WorkloadNotFound, pair.span, message);
        let names = in_backticks(deployments.iter().map(|object| object.key.name.as_str()));
        let there = if names.is_empty() {
            "there is no Deployment in its namespace".to_owned()
        } else {
            format!("there is {names}")
        };
        return found
            .help(format!("its pods need the labels {}; {there}", in_backticks(labels.iter().map(String::as_str))));
    };
    let labels = meant.template().map(pod_labels).unwrap_or_default();
    let lacks = |wanted: &Labels| {
        wanted.iter().find(|(key, value)| labels.get(*key) != Some(value)).map(|(key, value)| format!("{key}: {value}"))
    };
    let span = meant
        .template()
        .and_then(|template| template.at(&["metadata", "labels"]))
        .map_or(meant.span(), |labels| labels.span.start_point());
    match (lacks(selector), lacks(subset)) {
        (Some(label), _) if service_of(&pair.host, world).is_some() => {
            let message = format!("the new pods of {} lack the label `{label}` of the Service's selector", meant.key);
            Diagnostic::new(Code::TemplateLacksSelectorLabel, span, message)
                .help("no request would ever reach them: give the pod template that label")
        }
        (label, other) => {
            let label = other.or(label).unwrap_or_default();
            let message = format!(
                "the new pods of {} lack the label `{label}` of the active subset `{}`",
                meant.key, pair.active_name
            );
            Diagnostic::new(Code::TemplateLacksSubsetLabel, span, message)
                .help("requests would get 503 once the subset is pinned to them: give the pod template that label, or take it from the subset")
        }
    }
}
