//! The workload's writes: the new ReplicaSet is handed over to the Deployment, which goes on managing it or is removed.

use std::rc::Rc;

use foreshift_core::kubernetes::{HASH_LABEL, Key};
use foreshift_core::plan::Workload;
use serde_json::json;

use super::Walk;
use super::pods::controller;
use super::release::released;
use super::write::given;
use crate::cluster::{At, Cluster, Dependents, Json};
use crate::course::Leg;
use crate::stop::{Stop, StopKind};
use crate::tree::{self, number, put, text};

/// By this annotation the Deployment controller knows how large a ReplicaSet is meant to be.
pub(super) const DESIRED_REPLICAS: &str = "deployment.kubernetes.io/desired-replicas";

impl<C: Cluster> Walk<'_, C> {
    /// The size that the ReplicaSet is meant to have is the one that the Deployment has now.
    pub(super) async fn annotate(&self, at: &At) -> Result<bool, Stop> {
        let key = at.key();
        if self.has_lost(&key) {
            return Ok(true);
        }
        let replicas =
            self.workload_of(&key).map_or(1, |workload| self.size_of(workload).unwrap_or(workload.replicas.into()));
        self.edit(at, &key, |observed| {
            let wanted = replicas.max(number(observed, "/spec/replicas").unwrap_or(0));
            let mut object = observed.clone();
            put(&mut object, &["metadata", "annotations", DESIRED_REPLICAS], json!(replicas.to_string()));
            put(&mut object, &["spec", "replicas"], json!(wanted));
            Ok((object != *observed).then_some(object))
        })
        .await
    }

    /// From here on the controller does not roll the Deployment, whatever becomes of its template.
    pub(super) async fn pause_deployment(&self, at: &At) -> Result<bool, Stop> {
        self.edit(at, &at.key(), |observed| {
            let mut object = observed.clone();
            put(&mut object, &["spec", "paused"], json!(true));
            Ok((object != *observed).then_some(object))
        })
        .await
    }

    /// The Deployment gets everything that the manifest says, and the new template as a whole; it keeps its size.
    pub(super) async fn set_template(&self, at: &At, leg: Leg<'_>) -> Result<bool, Stop> {
        let Some(content) = &leg.write.content else { return Ok(true) };
        let wanted = given(at, content);
        let is_gone = self.workload_of_deployment(&leg.write.key).is_some_and(|workload| workload.is_gone);
        if self.view.get(&leg.write.key).is_none() && (is_gone || self.is_insisting()) {
            if !is_gone {
                self.note_once(format!("{at} is gone: it is made again with the new version"));
            }
            return self.create(at, &wanted).await;
        }
        self.edit(at, &leg.write.key, |observed| {
            let object = with_manifest(observed, &wanted);
            let is_there = is_paused(observed) && self.has_new_template(&leg.write.key, observed);
            Ok((!is_there).then_some(object))
        })
        .await
    }

    /// The labels by which the Deployment controller finds the ReplicaSet, once it is certain that the Deployment has
    /// the same template: else the controller would make a third ReplicaSet.
    pub(super) async fn adopt(&self, at: &At, leg: Leg<'_>) -> Result<bool, Stop> {
        let key = at.key();
        let Some(workload) = self.workload_of(&key) else { return Ok(true) };
        if self.has_lost(&key) {
            return Ok(true);
        }
        let deployment = Rc::clone(&workload.deployment);
        let observed = self.view.until(|view| {
            let found = view.get(&deployment)?;
            let is_seen = number(&found, "/status/observedGeneration") >= number(&found, "/metadata/generation");
            is_seen.then_some(found)
        });
        let observed = self.in_time(observed, &format!("the Deployment controller has not seen {deployment}")).await?;
        if !self.has_new_template(&deployment, &observed) {
            let message =
                format!("{deployment} has another pod template than the new ReplicaSet: it is not handed over");
            return Err(Stop::new(StopKind::OffPlan, message)
                .help("did an admission webhook change one of them, or somebody the Deployment? make them equal and `foreshift resume`"));
        }
        let Some(labels) = leg.write.content.as_ref().and_then(|content| content.value.at(&["metadata", "labels"]))
        else {
            return Ok(true);
        };
        let labels = tree::json(labels);
        self.edit(at, &key, |observed| {
            let mut object = observed.clone();
            for (label, value) in labels.as_object().into_iter().flatten() {
                put(&mut object, &["metadata", "labels", label], value.clone());
            }
            Ok((object != *observed).then_some(object))
        })
        .await
    }

    pub(super) async fn resume_deployment(&self, at: &At) -> Result<bool, Stop> {
        let key = at.key();
        let workload = self.workload_of_deployment(&key);
        if let Some(set) = workload.map(|workload| &workload.replica_set).filter(|set| !self.has_lost(set)) {
            let set = Rc::clone(set);
            let adopted = self.view.until(|view| {
                let uid = view.get(&key).map(|deployment| text(&deployment, "/metadata/uid").to_owned())?;
                view.get(&set).filter(|set| controller(set) == uid).map(|_| ())
            });
            self.in_time(adopted, &format!("the Deployment controller has not adopted {set}")).await?;
        }
        self.edit(at, &key, |observed| Ok(resumed(observed, None))).await
    }

    /// On the way back the Deployment is as it was before. Somebody's own change of its template meanwhile stays theirs, and
    /// is rolled out from here on; only the new version's is taken back, where it has got that far.
    pub(super) async fn give_back_deployment(&self, at: &At) -> Result<bool, Stop> {
        let key = at.key();
        if self.view.get(&key).is_none() {
            return Ok(true);
        }
        let workload = self.workload_of_deployment(&key);
        let earlier = workload.and_then(|workload| workload.live.as_ref()?.template()).map(tree::json);
        let new = workload.map(|workload| workload.canary.to_string());
        self.edit(at, &key, |observed| {
            let labels = observed.pointer("/spec/template/metadata/labels");
            let has_new = labels.and_then(|labels| labels.get(HASH_LABEL)?.as_str()) == new.as_deref();
            Ok(resumed(observed, earlier.as_ref().filter(|_| has_new)))
        })
        .await
    }

    /// Removes the Deployment and leaves its ReplicaSets to nobody, once it is certain that the new one is the one that
    /// runs.
    pub(super) async fn delete_deployment(&self, at: &At) -> Result<bool, Stop> {
        let key = at.key();
        let Some(there) = self.view.get(&key) else { return Ok(true) };
        if !self.has_new_template(&key, &there) {
            let message = format!("{key} has another pod template than the new ReplicaSet: it is not removed");
            return Err(Stop::new(StopKind::OffPlan, message)
                .help("somebody has changed it: change it back and `foreshift resume`, or remove it yourself"));
        }
        self.remove(at, &there, Dependents::Orphaned).await?;
        // It stays until the garbage collector has taken its name out of the ReplicaSets.
        let gone = self.view.until(|view| view.get(&key).is_none().then_some(()));
        self.in_time(gone, &format!("the garbage collector has not let go of {key}")).await?;
        Ok(false)
    }

    /// Whether somebody has removed the new ReplicaSet when there is no way but on: the Deployment makes another one then,
    /// with the same pods.
    fn has_lost(&self, replica_set: &Key) -> bool {
        let has_lost = self.is_insisting() && self.view.get(replica_set).is_none();
        if has_lost {
            self.note_once(format!("{replica_set} is gone: its Deployment makes another one"));
        }
        has_lost
    }

    /// Waits for what a controller does by itself, as long as pods may take to get Ready.
    async fn in_time<T>(&self, what: impl Future<Output = T>, late: &str) -> Result<T, Stop> {
        tokio::time::timeout(self.timeout(), what).await.map_err(|_| {
            Stop::new(StopKind::OffPlan, format!("{late} in time"))
                .help("does kube-controller-manager run? `foreshift resume` goes on from here")
        })
    }

    /// The workload that a ReplicaSet belongs to.
    pub(super) fn workload_of(&self, replica_set: &Key) -> Option<&Workload> {
        self.plan.workloads.iter().find(|workload| *workload.replica_set == *replica_set)
    }

    pub(super) fn workload_of_deployment(&self, deployment: &Key) -> Option<&Workload> {
        self.plan.workloads.iter().find(|workload| *workload.deployment == *deployment)
    }

    /// How many pods a workload's Deployment wants now.
    pub(super) fn size_of(&self, workload: &Workload) -> Option<i64> {
        number(&*self.view.get(&workload.deployment)?, "/spec/replicas")
    }
}

