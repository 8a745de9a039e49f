//! What the pods of a rollout are doing: counted from what is observed, decided nowhere else.

use std::collections::BTreeMap;
use std::rc::Rc;

use foreshift_core::kubernetes::{HASH_LABEL, Key, Labels, NATIVE_HASH_LABEL};
use foreshift_core::plan::{Plan, Workload};

use crate::cluster::Json;
use crate::tree::{items, number, text};
use crate::view::View;

/// How many pods are Ready, of how many that are wanted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Ready {
    pub(crate) ready: i64,
    pub(crate) wanted: i64,
}

impl Ready {
    pub(crate) fn is_full(self) -> bool {
        self.ready >= self.wanted
    }
}

/// The new revision's pods: available to Kubernetes (`minReadySeconds` kept), and ready in the slices of every Service
/// that the workload's routes lead to.
pub(crate) fn of_new_revision(view: &View, plan: &Plan, index: usize) -> Option<Ready> {
    let workload = plan.workloads.get(index)?;
    let set = view.get(&workload.replica_set)?;
    let wanted = number(&set, "/spec/replicas").unwrap_or(1);
    let is_current = number(&set, "/status/observedGeneration") >= number(&set, "/metadata/generation");
    let available = number(&set, "/status/availableReplicas").unwrap_or(0);
    let uid = text(&set, "/metadata/uid");
    let pods = view.all("Pod", &workload.replica_set.namespace, |pod| is_alive(pod) && controller(pod) == uid);
    let ready = available.min(served(view, plan, index, &pods).unwrap_or(available));
    // Whoever has not looked at the newest size cannot have reached it; those that there were are there still.
    Some(Ready { ready: if is_current { ready } else { ready.min(wanted - 1).max(0) }, wanted })
}

/// How many pods of the old revision can answer.
pub(crate) fn of_old_revision(view: &View, plan: &Plan, index: usize) -> i64 {
    let Some(workload) = plan.workloads.get(index) else { return 0 };
    let (label, value) = &workload.active_label;
    let pods = view.all("Pod", &workload.deployment.namespace, |pod| {
        is_alive(pod) && is_ready(pod) && label_of(pod, label) == Some(value) && is_selected(pod, workload)
    });
    served(view, plan, index, &pods).unwrap_or_else(|| count(pods.len()))
}

/// The revision that a Deployment runs by now, where that is neither the old nor the new one: the native hash of the Ready
/// pods that there are most of.
pub(crate) fn of_another_revision(view: &View, plan: &Plan, index: usize) -> Option<String> {
    let workload = plan.workloads.get(index)?;
    let new = view.get(&workload.replica_set).map(|set| text(&set, "/metadata/uid").to_owned());
    let (label, old) = &workload.active_label;
    let pods = view.all("Pod", &workload.deployment.namespace, |pod| {
        let is_new = new.as_deref() == Some(controller(pod));
        is_alive(pod) && is_ready(pod) && !is_new && label_of(pod, label) != Some(old) && is_selected(pod, workload)
    });
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for hash in pods.iter().filter_map(|pod| label_of(pod, NATIVE_HASH_LABEL)) {
        *counts.entry(hash).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(hash, _)| hash.to_owned())
}

/// The pods of a revision that is on its way out, by name: forward the old one, else the new one. One that can serve nobody
/// any more does not count.
pub(crate) fn leaving(view: &View, plan: &Plan, workload: &Workload, is_forward: bool) -> Vec<String> {
    let (label, old) = &workload.active_label;
    let leaves = |pod: &Json| {
        let is_of = if is_forward {
            is_selected(pod, workload) && label_of(pod, label) == Some(old)
        } else {
            has_labels(pod, &workload.new_labels) && !is_of_another(view, workload, pod)
        };
        is_of && may_serve(view, plan, pod)
    };
    let pods = view.all("Pod", &workload.deployment.namespace, leaves);
    pods.iter().map(|pod| text(pod, "/metadata/name").to_owned()).collect()
}

/// Whether a pod with the new labels belongs to a ReplicaSet that is not the rollout's.
fn is_of_another(view: &View, workload: &Workload, pod: &Json) -> bool {
    let owner = controller(pod);
    let is_owner =
        |set: &Json| text(set, "/metadata/uid") == owner && text(set, "/metadata/name") != workload.replica_set.name;
    !view.all("ReplicaSet", &workload.deployment.namespace, is_owner).is_empty()
}

/// Whether a pod may be asked, now or once more: not where it has ended, and not where its time to end has passed and no
/// Service counts it as serving, as on a node that is lost.
fn may_serve(view: &View, plan: &Plan, pod: &Json) -> bool {
    if has_ended(pod) {
        return false;
    }
    let end: Option<jiff::Timestamp> = text(pod, "/metadata/deletionTimestamp").parse().ok();
    let is_over = end.is_some_and(|end| end < jiff::Timestamp::now());
    !is_over || is_ready(pod) || is_serving(view, plan, pod)
}

/// Whether a Service of the plan counts a pod as serving, be it on its way out.
fn is_serving(view: &View, plan: &Plan, pod: &Json) -> bool {
    let uid = text(pod, "/metadata/uid");
    let services = plan.pairs.iter().filter_map(|pair| service_of(&pair.host));
    let serves = |endpoint: &Json| {
        let condition = |name: &str| endpoint.pointer(&format!("/conditions/{name}")).and_then(Json::as_bool);
        text(endpoint, "/targetRef/uid") == uid && condition("serving").or(condition("ready")).unwrap_or(true)
    };
    services.into_iter().any(|service| {
        let slices = view.all("EndpointSlice", &service.namespace, |slice| is_slice_of(slice, &service.name));
        slices.iter().flat_map(|slice| items(slice, "/endpoints")).any(serves)
    })
}

