//! Ways back in the contract: equal tails once, or one way whole.

use crate::order::Table;

use super::state::{Texts, changed, route};
use super::{Abort, Direction, State};
use crate::kubernetes::Key;
use crate::plan::{Back, Plan, Undo};
use crate::traffic::RouteShares;

/// The way out of every state. A way back that runs into that of an earlier state says so, hence all of them together
/// are no longer than the plan.
pub(super) fn all(plan: &Plan, texts: Texts) -> Vec<Abort<'_>> {
    let given = Given::new(plan);
    let mut first_from = vec![None; plan.undos.len()];
    let mut aborts = Vec::with_capacity(plan.states());
    for from in 0..plan.states() {
        let mut abort = empty(plan, from);
        let mut next = beginning(plan, from);
        while let Some(index) = next {
            let (Some(undo), Some(earlier)) = (plan.undos.get(index), first_from.get(index)) else { break };
            if earlier.is_some() {
                abort.same_as = *earlier;
                break;
            }
            abort.states.push(given.state(abort.states.len() + 1, index, undo, texts));
            next = undo.next;
        }
        if let Some(first) = beginning(plan, from).and_then(|index| first_from.get_mut(index)) {
            first.get_or_insert(from);
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

/// For each undo, which of the routes that it lists it gives back what they had.
///
/// An undo lists every route that it could concern. What it gives back is what changed from then on, up to the next undo
/// that lists the route.
struct Given(Vec<Vec<bool>>);

impl Given {
    fn new(plan: &Plan) -> Given {
        let mut given: Vec<Vec<bool>> = plan.undos.iter().map(|undo| vec![false; undo.traffic.len()]).collect();
        let mut keepers = Table::new();
        let mut last = Back::Nothing;
        for stage in &plan.stages {
            if let (Back::Undo(undo), true) = (stage.back, stage.back != last) {
                let listed = plan.undos.get(undo).map_or(&[][..], |undo| &undo.traffic);
                keepers.extend(listed.iter().enumerate().map(|(place, shares)| (name(shares), (undo, place))));
            }
            last = stage.back;
            for keeper in stage.traffic.iter().filter_map(|shares| keepers.get(&name(shares))) {
                if let Some(is_given) = given.get_mut(keeper.0).and_then(|undo| undo.get_mut(keeper.1)) {
                    *is_given = true;
                }
            }
        }
        Given(given)
    }

    fn state<'a>(&self, index: usize, undo: usize, of: &'a Undo, texts: Texts) -> State<'a> {
        let is_given = self.0.get(undo).into_iter().flatten();
        let listed = of.traffic.iter().zip(is_given);
        let traffic = listed.filter(|(_, is_given)| **is_given).map(|(shares, _)| route(shares)).collect();
        changed(index, &of.step, &of.write, &of.gates, traffic, texts)
    }
}

fn name(shares: &RouteShares) -> (&Key, &str) {
    (&shares.virtual_service, &shares.route)
}
