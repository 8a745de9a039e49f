//! What the objects may be at each moment of a way, and which part of the way that is.

use foreshift_core::kubernetes::Key;
use foreshift_core::plan::{Back, Step};
use foreshift_core::value::Value;

use super::{Walk, book};
use crate::cluster::Cluster;
use crate::course::{Course, traffic_keys};
use crate::record::{Cursor, Direction};
use crate::stop::Stop;

/// A part of the way, by what the Deployments and the active subsets are meanwhile.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Stretch {
    /// Nothing is pinned.
    #[default]
    Free,
    /// The Deployments are paused.
    Paused,
    /// The active subsets are pinned to the old pods.
    Pinned,
    /// They are pinned to the new pods, and the old ones are there still.
    Repinned,
}

impl<C: Cluster> Walk<'_, C> {
    /// Says which of the planned versions the objects may have: of the one that is being written, both.
    pub(super) fn expect(&self, course: &Course<'_>, done: usize, next: usize) {
        self.stretch.set(Self::stretch(course, done, next));
        let keys = traffic_keys(self.plan);
        let expected = keys.into_iter().map(|key| {
            let mut contents = self.allowed(course, done, &key);
            if next > done {
                contents.extend(course.content(next, &key));
            }
            (key, contents)
        });
        *self.expected.borrow_mut() = expected.collect();
    }

    /// The planned versions that an object may have once `done` writes are made. A way back may begin at a write of which
    /// nobody knows whether it was made.
    pub(super) fn allowed(&self, course: &Course<'_>, done: usize, key: &Key) -> Vec<Value> {
        let now = course.content(done, key);
        let is_untouched = course.legs.iter().take(done).all(|leg| *leg.write.key != *key);
        let from = course.state(done);
        let is_unsure = matches!(self.book.cursor().direction, Direction::Back { .. })
            && is_untouched
            && from > 0
            && self.plan.stages.get(from - 1).is_some_and(|stage| *stage.write.key == *key);
        let before = is_unsure.then(|| Course::new(self.plan, Direction::Forward).content(from - 1, key)).flatten();
        // Where the old pods had gone it may have sent every request to the new ones.
        let rescued = (Self::stretch(course, done, done) == Stretch::Pinned).then(|| self.all_to_new(key)).flatten();
        now.into_iter().chain(before).chain(rescued).collect()
    }

    /// Which part of a way the first `done` writes lead to, where the next one may be made too.
    pub(super) fn stretch(course: &Course<'_>, done: usize, next: usize) -> Stretch {
        if course.direction() != Direction::Forward {
            return Stretch::Free;
        }
        let is_made = |step: &Step| course.legs.iter().take(done).any(|leg| leg.step == step);
        let may_be_made = |step: &Step| course.legs.iter().take(next).any(|leg| leg.step == step);
        let is_whole = |step: &Step| course.legs.iter().skip(done).all(|leg| leg.step != step);
        match () {
            () if may_be_made(&Step::SetTemplate) || may_be_made(&Step::Adopt) => Stretch::Free,
            () if is_made(&Step::Repin) => Stretch::Repinned,
            () if may_be_made(&Step::Repin) => Stretch::Paused,
            () if is_made(&Step::Pin) && is_whole(&Step::Pin) => Stretch::Pinned,
            () if is_made(&Step::PauseDeployment) && is_whole(&Step::PauseDeployment) => Stretch::Paused,
            () => Stretch::Free,
        }
    }

    /// A record may not say what cannot be, whoever wrote it.
    pub(super) fn check_cursor(&self, cursor: &Cursor) -> Result<(), Stop> {
        let is_way = match cursor.direction {
            Direction::Forward => true,
            Direction::Back { from } => from <= self.plan.stages.len() && self.plan.back(from) != Back::Forward,
        };
        let course = Course::new(self.plan, cursor.direction);
        let end = cursor.done.checked_add(cursor.announced);
        let is_gate = cursor.gate.as_ref().is_none_or(|gate| gate.index < course.gates(cursor.done).len());
        if is_way && is_gate && end.is_some_and(|end| end <= course.legs.len()) {
            return Ok(());
        }
        Err(book::unsealed(self.book.place()))
    }
}
