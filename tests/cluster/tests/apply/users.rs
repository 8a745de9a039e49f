//! Other users of the cluster than the administrator: who may approve, and what somebody can do who may write ConfigMaps.

use std::fs;
use std::path::{Path, PathBuf};

use foreshift_executor::live::Planned;
use foreshift_executor::record::{self, Record};
use serde_json::{Value, json};
use test_cluster::{Cluster, Failure, Result, Scene, foreshift, objects};

use super::{CONFIG, image, run, same, start, weights};

const NAME: &str = "reviews";

const BINDING: &str = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: NAME}\n\
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}\n\
    subjects: [{kind: User, name: bob, apiGroup: rbac.authorization.k8s.io}]\n";

/// `bob` may read and write ConfigMaps, and nothing else.
fn let_bob_write(scene: &Scene<'_>) -> Result<PathBuf> {
    let verbs = "--verb=get,list,update,create";
    scene.kubectl(&["create", "role", "maps", verbs, "--resource=configmaps"])?;
    scene.kubectl(&["create", "rolebinding", "maps", "--role=maps", "--user=bob"])?;
    scene.cluster.kubeconfig_of("bob")
}

/// kubectl as somebody else; what it prints, be it a complaint.
fn kubectl_as(scene: &Scene<'_>, kubeconfig: &Path, arguments: &[&str]) -> Result<(bool, String)> {
    let mut command = scene.cluster.kubectl()?;
    command.env("KUBECONFIG", kubeconfig).args(["--namespace", &scene.namespace.name]).args(arguments);
    let output = command.output()?;
    let text = [output.stdout, output.stderr].concat();
    Ok((output.status.success(), String::from_utf8_lossy(&text).into_owned()))
}

/// The record of the rollout, as its ConfigMap.
async fn record_of(scene: &Scene<'_>) -> Result<Value> {
    let maps = scene.list("ConfigMap").await?;
    let is_record = |map: &Value| map["data"]["cursor"].is_string();
    let mut record = maps.into_iter().find(is_record).ok_or_else(|| Failure::new("there is no record"))?;
    record["apiVersion"] = json!("v1");
    record["kind"] = json!("ConfigMap");
    Ok(record)
}

/// What `bob` makes of the record.
async fn tamper(scene: &Scene<'_>, bob: &Path, change: impl FnOnce(&mut Value) -> Result<()>) -> Result<()> {
    let mut record = record_of(scene).await?;
    change(&mut record)?;
    scene.write("record.json", &record)?;
    let path = scene.folder.join("record.json").to_string_lossy().into_owned();
    match kubectl_as(scene, bob, &["replace", "--filename", &path])? {
        (true, _) => Ok(()),
        (false, why) => Err(Failure::new(format!("bob may not write ConfigMaps: {why}"))),
    }
}

/// A manifest more, and the digests that fit it.
fn smuggle(map: &mut Value, name: &str) -> Result<()> {
    let mut record = Record::read(map).map_err(Failure::new)?;
    let mut request = record::decode(&record.inputs).map_err(Failure::new)?;
    let mut file = request.files.first().cloned().ok_or_else(|| Failure::new("a record of nothing"))?;
    file.path = "manifests/binding.yaml".to_owned();
    file.text = BINDING.replace("NAME", name);
    request.files.push(file);
    record.inputs = record::encode(&request);
    record.run.plan.clone_from(&Planned::again(&request).digest);
    record.cursor = record::Cursor { announced: 1, ..record::Cursor::default() };
    *map = record.write(Some(map));
    Ok(())
}

/// That nothing has moved, whatever the record says.
async fn is_untouched(scene: &Scene<'_>, binding: &str, versions: &[Value]) -> Result<()> {
    let found = scene.kubectl(&["get", "clusterrolebindings", "--output=name"])?;
    same("whether bob is made a master", &found.contains(binding), &false)?;
    same("weights", &weights(scene, NAME).await?, &vec![90, 10])?;
    same("versions", &self::versions(scene).await?, &versions.to_vec())
}

