//! What the pods of a rollout are doing: counted from what is observed, decided nowhere else.

use foreshift_core::kubernetes::{HASH_LABEL, Key, Labels};
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

/// How many pods there are of a revision that is on its way out: forward the old one, else the new one.
pub(crate) fn leaving(view: &View, workload: &Workload, is_forward: bool) -> usize {
    let stays = view.get(&workload.replica_set).map(|set| text(&set, "/metadata/uid").to_owned()).unwrap_or_default();
    let leaves = |pod: &Json| {
        if is_forward {
            is_selected(pod, workload) && controller(pod) != stays
        } else {
            has_labels(pod, &workload.new_labels)
        }
    };
    view.all("Pod", &workload.deployment.namespace, leaves).len()
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
fn served(view: &View, plan: &Plan, index: usize, pods: &[Json]) -> Option<i64> {
    let services = plan.pairs.iter().filter(|pair| pair.workload == index).filter_map(|pair| service_of(&pair.host));
    let counts = services.filter_map(|service| {
        let slices = view.all("EndpointSlice", &service.namespace, |slice| is_slice_of(slice, &service.name));
        let is_served = |pod: &&Json| {
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
    foreshift_core::kubernetes::labels_of(object.pointer("/metadata/labels").map(crate::tree::value).as_ref())
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

fn is_alive(pod: &Json) -> bool {
    pod.pointer("/metadata/deletionTimestamp").is_none()
}

fn is_ready(pod: &Json) -> bool {
    items(pod, "/status/conditions")
        .iter()
        .any(|condition| text(condition, "/type") == "Ready" && text(condition, "/status") == "True")
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
