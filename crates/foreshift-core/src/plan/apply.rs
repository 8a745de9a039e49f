//! What is applied beside the traffic shift: the rest of the manifests, before it or after it.

use super::shown::changes;
use super::workload::{covers, running_replica_sets};
use super::{Workload, World};
use crate::kubernetes::{Object, application_rank};
use crate::order;
use crate::value::Value;

/// In which order VirtualServices and DestinationRules of the manifests are applied.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum TrafficOrder {
    RulesFirst,
    ServicesFirst,
}

/// What is applied before the rollout: everything but its own Deployments and those that no pair is about, each only where
/// it differs from what runs, or is not there. Who owns the fields of an object that says the same already is no difference.
pub(super) fn before(world: &World, order: TrafficOrder) -> Vec<&Object> {
    let mut out: Vec<&Object> = world.included.iter().filter(|object| is_before(object, world)).collect();
    let rank = |object: &Object| {
        let rank = match order {
            _ if !object.key.is_traffic() => 0,
            TrafficOrder::RulesFirst => 1 + usize::from(object.key.is_virtual_service()),
            TrafficOrder::ServicesFirst => 1 + usize::from(object.key.is_destination_rule()),
        };
        (rank, application_rank(&object.key.kind))
    };
    order::sort_by(&mut out, |a, b| rank(a).cmp(&rank(b)));
    out
}

fn is_before(object: &Object, world: &World) -> bool {
    if super::service::is_deployment(&object.key) {
        return false;
    }
    match world.live.get(&object.key) {
        None => !object.key.is_traffic() || world.is_missing(&object.key),
        Some(live) if object.key.is_traffic() => !is_same_traffic(&live.value, &object.value),
        Some(live) => changes(live, object, world),
    }
}

/// Whether two texts of a VirtualService or DestinationRule mean the same to Istio.
pub(super) fn is_same_traffic(live: &Value, wanted: &Value) -> bool {
    let part = |value: &Value, key: &str| value.at(&["metadata", key]).cloned().unwrap_or_else(|| Value::map([]));
    live.get("spec") == wanted.get("spec")
        && ["labels", "annotations"].iter().all(|key| covers(&part(live, key), &part(wanted, key)))
}

/// The Deployments of the manifests that no pair is about: applied when the others have succeeded. One that was removed
/// while its ReplicaSet stays is not missed.
pub(super) fn after<'a>(world: &'a World, workloads: &[Workload]) -> Vec<&'a Object> {
    let is_planned = |object: &Object| workloads.iter().any(|workload| *workload.deployment == object.key);
    let is_new = |object: &Object| match world.live.get(&object.key) {
        Some(live) => changes(live, object, world),
        None => running_replica_sets(&object.key, world).is_empty(),
    };
    let deployments = world.included.iter().filter(|object| super::service::is_deployment(&object.key));
    deployments.filter(|object| !is_planned(object) && is_new(object)).collect()
}

/// Every object of the manifests in the order of a first deployment; what is there already and would stay as it is, is left
/// out.
pub(super) fn first<'a>(world: &'a World) -> Vec<&'a Object> {
    let is_new = |object: &&Object| match world.live.get(&object.key) {
        None => true,
        Some(live) if object.key.is_traffic() => !is_same_traffic(&live.value, &object.value),
        Some(live) => changes(live, object, world),
    };
    let mut out: Vec<&Object> = world.included.iter().filter(is_new).collect();
    let rank = |object: &'a Object| (application_rank(&object.key.kind), &object.key.kind);
    order::sort_by(&mut out, |a, b| rank(a).cmp(&rank(b)));
    out
}
