//! Routes of gateways that go around the routes of the mesh.

use std::borrow::Cow;

use super::{Analysis, Objects, Resource, Rule};
use crate::diagnostic::Severity;
use crate::istio::host;
use crate::istio::virtual_service::{self, Protocol};

const NOT_AFFECTED: Rule = Rule("IST0140", Severity::Warning);

/// IST0140: a `VirtualService` of a gateway sends to a host without a subset, while another one splits that host by
/// subsets; the split does not count for what comes in through the gateway.
pub fn ingress_routes(objects: &Objects) -> Vec<Analysis> {
    let mut split: Vec<(Cow<str>, Resource)> = Vec::new();
    for service in objects.virtual_services() {
        split.append(&mut split_hosts(service));
    }
    let mut found = Vec::new();
    for service in objects.virtual_services().filter(|service| !service.list("gateways").is_empty()) {
        let routes = virtual_service::routes(service.value).filter(|route| route.protocol == Protocol::Http);
        for to in routes.flat_map(|route| route.destinations()).filter(|to| is_whole(to.subset)) {
            let wanted = host::resolve(to.host, service.scope());
            for (_, other) in split.iter().filter(|(host, _)| *host == wanted) {
                let template = "sends to `{}` without a subset, and so around the routes of `{}`";
                found.push(NOT_AFFECTED.found(&service, to.span, template, &[to.host, &other.full_name()]));
            }
        }
    }
    found
}

/// The hosts that a `VirtualService` both is for and sends to in subsets, each once.
fn split_hosts(service: Resource<'_>) -> Vec<(Cow<'_, str>, Resource<'_>)> {
    let of = |name| host::resolve(name, service.scope());
    let mut hosts: Vec<(Cow<str>, Resource)> = Vec::new();
    let routes = virtual_service::routes(service.value).filter(|route| route.protocol == Protocol::Http);
    for to in routes.flat_map(|route| route.destinations()).filter(|to| !is_whole(to.subset)) {
        let name = of(to.host);
        let is_own = virtual_service::hosts(service.value).any(|host| of(host) == name);
        if is_own && !hosts.iter().any(|(host, _)| *host == name) {
            hosts.push((name, service));
        }
    }
    hosts
}

fn is_whole(subset: Option<&str>) -> bool {
    subset.is_none_or(str::is_empty)
}
