//! The way out as a user finds it, and what has to be so once it has been gone.

use serde_json::Value;
use test_cluster::judge::Moment;
use test_cluster::{Failure, Result, Scene, foreshift};

use super::deed::Deed;
use super::{CONFIG, Case, NAME};

/// Ends the rollout with the one command that `foreshift status` names as the safe way out; says it, and its exit code.
pub(super) async fn end(scene: &Scene<'_>) -> Result<String> {
    let said = foreshift::run(&scene.folder, scene.cluster.kubeconfig(), &["status", CONFIG]).await?.exits(0)?;
    let status: Value = serde_json::from_str(&said.out)?;
    let named = status["wayOut"].as_str().and_then(|way_out| way_out.strip_prefix("foreshift "));
    let named = named.ok_or_else(|| Failure::new(format!("no way out is named: {}", said.out)))?;
    let arguments: Vec<&str> = named.split_whitespace().chain(["--lease=1s"]).collect();
    let said = foreshift::run(&scene.folder, scene.cluster.kubeconfig(), &arguments).await?;
    // What goes on may find that it has to go back.
    if said.code == 0 || said.code == 5 && arguments.first() == Some(&"resume") {
        return Ok(format!("{}, {}", named.replace(&format!(" {CONFIG}"), ""), said.code));
    }
    Err(Failure::new(format!("{named} does not end it, {}: {}", said.code, said.errors)))
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
