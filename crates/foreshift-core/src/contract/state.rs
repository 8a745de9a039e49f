//! States in the contract: what a write changes, or all that there is after it.

use super::gate::gate;
use super::line;
use super::{Object, ObjectName, Percent, Route, Share, State, StepForm};
use crate::kubernetes::{self, Key};
use crate::plan::{Gate, Plan, Stage, Step, Write};
use crate::traffic::{self, Recipient, RouteShares};

/// Whether states come with the texts of their objects.
#[derive(Clone, Copy, Debug)]
pub(super) enum Texts {
    /// With what is written.
    Written,
    /// Without.
    Left,
}

/// Every state: the baseline whole, each other one as what its step changes.
pub(super) fn states(plan: &Plan, texts: Texts) -> Vec<State<'_>> {
    let mut states = Vec::with_capacity(plan.states());
    states.push(start(plan, texts));
    for (index, stage) in plan.stages.iter().enumerate() {
        let traffic = stage.traffic.iter().map(route).collect();
        let state = changed(index + 1, &stage.step, &stage.write, &stage.gates, traffic, texts);
        states.push(judged(plan, stage, state));
    }
    states
}

/// A state as what its step changes.
pub(super) fn changed<'a>(
    index: usize,
    step: &'a Step,
    write: &'a Write,
    gates: &'a [Gate],
    traffic: Vec<Route<'a>>,
    texts: Texts,
) -> State<'a> {
    let objects = match texts {
        Texts::Written => Some(vec![written(write)]),
        Texts::Left => None,
    };
    let step = Some(step_form(step, &write.key));
    State { index, step, gate: gate(gates), objects, traffic, lines: Vec::new(), since_start: None, laws: Vec::new() }
}

/// A state on the way there, with its laws, and with its lines where objects are listed.
fn judged<'a>(plan: &'a Plan, by: &Stage, mut state: State<'a>) -> State<'a> {
    state.laws = by.laws.numbers().collect();
    if state.objects.is_some() {
        state.lines = line::changed(plan, state.index);
        state.since_start = line::since_start(plan, state.index);
    }
    state
}

/// A state with all that there is in it.
pub(super) fn whole(plan: &Plan, index: usize) -> Option<State<'_>> {
    let mut state = start(plan, Texts::Written);
    let objects = state.objects.get_or_insert_default();
    for (before, stage) in plan.stages.get(..index)?.iter().enumerate() {
        let is_last = before + 1 == index;
        put_object(objects, Object { changed: is_last, ..written(&stage.write) });
        for shares in &stage.traffic {
            put_route(&mut state.traffic, Route { changed: is_last, ..route(shares) });
        }
        if is_last {
            state.index = index;
            state.step = Some(step_form(&stage.step, &stage.write.key));
            state.gate = gate(&stage.gates);
        }
    }
    if let Some(last) = index.checked_sub(1).and_then(|last| plan.stages.get(last)) {
        state = judged(plan, last, state);
    }
    if let Some(objects) = &mut state.objects {
        objects.retain(|object| object.text.is_some() || object.changed);
    }
    state.traffic.retain(|route| !route.shares.is_empty() || route.changed);
    Some(state)
}

/// A route with its shares.
pub(super) fn route(shares: &RouteShares) -> Route<'_> {
    Route {
        virtual_service: &shares.virtual_service.name,
        namespace: &shares.virtual_service.namespace,
        route: &shares.route,
        shares: shares.shares.iter().map(share).collect(),
        mirrors: shares.mirrors.iter().map(share).collect(),
        changed: false,
    }
}

fn start(plan: &Plan, texts: Texts) -> State<'_> {
    let objects = match texts {
        Texts::Written => Some(plan.start.objects.iter().map(given).collect()),
        Texts::Left => None,
    };
    let traffic = plan.start.traffic.iter().map(route).collect();
    let laws = plan.start.laws.numbers().collect();
    let (gate, lines) = (gate(&plan.start.gates), Vec::new());
    State { index: 0, step: None, gate, objects, traffic, lines, since_start: None, laws }
}

fn step_form<'a>(step: &'a Step, key: &'a Key) -> StepForm<'a> {
    let object = ObjectName { kind: &key.kind, namespace: &key.namespace, name: &key.name };
    let (weight, revision) = match step {
        Step::SetWeight(weight) => (Some(weight.percent()), None),
        Step::CreateReplicaSet { revision } | Step::DeleteReplicaSet { revision } => (None, Some(&**revision)),
        _ => (None, None),
    };
    StepForm { kind: step.kind(), object, weight, revision }
}

fn written(write: &Write) -> Object<'_> {
    named(&write.key, &write.api_version, write.content.as_ref().map(|content| &*content.text))
}

fn given(object: &kubernetes::Object) -> Object<'_> {
    named(&object.key, &object.api_version, Some(&object.text))
}

fn named<'a>(key: &'a Key, api_version: &'a str, text: Option<&'a str>) -> Object<'a> {
    Object { api_version, kind: &key.kind, namespace: &key.namespace, name: &key.name, text, changed: false }
}

fn share(share: &traffic::Share) -> Share<'_> {
    let (revision, destination, error) = match &share.to {
        Recipient::Revision(hash) => (Some(&**hash), None, None),
        Recipient::Destination(name) => (None, Some(&**name), None),
        Recipient::Error(fault) => (None, None, Some(fault.flag())),
    };
    let (numerator, denominator) = share.part.percent();
    let percent =
        if denominator == 1 { Percent::Whole(numerator) } else { Percent::Part(quotient(numerator, denominator)) };
    Share { revision, destination, error, percent, exact: (numerator, denominator) }
}

#[expect(clippy::cast_precision_loss, reason = "the nearest double is what is promised; the fraction stands beside it")]
fn quotient(numerator: u64, denominator: u64) -> f64 {
    numerator as f64 / denominator as f64
}

/// Puts an object in the place of its former self, else at the end.
fn put_object<'a>(objects: &mut Vec<Object<'a>>, new: Object<'a>) {
    let name = |object: &Object<'a>| (group(object.api_version), object.kind, object.namespace, object.name);
    // The last part of it first: that is where most differ.
    match objects.iter_mut().find(|object| object.name == new.name && name(object) == name(&new)) {
        Some(object) => *object = new,
        None => objects.push(new),
    }
}

/// Versions of one API group name the same object.
fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// Puts a route in the place of its former self, else at the end.
fn put_route<'a>(routes: &mut Vec<Route<'a>>, new: Route<'a>) {
    let name = |route: &Route<'a>| (route.virtual_service, route.namespace, route.route);
    match routes.iter_mut().find(|route| name(route) == name(&new)) {
        Some(route) => *route = new,
        None => routes.push(new),
    }
}
