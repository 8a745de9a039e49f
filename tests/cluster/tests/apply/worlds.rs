//! Bad worlds: each refused with words that say what is wrong, and nothing changed.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use test_cluster::{Action, Cluster, FaultProxy, Request, Result, Scene, foreshift, objects};

use super::{CONFIG, image, run, same, start};

const NAME: &str = "reviews";

async fn scene() -> Result<Scene<'static>> {
    Scene::with_earlier(Cluster::shared().await?, &[objects::weight(50)], &[NAME]).await
}

/// Every object that a rollout could change, with its version.
async fn everything(scene: &Scene<'_>) -> Result<Vec<(String, Value)>> {
    let mut out = Vec::new();
    for kind in ["VirtualService", "DestinationRule", "Deployment", "ReplicaSet", "ConfigMap", "Lease"] {
        for object in scene.list(kind).await? {
            // The controllers go on.
            let spec = if kind == "Deployment" || kind == "ReplicaSet" { "generation" } else { "resourceVersion" };
            out.push((format!("{kind} {}", object["metadata"]["name"]), object["metadata"][spec].clone()));
        }
    }
    Ok(out)
}

/// That an apply ends with a code and these words, and changes nothing.
async fn is_refused(scene: &Scene<'_>, code: i32, words: &[&str]) -> Result<()> {
    is_refused_to(scene, scene.cluster.kubeconfig(), code, words).await
}

