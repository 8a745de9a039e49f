//! Whose size stays as it is, whatever the manifest says: that of what a rollout is about, and of what an autoscaler sizes.

use super::workload::{is_left_behind, running_replica_sets};
use super::{World, pair, service};
use crate::config::{Config, Target};
use crate::kubernetes::{Key, Object};
use crate::order::Keys;
use crate::text::Change;
use crate::value::Value;

/// The objects of the manifests that keep the number of pods that they run with: Deployments that a pair of the target is
/// about, as in their rollouts, and what a `HorizontalPodAutoscaler` of the manifests or of what runs now sizes.
pub(crate) fn keeping_size(config: &Config, target: &Target, world: &World) -> Keys<Key> {
    let sized: Vec<&Object> = world.included.iter().filter(|object| would_be_resized(object, world)).collect();
    if sized.is_empty() {
        return Keys::new();
    }
    let shifted = shifted(config, target, world);
    let autoscalers: Vec<&Object> = world.all_wanted().filter(|object| is_autoscaler(object)).collect();
    let is_scaled = |object: &Object| autoscalers.iter().any(|autoscaler| scales(autoscaler, object));
    let keeps = |object: &&&Object| shifted.contains(&object.key) || is_scaled(object);
    sized.iter().filter(keeps).map(|object| object.key.clone()).collect()
}

/// Whether the manifest says how many pods there are to be of something that runs, or leaves that to a default.
fn would_be_resized(object: &Object, world: &World) -> bool {
    let is_made = world.live.get(&object.key).is_none();
    running_size(&object.key, world).is_some() && (replicas(&object.value).is_some() || is_made)
}

/// The Deployments that the target's pairs are about. What is wrong with a pair is said where the plan is made.
fn shifted(config: &Config, target: &Target, world: &World) -> Keys<Key> {
    let of_target = config.traffic.iter().filter(|traffic| traffic.covers(&target.name.value));
    let mut found = Vec::new();
    let pairs: Vec<_> =
        of_target.flat_map(|traffic| &traffic.istio).filter_map(|entry| pair::find(entry, world, &mut found)).collect();
    pairs.iter().filter_map(|pair| service::workload_of(pair, world, &mut found)).collect()
}

fn is_autoscaler(object: &Object) -> bool {
    object.key.kind == "HorizontalPodAutoscaler" && object.key.group == "autoscaling"
}

fn scales(autoscaler: &Object, object: &Object) -> bool {
    let of = |field: &str| autoscaler.value.text_at(&["spec", "scaleTargetRef", field]);
    let group = of("apiVersion").and_then(|version| version.split_once('/')).map_or("", |(group, _)| group);
    autoscaler.key.namespace == object.key.namespace
        && (of("kind"), of("name")) == (Some(&object.key.kind), Some(&object.key.name))
        && group == object.key.group
}

/// The size that an object of the manifests keeps; `None` where it gets the manifest's.
pub(super) fn kept_size<'a>(key: &Key, world: &'a World) -> Option<&'a Value> {
    world.keeps_size.contains(key).then(|| running_size(key, world)).flatten()
}

/// How many pods an object is to have now; of a Deployment that is gone, those of the ReplicaSet that it left behind.
fn running_size<'a>(key: &Key, world: &'a World) -> Option<&'a Value> {
    let left_behind = || running_replica_sets(key, world).into_iter().find(|set| is_left_behind(set, key));
    let object = match world.live.get(key) {
        None if service::is_deployment(key) => left_behind(),
        live => live,
    };
    replicas(&object?.value)
}

/// The change that leaves an object in a size.
pub(super) fn resized(size: &Value) -> Change {
    Change::Put { map: vec!["spec".into()], key: "replicas".to_owned(), value: size.clone(), after: None }
}

fn replicas(value: &Value) -> Option<&Value> {
    value.at(&["spec", "replicas"]).filter(|size| !size.is_null())
}
