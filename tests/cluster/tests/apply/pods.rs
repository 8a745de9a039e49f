//! Pods that do not end, or have ended in another way than a rollout ends them.

use std::time::Instant;

use serde_json::{Value, json};
use test_cluster::{Cluster, Failure, Result, Scene, objects};

use super::{CONFIG, image, run, same, start};

const NAME: &str = "reviews";

/// Keeps a pod there until it is taken off, as what has to be tidied up on a node that is lost.
const FINALIZER: &str = "foreshift.test/stays";

async fn scene() -> Result<Scene<'static>> {
    let scene = Scene::with_earlier(Cluster::shared().await?, &[objects::weight(50)], &[NAME]).await?;
    scene
        .configure(|config| config["deploymentConfig"] = json!({ "timeout": { "duration": 1, "unit": "minutes" } }))?;
    Ok(scene)
}

/// One of the pods that run an image.
async fn one(scene: &Scene<'_>, image: &str) -> Result<String> {
    scene.pods(image).await?.into_iter().next().ok_or_else(|| Failure::new(format!("no pod runs {image}")))
}

async fn hold(scene: &Scene<'_>, pod: &str) -> Result<()> {
    scene.change("Pod", pod, |pod| pod["metadata"]["finalizers"] = json!([FINALIZER])).await.map(|_| ())
}

async fn let_go(scene: &Scene<'_>, pod: &str) -> Result<()> {
    scene
        .change("Pod", pod, |pod| {
            pod["metadata"].as_object_mut().map(|metadata| metadata.remove("finalizers"));
        })
        .await
        .map(|_| ())
}

fn not_ready() -> Value {
    json!({ "conditions": [
        { "type": "Ready", "status": "False", "reason": "NodeLost" },
        { "type": "ContainersReady", "status": "False", "reason": "NodeLost" },
    ] })
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn one_that_was_evicted_is_not_waited_for() -> Result<()> {
    let scene = scene().await?;
    let before = scene.traffic(NAME).await?;
    let evicted = one(&scene, "reviews:1").await?;
    let mut status = not_ready();
    status["phase"] = json!("Failed");
    status["reason"] = json!("Evicted");
    scene.say_of_pod(&evicted, &status)?;
    scene.is_available(NAME, 2).await?;
    let begun = Instant::now();
    run(&scene, &["apply", CONFIG]).await?.exits(0)?;
    println!("beside an evicted pod: {:.1} s", begun.elapsed().as_secs_f64());
    // It is there still: its ReplicaSet removes none that has ended.
    same("phase", &scene.get("Pod", &evicted).await?["status"]["phase"], &json!("Failed"))?;
    same("traffic", &scene.traffic(NAME).await?, &before)?;
    same("image", &image(&scene, NAME).await?, &"reviews:2".to_owned())?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn one_of_a_lost_node_is_not_waited_for() -> Result<()> {
    let scene = scene().await?;
    let before = scene.traffic(NAME).await?;
    let lost = one(&scene, "reviews:1").await?;
    hold(&scene, &lost).await?;
    scene.say_of_pod(&lost, &not_ready())?;
    scene.kubectl(&["delete", "pod", &lost, "--grace-period=1", "--wait=false"])?;
    scene.is_available(NAME, 2).await?;
    let begun = Instant::now();
    run(&scene, &["apply", CONFIG]).await?.exits(0)?;
    println!("beside a pod of a lost node: {:.1} s", begun.elapsed().as_secs_f64());
    let stays = scene.get("Pod", &lost).await?;
    same("whether it is on its way out for ever", &stays["metadata"]["deletionTimestamp"].is_string(), &true)?;
    same("traffic", &scene.traffic(NAME).await?, &before)?;
    same("image", &image(&scene, NAME).await?, &"reviews:2".to_owned())?;
    let_go(&scene, &lost).await?;
    scene.clear().await
}

/// Its node goes on serving, so it is waited for: the subset that selects everybody would reach it.
#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn one_that_stays_and_serves_is_named_and_after_the_timeout_there_is_advice() -> Result<()> {
    let scene = scene().await?;
    let before = scene.traffic(NAME).await?;
    let stays = one(&scene, "reviews:1").await?;
    hold(&scene, &stays).await?;
    let mut apply = start(&scene, &["apply", CONFIG]).await?;
    let says = |words: String| move |event: &Value| event["words"].as_str().is_some_and(|said| said.contains(&words));
    let named = apply.until(says(format!("waits for the end of {stays}"))).await?;
    same("advice at first", &named["words"].as_str().unwrap_or_default().contains("--force"), &false)?;
    let advised = apply.until(says(format!("waits for the end of {stays}: "))).await?;
    let words = advised["words"].as_str().unwrap_or_default();
    same("advice", &(words.contains("kubectl delete pod") && words.contains("finalizer")), &true)?;
    let_go(&scene, &stays).await?;
    apply.end().await?.exits(0)?;
    same("traffic", &scene.traffic(NAME).await?, &before)?;
    scene.clear().await
}
