//! Workloads that are more than a plain Deployment: scaled meanwhile, recreated, guarded, gone back to.

use serde_json::{Value, json};
use test_cluster::{Cluster, Result, Scene, objects};

use super::{CONFIG, approve, image, is_clean, losses, run, same, start};

const NAME: &str = "reviews";

/// What an autoscaler is to keep to. Without metrics it moves a Deployment by its bounds only.
pub(super) fn autoscaler(least: u32, most: u32) -> Value {
    let target = json!({ "type": "Utilization", "averageUtilization": 50 });
    let metric = json!({ "type": "Resource", "resource": { "name": "cpu", "target": target } });
    json!({
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": { "name": NAME },
        "spec": {
            "scaleTargetRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": NAME },
            "minReplicas": least, "maxReplicas": most, "metrics": [metric],
        },
    })
}

/// How large the ReplicaSet with this image is meant to be, and how many of it are Ready.
async fn size(scene: &Scene<'_>, image: &str) -> Result<(u64, u64)> {
    let sets = scene.list("ReplicaSet").await?;
    let set = sets.iter().find(|set| set["spec"]["template"]["spec"]["containers"][0]["image"] == image);
    let number = |value: &Value| value.as_u64().unwrap_or(0);
    Ok(set.map_or((0, 0), |set| (number(&set["spec"]["replicas"]), number(&set["status"]["readyReplicas"]))))
}

/// Rolls version 2 out, to an end at which every pod of it still runs.
async fn loses_no_new_pod(scene: &Scene<'_>) -> Result<()> {
    let recorder = scene.record().await?;
    run(scene, &["apply", CONFIG]).await?.exits(0)?;
    scene.is_available(NAME, 2).await?;
    let events = is_clean(scene, recorder, &[NAME]).await?;
    same("new pods removed, restarted", &losses(&events, "reviews:2"), &(0, 0))
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn an_autoscaler_goes_on_scaling() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let steps = [objects::weight(10), objects::approval(), objects::weight(60), objects::approval()];
    let scene = Scene::with_earlier(cluster, &steps, &[NAME]).await?;
    scene.create(&autoscaler(2, 6)).await?;
    let before = scene.traffic(NAME).await?;
    let recorder = scene.record().await?;
    let mut apply = start(&scene, &["apply", CONFIG]).await?;
    let gate = apply.waits().await?;
    scene.change("HorizontalPodAutoscaler", NAME, |scaler| scaler["spec"]["minReplicas"] = json!(4)).await?;
    scene.until("4 new pods", async || Ok(size(&scene, "reviews:2").await? == (4, 4))).await?;
    approve(&scene, &gate).await?;
    let gate = apply.waits().await?;
    scene
        .change("HorizontalPodAutoscaler", NAME, |scaler| {
            scaler["spec"]["minReplicas"] = json!(1);
            scaler["spec"]["maxReplicas"] = json!(3);
        })
        .await?;
    scene.until("3 old pods", async || Ok(size(&scene, "reviews:1").await? == (3, 3))).await?;
    approve(&scene, &gate).await?;
    apply.end().await?.exits(0)?;
    scene.is_available(NAME, 3).await?;
    same("traffic", &scene.traffic(NAME).await?, &before)?;
    same("size", &scene.get("Deployment", NAME).await?["spec"]["replicas"], &json!(3))?;
    is_clean(&scene, recorder, &[NAME]).await?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn recreate_loses_no_new_pod() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let scene = Scene::with_earlier(cluster, &[objects::weight(50)], &[NAME]).await?;
    let recreate = json!({ "type": "Recreate" });
    scene.change("Deployment", NAME, |deployment| deployment["spec"]["strategy"] = recreate.clone()).await?;
    let mut next = objects::deployment(NAME, "reviews:2");
    next["spec"]["strategy"] = recreate;
    scene.write("manifests/reviews.yaml", &next)?;
    loses_no_new_pod(&scene).await?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn a_disruption_budget_is_no_hindrance() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let scene = Scene::with_earlier(cluster, &[objects::weight(50)], &[NAME]).await?;
    scene
        .create(&json!({
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": { "name": NAME },
            "spec": { "minAvailable": 2, "selector": { "matchLabels": { "app": NAME } } },
        }))
        .await?;
    loses_no_new_pod(&scene).await?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn an_earlier_version_comes_back() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let scene = Scene::with_earlier(cluster, &[objects::weight(50)], &[NAME]).await?;
    let before = scene.traffic(NAME).await?;
    for version in [2, 1, 2] {
        scene.release(NAME, version)?;
        let recorder = scene.record().await?;
        run(&scene, &["apply", CONFIG]).await?.exits(0)?;
        scene.is_available(NAME, 2).await?;
        same("image", &image(&scene, NAME).await?, &format!("reviews:{version}"))?;
        same("traffic", &scene.traffic(NAME).await?, &before)?;
        is_clean(&scene, recorder, &[NAME]).await?;
    }
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn a_version_comes_back_after_another_set_by_hand() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let scene = Scene::with_earlier(cluster, &[objects::weight(50)], &[NAME]).await?;
    let before = scene.traffic(NAME).await?;
    run(&scene, &["apply", CONFIG]).await?.exits(0)?;
    scene.kubectl(&["set", "image", "deployment/reviews", "reviews=reviews:9"])?;
    scene.kubectl(&["rollout", "status", "deployment", NAME, "--timeout=60s"])?;
    scene.is_available(NAME, 2).await?;
    let recorder = scene.record().await?;
    run(&scene, &["apply", CONFIG]).await?.exits(0)?;
    scene.is_available(NAME, 2).await?;
    same("image", &image(&scene, NAME).await?, &"reviews:2".to_owned())?;
    same("traffic", &scene.traffic(NAME).await?, &before)?;
    is_clean(&scene, recorder, &[NAME]).await?;
    scene.clear().await
}

