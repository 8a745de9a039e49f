//! What others do to a rollout that nobody walks at that moment.

use serde_json::{Value, json};
use test_cluster::{Failure, Result, Scene, objects};

use super::NAME;
use super::state::State;

const HASH: &str = "armory-pod-template-hash";

/// A deed.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Deed {
    /// None: it is only left.
    Nothing,
    ServiceEdited,
    ServiceDeleted,
    /// By a GitOps tool, to what stands in Git.
    ServicePutBack,
    RuleEdited,
    RuleDeleted,
    RulePutBack,
    BothPutBack,
    NewSetDeleted,
    OldPodsDeleted,
    DeploymentResumed,
    /// To an image that is neither the old nor the new one.
    ImageSet,
    ResumedWithImage,
    DeploymentDeleted,
    RecordDeleted,
    RecordTampered,
    KeyDeleted,
    LeasesDeleted,
}

pub(super) const DEEDS: [Deed; 18] = [
    Deed::Nothing,
    Deed::ServiceEdited,
    Deed::ServiceDeleted,
    Deed::ServicePutBack,
    Deed::RuleEdited,
    Deed::RuleDeleted,
    Deed::RulePutBack,
    Deed::BothPutBack,
    Deed::NewSetDeleted,
    Deed::OldPodsDeleted,
    Deed::DeploymentResumed,
    Deed::ImageSet,
    Deed::ResumedWithImage,
    Deed::DeploymentDeleted,
    Deed::RecordDeleted,
    Deed::RecordTampered,
    Deed::KeyDeleted,
    Deed::LeasesDeleted,
];

impl Deed {
    /// Whether there is anything to do it to.
    pub(super) fn is_possible(self, state: State) -> bool {
        match self {
            Deed::NewSetDeleted => state >= State::Created,
            // From there on the Deployment is scaled, and that ends them.
            Deed::OldPodsDeleted => state < State::Adopted,
            Deed::DeploymentResumed => state < State::Resumed,
            _ => true,
        }
    }

    /// Whether somebody wants another version by it.
    pub(super) fn sets_an_image(self) -> bool {
        matches!(self, Deed::ImageSet | Deed::ResumedWithImage)
    }

    /// Whether it is done to a VirtualService that the rollout has not written yet, or has given back: then it is theirs.
    pub(super) fn is_none_of_ours(self, state: State) -> bool {
        let is_theirs = state < State::Created || state > State::Restored;
        is_theirs && matches!(self, Deed::ServiceEdited | Deed::ServiceDeleted)
    }

    /// Whether only the cluster says by it how far the rollout was.
    pub(super) fn loses_the_record(self) -> bool {
        matches!(self, Deed::RecordDeleted | Deed::RecordTampered | Deed::KeyDeleted)
    }

    pub(super) async fn carry_out(self, scene: &Scene<'_>) -> Result<()> {
        let (service, rule) = (objects::virtual_service(NAME), objects::destination_rule(NAME));
        match self {
            Deed::Nothing => Ok(()),
            Deed::ServiceEdited => {
                let to = |subset: &str, weight: u8| json!({ "destination": { "host": NAME, "subset": subset }, "weight": weight });
                let route = json!([to("stable", 33), to("canary", 67)]);
                let edit = |object: &mut Value| object["spec"]["http"][0]["route"] = route.clone();
                scene.change("VirtualService", NAME, edit).await.map(|_| ())
            }
            Deed::RuleEdited => {
                let edit = |object: &mut Value| object["spec"]["subsets"][0]["labels"][HASH] = json!("elsewhere");
                scene.change("DestinationRule", NAME, edit).await.map(|_| ())
            }
            Deed::ServiceDeleted => scene.kubectl(&["delete", "virtualservice", NAME]).map(|_| ()),
            Deed::RuleDeleted => scene.kubectl(&["delete", "destinationrule", NAME]).map(|_| ()),
            Deed::ServicePutBack => put_back(scene, &[service]),
            Deed::RulePutBack => put_back(scene, &[rule]),
            Deed::BothPutBack => put_back(scene, &[service, rule]),
            Deed::NewSetDeleted => {
                let sets = scene.list("ReplicaSet").await?;
                let is_new = |set: &&Value| set["spec"]["template"]["metadata"]["labels"][HASH].is_string();
                let new = sets.iter().find(is_new).and_then(|set| set["metadata"]["name"].as_str());
                let new = new.ok_or_else(|| Failure::new("there is no new ReplicaSet"))?;
                scene.kubectl(&["delete", "replicaset", new]).map(|_| ())
            }
            Deed::OldPodsDeleted => {
                let pods = scene.pods("reviews:1").await?;
                let pods: Vec<&str> = pods.iter().map(String::as_str).collect();
                scene.kubectl(&[&["delete", "pod", "--wait=false"], &pods[..]].concat()).map(|_| ())
            }
            Deed::DeploymentResumed => scene.change("Deployment", NAME, resume).await.map(|_| ()),
            Deed::ImageSet => scene.change("Deployment", NAME, set_image).await.map(|_| ()),
            Deed::ResumedWithImage => {
                let both = |deployment: &mut Value| {
                    resume(deployment);
                    set_image(deployment);
                };
                scene.change("Deployment", NAME, both).await.map(|_| ())
            }
            Deed::DeploymentDeleted => {
                scene.kubectl(&["delete", "deployment", NAME])?;
                let is_gone = async || {
                    Ok(scene.list("Deployment").await?.is_empty() && scene.pods("reviews:1").await?.is_empty())
                };
                scene.until("ends of its pods", is_gone).await
            }
            Deed::RecordDeleted => scene.kubectl(&["delete", "configmap", &record(scene).await?]).map(|_| ()),
            Deed::RecordTampered => {
                let move_on = |map: &mut Value| {
                    let cursor: Result<Value, _> = serde_json::from_str(map["data"]["cursor"].as_str().unwrap_or("{}"));
                    let mut cursor = cursor.unwrap_or_default();
                    cursor["done"] = json!(cursor["done"].as_u64().unwrap_or(0) ^ 1);
                    map["data"]["cursor"] = json!(cursor.to_string());
                };
                scene.change("ConfigMap", &record(scene).await?, move_on).await.map(|_| ())
            }
            Deed::KeyDeleted => scene.kubectl(&["delete", "secret", &record(scene).await?]).map(|_| ()),
            Deed::LeasesDeleted => scene.kubectl(&["delete", "lease", "--all"]).map(|_| ()),
        }
    }
}

/// Over whatever anybody has written.
fn put_back(scene: &Scene<'_>, items: &[Value]) -> Result<()> {
    scene.write("git.json", &json!({ "apiVersion": "v1", "kind": "List", "items": items }))?;
    let path = scene.folder.join("git.json").to_string_lossy().into_owned();
    let forced = ["apply", "--server-side", "--force-conflicts", "--field-manager=argocd", "--filename", &path];
    scene.kubectl(&forced).map(|_| ())
}

fn resume(deployment: &mut Value) {
    deployment["spec"].as_object_mut().map(|spec| spec.remove("paused"));
}

fn set_image(deployment: &mut Value) {
    deployment["spec"]["template"]["spec"]["containers"][0]["image"] = json!("reviews:9");
}

/// What the record is called, and the Secret of its key.
async fn record(scene: &Scene<'_>) -> Result<String> {
    let maps = scene.list("ConfigMap").await?;
    let record = maps.iter().find(|map| map["data"]["cursor"].is_string());
    let name = record.and_then(|map| map["metadata"]["name"].as_str());
    name.map(str::to_owned).ok_or_else(|| Failure::new("there is no record"))
}
