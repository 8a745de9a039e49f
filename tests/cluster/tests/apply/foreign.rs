//! What others did to a rollout's objects, and the way out of it.

use serde_json::{Value, json};
use test_cluster::{Cluster, Failure, Result, Scene, objects};

use super::{CONFIG, image, run, same, start, weights};

const NAME: &str = "reviews";

/// A rollout that waits for an approval at 10 %, and what there was before it.
async fn waiting() -> Result<(Scene<'static>, (Value, Value))> {
    let cluster = Cluster::shared().await?;
    let scene = Scene::with_earlier(cluster, &[objects::weight(10), objects::approval()], &[NAME]).await?;
    let before = scene.traffic(NAME).await?;
    run(&scene, &["apply", CONFIG, "--detach"]).await?.exits(7)?;
    Ok((scene, before))
}

/// Everything is as it was, and of the rollout nothing is left; an object that was made again may have another age.
async fn is_as_before(scene: &Scene<'_>, before: &(Value, Value)) -> Result<()> {
    let (service, rule) = scene.traffic(NAME).await?;
    for (found, wanted) in [(&service, &before.0), (&rule, &before.1)] {
        same("spec", &found["spec"], &wanted["spec"])?;
        same("labels", &found["metadata"]["labels"], &wanted["metadata"]["labels"])?;
        same("annotations", &found["metadata"]["annotations"], &wanted["metadata"]["annotations"])?;
    }
    same("image", &image(scene, NAME).await?, &"reviews:1".to_owned())?;
    same("paused", &scene.get("Deployment", NAME).await?["spec"]["paused"], &Value::Null)?;
    for (kind, number) in [("ReplicaSet", 1), ("Lease", 0), ("Secret", 0)] {
        same(kind, &scene.list(kind).await?.len(), &number)?;
    }
    scene.is_available(NAME, 2).await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn an_abort_takes_back_what_others_wrote_into_its_fields_and_says_so() -> Result<()> {
    let (scene, before) = waiting().await?;
    scene
        .change("VirtualService", NAME, |service| {
            service["spec"]["http"][0]["route"][0]["weight"] = json!(33);
            service["spec"]["http"][0]["route"][1]["weight"] = json!(67);
        })
        .await?;
    scene
        .change("DestinationRule", NAME, |rule| {
            rule["spec"]["subsets"][1]["labels"]["armory-pod-template-hash"] = json!("elsewhere");
        })
        .await?;
    run(&scene, &["resume", CONFIG]).await?.exits(4)?.complains("+ found   67")?;
    let said = run(&scene, &["abort", CONFIG]).await?.exits(0)?;
    let told = said.out.contains("somebody else changed spec.http[0].route[0].weight: it is taken back");
    same(&format!("whether it is said what was taken back: {}", said.out), &told, &true)?;
    is_as_before(&scene, &before).await?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn an_abort_makes_again_what_was_removed() -> Result<()> {
    for kinds in [&["virtualservice"][..], &["destinationrule"], &["virtualservice", "destinationrule"]] {
        let (scene, before) = waiting().await?;
        for kind in kinds {
            scene.kubectl(&["delete", kind, NAME])?;
        }
        run(&scene, &["resume", CONFIG]).await?.exits(4)?.complains("which is gone")?;
        let said = run(&scene, &["abort", CONFIG]).await?.exits(0)?;
        same("whether it is said", &said.out.contains("is gone: it is made again as it was"), &true)?;
        is_as_before(&scene, &before).await?;
        scene.clear().await?;
    }
    Ok(())
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn a_record_that_is_removed_is_missed_at_once_and_the_cluster_is_enough_to_go_back() -> Result<()> {
    let (scene, before) = waiting().await?;
    let mut resume = start(&scene, &["resume", CONFIG]).await?;
    resume.waits().await?;
    let records = scene.list("ConfigMap").await?;
    let names = records.iter().filter_map(|map| map["metadata"]["name"].as_str());
    let name = names.into_iter().find(|name| name.starts_with("foreshift-")).unwrap_or_default().to_owned();
    scene.kubectl(&["delete", "configmap", &name])?;
    let said = resume.end().await?.exits(4)?.complains("somebody has removed the record of this rollout")?;
    said.complains("foreshift abort deploy.yaml --from-cluster")?;
    same("weights", &weights(&scene, NAME).await?, &vec![90, 10])?;
    run(&scene, &["resume", CONFIG]).await?.exits(1)?;
    run(&scene, &["abort", CONFIG]).await?.exits(1)?;
    run(&scene, &["abort", CONFIG, "--from-cluster"]).await?.exits(0)?;
    is_as_before(&scene, &before).await?;
    // There is nothing left for a second one, and the way is free for the next rollout.
    let again = run(&scene, &["abort", CONFIG, "--from-cluster"]).await?.exits(0)?;
    same(&format!("what is left: {}", again.out), &again.out.contains("nothing of a rollout is left"), &true)?;
    run(&scene, &["apply", CONFIG, "--detach"]).await?.exits(7)?;
    scene.clear().await
}

/// What Argo CD or Flux does who was not told to leave the objects alone, and whoever tidies up by hand on top.
#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn after_a_gitops_tool_and_a_hand_one_command_ends_it() -> Result<()> {
    let (scene, before) = waiting().await?;
    put_back(&scene)?;
    let sets = scene.list("ReplicaSet").await?;
    let made = sets.iter().find(|set| set["metadata"]["ownerReferences"].is_null());
    let made = made.and_then(|set| set["metadata"]["name"].as_str()).ok_or_else(|| Failure::new("nothing was made"))?;
    scene.kubectl(&["delete", "replicaset", made])?;
    let recorder = scene.record().await?;
    run(&scene, &["abort", CONFIG]).await?.exits(0)?;
    let events = recorder.finish().await?;
    let faults = test_cluster::log::faults(&events, &[scene.get("Service", NAME).await?]);
    same("faults", &faults, &Vec::new())?;
    is_as_before(&scene, &before).await?;
    scene.clear().await
}

/// Applies the VirtualService and the DestinationRule as they stand in Git, over whatever anybody has written.
pub(super) fn put_back(scene: &Scene<'_>) -> Result<()> {
    let items = [objects::virtual_service(NAME), objects::destination_rule(NAME)];
    scene.write("git.json", &json!({ "apiVersion": "v1", "kind": "List", "items": items }))?;
    let path = scene.folder.join("git.json").to_string_lossy().into_owned();
    scene
        .kubectl(&["apply", "--server-side", "--force-conflicts", "--field-manager=argocd", "--filename", &path])
        .map(|_| ())
}
