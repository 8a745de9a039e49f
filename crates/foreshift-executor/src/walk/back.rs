//! The way back takes what is ours from whatever is there, and makes again what has gone: no edit of others closes it.

use foreshift_core::carry::{Leaf, carry, insist};
use foreshift_core::plan::{Back, Content, Step};
use foreshift_core::value::Value;
use foreshift_core::weight::Weight;
use tokio::time::timeout;

use super::pods;
use super::write::given;
use super::{Walk, interrupted, no_way_back};
use crate::cluster::{At, Cluster, Json};
use crate::course::{Course, Leg, compared};
use crate::record::Direction;
use crate::report::Event;
use crate::stop::{Stop, StopKind};
use crate::tree;

impl<C: Cluster> Walk<'_, C> {
    /// Gives a VirtualService or DestinationRule what the plan has for it, whoever wrote there; says what is taken from others.
    pub(super) async fn insist(&self, at: &At, (before, content): (&[Value], &Content)) -> Result<bool, Stop> {
        let key = at.key();
        if self.view.get(&key).is_none() {
            self.note_once(format!("{at} is gone: it is made again as it was"));
            return self.create(at, &given(at, content)).await;
        }
        let after = compared(self.plan, &key, &content.value);
        let versions = self.versions.get(&key).map(Vec::as_slice).unwrap_or_default();
        self.edit(at, &key, |observed| {
            let (object, foreign) = taken(before, versions, &after, observed);
            for leaf in foreign.iter().filter(|_| object.is_some()) {
                self.note_once(format!("{at}: somebody else changed {}: it is taken back", leaf.place));
            }
            Ok(object)
        })
        .await
    }

    /// The state that a way back can begin in. Where there is none any more, but only the old pods are Ready, the active
    /// subsets are pinned to these again, so that there is one.
    pub(super) async fn last_way_back(&self, from: usize, why: &str) -> Result<usize, Stop> {
        if self.plan.back(from) != Back::Forward {
            return Ok(from);
        }
        if !self.is_only_old_side_ready() {
            return Err(no_way_back(why));
        }
        let course = Course::new(self.plan, Direction::Forward);
        let pins = course.legs.iter().filter(|leg| *leg.step == Step::Pin);
        for leg in pins {
            let Some(content) = &leg.write.content else { continue };
            let at = self.place(&leg.write.key, &leg.write.api_version).await?;
            self.note_once(format!("{at} is pinned to the old pods again: {why}"));
            self.insist(&at, (&[], content)).await?;
        }
        Ok(self.plan.stages.iter().take_while(|stage| stage.back != Back::Forward).count())
    }

    /// Makes the Deployments again that somebody has removed, as they were: requests go back to their pods.
    pub(super) async fn make_deployments_again(&self) -> Result<(), Stop> {
        for workload in self.plan.workloads.iter().filter(|workload| !workload.is_gone) {
            let (key, Some(live)) = (&workload.deployment, &workload.live) else { continue };
            let Some(at) = At::ours("apps", "Deployment", &key.namespace, &key.name) else { continue };
            if self.view.get(key).is_none() {
                self.note_once(format!("{at} is gone: it is made again as it was"));
                self.create(&at, &tree::json(&live.value)).await?;
            }
        }
        Ok(())
    }

    /// Before requests go back to the old pods, there have to be some: else they stay with the new ones as long as these are
    /// Ready. Where the Deployment runs another revision by now, the active subsets follow it.
    pub(super) async fn hold_old_side(&self, course: &Course<'_>, leg: Leg<'_>) -> Result<(), Stop> {
        if *leg.step != Step::RestoreVirtualService || !self.has_shifted(course) {
            return Ok(());
        }
        for (index, workload) in self.plan.workloads.iter().enumerate() {
            let is_settled = |view: &crate::view::View| {
                let is_back = pods::of_old_revision(view, self.plan, index) > 0;
                // With no pod on either side nothing is lost by going back.
                let is_lost = pods::of_new_revision(view, self.plan, index).is_none_or(|ready| ready.ready == 0);
                (is_back || is_lost || pods::of_another_revision(view, self.plan, index).is_some()).then_some(())
            };
            if is_settled(self.view).is_none() {
                let words = format!(
                    "no old pod of {} is Ready: its requests stay with the new ones until one is",
                    workload.deployment
                );
                self.say(&Event::Note { words });
                tokio::select! {
                    waited = timeout(self.timeout(), self.view.until(is_settled)) => waited.map_err(|_| {
                        let message = format!("no old pod of {} is Ready in time: its requests are not given back to them", workload.deployment);
                        Stop::new(StopKind::OffPlan, message)
                            .help(format!("scale {} up, then `foreshift abort` goes on with the way back", workload.deployment))
                    })?,
                    () = self.cancelled() => return Err(interrupted()),
                }
            }
            if pods::of_old_revision(self.view, self.plan, index) == 0
                && let Some(hash) = pods::of_another_revision(self.view, self.plan, index)
            {
                self.follow(index, &hash).await?;
            }
        }
        Ok(())
    }

    /// Whether any weight was given before the way back began.
    fn has_shifted(&self, course: &Course<'_>) -> bool {
        let is_weight = |step: &Step| matches!(step, Step::SetWeight(weight) if *weight != Weight::NONE);
        self.plan.stages.iter().take(course.state(0)).any(|stage| is_weight(&stage.step))
    }
}

/// An observed object with everything that the plan owns as `after` has it, from whichever planned version it had; `None`
/// where it is so already. And the places where somebody else had written.
fn taken(before: &[Value], versions: &[Value], after: &Value, observed: &Json) -> (Option<Json>, Vec<Leaf>) {
    let found = tree::value(observed);
    // From what it is to be nothing has to be taken back, so that says nothing about whose it is.
    let others = before.iter().chain(versions).filter(|version| *version != after);
    let expected = others.map(|version| carry(version, after, &found));
    let fewest = expected.min_by_key(|carried| carried.foreign().count());
    let foreign = fewest.map(|carried| carried.foreign().cloned().collect()).unwrap_or_default();
    let mut value = found;
    for version in versions.iter().chain(before) {
        value = insist(version, after, &value).value;
    }
    let object = tree::json(&value);
    ((object != *observed).then_some(object), foreign)
}
