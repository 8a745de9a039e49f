//! One write: the observed object with the planned change in it, on the version that was observed.

use std::time::Duration;

use foreshift_core::carry::{Carried, Leaf, carry};
use foreshift_core::kubernetes::Key;
use foreshift_core::plan::{Content, Step};
use foreshift_core::value::Value;
use serde_json::json;

use super::Walk;
use crate::cluster::{ApiError, At, Cluster, Dependents, Json, Kind, Mode, Reason};
use crate::course::{Course, Leg, compared};
use crate::patience::persist;
use crate::record::{Direction, ROLLOUT, is_ours};
use crate::stop::{Drift, Stop, StopKind};
use crate::tree::{self, put, text};

/// How long a newer version of an object is waited for before it is asked for.
const LATE: Duration = Duration::from_secs(2);

/// How often a conflict is believed that no other version comes of: whoever refuses writes may call it so.
pub(super) const CONFLICTS_IN_VAIN: usize = 5;

impl<C: Cluster> Walk<'_, C> {
    /// Makes the write of a leg, unless the cluster has it already; returns whether it had.
    pub(super) async fn carry_out(&self, course: &Course<'_>, index: usize, leg: Leg<'_>) -> Result<bool, Stop> {
        let key = &leg.write.key;
        let at = self.place(key, &leg.write.api_version).await?;
        let is_back = course.direction() != Direction::Forward;
        match leg.step {
            Step::Apply if !key.is_traffic() => self.apply(&at, leg).await,
            Step::CreateReplicaSet { .. } => self.create_replica_set(&at, leg).await,
            Step::DeleteReplicaSet { .. } => self.delete_replica_set(&at).await,
            Step::Annotate => self.annotate(&at).await,
            Step::PauseDeployment => self.pause_deployment(&at).await,
            Step::SetTemplate => self.set_template(&at, leg).await,
            Step::Adopt => self.adopt(&at, leg).await,
            Step::ResumeDeployment if is_back => self.give_back_deployment(&at).await,
            Step::ResumeDeployment => self.resume_deployment(&at).await,
            Step::DeleteDeployment => self.delete_deployment(&at).await,
            Step::Apply
            | Step::Pin
            | Step::SetWeight(_)
            | Step::Repin
            | Step::RestoreVirtualService
            | Step::RestoreDestinationRule => self.shift(&at, course, index, leg).await,
        }
    }

    /// Where an object is; of a kind that is not ours the cluster is asked how it serves it.
    pub(super) async fn place(&self, key: &Key, api_version: &str) -> Result<At, Stop> {
        let kind = match Kind::ours(&key.group, &key.kind) {
            // Istio serves every version of an object; what is read is what was planned.
            Some(kind) if key.is_traffic() => kind.in_version(api_version),
            Some(kind) => kind,
            None => self.unknown_kind(api_version, &key.kind).await?,
        };
        Ok(At { kind, namespace: key.namespace.clone(), name: key.name.clone() })
    }

    async fn unknown_kind(&self, api_version: &str, kind: &str) -> Result<Kind, Stop> {
        if let Some(known) =
            self.kinds.borrow().iter().find(|known| known.api_version() == api_version && known.kind == kind)
        {
            return Ok(known.clone());
        }
        let found = persist(self.options.patience, async || self.cluster.kind(api_version, kind).await).await;
        let found =
            found.map_err(|error| Stop::refused(&format!("how {kind} is served cannot be found out"), &error))?;
        let Some(found) = found else {
            let message = format!("the cluster does not serve {kind} of {api_version}");
            return Err(Stop::new(StopKind::Cluster, message).help("install its CustomResourceDefinition first"));
        };
        self.kinds.borrow_mut().push(found.clone());
        Ok(found)
    }

    /// A VirtualService or DestinationRule: what the plan owns is set, everything else stays as it is observed.
    async fn shift(&self, at: &At, course: &Course<'_>, index: usize, leg: Leg<'_>) -> Result<bool, Stop> {
        let Some(content) = &leg.write.content else { return Ok(true) };
        if *leg.step == Step::Apply && self.view.get(&leg.write.key).is_none() && !self.is_insisting() {
            return self.create(at, &given(at, content)).await;
        }
        let before = self.allowed(course, index, &leg.write.key);
        if self.is_insisting() {
            return self.insist(at, (&before, content)).await;
        }
        let after = compared(self.plan, &leg.write.key, &content.value);
        let edit = |observed: &Json| {
            let carried = carried(&before, &after, observed);
            let foreign: Vec<Leaf> = carried.foreign().cloned().collect();
            if !foreign.is_empty() {
                return Err(Stop::off_plan(vec![Drift { object: at.to_string(), leaves: foreign }]));
            }
            if carried.is_done() {
                return Ok(None);
            }
            Ok(Some(tree::json(&carried.value)))
        };
        self.edit(at, &leg.write.key, edit).await
    }

    pub(super) async fn create(&self, at: &At, object: &Json) -> Result<bool, Stop> {
        match self.send(async || self.cluster.create(at, object, Mode::Real).await).await? {
            Ok(made) => {
                self.view.put(&made);
                Ok(false)
            }
            Err(error) if error.reason == Reason::Exists => {
                // An answer may have been lost, or somebody else was quicker: the watch will say what is there.
                self.newer(at, &at.key(), &Json::Null).await?;
                Ok(true)
            }
            Err(error) => Err(Stop::refused(&format!("{at} cannot be made"), &error)),
        }
    }

    /// Sets something in an object that is there: tries again on a newer version until nobody came between. `edit`
    /// returns `None` where nothing is left to do; then `true` is returned.
    pub(super) async fn edit(
        &self,
        at: &At,
        key: &Key,
        edit: impl Fn(&Json) -> Result<Option<Json>, Stop>,
    ) -> Result<bool, Stop> {
        let mut in_vain = 0;
        loop {
            let Some(observed) = self.view.get(key) else {
                return Err(Stop::off_plan(vec![Drift { object: format!("{at}, which is gone"), leaves: Vec::new() }]));
            };
            let Some(wanted) = edit(&observed)? else { return Ok(true) };
            match self.send(async || self.cluster.replace(at, &wanted, Mode::Real).await).await? {
                Ok(written) => {
                    self.view.put(&written);
                    return Ok(false);
                }
                Err(error)
                    if matches!(error.reason, Reason::Conflict | Reason::NotFound) && in_vain < CONFLICTS_IN_VAIN =>
                {
                    in_vain += usize::from(!self.newer(at, key, &observed).await?);
                }
                Err(error) => return Err(Stop::refused(&format!("{at} cannot be written"), &error)),
            }
        }
    }

    /// Sends a write, again where it may work a little later; never without the Leases.
    pub(super) async fn send<T>(
        &self,
        mut request: impl AsyncFnMut() -> Result<T, ApiError>,
    ) -> Result<Result<T, ApiError>, Stop> {
        let answer = persist(self.options.patience, async || {
            if !self.leases.is_held() && !self.leases.hold().await {
                return Err(ApiError::new(Reason::Forbidden, "the Leases could not be renewed"));
            }
            let answer = request().await;
            if let Err(error) = answer.as_ref()
                && error.is_passing()
            {
                self.note_once(format!(
                    "the cluster does not answer, it is asked for {:?}: {error}",
                    self.options.patience
                ));
            }
            answer
        });
        let answer = answer.await;
        if !self.leases.is_held() && !self.leases.hold().await {
            return Err(Stop::new(StopKind::Interrupted, "the Leases of this rollout could not be renewed")
                .help("`foreshift resume` goes on where it stopped"));
        }
        Ok(answer)
    }

    /// Waits until another version of an object is known than the one that was observed; whether there is one.
    pub(super) async fn newer(&self, at: &At, key: &Key, observed: &Json) -> Result<bool, Stop> {
        let version = |object: &Json| text(object, "/metadata/resourceVersion").to_owned();
        let seen = version(observed);
        let is_newer =
            |view: &crate::view::View| (view.get(key).as_deref().map(&version) != Some(seen.clone())).then_some(());
        if tokio::time::timeout(LATE, self.view.until(is_newer)).await.is_ok() {
            return Ok(true);
        }
        let found = persist(self.options.patience, async || self.cluster.get(at).await).await;
        match found.map_err(|error| Stop::refused(&format!("{at} cannot be read"), &error))? {
            Some(object) => self.view.put(&object),
            None => self.view.remove(key),
        }
        Ok(is_newer(self.view).is_some())
    }

    /// Any other object of the manifests: applied by the server, as `kubectl apply --server-side` does.
    async fn apply(&self, at: &At, leg: Leg<'_>) -> Result<bool, Stop> {
        let Some(content) = &leg.write.content else { return Ok(true) };
        if self.is_alone {
            let message = format!("{at} is still to be applied, and a record alone applies nothing");
            return Err(Stop::new(StopKind::Input, message).help("give the config: `foreshift resume deploy.yaml`"));
        }
        let object = self.in_its_size(at, self.revealed(at, given(at, content))?).await?;
        match self.send(async || self.cluster.apply(at, &object, Mode::Real).await).await? {
            Ok(written) => {
                self.view.put(&written);
                Ok(false)
            }
            Err(error) => Err(Stop::refused(&format!("{at} cannot be applied"), &self.hidden(&error))),
        }
    }

    async fn create_replica_set(&self, at: &At, leg: Leg<'_>) -> Result<bool, Stop> {
        let Some(object) = self.new_replica_set(leg) else { return Ok(true) };
        match self.send(async || self.cluster.create(at, &object, Mode::Real).await).await? {
            Ok(made) => {
                self.view.put(&made);
                Ok(false)
            }
            Err(error) if error.reason == Reason::Exists => {
                let found = persist(self.options.patience, async || self.cluster.get(at).await).await;
                match found.map_err(|error| Stop::refused(&format!("{at} cannot be read"), &error))? {
                    Some(there) if is_ours(&there, &self.run) => {
                        self.view.put(&there);
                        Ok(true)
                    }
                    _ => {
                        Err(Stop::new(StopKind::OffPlan, format!("{at} is there already, and is not of this rollout"))
                            .help("remove it, or give the new version another hash with `--hash canary=…`"))
                    }
                }
            }
            Err(error) => Err(Stop::refused(&format!("{at} cannot be made"), &error)),
        }
    }

    /// The planned ReplicaSet with the mark of the run.
    pub(super) fn new_replica_set(&self, leg: Leg<'_>) -> Option<Json> {
        let mut object = tree::json(&leg.write.content.as_ref()?.value);
        put(&mut object, &["metadata", "annotations", ROLLOUT], json!(self.run));
        Some(object)
    }

    async fn delete_replica_set(&self, at: &At) -> Result<bool, Stop> {
        let found = persist(self.options.patience, async || self.cluster.get(at).await).await;
        let found = found.map_err(|error| Stop::refused(&format!("{at} cannot be read"), &error))?;
        let Some(there) = found else { return Ok(true) };
        if !is_ours(&there, &self.run) || !super::pods::controller(&there).is_empty() {
            self.note_once(format!("{at} is not of this rollout, or somebody's own by now: it is left as it is"));
            return Ok(true);
        }
        self.remove(at, &there, Dependents::Removed).await?;
        self.view.remove(&at.key());
        Ok(false)
    }

    /// Removes an object that is there, in whatever version.
    pub(super) async fn remove(&self, at: &At, there: &Json, dependents: Dependents) -> Result<(), Stop> {
        let uid = text(there, "/metadata/uid");
        let removed = self.send(async || self.cluster.delete(at, (uid, None), dependents).await).await?;
        removed.map_err(|error| Stop::refused(&format!("{at} cannot be removed"), &error))
    }
}

/// An object as a manifest says it, in its namespace.
pub(super) fn given(at: &At, content: &Content) -> Json {
    let mut object = tree::json(&content.value);
    if at.kind.is_namespaced {
        put(&mut object, &["metadata", "namespace"], json!(at.namespace));
    }
    object
}

/// The planned change on an observed object, from whichever of the planned versions it has.
pub(super) fn carried(before: &[Value], after: &Value, observed: &Json) -> Carried {
    let observed = tree::value(observed);
    let mut tries = before.iter().map(|before| carry(before, after, &observed));
    let first = tries.next().unwrap_or_else(|| carry(after, after, &observed));
    if first.foreign().next().is_none() {
        return first;
    }
    tries.find(|carried| carried.foreign().next().is_none()).unwrap_or(first)
}
