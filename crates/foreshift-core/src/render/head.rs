//! What stands above a plan: whose rollout it is, from which version to which, how much there is to wait for.

use std::fmt::Write as _;

use super::Selection;
use super::frames::Way;
use super::lines::push_safe;
use super::words::counted;
use crate::plan::{Back, Gate, Image, Plan, Workload};
use crate::preview::Preview;

/// Whose rollout it is, and where: `reviews → staging (namespace istiodemo)`.
pub fn title(preview: &Preview, plan: &Plan) -> String {
    let mut out = String::new();
    push_safe(&mut out, &format!("{} → {} (namespace {})", preview.application, plan.target, plan.namespace));
    out
}

/// What becomes of a workload: `Deployment reviews: gc6647 runs, cd6648 comes, 3 pods each`.
pub fn workload(workload: &Workload) -> String {
    let pods = counted(workload.replicas as usize, "pod");
    let mut out = String::new();
    push_safe(
        &mut out,
        &format!("{}: {} runs, {} comes, {pods} each", workload.deployment, workload.active, workload.canary),
    );
    out
}

/// What else there is to know of a workload: the images that change, `image: reviews:1 → reviews:2`; where a pod has or had
/// several containers, with the name of each.
pub fn images(workload: &Workload) -> Vec<String> {
    let spec = workload.included.template().and_then(|template| template.at(&["spec"]));
    let count = |list: &str| spec.and_then(|spec| spec.at(&[list])).map_or(0, |containers| containers.items().len());
    let is_alone = count("containers") + count("initContainers") == 1 && workload.images.len() == 1;
    workload.images.iter().map(|image| self::image(image, is_alone)).collect()
}

fn image(Image { container, before, after }: &Image, is_alone: bool) -> String {
    let whose = if is_alone { String::new() } else { format!(" of {container}") };
    let words = match (before, after) {
        (Some(before), Some(after)) => format!("{before} → {after}"),
        (None, Some(after)) => after.to_string(),
        (before, None) => format!("{} goes", before.as_deref().unwrap_or_default()),
    };
    let mut out = String::new();
    push_safe(&mut out, &format!("image{whose}: {words}"));
    out
}

/// How much there is to do and to wait for, and how far there is a way back.
pub fn summary(plan: &Plan, selection: Selection, way: Way) -> String {
    match (selection, way) {
        (Selection::AbortFrom(from), Way::Back) => {
            let writes = plan.way_back(from).unwrap_or_default().len();
            format!("the way back from state {from}: {}", counted(writes, "write"))
        }
        (Selection::AbortFrom(from), Way::There) => {
            format!("there is no way back from state {from}: the way out is the rest of the way")
        }
        _ => whole(plan),
    }
}

fn whole(plan: &Plan) -> String {
    if plan.stages.is_empty() {
        return "nothing to do".to_owned();
    }
    let mut out = counted(plan.stages.len(), "write");
    let all = plan.start.gates.iter().chain(plan.stages.iter().flat_map(|stage| &stage.gates));
    let approvals: usize = all.map(approvals).sum();
    if approvals > 0 {
        let _ = write!(out, ", {}", counted(approvals, "approval"));
    }
    let is_taken_back = plan.stages.iter().any(|stage| matches!(stage.back, Back::Undo(_)));
    match plan.stages.iter().position(|stage| stage.back == Back::Forward) {
        Some(last) => _ = write!(out, ", a way back from every state up to {last}"),
        None if is_taken_back => out.push_str(", a way back from every state"),
        None => {}
    }
    out
}

/// How many approvals a gate asks for.
pub fn approvals(gate: &Gate) -> usize {
    match gate {
        Gate::Approval { .. } => 1,
        Gate::All(gates) => gates.iter().map(approvals).sum(),
        _ => 0,
    }
}
