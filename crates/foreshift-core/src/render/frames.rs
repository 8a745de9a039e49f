//! A way through states, as every renderer walks it: what was written, what holds now, what comes next.

use std::rc::Rc;

use super::Selection;
use crate::kubernetes::Key;
use crate::plan::{Back, Gate, Plan, Step, Write};
use crate::traffic::RouteShares;

/// A state, and how it came about.
pub struct Frame<'a> {
    /// Its number on its way.
    pub index: usize,
    /// What was done; nothing in the first state of a way.
    pub act: Option<Act<'a>>,
    /// What has to hold before the next write.
    pub gates: &'a [Gate],
    /// The routes that get something else than before; in the first state, all.
    pub traffic: Vec<&'a RouteShares>,
    /// Every object that is known, in the order in which they came to be known.
    pub objects: Vec<(&'a Key, &'a Rc<str>)>,
    /// Every route.
    pub routes: Vec<&'a RouteShares>,
}

/// A write.
pub struct Act<'a> {
    /// What for.
    pub step: &'a Step,
    /// Of what.
    pub key: &'a Key,
    /// The object's text before it.
    pub before: Option<&'a Rc<str>>,
    /// The object's text after it.
    pub after: Option<&'a Rc<str>>,
}

/// Where a list of frames goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Way {
    /// To the new version.
    There,
    /// Back to the old one.
    Back,
}

/// Every selected state. A way back is numbered from 0, which is the state that it starts in.
pub fn frames(plan: &Plan, selection: Selection) -> (Way, Vec<Frame<'_>>) {
    let mut there = Walk::start(plan);
    let last = plan.stages.len();
    let (first, last) = match selection {
        Selection::All => (0, last),
        Selection::State(n) => (n, n),
        Selection::AbortFrom(n) if plan.back(n) == Back::Forward => (n, last),
        Selection::AbortFrom(n) => return (Way::Back, back(plan, n)),
    };
    if first > plan.stages.len() {
        return (Way::There, Vec::new());
    }
    let mut out = Vec::new();
    if first == 0 {
        out.push(there.frame(0, None, &plan.start.gates, &plan.start.traffic));
    }
    for (index, stage) in plan.stages.iter().enumerate().take(last) {
        let act = there.write(&stage.step, &stage.write);
        there.shift(&stage.traffic);
        if index + 1 >= first {
            out.push(there.frame(index + 1, Some(act), &stage.gates, &stage.traffic));
        }
    }
    (Way::There, out)
}

/// State `n`, and every state of the way back from it.
fn back(plan: &Plan, n: usize) -> Vec<Frame<'_>> {
    if n > plan.stages.len() {
        return Vec::new();
    }
    let mut walk = Walk::start(plan);
    for stage in plan.stages.iter().take(n) {
        walk.write(&stage.step, &stage.write);
        walk.shift(&stage.traffic);
    }
    let mut first = walk.frame(0, None, &[], &[]);
    first.traffic.clone_from(&first.routes);
    let mut out = vec![first];
    for (index, undo) in plan.way_back(n).unwrap_or_default().into_iter().enumerate() {
        let act = walk.write(&undo.step, &undo.write);
        let changed: Vec<&RouteShares> = undo.traffic.iter().filter(|route| !walk.routes.contains(route)).collect();
        walk.shift(&undo.traffic);
        let mut frame = walk.frame(index + 1, Some(act), &undo.gates, &[]);
        frame.traffic = changed;
        out.push(frame);
    }
    out
}

struct Walk<'a> {
    objects: Vec<(&'a Key, &'a Rc<str>)>,
    routes: Vec<&'a RouteShares>,
}

impl<'a> Walk<'a> {
    fn start(plan: &'a Plan) -> Walk<'a> {
        Walk {
            objects: plan.start.objects.iter().map(|object| (&object.key, &object.text)).collect(),
            routes: plan.start.traffic.iter().collect(),
        }
    }

    fn write(&mut self, step: &'a Step, write: &'a Write) -> Act<'a> {
        let place = self.objects.iter().position(|(key, _)| **key == *write.key);
        let before = place.and_then(|place| self.objects.get(place)).map(|(_, text)| *text);
        let after = write.content.as_ref().map(|content| &content.text);
        match (place.and_then(|place| self.objects.get_mut(place)), after) {
            (Some(object), Some(text)) => object.1 = text,
            (None, Some(text)) => self.objects.push((&write.key, text)),
            _ => {}
        }
        if let (Some(place), None) = (place, after) {
            self.objects.remove(place);
        }
        Act { step, key: &write.key, before, after }
    }

    fn shift(&mut self, traffic: &'a [RouteShares]) {
        for route in traffic {
            let is_same = |known: &&mut &RouteShares| {
                known.virtual_service == route.virtual_service && known.route == route.route
            };
            match self.routes.iter_mut().find(is_same) {
                Some(known) => *known = route,
                None => self.routes.push(route),
            }
        }
    }

    fn frame(&self, index: usize, act: Option<Act<'a>>, gates: &'a [Gate], traffic: &'a [RouteShares]) -> Frame<'a> {
        let (objects, routes) = (self.objects.clone(), self.routes.clone());
        Frame { index, act, gates, traffic: traffic.iter().collect(), objects, routes }
    }
}
