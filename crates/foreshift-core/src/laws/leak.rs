//! Requests that are the user's own to mend: they reach new pods by a way that a rollout does not steer.

use std::rc::Rc;

use super::setting::{Followed, Setting, is_own};
use crate::diagnostic::{Code, Diagnostic};
use crate::istio::host;
use crate::istio::virtual_service::{self, Destination};
use crate::kubernetes::{Key, Object};
use crate::plan::{Pair, Plan, service_of};
use crate::traffic::{Ratio, Recipient, View};

/// Every route and mirror that reaches new pods now, though no weight sends it there.
pub(super) fn leaks(plan: &Plan, setting: &Setting, state: usize) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for followed in setting.followed() {
        let Some(route) = setting.mesh.route(followed.id) else { continue };
        let namespace = &followed.service.namespace;
        let is_alone = route.destinations().count() == 1;
        let pair = setting.pair_of(followed.id).and_then(|pair| plan.pairs.get(pair));
        for to in route.destinations() {
            if pair.is_some_and(|pair| is_own(&to, pair)) || (to.weight == 0 && !is_alone) {
                continue;
            }
            if let Some(part) = new_part(plan, setting, &to, namespace) {
                out.push(leak(followed, &to, part, "of its requests there", state));
            }
        }
        for mirror in route.mirrors().iter().filter(|mirror| !mirror.is_off()) {
            if let Some(part) = new_part(plan, setting, &mirror.to, namespace) {
                out.push(leak(followed, &mirror.to, part, "of its mirrored requests", state));
            }
        }
    }
    out.extend(past_every_route(plan, setting, state));
    out
}

/// The requests of sidecars to a Service of both revisions that no VirtualService routes. The own one of a pair may be for
/// gateways or other hosts alone; another Service of the same pods may have none.
fn past_every_route(plan: &Plan, setting: &Setting, state: usize) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for host in setting.hosts_of_both().iter() {
        let pair = plan.pairs.iter().find(|pair| *pair.host == **host);
        let routes_it = |object: &Object| {
            object.key.is_virtual_service()
                && virtual_service::is_for_mesh(&object.value)
                && virtual_service::is_for(&object.value, &object.key.namespace, host)
        };
        // Its own first: the others are asked only where that does not route it.
        let own = pair.and_then(|pair| plan.world.wanted(&pair.virtual_service));
        if own.is_some_and(routes_it) || plan.world.all_wanted().any(routes_it) {
            continue;
        }
        // Which hosts a delegate is for, the VirtualService says that hands them to it.
        let place = match own {
            Some(own) => own.value.at(&["spec", "hosts"]).map(|hosts| hosts.span),
            None => service_of(host, &plan.world).map(Object::span),
        };
        let Some(place) = place else { continue };
        let all = Destination { host, subset: None, port: None, weight: 0, span: place };
        if let Some(part) = new_part(plan, setting, &all, &plan.namespace) {
            let message = format!(
                "no VirtualService routes what sidecars send to {host}: from state {state} on {} of it goes to the new version",
                percent(part)
            );
            let help = match pair {
                Some(_) => {
                    "if anything in the mesh calls it, have `mesh` among the gateways and the Service among the hosts"
                }
                None => "if anything in the mesh calls it, give it a VirtualService with a route that is shifted too",
            };
            out.push(Diagnostic::new(Code::Leak, place, message).help(help));
        }
    }
    out
}

/// The part of a destination that goes to new pods.
fn new_part(plan: &Plan, setting: &Setting, to: &Destination<'_>, namespace: &str) -> Option<Ratio> {
    let is_new = |recipient: &Recipient| {
        plan.workloads.iter().any(|workload| *recipient == Recipient::Revision(Rc::clone(&workload.canary)))
    };
    let reached = setting.mesh.reach(to, namespace, View::Possible);
    let part = reached.iter().filter(|(to, _)| is_new(to)).fold(Ratio::ZERO, |sum, (_, part)| sum.plus(*part));
    (!part.is_zero()).then_some(part)
}

fn leak(followed: &Followed, to: &Destination<'_>, part: Ratio, of_what: &str, state: usize) -> Diagnostic {
    let percent = percent(part);
    let subset = to.subset.map_or_else(|| "without a subset".to_owned(), |subset| format!("by the subset `{subset}`"));
    let message = format!(
        "route `{}` of {} uses `{}` {subset}: from state {state} on {percent} {of_what} go to the new version",
        followed.label, followed.service, to.host
    );
    Diagnostic::new(Code::Leak, to.span, message).help("name the active subset there, or let the route be shifted too")
}

fn percent(part: Ratio) -> String {
    let (percent, denominator) = part.percent();
    if denominator == 1 { format!("{percent} %") } else { format!("{percent}/{denominator} %") }
}

/// Every other user of an active subset that was pinned to the new revision just now.
pub(super) fn followers(plan: &Plan, setting: &Setting, rule: &Rc<Key>, state: usize) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    let mut subsets: Vec<(&str, &str)> = Vec::new();
    for pair in setting.pairs_on(plan, rule) {
        if !subsets.contains(&(&pair.host, &pair.active_name)) {
            subsets.push((&pair.host, &pair.active_name));
            for followed in setting.followed_to(&pair.host) {
                follower(plan, setting, pair, followed, state, &mut out);
            }
        }
    }
    out
}

fn follower(plan: &Plan, setting: &Setting, pair: &Pair, followed: &Followed, state: usize, out: &mut Vec<Diagnostic>) {
    // The user's own text, so that the finding has its place; no route that is not planned differs from it.
    let Some(object) = plan.world.wanted(&followed.service) else { return };
    let Some(route) = setting.mesh.route_in(followed.id, &object.value) else { return };
    let is_meant = |to: &Destination<'_>| {
        to.subset == Some(&*pair.active_name) && *host::resolve(to.host, &followed.service.namespace) == *pair.host
    };
    let is_planned = setting.pair_of(followed.id).is_some();
    let is_alone = route.destinations().count() == 1;
    let named = route.destinations().filter(|to| !is_planned && (is_alone || to.weight > 0)).find(is_meant);
    let mirrored = route.mirrors().into_iter().filter(|mirror| !mirror.is_off()).map(|mirror| mirror.to).find(is_meant);
    for to in [named, mirrored].into_iter().flatten() {
        let message = format!(
            "route `{}` of {} names the active subset `{}` too: it stays on the old version until state {state}, then moves at once",
            followed.label, followed.service, pair.active_name
        );
        out.push(
            Diagnostic::new(Code::SubsetShared, to.span, message)
                .help("let the route be shifted too with an `istio` entry of its own, or accept the jump"),
        );
    }
}
