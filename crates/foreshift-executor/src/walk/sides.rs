//! Both sides of a route have to have Ready pods while they get requests. A pinned side that loses its own, however that
//! comes, loses its requests to the other side at once.

use foreshift_core::kubernetes::{HASH_LABEL, Key, NATIVE_HASH_LABEL};
use foreshift_core::plan::{Pair, Step, Workload};
use foreshift_core::value::Value;
use foreshift_core::weight::Weight;
use serde_json::json;
use tokio::time::sleep;

use super::guard::Interrupt;
use super::write::carried;
use super::{Stretch, Walk, pods};
use crate::cluster::{Cluster, Json};
use crate::course::{Course, Leg, compared};
use crate::gate;
use crate::record::Direction;
use crate::report::Event;
use crate::stop::Stop;
use crate::tree::{self, put};
use crate::view::View;

/// What has to be done about the two sides.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Rescue {
    /// The old pods are gone: the new ones get every request.
    ToNew(String),
    /// The old pods are back: the weights are as planned again.
    AsPlanned,
    /// It has to be taken back.
    Turn(String),
}

impl<C: Cluster> Walk<'_, C> {
    /// What the two sides call for; nothing where each has what it needs.
    pub(super) fn rescue(&self, view: &View) -> Option<Rescue> {
        match self.stretch.get() {
            Stretch::Pinned => self.rescue_old_side(view),
            // The new side has every request: where it has died, only the way back helps.
            Stretch::Repinned => self.is_only_old_side_ready().then(|| Rescue::Turn(why_back())),
            Stretch::Free | Stretch::Paused => None,
        }
    }

    fn rescue_old_side(&self, view: &View) -> Option<Rescue> {
        let is_lost = |(index, _): &(usize, &Workload)| pods::of_old_revision(view, self.plan, *index) == 0;
        let Some((index, workload)) = self.plan.workloads.iter().enumerate().find(is_lost) else {
            return (self.is_rescued(view) && self.is_old_side_whole(view)).then_some(Rescue::AsPlanned);
        };
        let is_new_ready = pods::of_new_revision(view, self.plan, index).is_some_and(|ready| ready.ready > 0);
        let deployment = &workload.deployment;
        if is_new_ready && self.gives_to_old(view) {
            return Some(Rescue::ToNew(format!(
                "no old pod of {deployment} is Ready any more: every request goes to the new ones"
            )));
        }
        let other = pods::of_another_revision(view, self.plan, index)?;
        Some(Rescue::Turn(format!("{deployment} runs another revision by now, {other}, and the old one is gone")))
    }

    /// Sends every request to the new pods, in the order in which the plan would.
    pub(super) async fn send_all_to_new(&self, why: &str) -> Result<(), Stop> {
        self.say(&Event::Note { words: why.to_owned() });
        self.set_services(|key| self.all_to_new(key)).await
    }

    /// Gives the weights of the plan again.
    pub(super) async fn send_as_planned(&self) -> Result<(), Stop> {
        self.say(&Event::Note { words: "the old pods are Ready again: the weights are as planned again".to_owned() });
        let expected = self.expected.borrow().clone();
        self.set_services(|key| expected.get(key).and_then(|contents| contents.first().cloned())).await
    }

    async fn set_services(&self, content: impl Fn(&Key) -> Option<Value>) -> Result<(), Stop> {
        let mut keys: Vec<_> = self.plan.pairs.iter().map(|pair| &pair.virtual_service).collect();
        keys.sort();
        keys.dedup();
        for key in keys {
            let Some(after) = content(key) else { continue };
            let Some(version) = self.view.get(key).map(|found| tree::text(&found, "/apiVersion").to_owned()) else {
                continue;
            };
            let mut before = self.expected.borrow().get(key).cloned().unwrap_or_default();
            before.retain(|content| *content != after);
            let at = self.place(key, &version).await?;
            self.edit(&at, key, |observed| {
                let carried = carried(&before, &after, observed);
                Ok((!carried.is_done()).then(|| tree::json(&carried.value)))
            })
            .await?;
        }
        Ok(())
    }

    /// What the plan has for a VirtualService once the new pods have every request.
    pub(super) fn all_to_new(&self, key: &Key) -> Option<Value> {
        let is_all = |step: &Step| *step == Step::SetWeight(Weight::ALL);
        let stage = self.plan.stages.iter().find(|stage| is_all(&stage.step) && *stage.write.key == *key)?;
        stage.write.content.as_ref().map(|content| compared(self.plan, key, &content.value))
    }

    /// Whether a VirtualService sends anything to the old pods at this moment.
    fn gives_to_old(&self, view: &View) -> bool {
        self.plan.pairs.iter().any(|pair| !self.is_at(view, pair, self.all_to_new(&pair.virtual_service)))
    }

    /// Whether every request goes to the new pods and is not planned to.
    fn is_rescued(&self, view: &View) -> bool {
        self.plan.pairs.iter().any(|pair| {
            let planned =
                self.expected.borrow().get(&pair.virtual_service).and_then(|contents| contents.first().cloned());
            let all = self.all_to_new(&pair.virtual_service);
            planned != all && self.is_at(view, pair, all)
        })
    }

    /// Whether a VirtualService has a planned content.
    fn is_at(&self, view: &View, pair: &Pair, content: Option<Value>) -> bool {
        let key = &pair.virtual_service;
        let planned = self.expected.borrow().get(key).and_then(|contents| contents.first().cloned());
        let (Some(found), Some(planned), Some(content)) = (view.get(key), planned, content) else { return false };
        carried(&[planned], &content, &found).is_done()
    }

    fn is_old_side_whole(&self, view: &View) -> bool {
        self.plan.workloads.iter().enumerate().all(|(index, workload)| {
            let size = self.size_of(workload).unwrap_or(1);
            pods::of_old_revision(view, self.plan, index) >= size.max(1)
        })
    }

    /// Whether a workload has Ready pods of the old revision and none of the new one.
    pub(super) fn is_only_old_side_ready(&self) -> bool {
        self.plan.workloads.iter().enumerate().any(|(index, _)| {
            let new = pods::of_new_revision(self.view, self.plan, index);
            new.is_none_or(|new| new.ready == 0) && pods::of_old_revision(self.view, self.plan, index) > 0
        })
    }

    /// What has to be so before a write; a reason where the rollout has to be taken back instead.
    pub(super) async fn before_leg(&self, course: &Course<'_>, leg: Leg<'_>) -> Result<Option<String>, Stop> {
        if course.direction() != Direction::Forward {
            self.hold_old_side(course, leg).await?;
            return Ok(None);
        }
        match self.rescue(self.view) {
            Some(Rescue::Turn(why)) => return Ok(Some(why)),
            Some(Rescue::ToNew(why)) => self.send_all_to_new(&why).await?,
            Some(Rescue::AsPlanned) | None => {}
        }
        let gives_to_old = matches!(leg.step, Step::SetWeight(weight) if *weight != Weight::ALL);
        if self.stretch.get() != Stretch::Pinned || !gives_to_old {
            return Ok(None);
        }
        // The next weight would send requests to a side that has nobody.
        let is_back = |view: &View| self.is_old_side_ready(view).then_some(());
        if is_back(self.view).is_some() {
            return Ok(None);
        }
        self.say(&Event::Note { words: "the next weight waits for the old pods".to_owned() });
        tokio::select! {
            biased;
            interrupt = self.watch_over() => match interrupt {
                Interrupt::Stop(stop) => Err(stop),
                Interrupt::Turn(why) | Interrupt::Detach(why) => Ok(Some(why)),
            },
            () = self.cancelled() => Err(super::interrupted()),
            () = self.view.until(is_back) => Ok(None),
        }
    }

    fn is_old_side_ready(&self, view: &View) -> bool {
        (0..self.plan.workloads.len()).all(|index| pods::of_old_revision(view, self.plan, index) > 0)
    }

    /// Pins the active subsets of a workload to the revision that its Deployment runs by now.
    pub(super) async fn follow(&self, index: usize, hash: &str) -> Result<(), Stop> {
        let Some(workload) = self.plan.workloads.get(index) else { return Ok(()) };
        for pair in self.plan.pairs.iter().filter(|pair| pair.workload == index) {
            let key = &pair.destination_rule;
            let Some(found) = self.view.get(key) else { continue };
            let at = self.place(key, tree::text(&found, "/apiVersion")).await?;
            self.note_once(format!("{at} follows {} to its revision {hash}", workload.deployment));
            self.edit(&at, key, |observed| {
                let mut object = observed.clone();
                let subsets = object.pointer_mut("/spec/subsets").and_then(Json::as_array_mut);
                for subset in
                    subsets.into_iter().flatten().filter(|subset| tree::text(subset, "/name") == &*pair.active_name)
                {
                    if let Some(labels) = subset.get_mut("labels").and_then(Json::as_object_mut) {
                        labels.remove(HASH_LABEL);
                    }
                    put(subset, &["labels", NATIVE_HASH_LABEL], json!(hash));
                }
                Ok((object != *observed).then_some(object))
            })
            .await?;
        }
        sleep(self.options.settle).await;
        gate::settled::acknowledged(&self.options.outside.istiods, |words| self.say(&Event::Note { words })).await;
        Ok(())
    }
}

fn why_back() -> String {
    "no new pod is Ready any more, and the old ones are there still".to_owned()
}
