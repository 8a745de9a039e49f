//! Where a rollout's objects are that have to be known at every moment, and its Leases.

use std::rc::Rc;

use foreshift_core::kubernetes::Key;
use foreshift_core::plan::{Plan, Step};

use crate::cluster::{At, Kind, Scope};
use crate::course::traffic_keys;
use crate::lease::Place;
use crate::tree::text;
use crate::view::View;
use crate::walk::service_of;

/// Everything that a walk of a plan has to know at every moment.
pub(crate) fn scopes(plan: &Plan, record: &At) -> Vec<Scope> {
    let mut scopes = vec![Scope::one(record)];
    let mut one = |key: &Key, api_version: Option<&str>| {
        let Some(kind) = Kind::ours(&key.group, &key.kind) else { return };
        let kind = api_version.map_or(kind.clone(), |version| kind.in_version(version));
        scopes.push(Scope::one(&At { kind, namespace: key.namespace.clone(), name: key.name.clone() }));
    };
    for key in traffic_keys(plan) {
        let version = plan.stages.iter().find(|stage| stage.write.key == key).map(|stage| &*stage.write.api_version);
        one(&key, version);
    }
    let applied = plan.stages.iter().filter(|stage| stage.step == Step::Apply && stage.write.key.kind == "Deployment");
    plan.workloads
        .iter()
        .map(|workload| &workload.deployment)
        .chain(applied.map(|stage| &stage.write.key))
        .for_each(|key| one(key, None));
    if !plan.workloads.is_empty() {
        for (group, kind) in [("apps", "ReplicaSet"), ("", "Pod")] {
            scopes.extend(Kind::ours(group, kind).map(|kind| Scope::all(kind, &plan.namespace)));
        }
    }
    for service in plan.pairs.iter().filter_map(|pair| service_of(&pair.host)) {
        let labels = format!("kubernetes.io/service-name={}", service.name);
        let slices = Kind::ours("discovery.k8s.io", "EndpointSlice");
        scopes.extend(slices.map(|kind| Scope { labels, ..Scope::all(kind, &service.namespace) }));
    }
    scopes.sort();
    scopes.dedup();
    scopes
}

/// The Leases of a walk: one for each object that only one rollout may write. They are those of the plan, whoever walks it
/// and however far it is, so that two who walk the same meet. Where nothing was there when it was planned, it is one for the
/// rollout.
pub(super) fn lease_places(plan: &Plan, view: &View, record: &At) -> Vec<Place> {
    let deployments = plan.workloads.iter().map(|workload| Rc::clone(&workload.deployment));
    let was_there = |key: &Key| plan.world.start(key).is_some() && !plan.world.is_missing(key);
    let of_object = |key: &Key| {
        let uid = view.get(key).filter(|_| was_there(key)).map(|object| text(&object, "/metadata/uid").to_owned())?;
        Some(Place { lease: lease(&key.namespace, &format!("foreshift-{uid}"))?, object: key.to_string() })
    };
    let mut places: Vec<Place> =
        traffic_keys(plan).into_iter().chain(deployments).filter_map(|key| of_object(&key)).collect();
    places.sort();
    if places.is_empty() {
        let object = format!("the rollout of {} in {}", plan.target, plan.namespace);
        places.extend(lease(&record.namespace, &record.name).map(|lease| Place { lease, object }));
    }
    places
}

/// The Lease of a name.
pub(super) fn lease(namespace: &str, name: &str) -> Option<At> {
    At::ours("coordination.k8s.io", "Lease", namespace, name)
}
