//! What the controllers of a real cluster do to Deployments, ReplicaSets, pods and `EndpointSlice`s.

use std::time::Duration;

use foreshift_core::kubernetes::{Key, NATIVE_HASH_LABEL, labels_of, selector_selects, template_hash};
use serde_json::json;

use super::store::{controller, has_labels};
use super::{Json, Memory};
use crate::cluster::At;
use crate::tree::{number, put, text, value};

impl Memory {
    /// Lets every controller act until none has anything to do.
    pub(super) fn run_controllers(&self) {
        while self.deployments() || self.replica_sets() || self.slices() {}
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

    fn deployments(&self) -> bool {
        self.of_kind("Deployment").into_iter().any(|(key, deployment)| self.deployment(&key, &deployment))
    }

    fn deployment(&self, key: &Key, deployment: &Json) -> bool {
        let Some(at) = At::ours("apps", "Deployment", &key.namespace, &key.name) else { return false };
        let uid = text(deployment, "/metadata/uid");
        let selector = deployment.pointer("/spec/selector").map(value);
        let in_namespace = |(found, _): &(Key, Json)| found.namespace == key.namespace;
        let sets: Vec<(Key, Json)> = self.of_kind("ReplicaSet").into_iter().filter(in_namespace).collect();
        let orphan = sets.iter().find(|(_, set)| {
            let labels = labels_of(set.pointer("/metadata/labels").map(value).as_ref());
            controller(set).is_empty() && selector_selects(selector.as_ref(), &labels)
        });
        if let Some((orphan, set)) = orphan {
            let mut set = set.clone();
            put(&mut set, &["metadata", "ownerReferences"], owner(&at, uid));
            return replica_set(orphan).is_some_and(|at| self.change(&at, set));
        }
        let own: Vec<&(Key, Json)> = sets.iter().filter(|(_, set)| controller(set) == uid).collect();
        let is_current =
            |set: &Json| is_same_template(set.pointer("/spec/template"), deployment.pointer("/spec/template"));
        let is_paused = deployment.pointer("/spec/paused") == Some(&json!(true));
        let replicas = number(deployment, "/spec/replicas").unwrap_or(1);
        let Some((current, set)) = own.iter().find(|(_, set)| is_current(set)) else {
            return if is_paused {
                self.note(&at, deployment, None, &own)
            } else {
                self.new_set(&at, deployment, replicas)
            };
        };
        let is_full = number(set, "/status/availableReplicas").unwrap_or(0) >= replicas;
        let size = number(set, "/spec/replicas").unwrap_or(1);
        let wanted = if is_paused { size.max(replicas) } else { replicas };
        if self.scale(current, set, wanted) {
            return true;
        }
        let old = own.iter().filter(|(key, _)| key != current);
        let scaled = old.filter(|_| is_full).any(|(key, set)| self.scale(key, set, 0));
        scaled || self.note(&at, deployment, Some(set), &own)
    }

    fn new_set(&self, deployment: &At, object: &Json, replicas: i64) -> bool {
        let mut template = object.pointer("/spec/template").cloned().unwrap_or_default();
        let hash = template_hash(&value(&template), 0);
        put(&mut template, &["metadata", "labels", NATIVE_HASH_LABEL], json!(hash));
        let labels = template.pointer("/metadata/labels").cloned().unwrap_or_default();
        let mut selector = object.pointer("/spec/selector").cloned().unwrap_or_default();
        put(&mut selector, &["matchLabels", NATIVE_HASH_LABEL], json!(hash));
        let name = format!("{}-{hash}", deployment.name);
        let Some(at) = At::ours("apps", "ReplicaSet", &deployment.namespace, &name) else { return false };
        let set = json!({
            "metadata": { "labels": labels, "ownerReferences": owner(deployment, text(object, "/metadata/uid")) },
            "spec": { "replicas": replicas, "selector": selector, "template": template },
        });
        self.change(&at, set)
    }

    fn scale(&self, key: &Key, set: &Json, replicas: i64) -> bool {
        let mut set = set.clone();
        put(&mut set, &["spec", "replicas"], replicas.into());
        replica_set(key).is_some_and(|at| self.change(&at, set))
    }

    /// Says how far a Deployment is.
    fn note(&self, at: &At, deployment: &Json, current: Option<&Json>, own: &[&(Key, Json)]) -> bool {
        let count = |set: &Json, what: &str| number(set, &format!("/status/{what}")).unwrap_or(0);
        let all = |what: &str| own.iter().map(|(_, set)| count(set, what)).sum::<i64>();
        let mut deployment = deployment.clone();
        let generation = number(&deployment, "/metadata/generation").unwrap_or(1);
        let status = json!({
            "observedGeneration": generation,
            "replicas": all("replicas"),
            "updatedReplicas": current.map_or(0, |set| count(set, "replicas")),
            "readyReplicas": all("readyReplicas"),
            "availableReplicas": all("availableReplicas"),
        });
        put(&mut deployment, &["status"], status);
        self.change(at, deployment)
    }

    fn replica_sets(&self) -> bool {
        let pods = self.of_kind("Pod");
        let orphans = pods.iter().filter(|(_, pod)| {
            let owner = controller(pod);
            !owner.is_empty() && !self.of_kind("ReplicaSet").iter().any(|(_, set)| text(set, "/metadata/uid") == owner)
        });
        let deleted = orphans.filter(|(_, pod)| pod.pointer("/metadata/deletionTimestamp").is_none());
        if let Some((key, pod)) = deleted.into_iter().next() {
            return self.end_pod(key, pod);
        }
        self.of_kind("ReplicaSet").into_iter().any(|(key, set)| self.replica_set(&key, &set, &pods))
    }

    fn replica_set(&self, key: &Key, set: &Json, pods: &[(Key, Json)]) -> bool {
        let uid = text(set, "/metadata/uid");
        let lives = |pod: &Json| controller(pod) == uid && pod.pointer("/metadata/deletionTimestamp").is_none();
        let own: Vec<&(Key, Json)> = pods.iter().filter(|(_, pod)| lives(pod)).collect();
        let replicas = usize::try_from(number(set, "/spec/replicas").unwrap_or(1)).unwrap_or(0);
        if own.len() > replicas {
            return own.last().is_some_and(|(key, pod)| self.end_pod(key, pod));
        }
        if own.len() < replicas {
            return self.begin_pod(key, set, uid);
        }
        let ready = own.iter().filter(|(_, pod)| is_ready(pod)).count();
        let mut noted = set.clone();
        let generation = number(set, "/metadata/generation").unwrap_or(1);
        let status = json!({
            "observedGeneration": generation, "replicas": own.len(), "readyReplicas": ready, "availableReplicas": ready,
        });
        put(&mut noted, &["status"], status);
        replica_set(key).is_some_and(|at| self.change(&at, noted))
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
        let owner_at = At::ours("apps", "ReplicaSet", &key.namespace, &key.name);
        let pod = json!({
            "metadata": {
                "labels": set.pointer("/spec/template/metadata/labels").cloned().unwrap_or_default(),
                "ownerReferences": owner_at.map(|at| owner(&at, uid)).unwrap_or_default(),
            },
            "spec": set.pointer("/spec/template/spec").cloned().unwrap_or_default(),
            "status": { "phase": "Pending" },
        });
        let changed = self.change(&at, pod);
        if let Some(after) = self.inner.pace.get().ready {
            let status = json!({
                "phase": "Running", "podIP": "10.0.0.1", "conditions": [{ "type": "Ready", "status": "True" }],
            });
            self.later(after, at.clone(), move |memory, mut pod| {
                put(&mut pod, &["status"], status);
                memory.change(&at, pod);
            });
        }
        changed
    }

    fn end_pod(&self, key: &Key, pod: &Json) -> bool {
        let Some(at) = At::ours("", "Pod", &key.namespace, &key.name) else { return false };
        let mut pod = pod.clone();
        let end = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(30);
        put(&mut pod, &["metadata", "deletionTimestamp"], json!(end.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()));
        put(&mut pod, &["status", "conditions"], json!([{ "type": "Ready", "status": "False" }]));
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

    fn slices(&self) -> bool {
        self.of_kind("Service").into_iter().any(|(key, service)| self.slice(&key, &service))
    }

    fn slice(&self, key: &Key, service: &Json) -> bool {
        let selector = service.pointer("/spec/selector");
        let is_selected = |(pod_key, pod): &(Key, Json)| {
            pod_key.namespace == key.namespace && has_labels(pod, "/metadata/labels", selector)
        };
        let endpoints: Vec<Json> = self
            .of_kind("Pod")
            .iter()
            .filter(|pod| is_selected(pod))
            .map(|(pod_key, pod)| {
                json!({
                    "addresses": [text(pod, "/status/podIP")],
                    "conditions": { "ready": is_ready(pod) },
                    "targetRef": { "kind": "Pod", "name": pod_key.name, "uid": text(pod, "/metadata/uid") },
                })
            })
            .collect();
        let Some(at) = At::ours("discovery.k8s.io", "EndpointSlice", &key.namespace, &format!("{}-1", key.name)) else {
            return false;
        };
        let labels = json!({ "kubernetes.io/service-name": key.name });
        self.change(&at, json!({ "metadata": { "labels": labels }, "addressType": "IPv4", "endpoints": endpoints }))
    }
}

fn replica_set(key: &Key) -> Option<At> {
    At::ours("apps", "ReplicaSet", &key.namespace, &key.name)
}

fn owner(at: &At, uid: &str) -> Json {
    let (version, kind) = (at.kind.api_version(), &at.kind.kind);
    json!([{ "apiVersion": version, "kind": kind, "name": at.name, "uid": uid, "controller": true }])
}

fn is_ready(pod: &Json) -> bool {
    pod.pointer("/status/conditions/0") == Some(&json!({ "type": "Ready", "status": "True" }))
}

/// As the Deployment controller compares: without its own label.
fn is_same_template(left: Option<&Json>, right: Option<&Json>) -> bool {
    let bare = |template: Option<&Json>| {
        let mut template = template.cloned().unwrap_or_default();
        if let Some(labels) = template.pointer_mut("/metadata/labels").and_then(Json::as_object_mut) {
            labels.remove(NATIVE_HASH_LABEL);
        }
        template
    };
    bare(left) == bare(right)
}
