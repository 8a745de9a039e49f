//! The way out as a user finds it, and what has to be so once it has been gone.

use serde_json::Value;
use test_cluster::judge::Moment;
use test_cluster::{Failure, Result, Scene, foreshift};

use super::deed::Deed;
use super::{CONFIG, Case, NAME};

/// The commands that a user tries one after the other where none is named.
const WAYS: [&str; 3] = ["abort deploy.yaml", "resume deploy.yaml", "abort deploy.yaml --from-cluster"];

/// Ends the rollout with the command that `foreshift status` names; says with which, and their exit codes.
pub(super) async fn end(scene: &Scene<'_>) -> Result<String> {
    let mut told = Vec::new();
    let mut last = String::new();
    for way in WAYS {
        let command = named(scene).await?.unwrap_or_else(|| way.to_owned());
        let arguments: Vec<&str> = command.split_whitespace().collect();
        let arguments = [&arguments[..], &["--lease=1s"]].concat();
        let said = foreshift::run(&scene.folder, scene.cluster.kubeconfig(), &arguments).await?;
        told.push(format!("{} {}", command.replace(CONFIG, "").replace("  ", " ").trim(), said.code));
        // What goes on may find that it has to go back.
        if said.code == 0 || said.code == 5 {
            return Ok(told.join(", "));
        }
        last = said.errors;
    }
    Err(Failure::new(format!("{} does not end it: {last}", told.join(", "))))
}

/// The command that `foreshift status` names, where it names one.
async fn named(scene: &Scene<'_>) -> Result<Option<String>> {
    let said = foreshift::run(&scene.folder, scene.cluster.kubeconfig(), &["status", CONFIG]).await?.exits(0)?;
    let status: Value = serde_json::from_str(&said.out)?;
    Ok(status["wayOut"].as_str().and_then(|next| next.strip_prefix("foreshift ")).map(str::to_owned))
}

/// What is not as it has to be.
pub(super) async fn faults(scene: &Scene<'_>, case: Case, before: &(Value, Value)) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    let mut check = |holds: bool, words: String| {
        if !holds {
            faults.push(words);
        }
    };
    let is_theirs = case.deed.is_none_of_ours(case.state);
    for (kind, before) in [("VirtualService", &before.0), ("DestinationRule", &before.1)] {
        if kind == "DestinationRule" || !is_theirs {
            let found = scene.get(kind, NAME).await?["spec"].take();
            check(found == before["spec"], format!("the {kind} is another one: {found}"));
        }
    }
    for kind in ["Lease", "Secret"] {
        let left = scene.list(kind).await?.len();
        check(left == 0, format!("{left} {kind}s are left"));
    }
    let deployments = scene.list("Deployment").await?;
    check(deployments.len() == 1, format!("there are {} Deployments", deployments.len()));
    check(deployments.iter().all(|one| one["spec"]["paused"] != true), "the Deployment is paused".to_owned());
    if let Some(deployment) = deployments.first() {
        let image = &deployment["spec"]["template"]["spec"]["containers"][0]["image"];
        let versions: &[&str] = match case.state {
            // What somebody sets who knows of no rollout is rolled out behind it, or written over by what comes after.
            _ if case.deed.sets_an_image() => &["reviews:9", "reviews:2"],
            // The old version may be all that there is, or all that can be known.
            _ if case.deed == Deed::NewSetDeleted || case.deed.loses_the_record() => &["reviews:1", "reviews:2"],
            state if state.is_past_the_point() => &["reviews:2"],
            _ => &["reviews:1"],
        };
        check(versions.iter().any(|version| image == *version), format!("the Deployment has {image}"));
        // It rolls by itself from here, where it was made again or somebody set another image.
        scene.is_available(NAME, 2).await?;
    }
    let sets = scene.list("ReplicaSet").await?;
    let owned = sets.iter().filter(|set| set["metadata"]["ownerReferences"].is_array()).count();
    check(owned == sets.len(), format!("{} ReplicaSets are nobody's", sets.len() - owned));
    let with_pods = sets.iter().filter(|set| set["spec"]["replicas"] != 0).count();
    check(with_pods == 1, format!("{with_pods} ReplicaSets have pods"));
    check(sets.len() <= 3, format!("there are {} ReplicaSets", sets.len()));
    let mut moment = Moment::default();
    for kind in ["VirtualService", "DestinationRule", "Service", "Pod"] {
        for mut object in scene.list(kind).await? {
            object["kind"] = Value::from(kind);
            moment.take(&object, false);
        }
    }
    if !is_theirs {
        faults.extend(moment.faults(&[]));
    }
    Ok(faults)
}
