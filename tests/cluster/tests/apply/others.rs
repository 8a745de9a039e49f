//! What others do while a rollout goes on: another rollout, edits by hand, a Lease that is taken.

use serde_json::{Value, json};
use test_cluster::{Cluster, Result, Scene, objects};

use super::{CONFIG, image, is_clean, run, same, start, weights};

const NAME: &str = "reviews";

/// A rollout with one approval, at 10 %.
async fn scene() -> Result<Scene<'static>> {
    let cluster = Cluster::shared().await?;
    Scene::with_earlier(cluster, &[objects::weight(10), objects::approval()], &[NAME]).await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn of_two_at_once_one_refuses() -> Result<()> {
    let scene = scene().await?;
    let recorder = scene.record().await?;
    let mut first = start(&scene, &["apply", CONFIG]).await?;
    first.waits().await?;
    run(&scene, &["apply", CONFIG]).await?.exits(3)?;
    // Another application that means the same objects.
    scene.configure(|config| config["application"] = json!("other"))?;
    run(&scene, &["apply", CONFIG]).await?.exits(3)?;
    scene.configure(|config| config["application"] = json!(NAME))?;
    run(&scene, &["approve", CONFIG]).await?.exits(0)?;
    first.end().await?.exits(0)?;
    is_clean(&scene, recorder, &[NAME]).await?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn begun_at_the_same_moment_one_works() -> Result<()> {
    let scene = scene().await?;
    let recorder = scene.record().await?;
    let (mut first, mut second) = (start(&scene, &["apply", CONFIG]).await?, start(&scene, &["apply", CONFIG]).await?);
    let (is_first, is_second) = tokio::join!(first.waits(), second.waits());
    let (winner, loser) = if is_first.is_ok() { (first, second) } else { (second, first) };
    same("how many wait", &(is_first.is_ok() && is_second.is_ok()), &false)?;
    loser.end().await?.exits(3)?;
    run(&scene, &["approve", CONFIG]).await?.exits(0)?;
    winner.end().await?.exits(0)?;
    same("image", &image(&scene, NAME).await?, &"reviews:2".to_owned())?;
    is_clean(&scene, recorder, &[NAME]).await?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn who_loses_a_lease_writes_no_more() -> Result<()> {
    let scene = scene().await?;
    let mut apply = start(&scene, &["apply", CONFIG]).await?;
    apply.waits().await?;
    let leases = scene.list("Lease").await?;
    let name =
        leases.iter().filter_map(|lease| lease["metadata"]["name"].as_str()).max().unwrap_or_default().to_owned();
    scene
        .change("Lease", &name, |lease| {
            lease["spec"]["holderIdentity"] = json!("somebody");
            lease["metadata"]["annotations"] = json!({});
        })
        .await?;
    let before = scene.get("VirtualService", NAME).await?["metadata"]["resourceVersion"].clone();
    apply.end().await?.exits(7)?.complains("is held by somebody since")?;
    let after = scene.get("VirtualService", NAME).await?["metadata"]["resourceVersion"].clone();
    same("version of the VirtualService", &after, &before)?;
    same("weights", &weights(&scene, NAME).await?, &vec![90, 10])?;
    // Somebody never renews it: it can be had again.
    run(&scene, &["approve", CONFIG]).await?.exits(0)?;
    run(&scene, &["resume", CONFIG]).await?.exits(0)?;
    same("image", &image(&scene, NAME).await?, &"reviews:2".to_owned())?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn an_edit_of_an_owned_field_stops_it() -> Result<()> {
    let scene = scene().await?;
    let before = scene.traffic(NAME).await?;
    for goes_on in [true, false] {
        let name = if goes_on { "apply" } else { "resume" };
        let mut walking = start(&scene, &[name, CONFIG]).await?;
        walking.waits().await?;
        let set =
            |percent: u64| move |service: &mut Value| service["spec"]["http"][0]["route"][1]["weight"] = json!(percent);
        scene.change("VirtualService", NAME, set(33)).await?;
        let said = walking.end().await?.exits(4)?.complains("somebody else changed VirtualService reviews")?;
        said.complains("- planned 10")?.complains("+ found   33")?;
        run(&scene, &["resume", CONFIG]).await?.exits(4)?;
        scene.change("VirtualService", NAME, set(10)).await?;
        if !goes_on {
            run(&scene, &["approve", CONFIG]).await?.exits(0)?;
            run(&scene, &["resume", CONFIG]).await?.exits(0)?;
        }
    }
    same("traffic", &scene.traffic(NAME).await?, &before)?;
    same("image", &image(&scene, NAME).await?, &"reviews:2".to_owned())?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn an_object_that_is_removed_stops_it() -> Result<()> {
    let scene = scene().await?;
    let mut apply = start(&scene, &["apply", CONFIG]).await?;
    apply.waits().await?;
    scene.kubectl(&["delete", "destinationrule", NAME])?;
    apply.end().await?.exits(4)?.complains("DestinationRule reviews, which is gone")?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn an_edit_of_any_other_field_survives() -> Result<()> {
    let scene = scene().await?;
    let recorder = scene.record().await?;
    let mut apply = start(&scene, &["apply", CONFIG]).await?;
    apply.waits().await?;
    let edit = |object: &mut Value, path: &str, value: Value| {
        object["metadata"]["labels"]["team"] = json!("blue");
        object["spec"][path] = value;
    };
    scene.change("DestinationRule", NAME, |rule| edit(rule, "exportTo", json!(["*"]))).await?;
    let wanted = scene
        .change("VirtualService", NAME, |service| {
            edit(service, "gateways", json!(["mesh"]));
            service["spec"]["http"][0]["timeout"] = json!("3s");
        })
        .await?;
    run(&scene, &["approve", CONFIG]).await?.exits(0)?;
    apply.end().await?.exits(0)?;
    let (service, rule) = scene.traffic(NAME).await?;
    for (name, object) in [("VirtualService", &service), ("DestinationRule", &rule)] {
        same(name, &object["metadata"]["labels"]["team"], &json!("blue"))?;
    }
    same("exportTo", &rule["spec"]["exportTo"], &json!(["*"]))?;
    same("gateways", &service["spec"]["gateways"], &wanted["spec"]["gateways"])?;
    same("timeout", &service["spec"]["http"][0]["timeout"], &json!("3s"))?;
    same("route", &service["spec"]["http"][0]["route"], &objects::virtual_service(NAME)["spec"]["http"][0]["route"])?;
    is_clean(&scene, recorder, &[NAME]).await?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn a_replacement_takes_the_running_one_back_first() -> Result<()> {
    let scene = scene().await?;
    let recorder = scene.record().await?;
    let mut first = start(&scene, &["apply", CONFIG]).await?;
    first.waits().await?;
    scene.release(NAME, 3)?;
    let mut second = start(&scene, &["apply", CONFIG, "--replace"]).await?;
    first.end().await?.exits(5)?;
    second.waits().await?;
    run(&scene, &["approve", CONFIG]).await?.exits(0)?;
    second.end().await?.exits(0)?;
    same("image", &image(&scene, NAME).await?, &"reviews:3".to_owned())?;
    is_clean(&scene, recorder, &[NAME]).await?;

    // One that nobody walks is taken back by the replacement itself.
    scene.release(NAME, 4)?;
    run(&scene, &["apply", CONFIG, "--detach"]).await?.exits(7)?;
    scene.release(NAME, 5)?;
    run(&scene, &["apply", CONFIG, "--detach", "--replace"]).await?.exits(7)?;
    run(&scene, &["approve", CONFIG]).await?.exits(0)?;
    run(&scene, &["resume", CONFIG]).await?.exits(0)?;
    same("image", &image(&scene, NAME).await?, &"reviews:5".to_owned())?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn a_saved_plan_is_for_the_cluster_that_it_was_made_against() -> Result<()> {
    let scene = scene().await?;
    let saved = run(&scene, &["plan", CONFIG, "--live"]).await?.exits(0)?;
    std::fs::write(scene.folder.join("plan.json"), &saved.out)?;
    let service = |timeout: Value| move |object: &mut Value| object["spec"]["http"][0]["timeout"] = timeout.clone();
    scene.change("VirtualService", NAME, service(json!("3s"))).await?;
    run(&scene, &["apply", "plan.json"]).await?.exits(4)?.complains("timeout: \"3s\"")?;
    same("weights", &weights(&scene, NAME).await?.len(), &1)?;
    scene
        .change("VirtualService", NAME, |object| {
            object["spec"]["http"][0].as_object_mut().map(|route| route.remove("timeout"));
        })
        .await?;
    // What happens in other namespaces is nothing to it.
    let other = self::scene().await?;
    run(&other, &["apply", CONFIG, "--detach"]).await?.exits(7)?;
    // It carries its manifests with it.
    scene.release(NAME, 9)?;
    let mut apply = start(&scene, &["apply", "plan.json"]).await?;
    apply.waits().await?;
    run(&scene, &["approve", CONFIG]).await?.exits(0)?;
    apply.end().await?.exits(0)?;
    same("image", &image(&scene, NAME).await?, &"reviews:2".to_owned())?;
    other.clear().await?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn of_those_that_wait_the_newest_goes_on() -> Result<()> {
    let scene = scene().await?;
    scene.configure(|config| {
        config["deploymentConfig"] = json!({ "ifDeploymentInProgress": { "strategy": "enqueueOne" } });
    })?;
    let recorder = scene.record().await?;
    let mut first = start(&scene, &["apply", CONFIG]).await?;
    first.waits().await?;
    let is_queued = |event: &Value| event["words"].as_str().is_some_and(|words| words.contains("waits for the end"));
    scene.release(NAME, 3)?;
    let mut second = start(&scene, &["apply", CONFIG]).await?;
    second.until(is_queued).await?;
    scene.release(NAME, 4)?;
    let mut third = start(&scene, &["apply", CONFIG]).await?;
    third.until(is_queued).await?;
    second.end().await?.exits(3)?.complains("a newer rollout")?;
    run(&scene, &["approve", CONFIG]).await?.exits(0)?;
    first.end().await?.exits(0)?;
    same("image", &image(&scene, NAME).await?, &"reviews:2".to_owned())?;
    third.waits().await?;
    run(&scene, &["approve", CONFIG]).await?.exits(0)?;
    third.end().await?.exits(0)?;
    same("image", &image(&scene, NAME).await?, &"reviews:4".to_owned())?;
    is_clean(&scene, recorder, &[NAME]).await?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn an_apply_goes_on_where_it_may() -> Result<()> {
    let scene = scene().await?;
    run(&scene, &["apply", CONFIG, "--resume", "--detach"]).await?.exits(7)?;
    run(&scene, &["apply", CONFIG, "--resume", "--detach"]).await?.exits(7)?;
    run(&scene, &["approve", CONFIG]).await?.exits(0)?;
    run(&scene, &["apply", CONFIG, "--resume", "--detach"]).await?.exits(0)?;
    same("image", &image(&scene, NAME).await?, &"reviews:2".to_owned())?;
    scene.clear().await
}
