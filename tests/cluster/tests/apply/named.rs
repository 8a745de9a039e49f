//! Which cluster a command talks to, and which rollout it is about.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use test_cluster::{Action, Cluster, Failure, FaultProxy, Result, Scene, foreshift, objects};

use super::{CONFIG, image, run, same};

const NAME: &str = "reviews";

/// A rollout that waits for an approval, and that nobody walks.
async fn waiting() -> Result<Scene<'static>> {
    let cluster = Cluster::shared().await?;
    let scene = Scene::with_earlier(cluster, &[objects::weight(10), objects::approval()], &[NAME]).await?;
    run(&scene, &["apply", CONFIG, "--detach"]).await?.exits(7)?;
    Ok(scene)
}

/// A command in an empty folder, with no kubeconfig but the one that it is told.
async fn elsewhere(scene: &Scene<'_>, arguments: &[&str]) -> Result<foreshift::Said> {
    foreshift::build().await?;
    let folder = scene.folder.join("elsewhere");
    fs::create_dir_all(&folder)?;
    let kubeconfig = scene.cluster.kubeconfig().to_string_lossy().into_owned();
    let arguments = [arguments, &["--kubeconfig", &kubeconfig]].concat();
    foreshift::run(&folder, Path::new("/nowhere/kubeconfig"), &arguments).await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn a_rollout_is_found_without_its_config() -> Result<()> {
    let scene = waiting().await?;
    let namespace = scene.namespace.name.clone();
    let whose = ["--application", NAME, "-n", &namespace];
    let with = |command: &'static str, more: &'static [&'static str]| [&[command], &whose[..], more].concat();
    // What only looks like a record is none.
    scene
        .create(&json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": { "name": "foreshift-other", "labels": { "app.kubernetes.io/managed-by": "foreshift" } },
            "data": { "run": "{\"format\": 1}" },
        }))
        .await?;
    let status = elsewhere(&scene, &with("status", &[])).await?.exits(0)?;
    let status: Value = serde_json::from_str(&status.out)?;
    same("target", &status["target"], &json!("test"))?;
    same("what it waits for", &status["waitsFor"], &json!("approval"))?;
    elsewhere(&scene, &with("status", &["--target", "test"])).await?.exits(0)?;
    elsewhere(&scene, &["status", "--application", "other", "-n", &namespace])
        .await?
        .exits(1)?
        .complains("there is no rollout of other in the namespace")?;
    elsewhere(&scene, &with("approve", &[])).await?.exits(0)?;
    elsewhere(&scene, &with("resume", &[])).await?.exits(0)?;
    same("image", &image(&scene, NAME).await?, &"reviews:2".to_owned())?;
    let history = elsewhere(&scene, &with("history", &[])).await?.exits(0)?;
    let history: Value = serde_json::from_str(&history.out)?;
    same("how it ended", &history["history"][0]["phase"], &json!("done"))?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn a_rollout_is_taken_back_without_its_config() -> Result<()> {
    let scene = waiting().await?;
    let namespace = scene.namespace.name.clone();
    elsewhere(&scene, &["abort", "--application", NAME, "-n", &namespace, "--target", "test"]).await?.exits(0)?;
    same("image", &image(&scene, NAME).await?, &"reviews:1".to_owned())?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn a_namespace_that_is_not_there_is_said() -> Result<()> {
    let scene = Scene::with_earlier(Cluster::shared().await?, &[objects::weight(50)], &[NAME]).await?;
    run(&scene, &["plan", CONFIG, "--live"]).await?.exits(0)?;
    scene.configure(|config| config["targets"]["test"]["namespace"] = json!("not-there"))?;
    run(&scene, &["plan", CONFIG, "--live"])
        .await?
        .exits(6)?
        .complains("there is no namespace `not-there` in context ")?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn each_request_says_which_run_it_belongs_to() -> Result<()> {
    let scene = Scene::with_earlier(Cluster::shared().await?, &[objects::weight(50)], &[NAME]).await?;
    let agents = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&agents);
    let proxy = FaultProxy::start(scene.cluster.kubeconfig(), move |request, _| {
        if let (true, Ok(mut seen)) = (request.is_write(), seen.lock()) {
            seen.push(request.agent.clone());
        }
        Action::Pass
    })
    .await?;
    let through = proxy.write_kubeconfig(scene.cluster.kubeconfig(), &scene.folder.join("kubeconfig"))?;
    foreshift::build().await?;
    let said = foreshift::run(&scene.folder, &through, &["apply", CONFIG]).await?.exits(0)?;
    let begun = said.events().into_iter().find(|event| event["event"] == "begun").unwrap_or_default();
    let run = format!(" (run {})", begun["run"].as_str().unwrap_or_default());
    let agents = agents.lock().map_err(|_| Failure::new("a panic"))?.clone();
    same(
        "agents",
        &agents.iter().filter(|agent| !agent.starts_with("foreshift/") || !agent.ends_with(&run)).collect::<Vec<_>>(),
        &Vec::new(),
    )?;
    same("whether anything was written", &agents.is_empty(), &false)?;
    scene.clear().await
}