/// Whether the Deployment controller leaves a Deployment alone.
pub(super) fn is_paused(deployment: &Json) -> bool {
    deployment.pointer("/spec/paused").and_then(Json::as_bool) == Some(true)
}

/// A Deployment that the controller acts on again, with another pod template if one is given; `None` where it is that
/// already. It has no field of ours any more: the last write of a Deployment leaves none to be given back later.
fn resumed(observed: &Json, template: Option<&Json>) -> Option<Json> {
    let mut object = observed.clone();
    if let Some(spec) = object.pointer_mut("/spec").and_then(Json::as_object_mut) {
        spec.remove("paused");
    }
    if let Some(template) = template {
        put(&mut object, &["spec", "template"], template.clone());
    }
    let object = released(&object).unwrap_or(object);
    (object != *observed).then_some(object)
}

/// A Deployment with everything that a manifest says, in the size that it has.
pub(crate) fn with_manifest(observed: &Json, manifest: &Json) -> Json {
    let mut out = observed.clone();
    for part in ["labels", "annotations"] {
        let wanted = manifest.pointer(&format!("/metadata/{part}")).and_then(Json::as_object);
        for (key, value) in wanted.into_iter().flatten() {
            put(&mut out, &["metadata", part, key], value.clone());
        }
    }
    let spec = manifest.get("spec").and_then(Json::as_object);
    for (key, value) in spec.into_iter().flatten().filter(|(key, _)| *key != "replicas") {
        put(&mut out, &["spec", key], value.clone());
    }
    out
}

/// A pod template without the labels that tell revisions apart.
pub(super) fn bare(template: &Json) -> Json {
    let mut out = template.clone();
    if let Some(labels) = out.pointer_mut("/metadata/labels").and_then(Json::as_object_mut) {
        labels.remove(HASH_LABEL);
        labels.remove(foreshift_core::kubernetes::NATIVE_HASH_LABEL);
    }
    if let Some(metadata) = out.pointer_mut("/metadata").and_then(Json::as_object_mut) {
        metadata.remove("creationTimestamp");
    }
    out
}
