//! What the test cluster promises to the tests that stand on it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use kube::api::{Api, DeleteParams, ListParams, Patch, PatchParams, PostParams, WatchEvent, WatchParams};
use kube::{Client, ResourceExt};
use serde_json::json;
use test_cluster::{Action, Change, Cluster, FaultProxy, Moment, Recorder, Result, client};

const REASON: &str = "needs a control plane: cargo xtask test cluster";

fn deployment(name: &str, annotations: &serde_json::Value) -> Deployment {
    serde_json::from_value(json!({
        "metadata": { "name": name },
        "spec": {
            "replicas": 2,
            "selector": { "matchLabels": { "app": name } },
            "template": {
                "metadata": { "labels": { "app": name }, "annotations": annotations },
                "spec": { "containers": [{ "name": "main", "image": "none", "ports": [{ "containerPort": 9080 }] }] },
            },
        },
    }))
    .expect(REASON)
}
