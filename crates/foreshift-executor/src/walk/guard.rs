//! What may not happen while something is waited for: foreign edits, dying pods, a ReplicaSet that stays behind.

use std::time::Duration;

use foreshift_core::carry::{Leaf, carry};
use foreshift_core::plan::{Gate, Workload};
use foreshift_core::value::{Data, Value};
use serde_json::json;
use tokio::time::{Instant, sleep_until};

use super::book::removed;
use super::hand_over::is_paused;
use super::sides::Rescue;
use super::{Stretch, Walk, pods};
use crate::cluster::{At, Cluster};
use crate::record::Direction;
use crate::report::Event;
use crate::stop::{Drift, Stop};
use crate::tree::{self, number, put};
use crate::view::View;

/// How long a Deployment's controller is given to end what it has begun.
const CALM: Duration = Duration::from_secs(5);

/// What ends a wait before its time.
pub(super) enum Interrupt {
    /// The walk has to end here.
    Stop(Stop),
    /// The rollout has to be taken back, and why.
    Turn(String),
    /// Nobody waits any longer; what for.
    Detach(String),
}

/// What a look at the cluster calls for.
enum Alarm {
    Interrupt(Interrupt),
    /// Somebody else has written what the plan owns.
    Drift(Vec<Drift>),
    /// The Deployment has grown, and the new ReplicaSet has to.
    Grow(usize),
    /// Somebody has resumed the Deployment, and it may not roll now.
    Pause(usize),
    /// A side has lost its pods, or has them again.
    Rescue(Rescue),
    /// Pods are missing since now.
    Short,
    /// No pod is missing any more.
    Full,
}

