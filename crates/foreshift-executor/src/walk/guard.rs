//! What may not happen while something is waited for: foreign edits, dying pods, a ReplicaSet that stays behind.

use std::time::Duration;

use foreshift_core::carry::{Leaf, carry};
use foreshift_core::plan::{Gate, Step, Workload};
use foreshift_core::weight::Weight;
use serde_json::json;
use tokio::time::{Instant, sleep_until};

use super::{Walk, pods};
use crate::cluster::{At, Cluster};
use crate::course::{Course, Leg};
use crate::stop::{Drift, Stop, StopKind};
use crate::tree::{self, number, put};
use crate::view::View;

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
    /// The Deployment has grown, and the new ReplicaSet has to.
    Grow(usize),
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
                Alarm::Short => short_since = Some(Instant::now()),
                Alarm::Full => short_since = None,
                Alarm::Grow(index) => {
                    if let Err(stop) = self.grow(index).await {
                        return Interrupt::Stop(stop);
                    }
                }
            }
        }
    }

    fn alarm(&self, view: &View, is_short: bool) -> Option<Alarm> {
        let drift = self.drift(view);
        if !drift.is_empty() {
            return Some(Alarm::Interrupt(Interrupt::Stop(Stop::off_plan(drift))));
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

    /// Who wants the rollout taken back, while that can be done. Later nobody is heard.
    fn newly_asked(&self, view: &View) -> Option<String> {
        self.book.said(view)?.asked.filter(|_| self.may_turn.get()).map(|asked| asked.by)
    }

    /// Where the cluster is not as the plan has it at this moment.
    pub(super) fn drift(&self, view: &View) -> Vec<Drift> {
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
                let mut foreign: Vec<Leaf> = leaves.filter(|leaf| !leaf.is_pending()).collect();
                foreign.dedup_by(|left, right| left.place == right.place);
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

    /// Before requests go back to the old pods, there have to be some.
    pub(super) fn hold_old_side(&self, course: &Course<'_>, leg: Leg<'_>) -> Result<(), Stop> {
        let is_back = matches!(self.book.cursor().direction, crate::record::Direction::Back { .. });
        if !is_back || *leg.step != Step::RestoreVirtualService || !self.has_shifted(course) {
            return Ok(());
        }
        let without = |(index, _): &(usize, &Workload)| pods::of_old_revision(self.view, self.plan, *index) == 0;
        let Some((_, workload)) = self.plan.workloads.iter().enumerate().find(without) else { return Ok(()) };
        let message =
            format!("no old pod of {} is Ready: its requests are not given back to them", workload.deployment);
        Err(Stop::new(StopKind::OffPlan, message)
            .help("get one side healthy, then `foreshift resume` goes on with the way back"))
    }

    /// Whether any weight was given before the way back began.
    fn has_shifted(&self, course: &Course<'_>) -> bool {
        let is_weight = |step: &Step| matches!(step, Step::SetWeight(weight) if *weight != Weight::NONE);
        self.plan.stages.iter().take(course.state(0)).any(|stage| is_weight(&stage.step))
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
