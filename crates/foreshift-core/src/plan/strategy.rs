//! A canary's steps as the planner walks them: what happens at each weight, and what is waited for there.

use std::rc::Rc;

use super::Gate;
use crate::config::{CanaryStep, CanaryStepKind, GateStep, Wait};
use crate::diagnostic::{Code, Diagnostic};
use crate::weight::Weight;

/// What is waited for at one weight.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Leg {
    /// The weight; `None` before the first `setWeight`.
    pub(super) weight: Option<Weight>,
    /// What has to hold before the next weight.
    pub(super) gates: Vec<Gate>,
}

/// The legs of a canary: the first is the one before any weight, the last is the implied 100.
pub(super) fn legs(steps: &[CanaryStep], diagnostics: &mut Vec<Diagnostic>) -> Vec<Leg> {
    let mut legs = vec![Leg { weight: None, gates: Vec::new() }];
    for step in steps {
        match &step.kind {
            CanaryStepKind::SetWeight(weight) => {
                legs.push(Leg { weight: Weight::new(weight.value), gates: Vec::new() });
            }
            CanaryStepKind::Wait(wait) => {
                if let Some(leg) = legs.last_mut() {
                    leg.gates.push(gate(wait));
                }
            }
            CanaryStepKind::ExposeServices { .. } => {}
        }
    }
    if steps.iter().all(|step| !matches!(step.kind, CanaryStepKind::SetWeight(_))) {
        let span = steps.first().map_or(crate::text::Span::NONE, |step| step.span);
        diagnostics.push(
            Diagnostic::new(Code::NoWeight, span, "no step sets a weight: all requests move at once")
                .help("add `setWeight` steps to move them share by share"),
        );
    }
    if legs.last().and_then(|leg| leg.weight) != Some(Weight::ALL) {
        legs.push(Leg { weight: Some(Weight::ALL), gates: Vec::new() });
    }
    legs
}

/// Those gates that are due, which hold at the same time, as one.
pub(super) fn together(steps: &[GateStep], is_due: &dyn Fn(&&GateStep) -> bool) -> Vec<Gate> {
    let mut gates: Vec<Gate> = steps.iter().filter(is_due).map(|step| gate(&step.wait)).collect();
    if gates.len() > 1 { vec![Gate::All(gates)] } else { gates.pop().into_iter().collect() }
}

fn gate(wait: &Wait) -> Gate {
    match wait {
        Wait::Duration { seconds } => Gate::Duration { seconds: *seconds },
        Wait::Approval { requires_roles, expires_seconds } => {
            Gate::Approval { requires_roles: requires_roles.clone(), expires_seconds: *expires_seconds }
        }
        Wait::Analysis(analysis) => Gate::Analysis(Rc::clone(analysis)),
        Wait::Webhook(call) => Gate::Webhook(Rc::clone(call)),
    }
}
