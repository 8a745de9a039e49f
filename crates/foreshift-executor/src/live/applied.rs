//! What the API server would make of the manifests: each object that runs is tried, and nothing is written.

use std::collections::BTreeMap;
use std::time::Duration;

use foreshift_core::diagnostic::{Code, Diagnostic};
use foreshift_core::kubernetes::{Key, Object, applied as merged, template_in_place_of};
use foreshift_core::plan::Plan;
use foreshift_core::value::{Data, Value};

use crate::cluster::{ApiError, At, Cluster, Json, Mode, Reason};
use crate::patience::persist;
use crate::tree::{self, put};
use crate::walk::with_manifest;

/// Objects as they are once the manifests are applied.
#[derive(Default)]
pub(super) struct Applied {
    /// Those that run now.
    pub(super) objects: BTreeMap<Key, Json>,
    /// Of which the server did not say it, and why.
    pub(super) untold: Vec<Diagnostic>,
}

/// Tries the manifests of a plan on the objects that run. `places` says where those are that it may know of.
pub(super) async fn applied<C: Cluster>(
    cluster: &C,
    patience: Duration,
    plan: &Plan,
    running: &BTreeMap<Key, (At, Json)>,
) -> Applied {
    let mut out = Applied::default();
    for object in plan.world.included.iter().filter(|object| !object.key.is_traffic()) {
        let Some((at, live)) = running.get(&object.key) else { continue };
        let wanted = given(at, object);
        let is_rolled_out = plan.workloads.iter().any(|workload| *workload.deployment == object.key);
        let tried = if is_rolled_out {
            let replaced = with_manifest(live, &wanted);
            persist(patience, async || cluster.replace(at, &replaced, Mode::DryRun).await).await
        } else {
            persist(patience, async || cluster.apply(at, &wanted, Mode::DryRun).await).await
        };
        let after = tried.unwrap_or_else(|error| {
            out.untold.push(untold(object, &error));
            estimated(live, &wanted, is_rolled_out)
        });
        out.objects.insert(object.key.clone(), after);
    }
    out
}

/// An object as its manifest says it, in its namespace.
fn given(at: &At, object: &Object) -> Json {
    let mut wanted = tree::json(&object.value);
    if at.kind.is_namespaced {
        put(&mut wanted, &["metadata", "namespace"], at.namespace.clone().into());
    }
    wanted
}

/// The same by the fields that the manifest names alone.
fn estimated(live: &Json, wanted: &Json, is_rolled_out: bool) -> Json {
    let (live, wanted) = (tree::value(live), tree::value(wanted));
    let mut out = merged(&live, &wanted);
    let path = ["spec", "template"];
    if is_rolled_out
        && let (Some(old), Some(new)) = (live.at(&path), wanted.at(&path))
        && let Some(Value { data: Data::Map(spec), .. }) = out.find_mut(&["spec".into()])
    {
        spec.put("template", template_in_place_of(old, new), None);
    }
    tree::json(&out)
}

fn untold(object: &Object, error: &ApiError) -> Diagnostic {
    let why = match error.reason {
        Reason::Forbidden => "it may not be tried",
        _ => error.message.as_str(),
    };
    let message = format!("what the API server makes of {} is not known: {why}", object.key);
    Diagnostic::new(Code::NotTried, object.span(), message).help(
        "what changes is told by the fields that the manifest names; `apply` tries every write before the first one",
    )
}
