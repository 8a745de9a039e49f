//! The lines above the table: whose rollout it is, from which version to which, how much there is to wait for.

use std::fmt::Write as _;

use crate::plan::{Back, Gate, Plan};
use crate::preview::Preview;
use crate::render::Selection;
use crate::render::frames::Way;
use crate::render::lines::push_safe;

pub(super) fn head(out: &mut String, preview: &Preview, plan: &Plan, selection: Selection, way: Way) {
    push_safe(out, &preview.application);
    out.push_str(" → ");
    push_safe(out, &plan.target);
    out.push_str(" (namespace ");
    push_safe(out, &plan.namespace);
    out.push_str(")\n");
    for workload in &plan.workloads {
        let _ = write!(out, "  {}: ", workload.deployment);
        push_safe(out, &workload.active);
        out.push_str(" runs, ");
        push_safe(out, &workload.canary);
        let pods = if workload.replicas == 1 { "pod" } else { "pods" };
        let _ = writeln!(out, " comes, {} {pods} each", workload.replicas);
    }
    out.push_str("  ");
    match (selection, way) {
        (Selection::AbortFrom(from), Way::Back) => {
            let writes = plan.way_back(from).unwrap_or_default().len();
            let _ = write!(out, "the way back from state {from}: {}", counted(writes, "write"));
        }
        (Selection::AbortFrom(from), Way::There) => {
            let _ = write!(out, "there is no way back from state {from}: the way out is the rest of the way");
        }
        _ => summary(out, plan),
    }
    out.push('\n');
}

fn summary(out: &mut String, plan: &Plan) {
    out.push_str(&counted(plan.stages.len(), "write"));
    let all = || plan.start.gates.iter().chain(plan.stages.iter().flat_map(|stage| &stage.gates));
    let approvals: usize = all().map(approvals).sum();
    if approvals > 0 {
        let _ = write!(out, ", {}", counted(approvals, "approval"));
    }
    let forward = plan.stages.iter().position(|stage| stage.back == Back::Forward);
    match forward {
        Some(last) => _ = write!(out, ", a way back from every state up to {last}"),
        None => out.push_str(", a way back from every state"),
    }
}

fn approvals(gate: &Gate) -> usize {
    match gate {
        Gate::Approval { .. } => 1,
        Gate::All(gates) => gates.iter().map(approvals).sum(),
        _ => 0,
    }
}

fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}
