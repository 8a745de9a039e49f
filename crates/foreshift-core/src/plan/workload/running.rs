//! The ReplicaSets of a Deployment.

use crate::kubernetes::{HASH_LABEL, Key, Object};
use crate::plan::World;
use crate::value::Value;

/// The ReplicaSets of a Deployment that have pods, among what runs now.
pub(in crate::plan) fn running_replica_sets<'a>(deployment: &Key, world: &'a World) -> Vec<&'a Object> {
    let is_own = |object: &&Object| {
        object.key.kind == "ReplicaSet"
            && object.key.namespace == deployment.namespace
            && (is_owned(object, deployment) || is_left_behind(object, deployment))
    };
    world.live.iter().filter(is_own).filter(|object| !object.is_past()).collect()
}

fn is_owned(object: &Object, deployment: &Key) -> bool {
    let owners = object.value.at(&["metadata", "ownerReferences"]).map(Value::items).unwrap_or_default();
    owners.iter().any(|owner| {
        owner.text_at(&["kind"]) == Some("Deployment") && owner.text_at(&["name"]) == Some(&deployment.name)
    })
}

/// Whether an earlier rollout left a ReplicaSet without its Deployment: its name says so, and nobody owns it.
pub(in crate::plan) fn is_left_behind(object: &Object, deployment: &Key) -> bool {
    let hash = object.template().and_then(|template| template.text_at(&["metadata", "labels", HASH_LABEL]));
    let name = hash.and_then(|hash| object.key.name.strip_suffix(hash)).and_then(|name| name.strip_suffix('-'));
    object.key.kind == "ReplicaSet"
        && object.value.at(&["metadata", "ownerReferences"]).is_none()
        && name == Some(&deployment.name)
}