async fn versions(scene: &Scene<'_>) -> Result<Vec<Value>> {
    let mut versions = Vec::new();
    for kind in ["VirtualService", "DestinationRule", "Deployment"] {
        versions.push(scene.get(kind, NAME).await?["metadata"]["generation"].clone());
    }
    Ok(versions)
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn who_may_write_configmaps_moves_no_rollout_and_applies_nothing() -> Result<()> {
    let cluster = Cluster::shared().await?;
    type Deed = fn(&mut Value, &str) -> Result<()>;
    let deeds: [(&str, Deed); 4] = [
        ("a manifest", smuggle),
        ("the cursor", |map, _| edit(map, "cursor", |cursor| cursor["done"] = json!(6))),
        ("the way", |map, _| edit(map, "cursor", |cursor| cursor["direction"] = json!({ "back": { "from": 2 } }))),
        ("an answer", |map, _| {
            let yes = json!({ "yes": true, "by": "bob", "groups": ["developers"], "at": "2026-01-01T00:00:00Z" });
            let answers: serde_json::Map<_, _> = (0..14).map(|state| (format!("{state}.0"), yes.clone())).collect();
            map["data"]["answers"] = json!(json!(answers).to_string());
            edit(map, "cursor", |cursor| cursor["gate"] = Value::Null)
        }),
    ];
    for (what, deed) in deeds {
        let scene = Scene::with_earlier(cluster, &[objects::weight(10), objects::approval()], &[NAME]).await?;
        let Ok(bob) = let_bob_write(&scene) else { return Ok(()) };
        let before = scene.traffic(NAME).await?;
        run(&scene, &["apply", CONFIG, "--detach"]).await?.exits(7)?;
        let (versions, binding) = (versions(&scene).await?, format!("bob-of-{}", scene.namespace.name));
        tamper(&scene, &bob, |map| deed(map, &binding)).await?;
        let of = ["--application", NAME, "-n", &scene.namespace.name];
        let alone = [&["resume"][..], &of].concat();
        for command in [&["resume", CONFIG][..], &["abort", CONFIG], &["apply", CONFIG, "--resume"], &alone] {
            let said = run(&scene, command).await?;
            println!("{what}, {}: {}", command.join(" "), said.code);
            if what == "a manifest" && command[0] == "apply" {
                // It is not what these files would roll out.
                said.exits(3)?;
            } else {
                said.exits(4)?.complains("--from-cluster")?;
            }
            is_untouched(&scene, &binding, &versions).await?;
        }
        run(&scene, &["abort", CONFIG, "--from-cluster"]).await?.exits(0)?;
        same("spec", &scene.traffic(NAME).await?.0["spec"], &before.0["spec"])?;
        same("rule", &scene.traffic(NAME).await?.1["spec"], &before.1["spec"])?;
        same("image", &image(&scene, NAME).await?, &"reviews:1".to_owned())?;
        scene.clear().await?;
    }
    Ok(())
}

/// Answers that stand in a record open no gate of whoever walks it at that moment either.
#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn an_answer_in_the_record_opens_no_gate() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let scene = Scene::with_earlier(cluster, &[objects::weight(10), objects::approval()], &[NAME]).await?;
    let Ok(bob) = let_bob_write(&scene) else { return Ok(()) };
    let mut apply = start(&scene, &["apply", CONFIG]).await?;
    let waits = apply.waits().await?;
    let gate = waits["approval"].as_str().unwrap_or_default().to_owned();
    tamper(&scene, &bob, |map| {
        let yes = json!({ "yes": true, "by": "bob", "groups": ["developers"], "at": "2026-01-01T00:00:00Z" });
        map["data"]["answers"] = json!(json!({ gate: yes }).to_string());
        Ok(())
    })
    .await?;
    let refused = foreshift::run(&scene.folder, &bob, &["approve", CONFIG]).await?.exits(6)?;
    refused.complains("foreshift rbac")?;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    same("weights", &weights(&scene, NAME).await?, &vec![90, 10])?;
    run(&scene, &["approve", CONFIG]).await?.exits(0)?;
    apply.end().await?.exits(0)?;
    scene.clear().await
}

