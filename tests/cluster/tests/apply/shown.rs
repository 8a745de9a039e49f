//! What is said before a rollout, held against what it then does: plans against the cluster, and rules for GitOps tools.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use test_cluster::{Cluster, Failure, Result, Scene, foreshift, objects};

use super::workloads::autoscaler;
use super::{CONFIG, image, run, same};

const NAME: &str = "reviews";

/// What a plan against the cluster says.
async fn planned(scene: &Scene<'_>) -> Result<Value> {
    let said = run(scene, &["plan", CONFIG, "--live"]).await?.exits(0)?;
    Ok(serde_json::from_str(&said.out)?)
}

/// The lines that the Deployment loses and gets by all states together.
fn lines(plan: &Value) -> (BTreeSet<&str>, BTreeSet<&str>) {
    let states = plan["targets"][0]["states"].as_array().map(Vec::as_slice).unwrap_or_default();
    let objects = states.iter().flat_map(|state| state["objects"].as_array().map(Vec::as_slice).unwrap_or_default());
    let texts: Vec<&str> =
        objects.filter(|object| object["kind"] == "Deployment").filter_map(|object| object["text"].as_str()).collect();
    let first: BTreeSet<&str> = texts.first().copied().unwrap_or_default().lines().map(str::trim).collect();
    let last: BTreeSet<&str> = texts.last().copied().unwrap_or_default().lines().map(str::trim).collect();
    (first.difference(&last).copied().collect(), last.difference(&first).copied().collect())
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn a_plan_shows_what_changes_and_nothing_that_the_server_filled_in() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let scene = Scene::with_earlier(cluster, &[objects::weight(50)], &[NAME]).await?;
    let plan = planned(&scene).await?;
    let canary = plan["targets"][0]["revisions"][0]["canary"].as_str().unwrap_or_default();
    let label = format!("armory-pod-template-hash: \"{canary}\"");
    let plain = label.replace('"', "");
    let (lost, got) = lines(&plan);
    same("lost", &lost, &BTreeSet::from(["image: \"reviews:1\""]))?;
    let got: BTreeSet<&str> = got.into_iter().filter(|line| *line != label && *line != plain).collect();
    same("got", &got, &BTreeSet::from(["image: \"reviews:2\""]))?;
    let images = json!([{ "container": NAME, "before": "reviews:1", "after": "reviews:2" }]);
    same("images", &plan["targets"][0]["revisions"][0]["images"], &images)?;
    scene.release(NAME, 1)?;
    let states = planned(&scene).await?["targets"][0]["states"].as_array().map_or(0, Vec::len);
    same("states of what runs already", &states, &1)?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn who_may_only_read_is_told_that_nothing_was_tried() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let scene = Scene::with_earlier(cluster, &[objects::weight(50)], &[NAME]).await?;
    let Ok(alice) = scene.cluster.kubeconfig_of("alice") else { return Ok(()) };
    let resources = "deployments.apps,replicasets.apps,pods,services,configmaps,virtualservices.networking.istio.io,\
                     destinationrules.networking.istio.io";
    scene.kubectl(&["create", "role", "readers", "--verb=get,list,watch", &format!("--resource={resources}")])?;
    scene.kubectl(&["create", "rolebinding", "readers", "--role=readers", "--user=alice"])?;
    let said = foreshift::run(&scene.folder, &alice, &["plan", CONFIG, "--live"]).await?.exits(0)?;
    let said = said.complains("not-tried")?;
    let plan: Value = serde_json::from_str(&said.out)?;
    let (lost, _) = lines(&plan);
    same("lost", &lost, &BTreeSet::from(["image: \"reviews:1\""]))?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn the_size_that_an_autoscaler_gave_stays_where_only_a_label_changes() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let scene = Scene::with_earlier(cluster, &[objects::weight(50)], &[NAME]).await?;
    scene.create(&autoscaler(6, 6)).await?;
    scene.is_available(NAME, 6).await?;
    let mut next = objects::deployment(NAME, "reviews:1");
    next["metadata"]["labels"] = json!({ "team": "books" });
    scene.write("manifests/reviews.yaml", &next)?;
    let recorder = scene.record().await?;
    run(&scene, &["apply", CONFIG]).await?.exits(0)?;
    let events = recorder.finish().await?;
    let deployments = events.iter().filter(|event| event.kind == "Deployment");
    let sizes: BTreeSet<u64> = deployments.filter_map(|event| event.object["spec"]["replicas"].as_u64()).collect();
    same("sizes", &sizes, &BTreeSet::from([6]))?;
    let deployment = scene.get("Deployment", NAME).await?;
    same("label", &deployment["metadata"]["labels"]["team"], &json!("books"))?;
    same("image", &image(&scene, NAME).await?, &"reviews:1".to_owned())?;
    scene.clear().await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn whatever_a_first_rollout_changes_was_said_without_the_cluster() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let scene = Scene::with_earlier(cluster, &[objects::weight(50)], &[NAME]).await?;
    for object in [objects::service(NAME), objects::destination_rule(NAME), objects::virtual_service(NAME)] {
        let kind = object["kind"].as_str().unwrap_or_default().to_lowercase();
        scene.write(&format!("manifests/{kind}.yaml"), &object)?;
    }
    let flux = run(&scene, &["gitops", CONFIG, "--output=flux"]).await?.exits(0)?.out;
    let argocd = run(&scene, &["gitops", CONFIG]).await?.exits(0)?.out;
    let flux: Value = serde_yaml::from_str(&flux).map_err(|error| Failure::new(error.to_string()))?;
    let rules = flux["spec"]["ignore"].as_array().cloned().unwrap_or_default();
    let recorder = scene.record().await?;
    run(&scene, &["apply", CONFIG]).await?.exits(0)?;
    let events = recorder.finish().await?;
    let mut pins = BTreeSet::new();
    for kind in ["VirtualService", "DestinationRule", "Deployment"] {
        let of_kind: Vec<_> = events.iter().filter(|event| event.kind == kind).collect();
        let Some(before) = of_kind.first().map(|event| &event.object) else { continue };
        let rule = rules.iter().find(|rule| rule["target"]["kind"] == kind).cloned().unwrap_or_default();
        let said: Vec<&str> =
            rule["paths"].as_array().map(Vec::as_slice).unwrap_or_default().iter().filter_map(Value::as_str).collect();
        for event in &of_kind {
            let mut changed = Vec::new();
            differences(&before["spec"], &event.object["spec"], "/spec", &mut changed);
            differences(
                &before["metadata"]["labels"],
                &event.object["metadata"]["labels"],
                "/metadata/labels",
                &mut changed,
            );
            for path in changed {
                if !said.iter().any(|said| path == *said || path.starts_with(&format!("{said}/"))) {
                    return Err(Failure::new(format!("{kind}: {path} changes, and {said:?} is all that was said")));
                }
            }
            let subsets = event.object["spec"]["subsets"].as_array().map(Vec::as_slice).unwrap_or_default();
            let stable = subsets.iter().filter(|subset| subset["name"] == "stable");
            pins.extend(
                stable.flat_map(|subset| subset["labels"].as_object()).flat_map(|labels| labels.keys().cloned()),
            );
        }
    }
    pins.remove("app");
    same("pins", &pins, &["armory-pod-template-hash", "pod-template-hash"].map(str::to_owned).into())?;
    for label in pins {
        let said = format!(".labels[\"{label}\"]");
        if !argocd.contains(&said) && !argocd.contains(&said.replace('"', "\\\"")) {
            return Err(Failure::new(format!("Argo CD is not told of {label}:\n{argocd}")));
        }
    }
    scene.clear().await
}

/// The JSON pointers of what is different in two values.
fn differences(left: &Value, right: &Value, at: &str, out: &mut Vec<String>) {
    if let (Value::Object(left), Value::Object(right)) = (left, right) {
        let keys: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
        for key in keys {
            let (old, new) = (left.get(key).unwrap_or(&Value::Null), right.get(key).unwrap_or(&Value::Null));
            differences(old, new, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), out);
        }
    } else if left != right {
        out.push(at.to_owned());
    }
}
