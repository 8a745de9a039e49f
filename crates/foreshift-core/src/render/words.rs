//! Steps, gates and shares in words.

use std::fmt::Write as _;

use super::frames::Act;
use crate::kubernetes::Key;
use crate::plan::{Gate, Plan, Step};
use crate::traffic::{Ratio, Recipient, RouteShares, Share};

/// A step with its weight: `setWeight 90`.
pub fn step(step: &Step) -> String {
    match step {
        Step::SetWeight(weight) => format!("{} {}", step.kind(), weight.percent()),
        _ => step.kind().to_owned(),
    }
}

/// A write in full: `setWeight 90: VirtualService reviews`.
pub fn act(act: &Act<'_>, plan: &Plan) -> String {
    let mut out = format!("{}: {}", step(act.step), act.key);
    if !act.key.namespace.is_empty() && act.key.namespace != plan.namespace {
        let _ = write!(out, " in namespace {}", act.key.namespace);
    }
    out
}

/// An object as `kubectl get` names it: `vs/reviews`.
pub fn short(key: &Key) -> String {
    let kind = match key.kind.as_str() {
        "VirtualService" if key.is_traffic() => "vs",
        "DestinationRule" if key.is_traffic() => "dr",
        "ReplicaSet" => "rs",
        "Deployment" => "deploy",
        "Service" => "svc",
        "ConfigMap" => "cm",
        "ServiceAccount" => "sa",
        "Namespace" => "ns",
        kind => return format!("{}/{}", kind.to_lowercase(), key.name),
    };
    format!("{kind}/{}", key.name)
}

/// How far it is back from a state: `–`, `3 writes` or `forward`.
pub fn way_back(plan: &Plan, index: usize) -> String {
    match plan.way_back(index) {
        None => "forward".to_owned(),
        Some(writes) if writes.is_empty() => "–".to_owned(),
        Some(writes) => counted(writes.len(), "write"),
    }
}

/// A number with its noun: `1 write`, `3 writes`.
pub fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// What is waited for, one after the other; empty where nothing is.
pub fn gates(gates: &[Gate]) -> String {
    joined(gates, ", ")
}

/// The same, each apart; what is waited for at the same time is divided too, with a word for it before what follows.
pub fn each_gate(gates: &[Gate]) -> Vec<String> {
    let mut out = Vec::new();
    for one in gates {
        let parts = if let Gate::All(parts) = one { parts.as_slice() } else { std::slice::from_ref(one) };
        for (index, part) in parts.iter().enumerate() {
            let mut words = String::from(if index == 0 { "" } else { "meanwhile " });
            gate(&mut words, part);
            out.push(words);
        }
    }
    out
}

fn joined(gates: &[Gate], between: &str) -> String {
    let mut out = String::new();
    for one in gates {
        if !out.is_empty() {
            out.push_str(between);
        }
        gate(&mut out, one);
    }
    out
}

/// What one gate waits for: `approval by sre (1 h)`.
pub(crate) fn gate(out: &mut String, gate: &Gate) {
    match gate {
        Gate::Ready { timeout_seconds } => {
            let _ = write!(out, "pods Ready ({})", time(*timeout_seconds));
        }
        Gate::Settled => out.push_str("mesh settled"),
        Gate::PodsGone => out.push_str("pods gone"),
        Gate::Duration { seconds } => out.push_str(&time(*seconds)),
        Gate::Approval { requires_roles, expires_seconds } => {
            out.push_str("approval");
            let mut before = " by ";
            for role in requires_roles {
                out.push_str(before);
                out.push_str(role);
                before = " or ";
            }
            if let Some(seconds) = expires_seconds {
                let _ = write!(out, " ({})", time(*seconds));
            }
        }
        Gate::Analysis(analysis) => {
            let mut before = "analysis of ";
            for query in &analysis.queries {
                out.push_str(before);
                out.push_str(&query.name.value);
                before = ", ";
            }
            let _ = write!(out, " ({} × {})", analysis.judgment_runs, time(analysis.interval_seconds));
        }
        Gate::Webhook(call) => {
            out.push_str("webhook ");
            out.push_str(&call.webhook.name.value);
        }
        Gate::All(gates) => out.push_str(&joined(gates, ", meanwhile ")),
    }
}

/// A time in the largest units that keep it whole: `90 s`, `30 min`, `1 h 30 min`.
pub(super) fn time(seconds: u32) -> String {
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")];
    let mut out = String::new();
    for (count, unit) in parts.into_iter().filter(|(count, _)| *count > 0) {
        let space = if out.is_empty() { "" } else { " " };
        let _ = write!(out, "{space}{count} {unit}");
    }
    if out.is_empty() { "0 s".to_owned() } else { out }
}

/// A share in percent: exact to two places, else with `≈` before it.
pub fn percent(part: Ratio) -> String {
    let (numerator, denominator) = part.percent();
    let hundredths = u128::from(numerator) * 100;
    let denominator = u128::from(denominator.max(1));
    let (rounded, is_exact) = ((hundredths + denominator / 2) / denominator, hundredths % denominator == 0);
    let mut out = String::new();
    if !is_exact {
        out.push('≈');
    }
    let _ = write!(out, "{}", rounded / 100);
    match rounded % 100 {
        0 => {}
        tens if tens % 10 == 0 => _ = write!(out, ".{}", tens / 10),
        places => _ = write!(out, ".{places:02}"),
    }
    out.push_str(" %");
    out
}

/// A route, with its VirtualService where the write is not of that one.
pub fn route(route: &RouteShares, act: &Act<'_>) -> String {
    if *route.virtual_service == *act.key {
        return route.route.to_string();
    }
    format!("{} {}", short(&route.virtual_service), route.route)
}

/// Who gets something of a route: `gc6647 90 %, cd6648 10 %`.
pub fn shares(route: &RouteShares) -> String {
    each_share(route).join(", ")
}

/// The same, each apart; a route that is not there any more says so.
pub fn each_share(route: &RouteShares) -> Vec<String> {
    if route.shares.is_empty() {
        return vec!["gone".to_owned()];
    }
    let mirrors = route.mirrors.iter().map(|mirror| format!("mirrored to {}", share(mirror)));
    route.shares.iter().map(share).chain(mirrors).collect()
}

/// Who gets how much: `gc6647 90 %`.
fn share(share: &Share) -> String {
    let percent = percent(share.part);
    match &share.to {
        Recipient::Revision(name) | Recipient::Destination(name) => format!("{name} {percent}"),
        Recipient::Error(fault) => format!("503 {} {percent}", fault.flag()),
    }
}
