//! What ReplicaSets and Deployments say of a rollout that has no record.

use foreshift_core::kubernetes::{HASH_LABEL, Labels, NATIVE_HASH_LABEL, selector_selects};

use crate::FIELD_MANAGER;
use crate::cluster::Json;
use crate::record::ROLLOUT;
use crate::stop::{Stop, StopKind};
use crate::tree::{self, items, text};
use crate::walk;

pub(super) fn is_ours(set: &Json) -> bool {
    set.pointer("/metadata/annotations").is_some_and(|annotations| annotations.get(ROLLOUT).is_some())
}

/// Refuses where the pods that would be removed are the only ones, because somebody has removed the Deployment.
pub(super) fn keep_last_pods(made: &[Json], deployments: &[Json]) -> Result<(), Stop> {
    let is_alone = |set: &&Json| {
        let is_free = walk::controller(set).is_empty() && ready(set) > 0;
        is_free && !deployments.iter().any(|deployment| belongs(set, deployment))
    };
    let Some(set) = made.iter().find(is_alone) else { return Ok(()) };
    let message = format!("ReplicaSet {} has the only pods, its Deployment is gone", text(set, "/metadata/name"));
    Err(Stop::new(StopKind::OffPlan, message)
        .help("apply the Deployment of the version that you want, and do the same again once its pods are Ready"))
}

/// Whether a Deployment is paused, and by a rollout: whoever pauses one has the field.
pub(super) fn is_held_by_us(deployment: &Json) -> bool {
    let fields = items(deployment, "/metadata/managedFields").iter();
    let mut ours = fields.filter(|entry| text(entry, "/manager") == FIELD_MANAGER);
    let is_paused = deployment.pointer("/spec/paused").and_then(Json::as_bool) == Some(true);
    is_paused && ours.any(|entry| entry.pointer("/fieldsV1/f:spec/f:paused").is_some())
}

/// Labels of a subset without those that tell revisions apart.
pub(super) fn bare(labels: &Labels) -> Labels {
    let mut bare = labels.clone();
    bare.remove(HASH_LABEL);
    bare.remove(NATIVE_HASH_LABEL);
    bare
}

/// The hash in the pod template of a ReplicaSet or a Deployment.
pub(super) fn hash_of(object: &Json) -> Option<String> {
    let labels = object.pointer("/spec/template/metadata/labels")?;
    labels.get(HASH_LABEL)?.as_str().map(str::to_owned)
}

pub(super) fn ready(set: &Json) -> i64 {
    tree::number(set, "/status/readyReplicas").unwrap_or(0)
}

/// The ReplicaSets of a Deployment that have Ready pods, the largest last.
pub(super) fn live_sets<'a>(deployment: &Json, sets: &'a [Json]) -> Vec<&'a Json> {
    let uid = text(deployment, "/metadata/uid");
    let mut live: Vec<&Json> = sets.iter().filter(|set| walk::controller(set) == uid && ready(set) > 0).collect();
    live.sort_by_key(|set| ready(set));
    live
}

/// Whether a ReplicaSet was made of a Deployment: its pods are those that the Deployment selects.
pub(super) fn belongs(set: &Json, deployment: &Json) -> bool {
    let labels = set.pointer("/spec/template/metadata/labels").cloned().unwrap_or_default();
    let selector = deployment.pointer("/spec/selector").map(tree::value);
    !items(deployment, "/spec/template/spec/containers").is_empty()
        && selector_selects(selector.as_ref(), &walk::labels_in(&labels))
}
