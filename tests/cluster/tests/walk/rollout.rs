//! A rollout that is written by hand, one write at a time, and what there is to see after each.

use std::time::Duration;

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::{Pod, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use kube::ResourceExt;
use kube::api::{
    Api, ApiResource, DeleteParams, DynamicObject, GroupVersionKind, ListParams, Patch, PatchParams, PostParams,
};
use serde_json::{Value, json};
use test_cluster::{Change, Cluster, Event, Failure, Namespace, Recorder, Result, objects};

pub(super) const NEW: &str = "cd6648";
pub(super) const PIN: &str = "armory-pod-template-hash";
pub(super) const NATIVE: &str = "pod-template-hash";

/// A rollout of `reviews` in a namespace of its own.
pub(super) struct Walk {
    pub(super) namespace: Namespace,
    recorder: Recorder,
    /// The old revision's native hash.
    pub(super) old: String,
}

impl Walk {
    /// The user's objects, with three old pods Ready, and a log from then on.
    pub(super) async fn begin(cluster: &Cluster) -> Result<Walk> {
        let namespace = cluster.namespace().await?;
        let log = std::env::temp_dir().join(format!("{}.jsonl", namespace.name));
        create(&Api::<Service>::default_namespaced(namespace.client.clone()), objects::service("reviews")).await?;
        let deployments = Api::<Deployment>::default_namespaced(namespace.client.clone());
        create(
            &deployments,
            json!({
                "metadata": { "name": "reviews" },
                "spec": {
                    "replicas": 3,
                    "selector": { "matchLabels": { "app": "reviews" } },
                    "template": template("reviews:1", &json!({ "app": "reviews" })),
                },
            }),
        )
        .await?;
        let client = namespace.client.clone();
        create(&mesh(&client, "DestinationRule"), objects::destination_rule("reviews")).await?;
        create(&mesh(&client, "VirtualService"), objects::virtual_service("reviews")).await?;
        for _ in 0..600 {
            let done = deployments.get("reviews").await?.status.and_then(|status| status.available_replicas);
            if done == Some(3) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let sets: Api<ReplicaSet> = Api::default_namespaced(client);
        let set = sets.list(&ListParams::default()).await?.items.pop().ok_or_else(|| Failure::new("no ReplicaSet"))?;
        let old = set.labels()[NATIVE].clone();
        let recorder = Recorder::start(cluster.kubeconfig(), &namespace.name, &log).await?;
        let walk = Walk { namespace, recorder, old };
        walk.sees("stable", "3 old", "no such cluster").await?;
        Ok(walk)
    }

    /// The namespace, and all that happened in it.
    pub(super) async fn end(self) -> Result<(Namespace, Vec<Event>)> {
        let events = self.recorder.finish().await?;
        std::fs::remove_file(std::env::temp_dir().join(format!("{}.jsonl", self.namespace.name)))?;
        Ok((self.namespace, events))
    }

    pub(super) fn api<K>(&self) -> Api<K>
    where
        K: kube::Resource<Scope = k8s_openapi::NamespaceResourceScope>,
        K::DynamicType: Default,
    {
        Api::default_namespaced(self.namespace.client.clone())
    }

    pub(super) async fn spec(&self, kind: &str) -> Result<Value> {
        Ok(mesh(&self.namespace.client, kind).get("reviews").await?.data["spec"].clone())
    }

    /// Writes the fields of a spec; a field that is not named stays.
    pub(super) async fn write(&self, kind: &str, spec: Value) -> Result<()> {
        let patch = Patch::Merge(json!({ "spec": spec }));
        mesh(&self.namespace.client, kind).patch("reviews", &PatchParams::default(), &patch).await?;
        Ok(())
    }

    /// The new version beside the Deployment, whose selector does not match the ReplicaSet's own labels.
    pub(super) async fn create_replica_set(&self) -> Result<()> {
        let labels = json!({ "app": "reviews", PIN: NEW });
        create(
            &self.api::<ReplicaSet>(),
            json!({
                "metadata": { "name": format!("reviews-{NEW}") },
                "spec": {
                    "replicas": 3,
                    "selector": { "matchLabels": labels },
                    "template": template("reviews:2", &labels),
                },
            }),
        )
        .await
    }

    /// Takes the new version away, whose pods go in grace.
    pub(super) async fn delete_replica_set(&self) -> Result<()> {
        self.api::<ReplicaSet>().delete(&format!("reviews-{NEW}"), &DeleteParams::background()).await?;
        Ok(())
    }

    /// Four writes after which the new pods are the Deployment's.
    pub(super) async fn hand_over(&self) -> Result<()> {
        let sets: Api<ReplicaSet> = self.api();
        let deployments: Api<Deployment> = self.api();
        let name = format!("reviews-{NEW}");
        let labels = json!({ "app": "reviews", PIN: NEW });
        let parameters = PatchParams::default();
        let annotated = json!({ "metadata": { "annotations": { "deployment.kubernetes.io/desired-replicas": "3" } } });
        sets.patch(&name, &parameters, &Patch::Merge(annotated)).await?;
        let paused = json!({ "spec": { "paused": true, "template": template("reviews:2", &labels) } });
        let written = deployments.patch("reviews", &parameters, &Patch::Merge(paused)).await?;
        self.deployment(|it| {
            it.status.as_ref().and_then(|status| status.observed_generation) == written.metadata.generation
        })
        .await?;
        sets.patch(&name, &parameters, &Patch::Merge(json!({ "metadata": { "labels": labels } }))).await?;
        let resumed = json!({ "spec": { "paused": false } });
        let written = deployments.patch("reviews", &parameters, &Patch::Merge(resumed)).await?;
        self.deployment(|it| {
            it.status.as_ref().is_some_and(|status| {
                status.observed_generation == written.metadata.generation
                    && (status.replicas, status.updated_replicas, status.available_replicas)
                        == (Some(3), Some(3), Some(3))
            })
        })
        .await
    }

    async fn deployment(&self, is_so: impl Fn(&Deployment) -> bool) -> Result<()> {
        let deployments: Api<Deployment> = self.api();
        for _ in 0..600 {
            if is_so(&deployments.get("reviews").await?) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(Failure::new("the Deployment does not come so far in half a minute"))
    }

    /// Waits until so many pods are left, those included that are going.
    pub(super) async fn has_pods(&self, count: usize) -> Result<()> {
        for _ in 0..400 {
            if self.api::<Pod>().list(&ListParams::default()).await?.items.len() == count {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(Failure::new(format!("there are not {count} pods after 20 seconds")))
    }

    /// Waits for one row of the table.
    pub(super) async fn sees(&self, route: &str, stable: &str, canary: &str) -> Result<()> {
        let wanted = (route.to_owned(), stable.to_owned(), canary.to_owned());
        let mut seen = self.row().await?;
        for _ in 0..400 {
            if seen == wanted {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            seen = self.row().await?;
        }
        Err(Failure::new(format!("expected {wanted:?}, there is {seen:?}")))
    }

    async fn row(&self) -> Result<(String, String, String)> {
        let pods = self.ready_pods().await?;
        let rule = self.spec("DestinationRule").await?;
        let holds = |name: &str| {
            let subset = rule["subsets"].as_array().into_iter().flatten().find(|subset| subset["name"] == name);
            subset.map_or_else(|| "no such cluster".to_owned(), |subset| counted(&pods, &subset["labels"]))
        };
        let route = self.spec("VirtualService").await?["http"][0]["route"].clone();
        let route = match route.as_array().map(Vec::as_slice) {
            Some([only]) => only["destination"]["subset"].as_str().unwrap_or_default().to_owned(),
            Some([stable, canary]) => {
                let weight = |of: &Value| of["weight"].as_i64().unwrap_or_default();
                format!("{}/{}", weight(stable), weight(canary))
            }
            _ => String::new(),
        };
        Ok((route, holds("stable"), holds("canary")))
    }

    /// The pods behind the Service's ready endpoints.
    async fn ready_pods(&self) -> Result<Vec<Pod>> {
        let slices = self.api::<EndpointSlice>().list(&ListParams::default()).await?;
        let endpoints = slices.items.into_iter().filter_map(|slice| slice.endpoints).flatten();
        let ready = endpoints.filter(|endpoint| endpoint.conditions.as_ref().and_then(|it| it.ready) == Some(true));
        let names: Vec<String> = ready.filter_map(|endpoint| endpoint.target_ref?.name).collect();
        let pods = self.api::<Pod>().list(&ListParams::default()).await?;
        Ok(pods.items.into_iter().filter(|pod| names.contains(&pod.name_any())).collect())
    }
}

/// What a subset with these labels holds of the pods.
fn counted(pods: &[Pod], labels: &Value) -> String {
    let is_in = |pod: &&Pod| {
        let labels = labels.as_object().into_iter().flatten();
        labels.into_iter().all(|(name, value)| pod.labels().get(name).map(String::as_str) == value.as_str())
    };
    let (new, old): (Vec<&Pod>, Vec<&Pod>) = pods.iter().filter(is_in).partition(|pod| pod.labels().contains_key(PIN));
    match (old.len(), new.len()) {
        (0, 0) => "empty".to_owned(),
        (old, 0) => format!("{old} old"),
        (0, new) => format!("{new} new"),
        (old, new) => format!("{old} old + {new} new"),
    }
}

pub(super) fn subsets(pinned: &[(&str, &str, &str)]) -> Value {
    let subset = |(name, label, value): &(&str, &str, &str)| {
        let mut labels = json!({ "app": "reviews" });
        labels[*label] = json!(value);
        json!({ "name": name, "labels": labels })
    };
    json!({ "subsets": pinned.iter().map(subset).collect::<Vec<_>>() })
}

pub(super) fn weights(stable: i64, canary: i64) -> Value {
    let to = |subset, weight| json!({ "destination": { "host": "reviews", "subset": subset }, "weight": weight });
    json!({ "http": [{ "name": "main", "route": [to("stable", stable), to("canary", canary)] }] })
}

fn template(image: &str, labels: &Value) -> Value {
    json!({
        "metadata": { "labels": labels },
        "spec": { "containers": [{ "name": "reviews", "image": image, "ports": [{ "containerPort": 9080 }] }] },
    })
}

/// How many objects of a kind changed in this way.
pub(super) fn names(events: &[Event], kind: &str, change: Change) -> usize {
    events.iter().filter(|event| event.kind == kind && event.change == change).count()
}

async fn create<K>(api: &Api<K>, object: Value) -> Result<()>
where
    K: Clone + std::fmt::Debug + serde::Serialize + serde::de::DeserializeOwned,
{
    api.create(&PostParams::default(), &serde_json::from_value(object)?).await?;
    Ok(())
}

fn mesh(client: &kube::Client, kind: &str) -> Api<DynamicObject> {
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk("networking.istio.io", "v1", kind));
    Api::default_namespaced_with(client.clone(), &resource)
}
