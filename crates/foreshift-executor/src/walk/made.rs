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
    /// Of the announced writes, the last one that is seen to be made: it is gone on from there, with its gates.
    pub(super) fn caught_up(&self, course: &Course<'_>) -> usize {
        let cursor = self.book.cursor();
        cursor.may_be_made().rev().find(|index| self.is_made(course, *index)).unwrap_or(cursor.done)
    }

    /// Whether an object shows that a write was made. Of one that shows nothing the answer is no: it is made again.
    fn is_made(&self, course: &Course<'_>, index: usize) -> bool {
        let Some(leg) = course.legs.get(index) else { return false };
        let key = &*leg.write.key;
        let Some(observed) = self.view.get(key) else { return false };
        match leg.step {
            Step::Annotate => {
                observed.pointer("/metadata/annotations").is_some_and(|all| all.get(DESIRED_REPLICAS).is_some())
            }
            // The controller answers its labels.
            Step::Adopt => !controller(&observed).is_empty(),
            Step::PauseDeployment => is_paused(&observed),
            Step::CreateReplicaSet { .. } => is_ours(&observed, &self.run),
            Step::SetTemplate => self.has_new_template(key, &observed),
            Step::ResumeDeployment => self.has_new_template(key, &observed) && !is_paused(&observed),
            _ if key.is_traffic() => match (course.content(index, key), course.content(index + 1, key)) {
                (Some(before), Some(after)) => carried(&[before], &after, &observed).is_done(),
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether a Deployment has the pod template of the new ReplicaSet.
    pub(super) fn has_new_template(&self, key: &Key, observed: &Json) -> bool {
        let template = |object: &Json| object.pointer("/spec/template").map(bare);
        let set = self.workload_of_deployment(key).and_then(|workload| self.view.get(&workload.replica_set));
        set.is_some_and(|set| template(&set) == template(observed))
    }
}