/// `alice` is of the group that the gate is for, and may do what `rbac` prints for it and nothing else; `bob` may write
/// ConfigMaps.
#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn who_is_of_the_group_approves_with_the_role_that_is_printed_for_it() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let gate = json!({ "pause": { "untilApproved": true, "requiresRoles": ["developers"] } });
    let scene =
        Scene::with_earlier(cluster, &[objects::weight(10), gate.clone(), objects::weight(50), gate], &[NAME]).await?;
    let (Ok(alice), Ok(bob)) = (scene.cluster.kubeconfig_of("alice"), let_bob_write(&scene)) else { return Ok(()) };
    let printed = run(&scene, &["rbac", CONFIG, "--live"]).await?.exits(0)?.out;
    let roles = of_group(&printed, "developers")?;
    fs::write(scene.folder.join("roles.json"), roles.to_string())?;
    scene.kubectl(&["apply", "-f", &scene.folder.join("roles.json").to_string_lossy()])?;
    run(&scene, &["apply", CONFIG, "--detach"]).await?.exits(7)?;
    foreshift::run(&scene.folder, &bob, &["approve", CONFIG]).await?.exits(1)?.complains("groups developers")?;
    let (is_read, _) = kubectl_as(&scene, &bob, &["get", "secrets"])?;
    same("whether bob reads the Secrets that answers are in", &is_read, &false)?;
    foreshift::run(&scene.folder, &alice, &["approve", CONFIG]).await?.exits(0)?;
    let twice = async || foreshift::run(&scene.folder, &alice, &["approve", CONFIG]).await?.exits(1);
    twice().await?.complains("already answered: approved by alice")?;
    run(&scene, &["resume", CONFIG, "--detach"]).await?.exits(7)?;
    same("weights", &weights(&scene, NAME).await?, &vec![50, 50])?;
    let state = apply_state(&run(&scene, &["status", CONFIG]).await?.exits(0)?.out)?;
    foreshift::run(&scene.folder, &alice, &["approve", CONFIG, "--state", &state]).await?.exits(0)?;
    run(&scene, &["resume", CONFIG]).await?.exits(0)?;
    same("image", &image(&scene, NAME).await?, &"reviews:2".to_owned())?;
    scene.clear().await
}

/// The number of writes that are made, by which an approval is named.
fn apply_state(status: &str) -> Result<String> {
    let status: Value = serde_json::from_str(status)?;
    Ok(status["cursor"]["done"].to_string())
}

/// The Roles of what `rbac` prints that are bound to a group, and their bindings.
fn of_group(printed: &str, group: &str) -> Result<Value> {
    let mut objects = Vec::new();
    for document in printed.split("\n---") {
        let object: Value = serde_yaml::from_str(document.trim_start_matches("---"))?;
        objects.push(object);
    }
    let binds = |object: &&Value| object["subjects"].as_array().into_iter().flatten().any(|of| of["name"] == group);
    let bindings: Vec<Value> = objects.iter().filter(binds).cloned().collect();
    let names: Vec<&Value> = bindings.iter().map(|binding| &binding["roleRef"]["name"]).collect();
    let roles =
        objects.iter().filter(|object| object["kind"] == "Role" && names.contains(&&object["metadata"]["name"]));
    let items: Vec<Value> = roles.cloned().chain(bindings.iter().cloned()).collect();
    if items.is_empty() {
        return Err(Failure::new(format!("no Role is bound to {group}:\n{printed}")));
    }
    Ok(json!({ "apiVersion": "v1", "kind": "List", "items": items }))
}

/// Changes one of the JSON texts in a ConfigMap.
fn edit(map: &mut Value, key: &str, change: impl FnOnce(&mut Value)) -> Result<()> {
    let mut value: Value = serde_json::from_str(map["data"][key].as_str().unwrap_or_default())?;
    change(&mut value);
    map["data"][key] = json!(value.to_string());
    Ok(())
}
