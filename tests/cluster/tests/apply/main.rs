//! `foreshift` itself on a real control plane: rollouts to their end and back, what others do meanwhile, and bad worlds.

mod away;
mod foreign;
mod happy;
mod named;
mod others;
mod pods;
mod shown;
mod turned;
mod users;
mod workloads;
mod worlds;

use serde_json::Value;
use test_cluster::{Change, Event, Failure, Recorder, Result, Scene, foreshift, log};

const CONFIG: &str = "deploy.yaml";

/// The command, as the administrator.
async fn run(scene: &Scene<'_>, arguments: &[&str]) -> Result<foreshift::Said> {
    foreshift::build().await?;
    foreshift::run(&scene.folder, scene.cluster.kubeconfig(), arguments).await
}

/// The command, going on.
async fn start(scene: &Scene<'_>, arguments: &[&str]) -> Result<foreshift::Running> {
    foreshift::build().await?;
    foreshift::start(&scene.folder, scene.cluster.kubeconfig(), arguments)
}

/// Approves what an event says that it waits for: within a moment of another approval it has to be named.
async fn approve(scene: &Scene<'_>, waits: &Value) -> Result<()> {
    let state = waits["approval"].as_str().and_then(|gate| gate.split('.').next()).unwrap_or_default();
    run(scene, &["approve", CONFIG, "--state", state]).await?.exits(0).map(|_| ())
}

/// The image that a Deployment runs.
async fn image(scene: &Scene<'_>, name: &str) -> Result<String> {
    let deployment = scene.get("Deployment", name).await?;
    let image = &deployment["spec"]["template"]["spec"]["containers"][0]["image"];
    Ok(image.as_str().unwrap_or_default().to_owned())
}

/// The weights of the one route, in its order.
async fn weights(scene: &Scene<'_>, name: &str) -> Result<Vec<u64>> {
    let service = scene.get("VirtualService", name).await?;
    let destinations = service["spec"]["http"][0]["route"].as_array().cloned().unwrap_or_default();
    Ok(destinations.iter().map(|destination| destination["weight"].as_u64().unwrap_or(0)).collect())
}

/// Whose fields of an object are whose.
fn managers(object: &Value) -> Vec<&str> {
    let fields = object["metadata"]["managedFields"].as_array().map(Vec::as_slice).unwrap_or_default();
    fields.iter().filter_map(|entry| entry["manager"].as_str()).collect()
}

/// What a rollout leaves behind: no Lease, no field of its own, no moment on the way that broke a law. Gives its log.
async fn is_clean(scene: &Scene<'_>, recorder: Recorder, names: &[&str]) -> Result<Vec<Event>> {
    let events = recorder.finish().await?;
    let mut services = Vec::new();
    for name in names {
        services.push(scene.get("Service", name).await?);
        for kind in ["VirtualService", "DestinationRule", "Deployment"] {
            let object = scene.get(kind, name).await?;
            if managers(&object).contains(&"foreshift") {
                return Err(Failure::new(format!("foreshift owns fields of the {kind} {name}")));
            }
        }
    }
    let faults = log::faults(&events, &services);
    if !faults.is_empty() {
        return Err(Failure::new(faults.join("\n")));
    }
    let leases = scene.list("Lease").await?;
    if leases.is_empty() { Ok(events) } else { Err(Failure::new("a Lease is left")) }
}

/// How many pods with this image were removed, and how often their containers were started again.
fn losses(events: &[Event], image: &str) -> (usize, u64) {
    let of_image = |event: &&Event| event.kind == "Pod" && event.object["spec"]["containers"][0]["image"] == image;
    let removed = events.iter().filter(of_image).filter(|event| event.change == Change::Deleted).count();
    let restarts = events.iter().filter(of_image).filter_map(|event| {
        event.object["status"]["containerStatuses"]
            .as_array()?
            .iter()
            .filter_map(|of| of["restartCount"].as_u64())
            .max()
    });
    (removed, restarts.max().unwrap_or(0))
}

/// Fails with both, where they are not the same.
fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, wanted: &T) -> Result<()> {
    if found == wanted {
        return Ok(());
    }
    Err(Failure::new(format!("{what}: {found:?} instead of {wanted:?}")))
}
