//! The ReplicaSet controller: as many pods as are wanted.

use foreshift_core::kubernetes::{Key, labels_of, selector_selects};
use serde_json::json;

use super::{has_ended, is_ready, is_terminating, owner, replica_set};
use crate::cluster::memory::store::controller;
use crate::cluster::{At, Json, Memory};
use crate::tree::{number, put, text, value};

impl Memory {
    pub(super) fn replica_sets(&self) -> bool {
        let pods = self.of_kind("Pod");
        self.of_kind("ReplicaSet").into_iter().any(|(key, set)| self.replica_set(&key, &set, &pods))
    }

    /// Pods that have ended or are being deleted do not count: they are replaced, and left alone.
    fn replica_set(&self, key: &Key, set: &Json, pods: &[(Key, Json)]) -> bool {
        let uid = text(set, "/metadata/uid");
        let is_own = |pod: &Json| controller(pod) == uid && !is_terminating(pod) && !has_ended(pod);
        let mut own: Vec<&(Key, Json)> = pods.iter().filter(|(_, pod)| is_own(pod)).collect();
        // Those that are not Ready go first.
        own.sort_by_key(|(_, pod)| !is_ready(pod));
        let replicas = usize::try_from(number(set, "/spec/replicas").unwrap_or(1)).unwrap_or(0);
        if self.adopt_pod(key, set, pods) {
            return true;
        }
        if own.len() > replicas {
            return own.last().is_some_and(|(key, pod)| self.end_pod(key, pod));
        }
        let is_refused = own.len() < replicas && !self.has_room(&key.namespace, pods);
        if own.len() < replicas && !is_refused {
            return self.begin_pod(key, set, uid);
        }
        let ready = own.iter().filter(|(_, pod)| is_ready(pod)).count();
        let mut noted = set.clone();
        let generation = number(set, "/metadata/generation").unwrap_or(1);
        let failure = json!([{ "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate" }]);
        let status = json!({
            "observedGeneration": generation, "replicas": own.len(), "readyReplicas": ready, "availableReplicas": ready,
            "conditions": is_refused.then_some(failure),
        });
        put(&mut noted, &["status"], status);
        replica_set(key).is_some_and(|at| self.change(&at, noted))
    }

    /// Takes in a pod of nobody's that its selector selects.
    fn adopt_pod(&self, key: &Key, set: &Json, pods: &[(Key, Json)]) -> bool {
        let selector = set.pointer("/spec/selector").map(value);
        let is_free = |(pod_key, pod): &&(Key, Json)| {
            let labels = labels_of(pod.pointer("/metadata/labels").map(value).as_ref());
            pod_key.namespace == key.namespace
                && controller(pod).is_empty()
                && !is_terminating(pod)
                && !has_ended(pod)
                && selector_selects(selector.as_ref(), &labels)
        };
        let (Some((pod_key, pod)), Some(by)) = (pods.iter().find(is_free), replica_set(key)) else { return false };
        let mut pod = pod.clone();
        put(&mut pod, &["metadata", "ownerReferences"], owner(&by, text(set, "/metadata/uid")));
        At::ours("", "Pod", &pod_key.namespace, &pod_key.name).is_some_and(|at| self.change(&at, pod))
    }

    /// Whether the quotas of a namespace let one more pod in. A pod that has ended takes no room.
    fn has_room(&self, namespace: &str, pods: &[(Key, Json)]) -> bool {
        let count = pods.iter().filter(|(key, pod)| key.namespace == namespace && !has_ended(pod)).count();
        let limit = |quota: &Json| {
            let hard = quota.pointer("/status/hard/pods")?;
            hard.as_str().and_then(|text| text.parse().ok()).or_else(|| usize::try_from(hard.as_u64()?).ok())
        };
        let quotas = self.of_kind("ResourceQuota").into_iter().filter(|(key, _)| key.namespace == namespace);
        quotas.filter_map(|(_, quota)| limit(&quota)).all(|limit| count < limit)
    }

    fn begin_pod(&self, key: &Key, set: &Json, uid: &str) -> bool {
        let number = self.inner.store.borrow().iter().count();
        let names = (number..).map(|number| format!("{}-{number:05}", key.name));
        let is_free = |name: &String| {
            let key = Key { group: String::new(), kind: "Pod".to_owned(), name: name.clone(), ..key.clone() };
            self.inner.store.borrow().get(&key).is_none()
        };
        let Some(name) = names.into_iter().find(is_free) else { return false };
        let Some(at) = At::ours("", "Pod", &key.namespace, &name) else { return false };
        let template = |part: &str| set.pointer(&format!("/spec/template/{part}")).cloned();
        let pod = json!({
            "metadata": {
                "labels": template("metadata/labels").unwrap_or_default(),
                "annotations": template("metadata/annotations"),
                "ownerReferences": replica_set(key).map(|at| owner(&at, uid)).unwrap_or_default(),
            },
            "spec": template("spec").unwrap_or_default(),
            "status": { "phase": "Pending" },
        });
        let changed = self.change(&at, pod);
        if let Some(after) = self.inner.pace.get().ready {
            let status = json!({
                "phase": "Running", "podIP": "10.0.0.1", "conditions": [{ "type": "Ready", "status": "True" }],
            });
            self.later(after, at.clone(), move |memory, mut pod| {
                if !has_ended(&pod) {
                    put(&mut pod, &["status"], status);
                    memory.change(&at, pod);
                }
            });
        }
        changed
    }
}
