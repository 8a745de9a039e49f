//! Gates in the contract: one value, whatever stands between two writes.

use super::GateForm;
use crate::plan::Gate;
use crate::render::words;

/// The first gate, which knows those that follow; `None` where nothing has to hold.
pub(super) fn gate(gates: &[Gate]) -> Option<GateForm<'_>> {
    let (first, then) = gates.split_first()?;
    let then = then.iter().map(together).collect();
    Some(GateForm { then, ..together(first) })
}

/// A gate with those that have to hold at the same time.
fn together(gate: &Gate) -> GateForm<'_> {
    let mut all = Vec::new();
    flatten(gate, &mut all);
    let mut all = all.into_iter().map(alone);
    // Nothing at all holds as soon as the mesh has settled.
    let first = all.next().unwrap_or_else(|| alone(&Gate::Settled));
    GateForm { with: all.collect(), ..first }
}

fn flatten<'a>(gate: &'a Gate, out: &mut Vec<&'a Gate>) {
    match gate {
        Gate::All(gates) => gates.iter().for_each(|gate| flatten(gate, out)),
        gate => out.push(gate),
    }
}

fn alone(gate: &Gate) -> GateForm<'_> {
    let mut words = String::new();
    words::gate(&mut words, gate);
    let form = GateForm { kind: gate.kind(), words, ..GateForm::default() };
    match gate {
        Gate::Ready { timeout_seconds } => GateForm { timeout_seconds: Some(*timeout_seconds), ..form },
        Gate::Duration { seconds } => GateForm { seconds: Some(*seconds), ..form },
        Gate::Approval { requires_roles, expires_seconds } => {
            GateForm { requires_roles: Some(requires_roles), expires_seconds: *expires_seconds, ..form }
        }
        Gate::Analysis(analysis) => GateForm {
            queries: Some(analysis.queries.iter().map(|query| query.name.value.as_str()).collect()),
            interval_seconds: Some(analysis.interval_seconds),
            judgment_runs: Some(analysis.judgment_runs),
            ..form
        },
        Gate::Webhook(call) => GateForm { name: Some(&call.webhook.name.value), ..form },
        Gate::Settled | Gate::PodsGone | Gate::All(_) => form,
    }
}