/// Whether the controllers of a workload's Deployment have done everything that its ReplicaSets say, so that its pods stay
/// as they are for as long as it is paused.
pub(crate) fn are_calm(view: &View, workload: &Workload) -> bool {
    let key = &workload.deployment;
    let is_seen =
        |object: &Json| number(object, "/status/observedGeneration") >= number(object, "/metadata/generation");
    let Some(deployment) = view.get(key) else { return true };
    let uid = text(&deployment, "/metadata/uid");
    let is_done = |set: &Json| {
        let owner = text(set, "/metadata/uid");
        let pods = view.all("Pod", &key.namespace, |pod| is_alive(pod) && !has_ended(pod) && controller(pod) == owner);
        is_seen(set) && Some(count(pods.len())) == number(set, "/spec/replicas")
    };
    is_seen(&deployment)
        && view.all("ReplicaSet", &key.namespace, |set| controller(set) == uid).iter().all(|set| is_done(set))
}

/// How far a Deployment's own rollout is.
pub(crate) fn of_deployment(deployment: &Json) -> Ready {
    let wanted = number(deployment, "/spec/replicas").unwrap_or(1);
    let status = |what: &str| number(deployment, &format!("/status/{what}")).unwrap_or(0);
    let is_current = status("observedGeneration") >= number(deployment, "/metadata/generation").unwrap_or(0);
    let is_alone = status("replicas") == status("updatedReplicas");
    let ready = status("updatedReplicas").min(status("availableReplicas"));
    Ready {
        ready: if is_current && (is_alone || ready < wanted) { ready } else { ready.min(wanted - 1).max(0) },
        wanted,
    }
}

/// Of these pods those that every Service of the workload sends requests to; `None` where no Service has slices, as with
/// a host that is no Service.
fn served(view: &View, plan: &Plan, index: usize, pods: &[Rc<Json>]) -> Option<i64> {
    let services = plan.pairs.iter().filter(|pair| pair.workload == index).filter_map(|pair| service_of(&pair.host));
    let counts = services.filter_map(|service| {
        let slices = view.all("EndpointSlice", &service.namespace, |slice| is_slice_of(slice, &service.name));
        let is_served = |pod: &&Rc<Json>| {
            let uid = text(pod, "/metadata/uid");
            slices.iter().flat_map(|slice| items(slice, "/endpoints")).any(|endpoint| {
                text(endpoint, "/targetRef/uid") == uid
                    && endpoint.pointer("/conditions/ready").and_then(Json::as_bool).unwrap_or(true)
            })
        };
        (!slices.is_empty()).then(|| count(pods.iter().filter(is_served).count()))
    });
    counts.min()
}

/// The Service whose name a host is.
pub(crate) fn service_of(host: &str) -> Option<Key> {
    let (name, rest) = host.split_once('.')?;
    let namespace = rest.strip_suffix(".svc.cluster.local")?;
    Some(Key { group: String::new(), kind: "Service".into(), namespace: namespace.into(), name: name.into() })
}

fn is_slice_of(slice: &Json, service: &str) -> bool {
    label_of(slice, "kubernetes.io/service-name").is_some_and(|name| name == service)
}

/// Whether the Deployment's selector selects a pod: the old pods have all of the labels that its pods share.
fn is_selected(pod: &Json, workload: &Workload) -> bool {
    let selector = workload.included.value.at(&["spec", "selector"]);
    let labels = labels(pod);
    foreshift_core::kubernetes::selector_selects(selector, &labels)
}

fn has_labels(pod: &Json, wanted: &Labels) -> bool {
    wanted.get(HASH_LABEL).is_some() && foreshift_core::kubernetes::selects(wanted, &labels(pod))
}

fn labels(object: &Json) -> Labels {
    object.pointer("/metadata/labels").map(labels_in).unwrap_or_default()
}

/// Labels as an object of the API has them.
pub(crate) fn labels_in(labels: &Json) -> Labels {
    foreshift_core::kubernetes::labels_of(Some(&crate::tree::value(labels)))
}

fn label_of<'a>(object: &'a Json, label: &str) -> Option<&'a str> {
    object.pointer("/metadata/labels")?.get(label)?.as_str()
}

/// The `uid` of who controls an object.
pub(crate) fn controller(object: &Json) -> &str {
    let owners = items(object, "/metadata/ownerReferences");
    let owner = owners.iter().find(|owner| owner.get("controller").and_then(Json::as_bool) == Some(true));
    owner.map(|owner| text(owner, "/uid")).unwrap_or_default()
}

fn has_ended(pod: &Json) -> bool {
    matches!(text(pod, "/status/phase"), "Failed" | "Succeeded")
}

fn is_alive(pod: &Json) -> bool {
    pod.pointer("/metadata/deletionTimestamp").is_none()
}

pub(crate) fn is_ready(pod: &Json) -> bool {
    items(pod, "/status/conditions")
        .iter()
        .any(|condition| text(condition, "/type") == "Ready" && text(condition, "/status") == "True")
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
