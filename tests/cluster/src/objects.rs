//! Objects of a service as its owner writes them: no namespace, as the one of the target is meant.

use serde_json::{Value, json};

/// A Service for the pods that are labelled `app: NAME`.
pub fn service(name: &str) -> Value {
    let spec = json!({ "selector": { "app": name }, "ports": [{ "name": "http", "port": 9080 }] });
    object("v1", "Service", name, &spec)
}

/// A DestinationRule with the one subset `stable`.
pub fn destination_rule(name: &str) -> Value {
    let spec = json!({ "host": name, "subsets": [{ "name": "stable", "labels": { "app": name } }] });
    object("networking.istio.io/v1", "DestinationRule", name, &spec)
}

/// A VirtualService whose route `main` goes to that subset.
pub fn virtual_service(name: &str) -> Value {
    let route = json!([{ "destination": { "host": name, "subset": "stable" } }]);
    let spec = json!({ "hosts": [name], "http": [{ "name": "main", "route": route }] });
    object("networking.istio.io/v1", "VirtualService", name, &spec)
}

/// A Deployment of two pods that are Ready at once, and gone at once.
pub fn deployment(name: &str, image: &str) -> Value {
    let times = json!({ "foreshift.test/ready-after": "0ms", "foreshift.test/stops-after": "0ms" });
    let container = json!({ "name": name, "image": image, "ports": [{ "containerPort": 9080 }] });
    let spec = json!({
        "replicas": 2,
        "selector": { "matchLabels": { "app": name } },
        "template": {
            "metadata": { "labels": { "app": name }, "annotations": times },
            "spec": { "containers": [container] },
        },
    });
    object("apps/v1", "Deployment", name, &spec)
}

/// A deployment config for the target `test` with a canary of these steps, for services that are called so.
pub fn config(namespace: &str, steps: &[Value], names: &[&str]) -> Value {
    let pair = |name: &&str| {
        json!({
            "virtualService": { "name": name, "httpRouteName": "main" },
            "destinationRule": { "name": name, "activeSubsetName": "stable", "canarySubsetName": "canary" },
        })
    };
    json!({
        "version": "v1",
        "kind": "kubernetes",
        "application": names.join("-"),
        "targets": { "test": { "account": "test", "namespace": namespace, "strategy": "canary" } },
        "manifests": [{ "path": "manifests" }],
        "strategies": { "canary": { "canary": { "steps": steps } } },
        "trafficManagement": [{ "targets": ["test"], "istio": names.iter().map(pair).collect::<Vec<_>>() }],
    })
}

/// The step `setWeight`.
pub fn weight(percent: u8) -> Value {
    json!({ "setWeight": { "weight": percent } })
}

/// The step that waits for an approval.
pub fn approval() -> Value {
    json!({ "pause": { "untilApproved": true } })
}

fn object(api_version: &str, kind: &str, name: &str, spec: &Value) -> Value {
    json!({ "apiVersion": api_version, "kind": kind, "metadata": { "name": name }, "spec": spec })
}
