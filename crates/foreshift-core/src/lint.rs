//! Findings about the objects of a target: what Istio would say, and what deserves a look.

use crate::diagnostic::{Code, Diagnostic};
use crate::istio::{ROOT_NAMESPACE, analyze, destination_rule, host, is_visible, validate, virtual_service};
use crate::kubernetes::{Key, Object};
use crate::order::{self, Table};
use crate::plan::{Back, Known, Pair, Plan, Stage, Step, World};
use crate::text::Span;

/// What a cluster with Istio would say to the VirtualServices and DestinationRules that are given.
pub fn objects(world: &World, diagnostics: &mut Vec<Diagnostic>) {
    for object in world.included.iter().chain(world.live.iter()).filter(|object| object.key.is_traffic()) {
        diagnostics.extend(validate::diagnostics(&validate::validate(&object.value)));
    }
}

/// What deserves a look in a plan that breaks no law.
pub fn plan(plan: &Plan, world: &World, diagnostics: &mut Vec<Diagnostic>) {
    if plan.pairs.is_empty() {
        return;
    }
    services_in_conflict(plan, world, diagnostics);
    shadowing_rules(plan, world, diagnostics);
    let before = plan.stages.iter().take_while(|stage| stage.back != Back::Forward);
    let stays = |stage: &&Stage| stage.step == Step::Apply && !stage.write.key.is_traffic();
    let keys: Vec<&Key> = before.filter(stays).map(|stage| &*stage.write.key).collect();
    let Some(first) = keys.first() else { return };
    let message = match keys.len() - 1 {
        0 => format!("{first} of the manifests stays as applied when the rollout is aborted"),
        1 => format!("{first} and 1 more object of the manifests stay as applied when the rollout is aborted"),
        more => format!("{first} and {more} more objects of the manifests stay as applied when the rollout is aborted"),
    };
    let place = world.included.get(first).map_or(Span::NONE, Object::span);
    diagnostics.push(Diagnostic::new(Code::AppliedStays, place, message));
}

/// What `istioctl analyze` would say of the objects as the manifests want them.
///
/// A rollout changes weights and the labels of its subsets only, so of its checks the two that look at these could
/// answer otherwise in a later state: a subset that no rule defines and one without pods. Law 3 judges both in every
/// state. What asks for Services, pods or Gateways is left out where nobody said what runs now. A place that a finding
/// speaks of already is not spoken of twice.
pub fn analysis(world: &World, diagnostics: &mut Vec<Diagnostic>) {
    let all = world.all_wanted().map(|object| (&*object.value, object.key.namespace.as_str()));
    let objects = analyze::Objects::placed(all);
    let mut found = Vec::new();
    for check in [analyze::ingress_routes, analyze::mesh_hosts, analyze::subsets, analyze::unused_rules] {
        found.extend(check(&objects));
    }
    if world.known > Known::Nothing {
        for check in [analyze::destination_hosts, analyze::gateways, analyze::rule_hosts, analyze::subset_pods] {
            found.extend(check(&objects));
        }
    }
    // What is wrong elsewhere is not for this rollout to say, and comes and goes with the rollouts there.
    found.retain(|found: &analyze::Analysis| found.namespace.as_ref().is_none_or(|of| *of == world.namespace));
    let is_new = |found: &Diagnostic| !diagnostics.iter().any(|known| known.span == found.span);
    let found: Vec<Diagnostic> = analyze::diagnostics(&found).into_iter().filter(is_new).collect();
    diagnostics.extend(found);
}

/// Of several VirtualServices for one host the mesh takes the oldest.
fn services_in_conflict(plan: &Plan, world: &World, diagnostics: &mut Vec<Diagnostic>) {
    let is_for_mesh = |object: &&Object| object.key.is_virtual_service() && virtual_service::is_for_mesh(&object.value);
    let mut by_host: Table<String, Vec<&Object>> = Table::new();
    for object in world.all_wanted().filter(is_for_mesh) {
        for name in virtual_service::hosts(&object.value) {
            let host = host::resolve(name, &object.key.namespace).into_owned();
            by_host.or_default(host).push(object);
        }
    }
    for key in plan.virtual_services() {
        let mut told: Vec<&Key> = vec![&key];
        for pair in plan.pairs.iter().filter(|pair| *pair.virtual_service == *key) {
            if let Some((host, other)) = more_exact(&by_host, pair).filter(|(_, other)| !told.contains(&&other.key)) {
                told.push(&other.key);
                let message =
                    format!("{} is for the host `{host}`: the mesh takes it for that, and not a wildcard", other.key);
                diagnostics.push(conflict(other, &key, message));
            }
        }
        for (host, objects) in by_host.iter().filter(|(_, objects)| objects.len() > 1) {
            if !objects.iter().any(|object| object.key == *key) {
                continue;
            }
            for other in objects.iter().filter(|other| is_visible(&other.value, &other.key.namespace, &key.namespace)) {
                if told.contains(&&other.key) {
                    continue;
                }
                told.push(&other.key);
                let message =
                    format!("{} is for the host `{host}` too: the mesh takes only the older of the two", other.key);
                diagnostics.push(conflict(other, &key, message));
            }
        }
    }
}

/// The VirtualService that counts for a pair's host instead of a wildcard of its own, and by which host.
fn more_exact<'a>(by_host: &'a Table<String, Vec<&'a Object>>, pair: &Pair) -> Option<(&'a str, &'a Object)> {
    let own = &*pair.virtual_service;
    let is_seen = |other: &&&Object| is_visible(&other.value, &other.key.namespace, &own.namespace);
    let all: Vec<(&String, &Object)> =
        by_host.iter().filter_map(|(host, objects)| Some((host, *objects.iter().find(is_seen)?))).collect();
    let hosts: Vec<&str> = all.iter().map(|(host, _)| host.as_str()).collect();
    let (host, other) = *all.get(host::most_specific(&hosts, &pair.host)?)?;
    let has_own = |host: &str| by_host.get(host).is_some_and(|objects| objects.iter().any(|object| object.key == *own));
    let is_shadowed = !has_own(host) && hosts.iter().any(|host| host::covers(host, &pair.host) && has_own(host));
    is_shadowed.then_some((host, other))
}

fn conflict(other: &Object, key: &Key, message: String) -> Diagnostic {
    Diagnostic::new(Code::VirtualServiceConflict, other.span(), message)
        .help(format!("join its routes with those of {key}"))
}

/// A rule in a client's own namespace counts there instead of ours.
fn shadowing_rules(plan: &Plan, world: &World, diagnostics: &mut Vec<Diagnostic>) {
    let mut hosts: Vec<&str> = plan.pairs.iter().map(|pair| &*pair.host).collect();
    order::sort_and_dedup(&mut hosts);
    for rule in world.all_wanted().filter(|object| object.key.is_destination_rule()) {
        let own = host::resolve(destination_rule::host(&rule.value), &rule.key.namespace);
        let Some(shadowed) = hosts.iter().find(|host| host::covers(&own, host)) else { continue };
        let is_elsewhere = rule.key.namespace != plan.namespace && rule.key.namespace != ROOT_NAMESPACE;
        let is_in_service = shadowed.split('.').nth(1) == Some(&rule.key.namespace);
        if is_elsewhere && !is_in_service {
            let message = format!(
                "{} counts for the clients of namespace `{}` instead of the rule that is shifted",
                rule.key, rule.key.namespace
            );
            diagnostics.push(
                Diagnostic::new(Code::ShadowingDestinationRule, rule.span(), message)
                    .help("those clients see neither the pins nor the canary subset: remove it, or shift it too"),
            );
        }
    }
}
