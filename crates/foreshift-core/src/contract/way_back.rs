//! Ways back in the contract: equal tails once, or one way whole.

use std::collections::{BTreeMap, BTreeSet};

use super::state::{Texts, changed, route};
use super::{Abort, Direction, Route, State};
use crate::kubernetes::Key;
use crate::plan::{Back, Plan, Undo};
use crate::traffic::RouteShares;

/// The way out of every state. A way back that runs into that of an earlier state says so, hence all of them together
/// are no longer than the plan.
pub(super) fn all(plan: &Plan, texts: Texts) -> Vec<Abort<'_>> {
    let given = Given::new(plan);
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
            abort.states.push(given.state(abort.states.len() + 1, index, undo, texts));
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
    let given = Given::new(plan);
    let mut abort = empty(plan, from);
    let mut next = beginning(plan, from);
    while let Some((index, undo)) = next.and_then(|index| Some((index, plan.undos.get(index)?))) {
        abort.states.push(given.state(abort.states.len() + 1, index, undo, Texts::Written));
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

/// The routes that each undo gives back what they had. An undo knows what every route that it could concern had before;
/// what it gives back is what changed from then on, up to the next undo that knows the route.
struct Given<'a> {
    routes: BTreeSet<(usize, RouteName<'a>)>,
}

type RouteName<'a> = (&'a Key, &'a str);

impl<'a> Given<'a> {
    fn new(plan: &'a Plan) -> Given<'a> {
        let mut routes = BTreeSet::new();
        let mut keepers: BTreeMap<RouteName<'a>, usize> = BTreeMap::new();
        let mut last = Back::Nothing;
        for stage in &plan.stages {
            if let (Back::Undo(undo), true) = (stage.back, stage.back != last) {
                let known = plan.undos.get(undo).map_or(&[][..], |undo| &undo.traffic);
                keepers.extend(known.iter().map(|shares| (name(shares), undo)));
            }
            last = stage.back;
            let changed = stage.traffic.iter().map(name);
            routes.extend(changed.filter_map(|route| Some((*keepers.get(&route)?, route))));
        }
        Given { routes }
    }

    fn state<'b>(&self, index: usize, undo: usize, of: &'b Undo, texts: Texts) -> State<'b> {
        changed(index, &of.step, &of.write, &of.gates, self.traffic(undo, of), texts)
    }

    /// Each route once, in the order of the undo.
    fn traffic<'b>(&self, undo: usize, of: &'b Undo) -> Vec<Route<'b>> {
        let mut seen = BTreeSet::new();
        let is_given_back = |shares: &&RouteShares| self.routes.contains(&(undo, name(shares)));
        let given_back = of.traffic.iter().filter(is_given_back);
        given_back.filter(|shares| seen.insert(name(shares))).map(route).collect()
    }
}

fn name(shares: &RouteShares) -> RouteName<'_> {
    (&shares.virtual_service, &shares.route)
}
