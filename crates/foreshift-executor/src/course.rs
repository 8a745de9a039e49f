//! A plan as the walk takes it: one way, forward or back, write by write.

use std::rc::Rc;

use foreshift_core::carry::carry;
use foreshift_core::kubernetes::Key;
use foreshift_core::plan::{Back, Gate, Plan, Step, Write};
use foreshift_core::value::{Data, Map, Value};

use crate::record::Direction;

/// One way through a plan.
pub(crate) struct Course<'a> {
    plan: &'a Plan,
    direction: Direction,
    /// What has to hold before the first write.
    pub(crate) start: &'a [Gate],
    /// The writes.
    pub(crate) legs: Vec<Leg<'a>>,
}

/// One write of a way, and what has to hold before the next.
#[derive(Clone, Copy)]
pub(crate) struct Leg<'a> {
    pub(crate) step: &'a Step,
    pub(crate) write: &'a Write,
    pub(crate) gates: &'a [Gate],
    /// Whether there is a way back from the state after it.
    pub(crate) has_way_back: bool,
}

impl<'a> Course<'a> {
    /// The way of that direction.
    pub(crate) fn new(plan: &'a Plan, direction: Direction) -> Course<'a> {
        let (start, legs): (&[Gate], Vec<Leg<'a>>) = match direction {
            Direction::Forward => (
                &plan.start.gates,
                plan.stages
                    .iter()
                    .map(|stage| Leg {
                        step: &stage.step,
                        write: &stage.write,
                        gates: &stage.gates,
                        has_way_back: stage.back != Back::Forward,
                    })
                    .collect(),
            ),
            Direction::Back { from } => (
                &[],
                plan.way_back(from)
                    .unwrap_or_default()
                    .into_iter()
                    .map(|undo| Leg { step: &undo.step, write: &undo.write, gates: &undo.gates, has_way_back: true })
                    .collect(),
            ),
        };
        Course { plan, direction, start, legs }
    }

    /// Which way it goes.
    pub(crate) fn direction(&self) -> Direction {
        self.direction
    }

    /// The gates behind the first `done` writes.
    pub(crate) fn gates(&self, done: usize) -> &'a [Gate] {
        match done.checked_sub(1) {
            None => self.start,
            Some(last) => self.legs.get(last).map_or(&[], |leg| leg.gates),
        }
    }

    /// What the plan has for a VirtualService or DestinationRule once the first `done` writes are made; `None` where it is
    /// not there.
    pub(crate) fn content(&self, done: usize, key: &Key) -> Option<Value> {
        self.written(done, key).map(|value| compared(self.plan, key, &value))
    }

    fn written(&self, done: usize, key: &Key) -> Option<Rc<Value>> {
        let value = |write: &Write| write.content.as_ref().map(|content| Rc::clone(&content.value));
        let written = self.legs.iter().take(done).rev().find(|leg| *leg.write.key == *key);
        if let Some(leg) = written {
            return value(leg.write);
        }
        if let Direction::Back { from } = self.direction {
            let stage = self.plan.stages.iter().take(from).rev().find(|stage| *stage.write.key == *key);
            if let Some(stage) = stage {
                return value(&stage.write);
            }
        }
        let is_missing = self.plan.world.is_missing(key);
        self.plan.world.start(key).filter(|_| !is_missing).map(|object| Rc::clone(&object.value))
    }

    /// How many writes from `index` on one entry of the record announces: all up to the next gate, and where there is no way
    /// back any more all that follow, as long as each can be seen in its object. A way back begins behind the last of them;
    /// what it takes back that was never made is there as it was. So where there is one, none is announced that closes it.
    pub(crate) fn announces(&self, index: usize) -> usize {
        let has_way_back = self.legs.get(index).is_some_and(|leg| leg.has_way_back);
        let is_next = |at: usize, leg: &Leg<'_>| {
            let before = at.checked_sub(1).and_then(|before| self.legs.get(before));
            at == index || !leg.has_way_back || before.is_some_and(|before| before.gates.is_empty())
        };
        let legs = self.legs.iter().enumerate().skip(index);
        let is_open = |leg: &Leg<'_>| leg.has_way_back || !has_way_back;
        legs.take_while(|(at, leg)| is_open(leg) && is_next(*at, leg) && self.is_seen(index, *at)).count().max(1)
    }

    /// Whether an object that the write `at` is about never looks, from `first` on, as if it were made before it is.
    fn is_seen(&self, first: usize, at: usize) -> bool {
        let Some(leg) = self.legs.get(at) else { return false };
        let key = &*leg.write.key;
        if !key.is_traffic() {
            // One that is not there may not have been there before.
            return leg.write.content.is_some();
        }
        let (Some(before), Some(after)) = (self.content(at, key), self.content(at + 1, key)) else { return false };
        let looks_made = |earlier: &Value| carry(&before, &after, earlier).is_done();
        // Between them the object is as the write before has left it.
        let written = self.legs.iter().enumerate().take(at).skip(first).filter(|(_, leg)| *leg.write.key == *key);
        let mut states = std::iter::once(first).chain(written.map(|(index, _)| index + 1));
        !states.any(|done| self.content(done, key).as_ref().is_some_and(looks_made))
    }

    /// Which state of the plan is reached by the first `done` writes forward; on a way back the one that it began in.
    pub(crate) fn state(&self, done: usize) -> usize {
        match self.direction {
            Direction::Forward => done,
            Direction::Back { from } => from,
        }
    }
}

/// Every VirtualService and DestinationRule that a plan writes.
pub(crate) fn traffic_keys(plan: &Plan) -> Vec<Rc<Key>> {
    let mut keys: Vec<Rc<Key>> = plan.stages.iter().map(|stage| Rc::clone(&stage.write.key)).collect();
    keys.retain(|key| key.is_traffic());
    keys.sort();
    keys.dedup();
    keys
}

/// Everything that a plan ever has for a VirtualService or DestinationRule, each once.
pub(crate) fn versions(plan: &Plan, key: &Key) -> Vec<Value> {
    let stages = plan.stages.iter().map(|stage| &stage.write);
    let undos = plan.undos.iter().map(|undo| &undo.write);
    let written = stages.chain(undos).filter(|write| *write.key == *key);
    let written = written.filter_map(|write| write.content.as_ref().map(|content| &content.value));
    let start = plan.world.start(key).map(|object| &object.value);
    let mut out: Vec<Value> = Vec::new();
    for value in start.into_iter().chain(written).map(|value| compared(plan, key, value)) {
        if !out.contains(&value) {
            out.push(value);
        }
    }
    out
}

/// What of an object a rollout may ever change: its `spec`, and the labels and annotations that its manifest gives it
/// beside those that it has. Nothing is pruned.
pub(crate) fn compared(plan: &Plan, key: &Key, value: &Value) -> Value {
    let live = plan.world.start(key).map(|object| &*object.value);
    let both = |part: &str| {
        let mut map = Map::default();
        for from in live.into_iter().chain([value]) {
            let entries = from.at(&["metadata", part]).and_then(Value::as_map).into_iter().flat_map(Map::iter);
            entries.for_each(|(name, value)| map.put(&name.name, value.clone(), None));
        }
        Value::new(Data::Map(map))
    };
    let metadata = Value::map([("labels", both("labels")), ("annotations", both("annotations"))]);
    let spec = value.get("spec").cloned().unwrap_or_else(|| Value::new(Data::Null));
    Value::map([("metadata", metadata), ("spec", spec)])
}
