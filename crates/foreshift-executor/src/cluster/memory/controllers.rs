//! What the controllers of a real cluster do to Deployments, ReplicaSets, pods and `EndpointSlice`s. One suite of tests
//! runs against them and against the real ones.

mod deployment;
mod replica_set;
mod slices;

use std::time::Duration;

use foreshift_core::kubernetes::Key;
use serde_json::json;

use super::store::controller;
use super::{Json, Memory};
use crate::cluster::At;
use crate::tree::{put, text};

impl Memory {
    /// Lets every controller act until none has anything to do.
    pub(super) fn run_controllers(&self) {
        while self.collect() || self.quotas() || self.deployments() || self.replica_sets() || self.slices() {}
    }

    /// Takes an owner's name out of the ReplicaSets that it had.
    pub(super) fn orphan(&self, owner: &str) {
        for (key, mut set) in self.of_kind("ReplicaSet").into_iter().filter(|(_, set)| controller(set) == owner) {
            if let (Some(at), Some(metadata)) =
                (replica_set(&key), set.pointer_mut("/metadata").and_then(Json::as_object_mut))
            {
                metadata.remove("ownerReferences");
                self.change(&at, set);
            }
        }
    }

    /// The garbage collector: what belonged to something that is gone goes too, pods that have ended included.
    fn collect(&self) -> bool {
        let is_there = |kind: &str, uid: &str| {
            let store = self.inner.store.borrow();
            store.iter().any(|(key, object)| key.kind == kind && text(object, "/metadata/uid") == uid)
        };
        let is_left = |object: &Json, by: &str| !controller(object).is_empty() && !is_there(by, controller(object));
        if let Some((key, _)) = self.of_kind("ReplicaSet").iter().find(|(_, set)| is_left(set, "Deployment")) {
            return self.inner.store.borrow_mut().remove(key).is_some();
        }
        let pods = self.of_kind("Pod");
        let left = pods.iter().find(|(_, pod)| !is_terminating(pod) && is_left(pod, "ReplicaSet"));
        left.is_some_and(|(key, pod)| self.end_pod(key, pod))
    }

    /// Says of each quota what it is known to allow: until then it limits nothing.
    fn quotas(&self) -> bool {
        self.of_kind("ResourceQuota").into_iter().any(|(key, mut quota)| {
            let at = self.inner.store.borrow().place(&key);
            let hard = quota.pointer("/spec/hard").cloned().unwrap_or_default();
            put(&mut quota, &["status", "hard"], hard);
            at.is_some_and(|at| self.change(&at, quota))
        })
    }

    fn of_kind(&self, kind: &str) -> Vec<(Key, Json)> {
        let store = self.inner.store.borrow();
        store.iter().filter(|(key, _)| key.kind == kind).map(|(key, object)| (key.clone(), object.clone())).collect()
    }

    /// Writes an object; whether that changed it.
    fn change(&self, at: &At, object: Json) -> bool {
        let before = self.inner.store.borrow().get(&at.key()).cloned();
        let after = self.inner.store.borrow_mut().put(at.clone(), object);
        before.as_ref() != Some(&after)
    }

    /// Asks a pod to end: it is there until its time is over, and as Ready as it was.
    pub(super) fn end_pod(&self, key: &Key, pod: &Json) -> bool {
        let Some(at) = At::ours("", "Pod", &key.namespace, &key.name) else { return false };
        let mut pod = pod.clone();
        let end = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(30);
        put(&mut pod, &["metadata", "deletionTimestamp"], json!(end.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()));
        let changed = self.change(&at, pod);
        self.later(self.inner.pace.get().gone, at, |memory, pod| {
            let name = (text(&pod, "/metadata/namespace"), text(&pod, "/metadata/name"));
            if let Some(at) = At::ours("", "Pod", name.0, name.1) {
                memory.inner.store.borrow_mut().remove(&at.key());
            }
        });
        changed
    }

    /// Does something with an object after some time, if it is still there and still the same.
    fn later(&self, after: Duration, at: At, work: impl FnOnce(&Memory, Json) + 'static) {
        let memory = self.clone();
        let uid = self.peek(&at.key()).map(|object| text(&object, "/metadata/uid").to_owned());
        tokio::task::spawn_local(async move {
            tokio::time::sleep(after).await;
            let found = memory.peek(&at.key());
            if let Some(object) = found.filter(|found| uid.as_deref() == Some(text(found, "/metadata/uid"))) {
                work(&memory, object);
                memory.run_controllers();
            }
        });
    }
}

fn replica_set(key: &Key) -> Option<At> {
    At::ours("apps", "ReplicaSet", &key.namespace, &key.name)
}

fn owner(at: &At, uid: &str) -> Json {
    let (version, kind) = (at.kind.api_version(), &at.kind.kind);
    json!([{ "apiVersion": version, "kind": kind, "name": at.name, "uid": uid, "controller": true }])
}

fn is_terminating(pod: &Json) -> bool {
    pod.pointer("/metadata/deletionTimestamp").is_some()
}

/// Whether its containers have ended, and will not begin again.
fn has_ended(pod: &Json) -> bool {
    matches!(text(pod, "/status/phase"), "Failed" | "Succeeded")
}

fn is_ready(pod: &Json) -> bool {
    let conditions = crate::tree::items(pod, "/status/conditions");
    conditions.iter().any(|one| text(one, "/type") == "Ready" && text(one, "/status") == "True")
}
