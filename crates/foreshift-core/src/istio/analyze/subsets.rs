//! Subsets that routes name and no rule defines.

use std::borrow::Cow;

use super::{Analysis, NOT_FOUND, Objects, Resource};
use crate::istio::virtual_service::{self, Destination};
use crate::istio::{destination_rule, host};

/// IST0101: a destination or mirror with a subset that no `DestinationRule` of its host has. The rule is looked up as
/// istiod does it: an equal host before the longest wildcard, never both.
pub fn subsets(objects: &Objects) -> Vec<Analysis> {
    let rules: Vec<(Cow<str>, Resource)> = objects
        .destination_rules()
        .map(|rule| (host::resolve(destination_rule::host(rule.value), rule.scope()), rule))
        .collect();
    let mut found = Vec::new();
    for service in objects.virtual_services() {
        for route in virtual_service::routes(service.value) {
            for to in route.destinations() {
                found.extend(check(&rules, &service, &to, "sends to"));
            }
            for mirror in route.mirrors() {
                found.extend(check(&rules, &service, &mirror.to, "mirrors to"));
            }
        }
    }
    found
}

fn check(rules: &[(Cow<str>, Resource)], service: &Resource, to: &Destination, verb: &str) -> Option<Analysis> {
    let subset = to.subset.filter(|subset| !subset.is_empty())?;
    let wanted = host::resolve(to.host, service.scope());
    let hosts: Vec<&str> = rules.iter().map(|(host, _)| host.as_ref()).collect();
    let chosen = host::most_specific(&hosts, &wanted).and_then(|index| hosts.get(index));
    let mut of_host = rules.iter().filter(|(host, _)| Some(&host.as_ref()) == chosen);
    if of_host.any(|(_, rule)| destination_rule::subset(rule.value, subset).is_some()) {
        return None;
    }
    let template = "{} the subset `{}` of `{}`, which no DestinationRule defines";
    Some(NOT_FOUND.found(service, to.span, template, &[verb, subset, to.host]))
}