async fn is_refused_to(scene: &Scene<'_>, kubeconfig: &Path, code: i32, words: &[&str]) -> Result<()> {
    foreshift::build().await?;
    let before = everything(scene).await?;
    let arguments = ["apply", CONFIG, "--patience=2s"];
    let mut said = foreshift::run(&scene.folder, kubeconfig, &arguments).await?.exits(code)?;
    for words in words {
        said = said.complains(words)?;
    }
    same("what there is", &everything(scene).await?, &before)
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn what_is_not_there() -> Result<()> {
    let scene = scene().await?;
    scene.kubectl(&["delete", "virtualservice", NAME])?;
    is_refused(&scene, 1, &["VirtualService", "reviews"]).await?;
    scene.create(&objects::virtual_service(NAME)).await?;
    scene.kubectl(&["delete", "destinationrule", NAME])?;
    is_refused(&scene, 1, &["DestinationRule", "reviews"]).await?;
    scene.create(&objects::destination_rule(NAME)).await?;
    fs::remove_file(scene.folder.join("manifests/reviews.yaml"))?;
    scene.write(
        "manifests/other.yaml",
        &json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "other" } }),
    )?;
    is_refused(&scene, 1, &["Deployment"]).await?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn a_deployment_that_is_busy() -> Result<()> {
    let scene = scene().await?;
    scene.kubectl(&["rollout", "pause", "deployment", NAME])?;
    is_refused(&scene, 1, &["Deployment reviews is paused"]).await?;
    scene.kubectl(&["rollout", "resume", "deployment", NAME])?;
    scene.is_available(NAME, 2).await?;
    scene
        .change("Deployment", NAME, |deployment| {
            let template = &mut deployment["spec"]["template"];
            template["metadata"]["annotations"]["foreshift.test/ready-after"] = json!("never");
        })
        .await?;
    scene.until("rollouts of its own", async || Ok(scene.list("ReplicaSet").await?.len() == 2)).await?;
    is_refused(&scene, 1, &["a rollout of its own is unfinished"]).await?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn a_wrong_namespace() -> Result<()> {
    let scene = scene().await?;
    let mut elsewhere = objects::deployment(NAME, "reviews:2");
    elsewhere["metadata"]["namespace"] = json!("elsewhere");
    scene.write("manifests/reviews.yaml", &elsewhere)?;
    is_refused(&scene, 1, &["is for namespace `elsewhere`"]).await?;
    scene.release(NAME, 2)?;
    scene.configure(|config| config["targets"]["test"]["namespace"] = json!("nowhere"))?;
    is_refused(&scene, 1, &["nowhere"]).await?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn a_cluster_that_does_not_let_us_in() -> Result<()> {
    let scene = scene().await?;
    let admin = fs::read_to_string(scene.cluster.kubeconfig())?;
    let mut kubeconfig: Value = serde_json::from_str(&admin)?;
    let copy = scene.folder.join("kubeconfig");
    kubeconfig["users"][0]["user"] = json!({ "token": "expired" });
    fs::write(&copy, kubeconfig.to_string())?;
    is_refused_to(&scene, &copy, 6, &["log in again"]).await?;
    let mut kubeconfig: Value = serde_json::from_str(&admin)?;
    // Nobody listens on this port.
    kubeconfig["clusters"][0]["cluster"]["server"] = json!("https://127.0.0.1:9");
    fs::write(&copy, kubeconfig.to_string())?;
    is_refused_to(&scene, &copy, 6, &["reachable"]).await?;
    fs::write(&copy, "{}")?;
    is_refused_to(&scene, &copy, 6, &["kubeconfig"]).await?;
    scene.clear().await
}

/// What `rbac` prints is enough, and without it the refusal says so.
#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn who_may_not_and_then_may() -> Result<()> {
    let scene = scene().await?;
    let Ok(alice) = scene.cluster.kubeconfig_of("alice") else { return Ok(()) };
    is_refused_to(&scene, &alice, 6, &["alice", "foreshift rbac"]).await?;
    let before = scene.traffic(NAME).await?;
    let roles = run(&scene, &["rbac", CONFIG, "--live", "--user=alice"]).await?.exits(0)?;
    fs::write(scene.folder.join("roles.yaml"), &roles.out)?;
    scene.kubectl(&["apply", "-f", &scene.folder.join("roles.yaml").to_string_lossy()])?;
    foreshift::run(&scene.folder, &alice, &["apply", CONFIG]).await?.exits(0)?;
    same("traffic", &scene.traffic(NAME).await?, &before)?;
    same("image", &image(&scene, NAME).await?, &"reviews:2".to_owned())?;

    // She is in the group that may approve; bob may do as much and is not.
    let Ok(bob) = scene.cluster.kubeconfig_of("bob") else { return Ok(()) };
    scene.release(NAME, 3)?;
    scene.configure(|config| {
        let approval = json!({ "pause": { "untilApproved": true, "requiresRoles": ["developers"] } });
        config["strategies"]["canary"]["canary"]["steps"] = json!([objects::weight(10), approval]);
    })?;
    let roles = run(&scene, &["rbac", CONFIG, "--live", "--group=system:authenticated"]).await?.exits(0)?;
    fs::write(scene.folder.join("roles.yaml"), &roles.out)?;
    scene.kubectl(&["apply", "-f", &scene.folder.join("roles.yaml").to_string_lossy()])?;
    let mut apply = start(&scene, &["apply", CONFIG]).await?;
    apply.waits().await?;
    let refused = foreshift::run(&scene.folder, &bob, &["approve", CONFIG]).await?.exits(1)?;
    refused.complains("needs one of the groups developers")?;
    foreshift::run(&scene.folder, &alice, &["approve", CONFIG]).await?.exits(0)?;
    apply.end().await?.exits(0)?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn what_takes_our_traffic_away_is_warned_of() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let scene = Scene::new(cluster, &[objects::weight(50)], &[NAME]).await?;
    let mut older = objects::virtual_service(NAME);
    older["metadata"]["name"] = json!("an-older-one");
    scene.create(&older).await?;
    // Their age is told by the second.
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    for object in [objects::service(NAME), objects::destination_rule(NAME), objects::virtual_service(NAME)] {
        scene.create(&object).await?;
    }
    scene.create(&objects::deployment(NAME, "reviews:1")).await?;
    scene.is_available(NAME, 2).await?;
    scene.release(NAME, 2)?;
    let client = Scene::new(cluster, &[], &["client"]).await?;
    let mut shadow = objects::destination_rule(NAME);
    shadow["spec"]["host"] = json!(format!("{NAME}.{}.svc.cluster.local", scene.namespace.name));
    client.create(&shadow).await?;
    let said = run(&scene, &["plan", CONFIG, "--live"]).await?.exits(0)?;
    said.complains("warning")?.complains("an-older-one")?.complains(&client.namespace.name)?;
    client.clear().await?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn a_cluster_that_cannot_be_watched() -> Result<()> {
    let scene = scene().await?;
    let straight = scene.cluster.kubeconfig();
    // Where a watch cannot go on from what is listed, it begins with a list in pages.
    let is_begun = |request: &Request| request.is_watch() || request.query.contains("limit=");
    let down = move |request: &Request, _| if is_begun(request) { Action::Answer(503) } else { Action::Pass };
    let proxy = FaultProxy::start(straight, down).await?;
    let kubeconfig = proxy.write_kubeconfig(straight, &scene.folder.join("kubeconfig"))?;
    is_refused_to(&scene, &kubeconfig, 6, &["the cluster does not let", "virtualservices"]).await?;
    // Whoever may list and not watch would walk without seeing.
    let forbidden = |request: &Request, _| if request.is_watch() { Action::Answer(403) } else { Action::Pass };
    let proxy = FaultProxy::start(straight, forbidden).await?;
    let kubeconfig = proxy.write_kubeconfig(straight, &scene.folder.join("kubeconfig"))?;
    is_refused_to(&scene, &kubeconfig, 6, &["cannot be watched", "foreshift rbac"]).await?;
    scene.clear().await
}
