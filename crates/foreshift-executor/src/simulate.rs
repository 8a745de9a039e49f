//! A cluster in memory in which an earlier version of a rollout runs: to see a walk without having a cluster.

use std::time::Duration;

use foreshift_core::kubernetes::Object;
use foreshift_core::plan::{Hashes, Plan, Side};
use foreshift_core::preview::Request;
use serde_json::json;

use crate::cluster::{At, Kind, Memory, Pace};
use crate::tree::{self, put};

/// How long things take in it: long enough to watch.
pub const PACE: Pace = Pace { ready: Some(Duration::from_secs(1)), gone: Duration::from_secs(1) };

/// The annotation that makes the simulated earlier version another one than the manifest's.
const EARLIER: &str = "foreshift.dev/simulated-earlier-version";

/// A cluster with everything that a plan was made from: what is said to run now, and of the rest an earlier version. It
/// needs a `LocalSet`; its pods take their time to get Ready.
pub fn cluster(plan: &Plan, pace: Pace) -> Memory {
    let memory = Memory::new(pace);
    for object in plan.world.all_start() {
        let workload = plan.workloads.iter().find(|workload| *workload.deployment == object.key);
        if workload.is_some_and(|workload| workload.is_gone) {
            continue;
        }
        let at = place(object);
        let mut content = tree::json(&object.value);
        if workload.is_some_and(|workload| workload.live.is_none()) {
            put(&mut content, &["spec", "template", "metadata", "annotations", EARLIER], json!("yes"));
        }
        memory.put(&at, content);
    }
    memory
}

/// The same request without hashes of what runs: in a simulated cluster that is known.
pub fn request(request: &Request) -> Request {
    let given = request.hashes.list.iter().filter(|(_, side, _)| *side == Side::Canary);
    Request { hashes: Hashes { list: given.cloned().collect() }, ..request.clone() }
}

fn place(object: &Object) -> At {
    let key = &object.key;
    let ours = Kind::ours(&key.group, &key.kind).map(|kind| kind.in_version(&object.api_version));
    let kind = ours.unwrap_or_else(|| Kind {
        group: key.group.clone(),
        version: object.api_version.rsplit('/').next().unwrap_or_default().to_owned(),
        kind: key.kind.clone(),
        plural: format!("{}s", key.kind.to_lowercase()),
        is_namespaced: !key.namespace.is_empty(),
    });
    At { kind, namespace: key.namespace.clone(), name: key.name.clone() }
}
