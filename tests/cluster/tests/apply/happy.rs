//! Rollouts that come to their end.

use serde_json::json;
use test_cluster::{Cluster, Result, Scene, objects};

use super::{CONFIG, approve, image, is_clean, losses, run, same, start, weights};

const NAME: &str = "reviews";

/// Armory's example: 10 %, an approval, 90 %, an approval.
fn reference() -> Vec<serde_json::Value> {
    vec![objects::weight(10), objects::approval(), objects::weight(90), objects::approval()]
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn the_reference_goes_to_its_end_and_so_does_the_next_one() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let scene = Scene::with_earlier(cluster, &reference(), &[NAME]).await?;
    let before = scene.traffic(NAME).await?;
    let recorder = scene.record().await?;
    let mut apply = start(&scene, &["apply", CONFIG]).await?;
    for shares in [[90, 10], [10, 90]] {
        let gate = apply.waits().await?;
        same("weights", &weights(&scene, NAME).await?, &shares.to_vec())?;
        let rule = scene.get("DestinationRule", NAME).await?;
        let pins: Vec<bool> = (0..2)
            .map(|subset| rule["spec"]["subsets"][subset]["labels"].get("armory-pod-template-hash").is_some())
            .collect();
        // The first version has the controller's own label only.
        same("pins of stable and canary", &pins, &vec![false, true])?;
        approve(&scene, &gate).await?;
    }
    apply.end().await?.exits(0)?;
    same("VirtualService and DestinationRule", &scene.traffic(NAME).await?, &before)?;
    same("image", &image(&scene, NAME).await?, &"reviews:2".to_owned())?;
    let events = is_clean(&scene, recorder, &[NAME]).await?;
    same("new pods removed, restarted", &losses(&events, "reviews:2"), &(0, 0))?;

    scene.release(NAME, 3)?;
    let recorder = scene.record().await?;
    let mut apply = start(&scene, &["apply", CONFIG]).await?;
    for _ in 0..2 {
        let gate = apply.waits().await?;
        approve(&scene, &gate).await?;
    }
    apply.end().await?.exits(0)?;
    same("VirtualService and DestinationRule", &scene.traffic(NAME).await?, &before)?;
    same("image", &image(&scene, NAME).await?, &"reviews:3".to_owned())?;
    is_clean(&scene, recorder, &[NAME]).await?;

    scene.kubectl(&["rollout", "undo", "deployment", NAME])?;
    scene.kubectl(&["rollout", "status", "deployment", NAME, "--timeout=60s"])?;
    same("image after an undo", &image(&scene, NAME).await?, &"reviews:2".to_owned())?;

    let ended: serde_json::Value = serde_json::from_str(&run(&scene, &["history", CONFIG]).await?.exits(0)?.out)?;
    let phases: Vec<_> = ended["history"].as_array().into_iter().flatten().map(|run| run["phase"].clone()).collect();
    same("history", &phases, &vec![json!("done"), json!("done")])?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn two_pairs_go_in_lock_step() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let names = ["reviews", "ratings"];
    let steps = [objects::weight(20), objects::approval(), objects::weight(60)];
    let scene = Scene::with_earlier(cluster, &steps, &names).await?;
    let before = (scene.traffic("reviews").await?, scene.traffic("ratings").await?);
    let recorder = scene.record().await?;
    let mut apply = start(&scene, &["apply", CONFIG]).await?;
    apply.waits().await?;
    for name in names {
        same(name, &weights(&scene, name).await?, &vec![80, 20])?;
    }
    run(&scene, &["approve", CONFIG]).await?.exits(0)?;
    apply.end().await?.exits(0)?;
    same("traffic", &(scene.traffic("reviews").await?, scene.traffic("ratings").await?), &before)?;
    for name in names {
        same(name, &image(&scene, name).await?, &format!("{name}:2"))?;
    }
    is_clean(&scene, recorder, &names).await?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn what_comes_with_the_manifests_is_there_at_the_end() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let scene = Scene::with_earlier(cluster, &[objects::weight(50)], &[NAME]).await?;
    let mut service = objects::virtual_service(NAME);
    service["spec"]["http"][0]["timeout"] = json!("7s");
    let rule = objects::destination_rule(NAME);
    scene.write("manifests/virtual-service.yaml", &service)?;
    scene.write("manifests/destination-rule.yaml", &rule)?;
    scene.write(
        "manifests/settings.yaml",
        &json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "settings" }, "data": { "colour": "red" },
        }),
    )?;
    let recorder = scene.record().await?;
    run(&scene, &["apply", CONFIG]).await?.exits(0)?;
    same("VirtualService", &scene.get("VirtualService", NAME).await?["spec"], &service["spec"])?;
    same("DestinationRule", &scene.get("DestinationRule", NAME).await?["spec"], &rule["spec"])?;
    same("ConfigMap", &scene.get("ConfigMap", "settings").await?["data"]["colour"], &json!("red"))?;
    same("image", &image(&scene, NAME).await?, &"reviews:2".to_owned())?;
    is_clean(&scene, recorder, &[NAME]).await?;

    // Nothing has changed since.
    let again = run(&scene, &["apply", CONFIG]).await?.exits(0)?;
    let last = again.events().pop().unwrap_or_default();
    same("the same once more", &last["outcome"], &json!("nothing"))?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn a_first_deployment_shifts_nothing() -> Result<()> {
    let cluster = Cluster::shared().await?;
    for are_there in [true, false] {
        let scene = Scene::new(cluster, &[objects::weight(50)], &[NAME]).await?;
        scene.create(&objects::service(NAME)).await?;
        let objects = [objects::destination_rule(NAME), objects::virtual_service(NAME)];
        for (index, object) in objects.iter().enumerate() {
            if are_there {
                scene.create(object).await?;
            } else {
                scene.write(&format!("manifests/{index}.yaml"), object)?;
            }
        }
        scene.release(NAME, 1)?;
        run(&scene, &["apply", CONFIG]).await?.exits(0)?;
        scene.is_available(NAME, 2).await?;
        same("image", &image(&scene, NAME).await?, &"reviews:1".to_owned())?;
        same("VirtualService", &scene.get("VirtualService", NAME).await?["spec"], &objects[1]["spec"])?;
        same("ReplicaSets", &scene.list("ReplicaSet").await?.len(), &1)?;

        scene.release(NAME, 2)?;
        let before = scene.traffic(NAME).await?;
        let recorder = scene.record().await?;
        run(&scene, &["apply", CONFIG]).await?.exits(0)?;
        same("traffic", &scene.traffic(NAME).await?, &before)?;
        same("image", &image(&scene, NAME).await?, &"reviews:2".to_owned())?;
        is_clean(&scene, recorder, &[NAME]).await?;
        scene.clear().await?;
    }
    Ok(())
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn traffic_objects_come_with_a_later_version() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let scene = Scene::new(cluster, &[objects::weight(50), objects::approval()], &[NAME]).await?;
    scene.create(&objects::service(NAME)).await?;
    scene.create(&objects::deployment(NAME, "reviews:1")).await?;
    scene.is_available(NAME, 2).await?;
    scene.release(NAME, 2)?;
    let (service, rule) = (objects::virtual_service(NAME), objects::destination_rule(NAME));
    scene.write("manifests/traffic.yaml", &json!({ "apiVersion": "v1", "kind": "List", "items": [service, rule] }))?;

    // Taken back, they stay: the manifests brought them.
    let mut apply = start(&scene, &["apply", CONFIG]).await?;
    apply.waits().await?;
    run(&scene, &["approve", CONFIG, "--reject"]).await?.exits(0)?;
    apply.end().await?.exits(5)?;
    let taken_back = scene.traffic(NAME).await?;
    same("VirtualService", &taken_back.0["spec"], &service["spec"])?;
    same("DestinationRule", &taken_back.1["spec"], &rule["spec"])?;
    same("image", &image(&scene, NAME).await?, &"reviews:1".to_owned())?;

    let recorder = scene.record().await?;
    let mut apply = start(&scene, &["apply", CONFIG]).await?;
    apply.waits().await?;
    run(&scene, &["approve", CONFIG]).await?.exits(0)?;
    apply.end().await?.exits(0)?;
    same("traffic", &scene.traffic(NAME).await?, &taken_back)?;
    same("image", &image(&scene, NAME).await?, &"reviews:2".to_owned())?;
    is_clean(&scene, recorder, &[NAME]).await?;
    scene.clear().await
}
