//! Before the first write: is the world as planned, and would the cluster take every write?

use std::rc::Rc;

use foreshift_core::kubernetes::Key;
use foreshift_core::plan::{Step, Workload};
use foreshift_core::value::Value;

use super::hand_over::{bare, is_paused, with_manifest};
use super::write::{CONFLICTS_IN_VAIN, carried, given};
use super::{Walk, pods};
use crate::cluster::{ApiError, Cluster, Json, Mode, Reason};
use crate::course::{Course, Leg, compared};
use crate::patience::persist;
use crate::record::Direction;
use crate::stop::{Stop, StopKind};
use crate::tree;

/// What the API server would make of a write.
enum Tried {
    Admitted(Json),
    /// It cannot be known before the writes that come first.
    Unknown,
    Changed(Changed),
}

/// Somebody else has written an object since it was seen.
struct Changed {
    /// Whether the new version is known.
    is_seen: bool,
    /// What to end with where it is not.
    stop: Stop,
}

impl<C: Cluster> Walk<'_, C> {
    /// Refuses to begin where the cluster is not as planned, and tries every write on the API server. Each is tried on the
    /// version that was seen: where an object has another one by now, it is all looked at again.
    pub(super) async fn check_before(&self) -> Result<(), Stop> {
        let mut in_vain = 0;
        loop {
            match self.is_as_planned().await? {
                None => return Ok(()),
                Some(Changed { is_seen: true, .. }) => {}
                Some(Changed { is_seen: false, .. }) if in_vain < CONFLICTS_IN_VAIN => in_vain += 1,
                Some(Changed { stop, .. }) => return Err(stop),
            }
        }
    }

    /// `None` where it is, and every write would be taken.
    async fn is_as_planned(&self) -> Result<Option<Changed>, Stop> {
        let course = Course::new(self.plan, Direction::Forward);
        self.expect(&course, 0, 0);
        let drift = self.drift(self.view);
        if !drift.is_empty() {
            let stop = Stop::off_plan(drift);
            return Err(Stop {
                message: "the cluster has moved on since this was planned".to_owned(),
                help: Some("plan again".to_owned()),
                ..stop
            });
        }
        for workload in &self.plan.workloads {
            self.check_deployment(workload)?;
        }
        let mut templates: Vec<(Key, Json)> = Vec::new();
        for (index, leg) in course.legs.iter().enumerate() {
            match self.dry_run(&course, index, *leg).await? {
                Tried::Unknown => {}
                Tried::Changed(changed) => return Ok(Some(changed)),
                Tried::Admitted(admitted) => {
                    let template = admitted.pointer("/spec/template");
                    templates.extend(template.map(|template| (leg.write.key.as_ref().clone(), template.clone())));
                }
            }
        }
        self.compare_templates(&templates).map(|()| None)
    }

    fn check_deployment(&self, workload: &Workload) -> Result<(), Stop> {
        let key = &workload.deployment;
        let refuse = |message: String, help: &str| Err(Stop::new(StopKind::OffPlan, message).help(help));
        let Some(deployment) = self.view.get(key) else {
            return match &workload.live {
                // Its ReplicaSet was left behind by an earlier rollout.
                None => Ok(()),
                Some(_) => refuse(format!("{key} is gone"), "plan again"),
            };
        };
        let template = |object: &Value| object.at(&["spec", "template"]).cloned();
        if workload.live.as_ref().is_some_and(|live| template(&live.value) != template(&tree::value(&deployment))) {
            return refuse(format!("{key} has another pod template since this was planned"), "plan again");
        }
        if is_paused(&deployment) {
            return refuse(format!("{key} is paused"), "somebody holds it: resume it first");
        }
        let ready = pods::of_deployment(&deployment);
        if !ready.is_full() {
            let message =
                format!("{key} is in the middle of a rollout of its own: {} of {} pods", ready.ready, ready.wanted);
            return refuse(message, "wait until `kubectl rollout status` says that it is complete, or undo it");
        }
        Ok(())
    }

    async fn dry_run(&self, course: &Course<'_>, index: usize, leg: Leg<'_>) -> Result<Tried, Stop> {
        let Some(content) = &leg.write.content else { return Ok(Tried::Unknown) };
        let key = &leg.write.key;
        let at = self.place(key, &leg.write.api_version).await?;
        let observed = self.view.get(key);
        let answer = match (leg.step, &observed) {
            (Step::CreateReplicaSet { .. }, _) => {
                let Some(object) = self.new_replica_set(leg) else { return Ok(Tried::Unknown) };
                self.try_write(async || self.cluster.create(&at, &object, Mode::DryRun).await).await
            }
            (Step::SetTemplate, None) => {
                let object = given(&at, content);
                self.try_write(async || self.cluster.create(&at, &object, Mode::DryRun).await).await
            }
            (Step::SetTemplate, Some(observed)) => {
                let object = with_manifest(observed, &given(&at, content));
                self.try_write(async || self.cluster.replace(&at, &object, Mode::DryRun).await).await
            }
            (Step::Apply, _) if !key.is_traffic() => {
                let object = self.revealed(&at, given(&at, content))?;
                let answer = self.try_write(async || self.cluster.apply(&at, &object, Mode::DryRun).await).await;
                answer.map_err(|error| self.hidden(&error))
            }
            (_, Some(observed)) if key.is_traffic() && Self::is_first(course, index) => {
                let before: Vec<_> = course.content(0, key).into_iter().collect();
                let after = compared(self.plan, key, &content.value);
                let carried = carried(&before, &after, observed);
                if carried.is_done() {
                    // It is as it is now: the cluster has taken it.
                    return Ok(Tried::Unknown);
                }
                let object = tree::json(&carried.value);
                self.try_write(async || self.cluster.replace(&at, &object, Mode::DryRun).await).await
            }
            _ => return Ok(Tried::Unknown),
        };
        let refused = |error: &ApiError| {
            Stop::refused(&format!("the cluster would not take `{}` of {at}", leg.step.kind()), error)
        };
        match answer {
            Ok(admitted) => Ok(Tried::Admitted(admitted)),
            Err(error) if error.reason == Reason::Conflict => {
                let is_seen = self.newer(&at, key, observed.as_deref().unwrap_or(&Json::Null)).await?;
                Ok(Tried::Changed(Changed { is_seen, stop: refused(&error) }))
            }
            Err(error) if error.reason == Reason::Exists => {
                Err(Stop::new(StopKind::OffPlan, format!("{at} has come into being since this was planned"))
                    .help("plan again"))
            }
            Err(error) => Err(refused(&error)),
        }
    }

    /// Whether no write before has the same text: what was admitted once need not be asked again.
    fn is_first(course: &Course<'_>, index: usize) -> bool {
        let text = |leg: &Leg<'_>| leg.write.content.as_ref().map(|content| Rc::clone(&content.text));
        let Some(leg) = course.legs.get(index) else { return false };
        course.legs.iter().take(index).all(|other| other.write.key != leg.write.key || text(other) != text(leg))
    }

    async fn try_write(&self, request: impl AsyncFnMut() -> Result<Json, ApiError>) -> Result<Json, ApiError> {
        persist(self.options.patience, request).await
    }

    /// The Deployment's new template has to come out as the ReplicaSet's does, else the controller would not adopt it.
    fn compare_templates(&self, templates: &[(Key, Json)]) -> Result<(), Stop> {
        let of = |key: &Key| templates.iter().find(|(known, _)| known == key).map(|(_, template)| bare(template));
        for workload in &self.plan.workloads {
            let (set, deployment) = (of(&workload.replica_set), of(&workload.deployment));
            if set.is_some() && deployment.is_some() && set != deployment {
                let message = format!(
                    "the cluster would change the pod template of {} in one place and not in the other",
                    workload.deployment
                );
                return Err(Stop::new(StopKind::Cluster, message)
                    .help("an admission webhook treats Deployments and ReplicaSets differently: let it leave both alone, or change both"));
            }
        }
        Ok(())
    }
}