/// The ReplicaSet with this image is the only one that has pods, and there is no Deployment.
async fn runs_alone(scene: &Scene<'_>, image: &str) -> Result<()> {
    same("Deployments", &scene.list("Deployment").await?.len(), &0)?;
    let sets = scene.list("ReplicaSet").await?;
    let running: Vec<&Value> = sets.iter().filter(|set| set["spec"]["replicas"] != 0).collect();
    same("ReplicaSets with pods", &running.len(), &1)?;
    let only = running.first().copied().cloned().unwrap_or_default();
    same("owners", &only["metadata"]["ownerReferences"], &Value::Null)?;
    same("size", &size(scene, image).await?, &(2, 2))
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn a_deployment_is_removed_and_made_again() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let scene = Scene::with_earlier(cluster, &[objects::weight(50)], &[NAME]).await?;
    let before = scene.traffic(NAME).await?;
    let recorder = scene.record().await?;
    scene.configure(|config| config["deploymentConfig"] = json!({ "keepDeploymentObject": false }))?;
    run(&scene, &["apply", CONFIG]).await?.exits(0)?;
    runs_alone(&scene, "reviews:2").await?;

    // The same version again is no rollout.
    let said = run(&scene, &["apply", CONFIG]).await?.exits(0)?;
    same("writes", &said.events().iter().filter(|event| event["event"] == "written").count(), &0)?;
    runs_alone(&scene, "reviews:2").await?;

    // The ReplicaSet that was left behind is what runs before the next one.
    scene.release(NAME, 3)?;
    run(&scene, &["apply", CONFIG]).await?.exits(0)?;
    runs_alone(&scene, "reviews:3").await?;

    scene.configure(|config| config["deploymentConfig"] = json!({}))?;
    scene.release(NAME, 4)?;
    run(&scene, &["apply", CONFIG]).await?.exits(0)?;
    scene.is_available(NAME, 2).await?;
    same("image", &image(&scene, NAME).await?, &"reviews:4".to_owned())?;
    same("traffic", &scene.traffic(NAME).await?, &before)?;
    let events = is_clean(&scene, recorder, &[NAME]).await?;
    for version in 2..=4 {
        let image = format!("reviews:{version}");
        let (removed, restarted) = losses(&events, &image);
        // Each has two pods, which the next version replaces.
        same(&image, &(removed, restarted), &(if version == 4 { 0 } else { 2 }, 0))?;
    }
    scene.clear().await
}