impl<C: Cluster> Walk<'_, C> {
    /// Waits until something happens that ends every wait.
    pub(super) async fn watch_over(&self) -> Interrupt {
        let mut short_since: Option<Instant> = None;
        let timeout = self.timeout();
        loop {
            let is_short = short_since.is_some();
            let alarm = self.view.until(|view| self.alarm(view, is_short));
            let deadline = short_since.map(|since| since + timeout);
            let alarm = match deadline {
                None => alarm.await,
                Some(deadline) => tokio::select! {
                    alarm = alarm => alarm,
                    () = sleep_until(deadline) => {
                        Alarm::Interrupt(Interrupt::Turn("new pods are missing for longer than the timeout".to_owned()))
                    }
                },
            };
            match alarm {
                Alarm::Interrupt(interrupt) => return interrupt,
                Alarm::Drift(drift) => return self.leave(drift).await,
                Alarm::Short => short_since = Some(Instant::now()),
                Alarm::Full => short_since = None,
                Alarm::Rescue(Rescue::Turn(why)) => return Interrupt::Turn(why),
                Alarm::Rescue(rescue) => {
                    if let Err(stop) = self.carry_out_rescue(&rescue).await {
                        return Interrupt::Stop(stop);
                    }
                }
                Alarm::Pause(index) => {
                    if let Err(stop) = self.pause_again(index).await {
                        return Interrupt::Stop(stop);
                    }
                }
                Alarm::Grow(index) => {
                    if let Err(stop) = self.grow(index).await {
                        return Interrupt::Stop(stop);
                    }
                }
            }
        }
    }

    /// First what requests need, then what others have done.
    fn alarm(&self, view: &View, is_short: bool) -> Option<Alarm> {
        if let Some(rescue) = self.rescue(view) {
            return Some(Alarm::Rescue(rescue));
        }
        if let Some(index) = self.resumed_by_others(view) {
            return Some(Alarm::Pause(index));
        }
        if self.book.is_gone(view) {
            return Some(Alarm::Interrupt(Interrupt::Stop(removed(self.book.place()))));
        }
        let drift = self.drift(view);
        if !drift.is_empty() {
            return Some(Alarm::Drift(drift));
        }
        if let Some(by) = self.newly_asked(view) {
            return Some(Alarm::Interrupt(Interrupt::Turn(format!("{by} asked for it"))));
        }
        if !self.is_watching.get() {
            return is_short.then_some(Alarm::Full);
        }
        let mut is_full = true;
        for (index, workload) in self.plan.workloads.iter().enumerate() {
            let Some(ready) = pods::of_new_revision(view, self.plan, index) else {
                let why = format!("the new ReplicaSet of {} is gone", workload.deployment);
                return Some(Alarm::Interrupt(Interrupt::Turn(why)));
            };
            if ready.ready == 0 && ready.wanted > 0 {
                let why = format!("no new pod of {} is Ready any more", workload.deployment);
                return Some(Alarm::Interrupt(Interrupt::Turn(why)));
            }
            if self.size_of(workload).is_some_and(|size| size > ready.wanted) {
                return Some(Alarm::Grow(index));
            }
            is_full &= ready.is_full();
        }
        match (is_full, is_short) {
            (false, false) => Some(Alarm::Short),
            (true, true) => Some(Alarm::Full),
            _ => None,
        }
    }

    /// What ends the walk where others have written what the plan owns. They may have let a Deployment roll: its controller is
    /// waited for, so that no request stays with pods that it is ending.
    async fn leave(&self, drift: Vec<Drift>) -> Interrupt {
        let is_calm =
            |view: &View| self.plan.workloads.iter().all(|workload| pods::are_calm(view, workload)).then_some(());
        // What does not come to rest is none of ours.
        let _ = tokio::time::timeout(CALM, self.view.until(is_calm)).await;
        while let Some(rescue) = self.rescue(self.view) {
            if let Rescue::Turn(why) = rescue {
                return Interrupt::Turn(why);
            }
            if let Err(stop) = self.carry_out_rescue(&rescue).await {
                return Interrupt::Stop(stop);
            }
        }
        Interrupt::Stop(Stop::off_plan(drift))
    }

    /// Who wants the rollout taken back, while that can be done. Later nobody is heard.
    fn newly_asked(&self, view: &View) -> Option<String> {
        self.book.said(view)?.asked.filter(|_| self.may_turn.get()).map(|asked| asked.by)
    }

    async fn carry_out_rescue(&self, rescue: &Rescue) -> Result<(), Stop> {
        match rescue {
            Rescue::ToNew(why) => self.send_all_to_new(why).await,
            Rescue::AsPlanned => self.send_as_planned().await,
            Rescue::Turn(_) => Ok(()),
        }
    }

    /// Which Deployment somebody else lets roll while the subsets are pinned to its pods.
    fn resumed_by_others(&self, view: &View) -> Option<usize> {
        if self.stretch.get() == Stretch::Free {
            return None;
        }
        self.plan.workloads.iter().position(|workload| {
            !workload.is_gone && view.get(&workload.deployment).is_some_and(|found| !is_paused(&found))
        })
    }

    async fn pause_again(&self, index: usize) -> Result<(), Stop> {
        let Some(workload) = self.plan.workloads.get(index) else { return Ok(()) };
        let key = &workload.deployment;
        let Some(at) = At::ours("apps", "Deployment", &key.namespace, &key.name) else { return Ok(()) };
        let words = format!(
            "somebody has resumed {key}: it is paused again, its pods would go while a subset is pinned to them"
        );
        self.say(&Event::Note { words });
        self.pause_deployment(&at).await.map(|_| ())
    }

    /// Where the cluster is not as the plan has it at this moment; nothing of it counts on a way out that takes what is ours.
    pub(super) fn drift(&self, view: &View) -> Vec<Drift> {
        if self.is_insisting() {
            return Vec::new();
        }
        let mut drifts = self.traffic_drift(view);
        if self.stretch.get() != Stretch::Free {
            drifts.extend(self.plan.workloads.iter().filter_map(|workload| template_drift(workload, view)));
        }
        drifts
    }

    /// Whether what is ours is taken whoever wrote there.
    pub(super) fn is_insisting(&self) -> bool {
        self.is_insisting.get() || self.book.cursor().direction != Direction::Forward
    }

    fn traffic_drift(&self, view: &View) -> Vec<Drift> {
        let expected = self.expected.borrow();
        let drifts = expected.iter().filter_map(|(key, contents)| {
            let object = key.to_string();
            let Some(observed) = view.get(key) else {
                // What is not planned to be there yet cannot be missed.
                return (!contents.is_empty())
                    .then(|| Drift { object: format!("{object}, which is gone"), leaves: Vec::new() });
            };
            let observed = tree::value(&observed);
            let versions = self.versions.get(key).map(Vec::as_slice).unwrap_or_default();
            let foreign = contents.iter().map(|now| {
                let leaves = versions.iter().flat_map(|version| carry(now, version, &observed).leaves);
                let mut foreign: Vec<Leaf> = Vec::new();
                // Several versions may differ at one place.
                for leaf in leaves.filter(|leaf| !leaf.is_pending()) {
                    if foreign.iter().all(|known| known.place != leaf.place) {
                        foreign.push(leaf);
                    }
                }
                foreign
            });
            let leaves = foreign.min_by_key(Vec::len).unwrap_or_default();
            (!leaves.is_empty()).then_some(Drift { object, leaves })
        });
        drifts.collect()
    }

    /// Makes the new ReplicaSet as large as its Deployment is.
    async fn grow(&self, index: usize) -> Result<(), Stop> {
        let Some(workload) = self.plan.workloads.get(index) else { return Ok(()) };
        let key = &workload.replica_set;
        let Some(at) = At::ours("apps", "ReplicaSet", &key.namespace, &key.name) else { return Ok(()) };
        let Some(size) = self.size_of(workload) else { return Ok(()) };
        self.edit(&at, key, |observed| {
            let is_smaller = number(observed, "/spec/replicas").unwrap_or(1) < size;
            let mut object = observed.clone();
            put(&mut object, &["spec", "replicas"], json!(size));
            Ok(is_smaller.then_some(object))
        })
        .await
        .map(|_| ())
    }

    /// How long pods may take to get Ready.
    pub(super) fn timeout(&self) -> Duration {
        let gates = self.plan.stages.iter().flat_map(|stage| &stage.gates);
        let timeout = gates.filter_map(|gate| match gate {
            Gate::Ready { timeout_seconds } => Some(*timeout_seconds),
            _ => None,
        });
        Duration::from_secs(u64::from(timeout.max().unwrap_or(1800)))
    }
}

