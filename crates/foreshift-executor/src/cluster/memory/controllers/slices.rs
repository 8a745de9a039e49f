//! The `EndpointSlice` controller: which pods a Service leads to.

use foreshift_core::kubernetes::Key;
use serde_json::json;

use super::{has_ended, is_ready, is_terminating};
use crate::cluster::memory::store::has_labels;
use crate::cluster::{At, Json, Memory};
use crate::tree::text;

impl Memory {
    pub(super) fn slices(&self) -> bool {
        self.of_kind("Service").into_iter().any(|(key, service)| self.slice(&key, &service))
    }

    /// Pods with an address that have not ended. One that is being deleted serves as long as it is Ready, and is not ready.
    fn slice(&self, key: &Key, service: &Json) -> bool {
        let selector = service.pointer("/spec/selector");
        let is_selected = |(pod_key, pod): &(Key, Json)| {
            pod_key.namespace == key.namespace
                && has_labels(pod, "/metadata/labels", selector)
                && !text(pod, "/status/podIP").is_empty()
                && !has_ended(pod)
        };
        let endpoint = |(key, pod): &(Key, Json)| {
            let (serving, terminating) = (is_ready(pod), is_terminating(pod));
            json!({
                "addresses": [text(pod, "/status/podIP")],
                "conditions": { "ready": serving && !terminating, "serving": serving, "terminating": terminating },
                "targetRef": { "kind": "Pod", "name": key.name, "uid": text(pod, "/metadata/uid") },
            })
        };
        let pods = self.of_kind("Pod");
        let endpoints: Vec<Json> = pods.iter().filter(|pod| is_selected(pod)).map(endpoint).collect();
        let Some(at) = At::ours("discovery.k8s.io", "EndpointSlice", &key.namespace, &format!("{}-1", key.name)) else {
            return false;
        };
        let labels = json!({ "kubernetes.io/service-name": key.name });
        self.change(&at, json!({ "metadata": { "labels": labels }, "addressType": "IPv4", "endpoints": endpoints }))
    }
}
