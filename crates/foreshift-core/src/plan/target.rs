//! The plan of one target: what the config says, found in the objects, lowered to stages, judged.

use crate::order::{self, Keys};
use std::rc::Rc;

use super::apply::TrafficOrder;
use super::canary::{Canary, Course, first_deployment};
use super::model::{Plan, Start};
use super::strategy::{self, Leg};
use super::workload::{self, workload};
use super::{Hashes, Known, Pair, Workload, World, pair, service, shown};
use crate::config::{CanaryStep, CanaryStepKind, Config, GateStep, Strategy, Target, Wait};
use crate::diagnostic::{Code, Diagnostic};
use crate::istio::destination_rule::{CanarySubset, subsets};
use crate::kubernetes::{Key, Object};
use crate::laws;
use crate::lint;
use crate::text::Span;

/// What is planned for: a change of what runs, or the first deployment of it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Occasion {
    /// An earlier version runs.
    #[default]
    Change,
    /// Nothing runs yet.
    First,
}

/// Everything that the plan of one target is made from.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// The whole config.
    pub config: &'a Config,
    /// The target.
    pub target: &'a Target,
    /// What is known of it.
    pub world: &'a Rc<World>,
    /// Hashes that are known.
    pub hashes: &'a Hashes,
    /// What is planned for.
    pub occasion: Occasion,
    /// How many bytes the texts of its states can have.
    pub room: usize,
}

