//! Law 3 also of pods that somebody else could take away: while a subset is pinned to the old revision, nobody rolls the
//! Deployment that it belongs to.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::kubernetes::Key;
use crate::plan::{Plan, Stage, Step, Workload};

/// What is pinned, and what is held still, in a state.
#[derive(Default)]
pub(super) struct Pins {
    /// The Deployments that no controller rolls.
    paused: BTreeSet<Rc<Key>>,
    /// The DestinationRules that are pinned to the old revision.
    pinned: BTreeSet<Rc<Key>>,
}

impl Pins {
    /// Takes a write in; whether pods that a subset is pinned to could be taken away from then on.
    pub(super) fn breaks(&mut self, plan: &Plan, stage: &Stage) -> bool {
        let key = &stage.write.key;
        match stage.step {
            Step::PauseDeployment => self.paused.insert(Rc::clone(key)),
            Step::ResumeDeployment => self.paused.remove(key),
            Step::Pin => self.pinned.insert(Rc::clone(key)),
            Step::Repin | Step::RestoreDestinationRule => self.pinned.remove(key),
            _ => return false,
        };
        let may_roll = |workload: &Workload| {
            let runs = !workload.is_gone && !plan.world.is_missing(&workload.deployment);
            runs && !self.paused.contains(&workload.deployment)
        };
        let pinned = plan.pairs.iter().filter(|pair| self.pinned.contains(&pair.destination_rule));
        pinned.filter_map(|pair| plan.workloads.get(pair.workload)).any(may_roll)
    }
}
