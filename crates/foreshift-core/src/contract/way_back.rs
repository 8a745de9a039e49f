//! Ways back in the contract: equal tails once, or one way whole.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::state::{Texts, changed, route};
use super::{Abort, Direction, Route, State};
use crate::kubernetes::Key;
use crate::plan::{Back, Plan, Undo};

/// The way out of every state. A way back that runs into that of an earlier state says so, hence all of them together
/// are no longer than the plan.
pub(super) fn all(plan: &Plan, texts: Texts) -> Vec<Abort<'_>> {
    let reach = Reach::new(plan);
    let mut first_from = BTreeMap::new();
    let mut aborts = Vec::with_capacity(plan.states());
    for from in 0..plan.states() {
        let mut abort = empty(plan, from);
        let mut next = beginning(plan, from);
        while let Some(index) = next {
            if let Some(earlier) = first_from.get(&index) {
                abort.same_as = Some(*earlier);
                break;
            }
            let Some(undo) = plan.undos.get(index) else { break };
            abort.states.push(reach.state(abort.states.len() + 1, index, undo, texts));
            next = undo.next;
        }
        if let Some(index) = beginning(plan, from) {
            first_from.entry(index).or_insert(from);
        }
        aborts.push(abort);
    }
    aborts
}

/// The way out of one state, to its end.
pub(super) fn whole(plan: &Plan, from: usize) -> Option<Abort<'_>> {
    if from >= plan.states() {
        return None;
    }
    let reach = Reach::new(plan);
    let mut abort = empty(plan, from);
    let mut next = beginning(plan, from);
    while let Some((index, undo)) = next.and_then(|index| Some((index, plan.undos.get(index)?))) {
        abort.states.push(reach.state(abort.states.len() + 1, index, undo, Texts::Written));
        next = undo.next;
    }
    Some(abort)
}

fn empty(plan: &Plan, from: usize) -> Abort<'_> {
    let direction = if plan.back(from) == Back::Forward { Direction::Forward } else { Direction::Back };
    Abort { from, direction, states: Vec::new(), same_as: None }
}

fn beginning(plan: &Plan, from: usize) -> Option<usize> {
    match plan.back(from) {
        Back::Undo(first) => Some(first),
        Back::Nothing | Back::Forward => None,
    }
}

/// Which routes an undo gives back what they had: those that got something else by a stage that it takes back.
struct Reach<'a> {
    routes: BTreeMap<usize, BTreeSet<(&'a Rc<Key>, &'a str)>>,
}

impl<'a> Reach<'a> {
    fn new(plan: &'a Plan) -> Reach<'a> {
        let mut routes: BTreeMap<usize, BTreeSet<_>> = BTreeMap::new();
        for stage in &plan.stages {
            if let Back::Undo(undo) = stage.back {
                let touched = stage.traffic.iter().map(|shares| (&shares.virtual_service, &*shares.route));
                routes.entry(undo).or_default().extend(touched);
            }
        }
        Reach { routes }
    }

    fn state<'b>(&self, index: usize, undo: usize, of: &'b Undo, texts: Texts) -> State<'b> {
        changed(index, &of.step, &of.write, &of.gates, self.traffic(undo, of), texts)
    }

    /// Each route once, in the order of the VirtualServices' routes.
    fn traffic<'b>(&self, undo: usize, of: &'b Undo) -> Vec<Route<'b>> {
        let Some(routes) = self.routes.get(&undo) else { return Vec::new() };
        let mut seen = BTreeSet::new();
        let is_given_back = |shares: &&'b crate::traffic::RouteShares| {
            let name = (&shares.virtual_service, &*shares.route);
            routes.contains(&name) && seen.insert(name)
        };
        of.traffic.iter().filter(is_given_back).map(route).collect()
    }
}
