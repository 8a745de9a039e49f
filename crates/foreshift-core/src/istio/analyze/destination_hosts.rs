//! Hosts that nobody gives, and ports of theirs. Needs every Service and `ServiceEntry`.

use super::known_hosts::KnownHosts;
use super::{Analysis, NOT_FOUND, Objects, Resource, Rule};
use crate::diagnostic::Severity;
use crate::istio::destination_rule;
use crate::istio::virtual_service::{self, Destination};

const PORT_REQUIRED: Rule = Rule("IST0112", Severity::Error);
const UNKNOWN_HOST: Rule = Rule("IST0174", Severity::Warning);

/// IST0101: a destination or mirror whose host nobody gives, or not with that port. IST0112: a destination without a
/// port, where the host has several.
pub fn destination_hosts(objects: &Objects) -> Vec<Analysis> {
    let known = KnownHosts::new(objects);
    let mut found = Vec::new();
    for service in objects.virtual_services() {
        for route in virtual_service::routes(service.value) {
            for destination in route.destinations() {
                found.extend(check(&known, &service, &destination, "sends to"));
            }
            for mirror in route.mirrors() {
                found.extend(check(&known, &service, &mirror.to, "mirrors to"));
            }
        }
    }
    found
}

fn check(known: &KnownHosts, service: &Resource, to: &Destination, verb: &str) -> Option<Analysis> {
    let Some(host) = known.find(service, to.host) else {
        let template = "{} `{}`, which is the host of no Service and no ServiceEntry";
        return Some(NOT_FOUND.found(service, to.span, template, &[verb, to.host]));
    };
    match to.port {
        None if host.ports.len() > 1 => {
            let template = "{} `{}` without a port, and the host has several";
            Some(PORT_REQUIRED.found(service, to.span, template, &[verb, to.host]))
        }
        Some(port) if !host.ports.contains(&port) => {
            let template = "{} `{}` at the port `{}`, which the host does not have";
            Some(NOT_FOUND.found(service, to.span, template, &[verb, to.host, &port.to_string()]))
        }
        _ => None,
    }
}

/// IST0174: a `DestinationRule` for a host that nobody gives; for a wildcard, if it covers none.
pub fn rule_hosts(objects: &Objects) -> Vec<Analysis> {
    let known = KnownHosts::new(objects);
    let is_known = |rule: &Resource| {
        let host = destination_rule::host(rule.value);
        known.find(rule, host).is_some() || (host.starts_with('*') && known.has_below(host))
    };
    let unknown = objects.destination_rules().filter(|rule| !is_known(rule));
    unknown
        .map(|rule| {
            let span = rule.value.at(&["spec", "host"]).map_or(rule.span(), |host| host.span);
            let host = destination_rule::host(rule.value);
            UNKNOWN_HOST.found(&rule, span, "is for `{}`, which is the host of no Service and no ServiceEntry", &[host])
        })
        .collect()
}
