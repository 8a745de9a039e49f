//! Rollouts that are taken back, interrupted, or left for later.

use serde_json::json;
use test_cluster::{Cluster, Result, Scene, objects};

use super::{CONFIG, image, is_clean, run, same, start, weights};

const NAME: &str = "reviews";

/// Whether everything is as it was before the rollout.
async fn is_back(scene: &Scene<'_>, before: &(serde_json::Value, serde_json::Value)) -> Result<()> {
    same("traffic", &scene.traffic(NAME).await?, before)?;
    same("image", &image(scene, NAME).await?, &"reviews:1".to_owned())?;
    same("ReplicaSets", &scene.list("ReplicaSet").await?.len(), &1)?;
    same("Leases", &scene.list("Lease").await?.len(), &0)
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn a_rejected_rollout_goes_back() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let scene = Scene::with_earlier(cluster, &[objects::weight(50), objects::approval()], &[NAME]).await?;
    let before = scene.traffic(NAME).await?;
    let recorder = scene.record().await?;
    let mut apply = start(&scene, &["apply", CONFIG]).await?;
    apply.waits().await?;
    run(&scene, &["approve", CONFIG, "--reject"]).await?.exits(0)?;
    apply.end().await?.exits(5)?;
    is_back(&scene, &before).await?;
    is_clean(&scene, recorder, &[NAME]).await?;

    // The same again, and this time to its end.
    let mut apply = start(&scene, &["apply", CONFIG]).await?;
    apply.waits().await?;
    run(&scene, &["approve", CONFIG]).await?.exits(0)?;
    apply.end().await?.exits(0)?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn an_abort_from_elsewhere_turns_it_round() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let scene = Scene::with_earlier(cluster, &[objects::weight(10), objects::approval()], &[NAME]).await?;
    let before = scene.traffic(NAME).await?;
    let recorder = scene.record().await?;
    let mut apply = start(&scene, &["apply", CONFIG]).await?;
    apply.waits().await?;
    run(&scene, &["abort", CONFIG]).await?.exits(0)?;
    apply.end().await?.exits(5)?;
    is_back(&scene, &before).await?;
    is_clean(&scene, recorder, &[NAME]).await?;
    run(&scene, &["abort", CONFIG]).await?.exits(1)?.complains("no rollout of reviews is in progress")?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn a_canary_that_dies_under_an_open_approval_is_taken_back() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let scene = Scene::with_earlier(cluster, &[objects::weight(90), objects::approval()], &[NAME]).await?;
    let before = scene.traffic(NAME).await?;
    let mut dying = objects::deployment(NAME, "reviews:2");
    dying["spec"]["template"]["metadata"]["annotations"]["foreshift.test/fails-after"] = json!("12s");
    scene.write("manifests/reviews.yaml", &dying)?;
    let mut apply = start(&scene, &["apply", CONFIG]).await?;
    apply.waits().await?;
    same("weights", &weights(&scene, NAME).await?, &vec![10, 90])?;
    let said = apply.end().await?.exits(5)?;
    let turned = said.events().into_iter().find(|event| event["event"] == "turningRound").unwrap_or_default();
    same("why", &turned["why"], &json!("no new pod of Deployment reviews is Ready any more"))?;
    is_back(&scene, &before).await?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn pods_that_do_not_get_ready_in_time_are_taken_back() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let scene = Scene::with_earlier(cluster, &[objects::weight(50)], &[NAME]).await?;
    let before = scene.traffic(NAME).await?;
    scene.configure(|config| {
        config["deploymentConfig"] = json!({ "timeout": { "duration": 1, "unit": "minutes" } });
    })?;
    let mut late = objects::deployment(NAME, "reviews:2");
    late["spec"]["template"]["metadata"]["annotations"]["foreshift.test/ready-after"] = json!("never");
    scene.write("manifests/reviews.yaml", &late)?;
    let recorder = scene.record().await?;
    run(&scene, &["apply", CONFIG]).await?.exits(5)?;
    is_back(&scene, &before).await?;
    is_clean(&scene, recorder, &[NAME]).await?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn an_interrupted_rollout_is_resumed() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let scene = Scene::with_earlier(cluster, &[objects::weight(10), objects::approval()], &[NAME]).await?;
    let before = scene.traffic(NAME).await?;
    let recorder = scene.record().await?;
    for signal in ["INT", "KILL"] {
        let name = if signal == "INT" { "apply" } else { "resume" };
        let mut walking = start(&scene, &[name, CONFIG, "--lease=1s"]).await?;
        walking.waits().await?;
        walking.signal(signal)?;
        let said = walking.end().await?.exits(if signal == "INT" { 7 } else { -1 })?;
        if signal == "INT" {
            said.complains("foreshift resume")?;
        }
    }
    let mut resume = start(&scene, &["resume", CONFIG]).await?;
    resume.waits().await?;
    run(&scene, &["approve", CONFIG]).await?.exits(0)?;
    resume.end().await?.exits(0)?;
    same("traffic", &scene.traffic(NAME).await?, &before)?;
    same("image", &image(&scene, NAME).await?, &"reviews:2".to_owned())?;
    is_clean(&scene, recorder, &[NAME]).await?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn a_detached_rollout_goes_on_once_it_is_approved() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let scene = Scene::with_earlier(cluster, &[objects::weight(10), objects::approval()], &[NAME]).await?;
    let recorder = scene.record().await?;
    run(&scene, &["apply", CONFIG, "--detach"]).await?.exits(7)?;
    run(&scene, &["resume", CONFIG, "--detach"]).await?.exits(7)?;
    run(&scene, &["approve", CONFIG]).await?.exits(0)?;
    run(&scene, &["resume", CONFIG, "--detach"]).await?.exits(0)?;
    same("image", &image(&scene, NAME).await?, &"reviews:2".to_owned())?;
    is_clean(&scene, recorder, &[NAME]).await?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn an_abort_is_for_every_target_that_is_on_its_way() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let steps = [objects::weight(50), objects::approval()];
    let first = Scene::with_earlier(cluster, &steps, &[NAME]).await?;
    let second = Scene::with_earlier(cluster, &steps, &[NAME]).await?;
    let target =
        |scene: &Scene<'_>| json!({ "account": "test", "namespace": scene.namespace.name, "strategy": "canary" });
    first.configure(|config| {
        config["targets"] = json!({ "one": target(&first), "two": target(&second) });
        config["trafficManagement"][0]["targets"] = json!(["one", "two"]);
    })?;
    let before = (first.traffic(NAME).await?, second.traffic(NAME).await?);

    run(&first, &["apply", CONFIG, "--detach"]).await?.exits(7)?;
    run(&first, &["abort", CONFIG]).await?.exits(0)?;
    is_back(&first, &before.0).await?;
    is_back(&second, &before.1).await?;

    // One is at its end, the other one is not.
    run(&first, &["apply", CONFIG, "--detach"]).await?.exits(7)?;
    run(&first, &["approve", CONFIG, "--target=one"]).await?.exits(0)?;
    run(&first, &["resume", CONFIG, "--target=one"]).await?.exits(0)?;
    run(&first, &["abort", CONFIG]).await?.exits(0)?;
    same("image", &image(&first, NAME).await?, &"reviews:2".to_owned())?;
    is_back(&second, &before.1).await?;
    first.clear().await?;
    second.clear().await
}