/// Where somebody else has changed the pod template of a Deployment that is paused: the hand-over would write over it.
fn template_drift(workload: &Workload, view: &View) -> Option<Drift> {
    let planned = workload.live.as_ref()?.value.at(&["spec", "template"])?;
    let object = workload.deployment.to_string();
    let Some(observed) = view.get(&workload.deployment) else {
        return Some(Drift { object: format!("{object}, which is gone"), leaves: Vec::new() });
    };
    let found = tree::value(observed.pointer("/spec/template")?);
    let mut leaves = Vec::new();
    differences(Some(planned), Some(&found), "spec.template".to_owned(), &mut leaves);
    (!leaves.is_empty()).then_some(Drift { object, leaves })
}

/// Where two values differ, as deep as they can be compared.
fn differences(planned: Option<&Value>, found: Option<&Value>, place: String, out: &mut Vec<Leaf>) {
    if planned == found {
        return;
    }
    match (planned.map(|value| &value.data), found.map(|value| &value.data)) {
        (Some(Data::Map(left)), Some(Data::Map(right))) => {
            for (key, value) in left.iter() {
                differences(Some(value), right.get(&key.name), format!("{place}.{}", key.name), out);
            }
            for (key, value) in right.iter().filter(|(key, _)| left.get(&key.name).is_none()) {
                differences(None, Some(value), format!("{place}.{}", key.name), out);
            }
        }
        (Some(Data::Seq(left)), Some(Data::Seq(right))) if left.len() == right.len() => {
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                differences(Some(left), Some(right), format!("{place}[{index}]"), out);
            }
        }
        _ => out.push(Leaf { place, before: planned.cloned(), after: planned.cloned(), found: found.cloned() }),
    }
}
