//! Of the writes that one entry of the record announces, which are made? The objects say it.

use foreshift_core::kubernetes::Key;
use foreshift_core::plan::Step;

use super::Walk;
use super::hand_over::{DESIRED_REPLICAS, bare, is_paused};
use super::pods::controller;
use super::write::carried;
use crate::cluster::{Cluster, Json};
use crate::course::Course;
use crate::record::is_ours;

impl<C: Cluster> Walk<'_, C> {
    /// Of the announced writes, the last one that is seen to be made: it is gone on from there, with its gates. On a way out
    /// that takes what is ours every one before it has to be seen too: one that looks made before its turn was put there by
    /// somebody else, as by a GitOps tool that puts an object back, and is made again in its turn.
    pub(super) fn caught_up(&self, course: &Course<'_>) -> usize {
        let cursor = self.book.cursor();
        let announced = cursor.may_be_made();
        let made: Vec<Option<bool>> = announced.clone().map(|index| self.is_made(course, index)).collect();
        let is_whole = |index: usize| {
            let of = |index: usize| course.legs.get(index).map(|leg| &leg.write.key);
            let known: Vec<_> = announced.clone().zip(&made).take_while(|(at, _)| *at <= index).collect();
            // What a later write of the same object shows was made before it.
            let is_seen = |at: usize| {
                known.iter().any(|(later, made)| *later > at && of(*later) == of(at) && **made == Some(true))
            };
            known.iter().all(|(at, made)| **made != Some(false) || is_seen(*at))
        };
        let seen = announced.clone().zip(&made).rev().filter(|(_, made)| **made == Some(true)).map(|(index, _)| index);
        seen.into_iter().find(|index| !self.is_insisting() || is_whole(*index)).unwrap_or(cursor.done)
    }

    /// Whether an object shows that a write was made; `None` for one that no object shows. It is made again.
    fn is_made(&self, course: &Course<'_>, index: usize) -> Option<bool> {
        let leg = course.legs.get(index)?;
        let key = &*leg.write.key;
        let is_shown = key.is_traffic() || !matches!(leg.step, Step::Apply | Step::DeleteReplicaSet { .. });
        let Some(observed) = self.view.get(key) else { return is_shown.then_some(false) };
        match leg.step {
            Step::Annotate => {
                Some(observed.pointer("/metadata/annotations").is_some_and(|all| all.get(DESIRED_REPLICAS).is_some()))
            }
            // The controller answers its labels.
            Step::Adopt => Some(!controller(&observed).is_empty()),
            Step::PauseDeployment => Some(is_paused(&observed)),
            Step::CreateReplicaSet { .. } => Some(is_ours(&observed, &self.run)),
            Step::SetTemplate => Some(self.has_new_template(key, &observed)),
            Step::ResumeDeployment => Some(self.has_new_template(key, &observed) && !is_paused(&observed)),
            _ if key.is_traffic() => {
                let (before, after) = (course.content(index, key)?, course.content(index + 1, key)?);
                Some(carried(&[before], &after, &observed).is_done())
            }
            _ => None,
        }
    }

    /// Whether a Deployment has the pod template of the new ReplicaSet.
    pub(super) fn has_new_template(&self, key: &Key, observed: &Json) -> bool {
        let template = |object: &Json| object.pointer("/spec/template").map(bare);
        let set = self.workload_of_deployment(key).and_then(|workload| self.view.get(&workload.replica_set));
        set.is_some_and(|set| template(&set) == template(observed))
    }
}