/// The plan of a target, checked; `None` where a finding is an error.
pub fn plan(inputs: Inputs<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Plan> {
    let mut found = Vec::new();
    let plan = unchecked(inputs, &mut found).filter(|_| !found.iter().any(Diagnostic::is_error));
    diagnostics.append(&mut found);
    plan
}

fn unchecked(inputs: Inputs<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Plan> {
    let Inputs { config, target, world, hashes, occasion, .. } = inputs;
    lint::objects(world, diagnostics);
    let Strategy::Canary(steps) = &target.strategy.value else { return None };
    let entries = || {
        config.traffic.iter().filter(|traffic| traffic.covers(&target.name.value)).flat_map(|traffic| &traffic.istio)
    };
    if entries().next().is_none() {
        let message = format!("target `{}` has no VirtualService and DestinationRule to shift", target.name.value);
        diagnostics.push(Diagnostic::new(Code::NoTrafficPair, target.name.span, message).help(
            "add an `istio` entry for it to `trafficManagement`; a canary by numbers of pods cannot be planned yet",
        ));
        return None;
    }
    if occasion == Occasion::First {
        for entry in entries() {
            // Nothing is shifted; but what the config names has to be there, and fit.
            let key =
                pair::find(entry, world, diagnostics).and_then(|pair| service::workload_of(&pair, world, diagnostics));
            let included = key.and_then(|key| world.included.get(&key));
            diagnostics.extend(included.and_then(|included| workload::fault(included, None)));
        }
        return Some(finished(
            target,
            world,
            Vec::new(),
            Vec::new(),
            first_deployment(world, config.timeout_seconds),
            diagnostics,
        ));
    }
    let names = entries().map(|entry| entry.virtual_service.value.as_str()).collect();
    refuse_too_large(inputs, &names, steps, diagnostics)?;
    let mut pairs: Vec<Pair> = Vec::new();
    let mut workloads: Vec<Workload> = Vec::new();
    let mut is_complete = true;
    for entry in entries() {
        let found = pair::find(entry, world, diagnostics)
            .and_then(|pair| with_workload(pair, world, hashes, &mut workloads, diagnostics))
            .filter(|pair| !contradicts(pair, &pairs, diagnostics));
        is_complete &= found.is_some();
        pairs.extend(found);
    }
    if !is_complete {
        return None;
    }
    note_assumed(&pairs, world, diagnostics);
    refuse_hashes_of_nobody(hashes, world, diagnostics);
    let legs = strategy::legs(steps, diagnostics);
    leave_out_unchanged(&mut pairs, &mut workloads, diagnostics);
    check_weights(&pairs, &legs, diagnostics)?;
    if diagnostics.iter().any(Diagnostic::is_error) {
        // What an object breaks already every state of it would break again.
        return None;
    }
    let plan = course(config, target, world, &pairs, &workloads, &legs, diagnostics)?;
    lint::plan(&plan, world, diagnostics);
    lint::analysis(world, diagnostics);
    Some(plan)
}

/// Planned objects that are not among what runs now, though something was said about it.
fn note_assumed(pairs: &[Pair], world: &World, diagnostics: &mut Vec<Diagnostic>) {
    let keys: Keys<_> = pairs.iter().flat_map(|pair| [&pair.virtual_service, &pair.destination_rule]).collect();
    for object in keys.iter().filter(|_| world.known == Known::Something).filter_map(|key| world.included.get(key)) {
        if world.live.get(&object.key).is_none() {
            let message =
                format!("{} is not among what runs now, so it is taken to run as the manifest has it", object.key);
            diagnostics.push(
                Diagnostic::new(Code::AssumedObject, object.span(), message).help("give it with `--current` too"),
            );
        }
    }
}

/// A hash for a Deployment that the manifests do not have is one for another that was meant.
fn refuse_hashes_of_nobody(hashes: &Hashes, world: &World, diagnostics: &mut Vec<Diagnostic>) {
    let is_there =
        |name: &str| world.included.iter().any(|object| service::is_deployment(&object.key) && object.key.name == name);
    for (name, side, hash) in &hashes.list {
        if let Some(name) = name.as_deref().filter(|name| !is_there(name)) {
            let message = format!("the hash `{hash}` is for Deployment `{name}`, which the manifests do not have");
            let help = format!("`{}=…` alone is for every Deployment", side.name());
            diagnostics.push(Diagnostic::new(Code::InvalidHash, Span::NONE, message).help(help));
        }
    }
}

/// The pair with its workload, which several pairs may share.
fn with_workload(
    mut pair: Pair,
    world: &Rc<World>,
    hashes: &Hashes,
    workloads: &mut Vec<Workload>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Pair> {
    let key = service::workload_of(&pair, world, diagnostics)?;
    pair.workload = match workloads.iter().position(|workload| *workload.deployment == key) {
        Some(index) => index,
        None => {
            workloads.push(workload(&key, world, hashes, diagnostics)?);
            workloads.len() - 1
        }
    };
    let labels = &workloads.get(pair.workload)?.new_labels;
    refuse_deaf_canary(&pair, world, labels, diagnostics)?;
    Some(pair)
}

/// A reused canary subset has to select the new pods.
fn refuse_deaf_canary(
    pair: &Pair,
    world: &Rc<World>,
    new_labels: &crate::kubernetes::Labels,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<()> {
    let CanarySubset::Reused(index) = pair.canary_subset else { return Some(()) };
    let rule = world.wanted(&pair.destination_rule)?;
    let subset = subsets(&rule.value).find(|subset| subset.index == index)?;
    let labels = subset.labels();
    let Some((key, value)) = labels.iter().find(|(key, value)| new_labels.get(*key) != Some(*value)) else {
        return Some(());
    };
    let message = format!("the new pods lack the label `{key}: {value}` of the canary subset `{}`", subset.name);
    diagnostics.push(
        Diagnostic::new(Code::TemplateLacksCanaryLabel, subset.span(), message)
            .help("requests to it would get 503: take the label from the subset, or give the pod template that label"),
    );
    None
}

/// Whether another entry of the target wants something else of the same route or subset.
fn contradicts(pair: &Pair, others: &[Pair], diagnostics: &mut Vec<Diagnostic>) -> bool {
    let same_route = |other: &&Pair| other.virtual_service == pair.virtual_service && other.http == pair.http;
    if others.iter().any(|other| same_route(&other)) {
        let message = format!("route `{}` of {} is named by another entry already", pair.route, pair.virtual_service);
        diagnostics
            .push(Diagnostic::new(Code::RouteTwice, pair.span, message).help("leave one of the two entries out"));
        return true;
    }
    let is_same_rule = |other: &&Pair| other.destination_rule == pair.destination_rule;
    let disagrees = |other: &&Pair| {
        let is_same_subset = (&other.active_name, &other.canary_name) == (&pair.active_name, &pair.canary_name);
        if other.workload == pair.workload { !is_same_subset } else { shares_a_subset(other, pair) }
    };
    if let Some(other) = others.iter().filter(is_same_rule).find(disagrees) {
        let message = format!(
            "{} is asked for the subsets `{}` and `{}` here, for `{}` and `{}` by another entry",
            pair.destination_rule, pair.active_name, pair.canary_name, other.active_name, other.canary_name
        );
        diagnostics.push(
            Diagnostic::new(Code::ConflictingSubsets, pair.span, message)
                .help("one workload has one active and one canary subset in a DestinationRule: name the same two"),
        );
        return true;
    }
    false
}

fn shares_a_subset(left: &Pair, right: &Pair) -> bool {
    [&left.active_name, &left.canary_name].iter().any(|name| **name == right.active_name || **name == right.canary_name)
}

/// Workloads whose template is what runs already have nothing to roll out.
fn leave_out_unchanged(pairs: &mut Vec<Pair>, workloads: &mut Vec<Workload>, diagnostics: &mut Vec<Diagnostic>) {
    for workload in workloads.iter().filter(|workload| workload.is_unchanged) {
        let message = format!("{} runs this pod template already: there is nothing to roll out", workload.deployment);
        diagnostics.push(Diagnostic::new(Code::UnchangedTemplate, workload.included.span(), message));
    }
    let mut renumbered = Vec::new();
    let mut kept = 0;
    for workload in workloads.iter() {
        renumbered.push((!workload.is_unchanged).then_some(kept));
        kept += usize::from(!workload.is_unchanged);
    }
    workloads.retain(|workload| !workload.is_unchanged);
    pairs.retain_mut(|pair| match renumbered.get(pair.workload).copied().flatten() {
        Some(index) => {
            pair.workload = index;
            true
        }
        None => false,
    });
}

/// Every weight of every route, before anything is planned.
fn check_weights(pairs: &[Pair], legs: &[Leg], diagnostics: &mut Vec<Diagnostic>) -> Option<()> {
    let weights = || legs.iter().filter_map(|leg| leg.weight);
    let faults = pairs.iter().filter_map(|pair| weights().find_map(|weight| super::writes::check(pair, weight).err()));
    let found: Vec<Diagnostic> = faults.collect();
    let is_fine = found.is_empty();
    diagnostics.extend(found);
    is_fine.then_some(())
}

/// A VirtualService is written once for each weight, and no other object often.
fn refuse_too_large(
    Inputs { target, world, room, .. }: Inputs<'_>,
    names: &Keys<&str>,
    steps: &[CanaryStep],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<()> {
    let written = names.iter().filter_map(|name| world.wanted(&Key::istio("VirtualService", &world.namespace, name)));
    let bytes: usize = written.map(|object| object.text.len()).sum();
    let weights = steps.iter().filter(|step| matches!(step.kind, CanaryStepKind::SetWeight(_))).count();
    if bytes.saturating_mul(weights) <= room {
        return Some(());
    }
    let message = format!(
        "{bytes} bytes of VirtualServices with {weights} weights each are more than can be planned for target `{}`",
        target.name.value
    );
    diagnostics.push(
        Diagnostic::new(Code::PlanTooLarge, target.name.span, message)
            .help("the texts of all states can have 16 MiB: give fewer weights, or plan one target with `--target`"),
    );
    None
}

fn course(
    config: &Config,
    target: &Target,
    world: &Rc<World>,
    pairs: &[Pair],
    workloads: &[Workload],
    legs: &[Leg],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Plan> {
    let attempt = |order: TrafficOrder, found: &mut Vec<Diagnostic>| {
        let timeout_seconds = config.timeout_seconds;
        let keeps_deployments = config.keep_deployment_object != Some(false);
        let canary = Canary { world, pairs, workloads, legs, timeout_seconds, order, keeps_deployments };
        match canary.course() {
            Ok(course) => Some(finished(target, world, pairs.to_vec(), workloads.to_vec(), course, found)),
            Err(fault) => {
                found.push(fault);
                None
            }
        }
    };
    let mut found = Vec::new();
    let plan = attempt(TrafficOrder::RulesFirst, &mut found);
    if !found.iter().any(|found| found.code == Code::UnsafeState) {
        diagnostics.extend(found);
        return plan;
    }
    // What the manifests change may be safe only the other way round: routes let go of a subset before it goes.
    let mut found_other = Vec::new();
    let other = attempt(TrafficOrder::ServicesFirst, &mut found_other);
    let is_better = !found_other.iter().any(|found| found.code == Code::UnsafeState);
    diagnostics.extend(if is_better { found_other } else { found });
    if is_better { other } else { plan }
}

/// The plan with what each state leads to, and with a finding for each law that a state breaks.
fn finished(
    target: &Target,
    world: &Rc<World>,
    pairs: Vec<Pair>,
    workloads: Vec<Workload>,
    course: Course,
    diagnostics: &mut Vec<Diagnostic>,
) -> Plan {
    let Course { occasion, mut start_gates, mut stages, undos } = course;
    shown::show(&mut stages, world);
    // A first deployment shifts no request, so there is nothing to approve.
    let is_due = |step: &&GateStep| occasion == Occasion::Change || !matches!(step.wait, Wait::Approval { .. });
    let mut gates = strategy::together(&target.before, &is_due);
    gates.append(&mut start_gates);
    if let Some(last) = stages.last_mut() {
        last.gates.extend(strategy::together(&target.after, &is_due));
    }
    let is_given = |object: &&Object| object.key.is_traffic() && world.included.get(&object.key).is_some();
    let touched = |object: &&Object| is_given(object) || stages.iter().any(|stage| *stage.write.key == object.key);
    // What is paused is taken to be there.
    let is_rolled_out = |key: &Key| workloads.iter().any(|workload| *workload.deployment == *key && !workload.is_gone);
    let knows = |object: &&Object| {
        let is_assumed = object.key.is_traffic() || is_rolled_out(&object.key);
        world.live.get(&object.key).is_some() || is_assumed && !world.is_missing(&object.key)
    };
    let objects = world.all_start().filter(touched).filter(knows).cloned().collect();
    let mut plan = Plan {
        target: target.name.value.clone(),
        namespace: world.namespace.clone(),
        world: Rc::clone(world),
        start: Start { objects, gates, ..Start::default() },
        stages,
        undos,
        pairs,
        workloads,
    };
    diagnostics.extend(laws::judge(&mut plan));
    plan
}

impl Plan {
    /// How many bytes the texts of its states have.
    pub fn bytes(&self) -> usize {
        self.stages.iter().filter_map(|stage| stage.write.content.as_ref()).map(|content| content.text.len()).sum()
    }

    /// The VirtualServices that it writes, each once.
    pub fn virtual_services(&self) -> Vec<Rc<Key>> {
        let mut keys: Vec<_> = self.pairs.iter().map(|pair| Rc::clone(&pair.virtual_service)).collect();
        order::sort_and_dedup(&mut keys);
        keys
    }
}
