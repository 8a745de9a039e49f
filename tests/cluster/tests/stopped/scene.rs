//! A namespace with an earlier version Ready in it, and the files of the rollout that is to happen there.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use kube::api::{Api, ApiResource, DynamicObject, GroupVersionKind, ListParams, PostParams};
use serde_json::{Value, json};
use test_cluster::{Cluster, Failure, Namespace, Recorder, Result};

/// What there is before a rollout.
pub(super) struct Scene {
    pub(super) namespace: Namespace,
    pub(super) folder: PathBuf,
    pub(super) recorder: Recorder,
    pub(super) service: Value,
    /// The specs of VirtualService and DestinationRule.
    pub(super) start: (Value, Value),
}

impl Scene {
    /// With an approval after the first weight, or with nothing to wait for.
    pub(super) async fn set(cluster: &Cluster, waits: bool) -> Result<Scene> {
        let namespace = cluster.namespace().await?;
        let folder = std::env::temp_dir().join(format!("foreshift-stopped-{}", namespace.name));
        fs::create_dir_all(folder.join("manifests"))?;
        fs::write(folder.join("deploy.yaml"), config(&namespace.name, waits).to_string())?;
        fs::write(folder.join("manifests/deployment.yaml"), deployment(&namespace.name, "reviews:2").to_string())?;
        let spec = json!({ "selector": { "app": "reviews" }, "ports": [{ "name": "http", "port": 9080 }] });
        let service = create(&namespace, "", "Service", &object(&namespace.name, "v1", "Service", &spec)).await?;
        let rule = json!({ "host": "reviews", "subsets": [{ "name": "stable", "labels": { "app": "reviews" } }] });
        let route = json!([{ "destination": { "host": "reviews", "subset": "stable" } }]);
        let routes = json!({ "hosts": ["reviews"], "http": [{ "name": "main", "route": route }] });
        for (kind, spec) in [("DestinationRule", rule), ("VirtualService", routes)] {
            let object = object(&namespace.name, "networking.istio.io/v1", kind, &spec);
            create(&namespace, "networking.istio.io", kind, &object).await?;
        }
        create(&namespace, "apps", "Deployment", &deployment(&namespace.name, "reviews:1")).await?;
        for tries in 0.. {
            if get(&namespace, "apps", "Deployment").await?["status"]["availableReplicas"] == 2 {
                break;
            }
            if tries == 600 {
                return Err(Failure::new("the earlier version does not become Ready"));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let recorder = Recorder::start(cluster.kubeconfig(), &namespace.name, &folder.join("log.jsonl")).await?;
        let start = traffic(&namespace).await?;
        Ok(Scene { namespace, folder, recorder, service, start })
    }
}

/// The specs of VirtualService and DestinationRule.
pub(super) async fn traffic(namespace: &Namespace) -> Result<(Value, Value)> {
    let of = async |kind| Ok::<_, Failure>(get(namespace, "networking.istio.io", kind).await?["spec"].clone());
    Ok((of("VirtualService").await?, of("DestinationRule").await?))
}

/// One object of the rollout; all are called `reviews`.
pub(super) async fn get(namespace: &Namespace, group: &str, kind: &str) -> Result<Value> {
    Ok(serde_json::to_value(api(namespace, group, kind).get("reviews").await?)?)
}

/// Every object of a kind.
pub(super) async fn list(namespace: &Namespace, group: &str, kind: &str) -> Result<Vec<Value>> {
    let found = api(namespace, group, kind).list(&ListParams::default()).await?;
    found.items.iter().map(|object| Ok(serde_json::to_value(object)?)).collect()
}

/// Takes away what the namespace holds, so that later plans need not look at it.
pub(super) async fn clear(cluster: &Cluster, namespace: &Namespace, folder: &Path) -> Result<()> {
    let namespaces: Api<k8s_openapi::api::core::v1::Namespace> = Api::all(cluster.client().await?);
    namespaces.delete(&namespace.name, &kube::api::DeleteParams::default()).await?;
    Ok(fs::remove_dir_all(folder)?)
}

fn api(namespace: &Namespace, group: &str, kind: &str) -> Api<DynamicObject> {
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, "v1", kind));
    Api::default_namespaced_with(namespace.client.clone(), &resource)
}

async fn create(namespace: &Namespace, group: &str, kind: &str, object: &Value) -> Result<Value> {
    let parameters = PostParams { field_manager: Some("its-owner".to_owned()), ..PostParams::default() };
    let made = api(namespace, group, kind).create(&parameters, &serde_json::from_value(object.clone())?).await?;
    Ok(serde_json::to_value(made)?)
}

fn object(namespace: &str, api_version: &str, kind: &str, spec: &Value) -> Value {
    let metadata = json!({ "name": "reviews", "namespace": namespace });
    json!({ "apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec })
}

fn deployment(namespace: &str, image: &str) -> Value {
    let times = json!({ "foreshift.test/ready-after": "0ms", "foreshift.test/stops-after": "0ms" });
    let container = json!({ "name": "reviews", "image": image, "ports": [{ "containerPort": 9080 }] });
    let spec = json!({
        "replicas": 2,
        "selector": { "matchLabels": { "app": "reviews" } },
        "template": {
            "metadata": { "labels": { "app": "reviews" }, "annotations": times },
            "spec": { "containers": [container] },
        },
    });
    object(namespace, "apps/v1", "Deployment", &spec)
}

/// JSON is YAML.
fn config(namespace: &str, waits: bool) -> Value {
    let mut steps = vec![json!({ "setWeight": { "weight": 10 } }), json!({ "setWeight": { "weight": 50 } })];
    if waits {
        steps.insert(1, json!({ "pause": { "untilApproved": true } }));
    }
    json!({
        "version": "v1",
        "kind": "kubernetes",
        "application": "reviews",
        "targets": { "test": { "account": "test", "namespace": namespace, "strategy": "halves" } },
        "manifests": [{ "path": "manifests" }],
        "strategies": { "halves": { "canary": { "steps": steps } } },
        "trafficManagement": [{
            "targets": ["test"],
            "istio": [{
                "virtualService": { "name": "reviews", "httpRouteName": "main" },
                "destinationRule": {
                    "name": "reviews", "activeSubsetName": "stable", "canarySubsetName": "canary",
                },
            }],
        }],
    })
}
