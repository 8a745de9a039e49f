//! Two `VirtualService`s that give sidecars routes for one host.

use std::borrow::Cow;

use super::{Analysis, Objects, Resource, Rule};
use crate::diagnostic::Severity;
use crate::istio::{host, virtual_service};

const CONFLICT: Rule = Rule("IST0109", Severity::Error);

/// IST0109: several `VirtualService`s for the same host, seen by the same sidecars; only the oldest counts. Each is
/// reported once, with the first other one. Hosts conflict when they are equal; where one is for all namespaces and
/// the other for some, when they overlap.
pub fn mesh_hosts(objects: &Objects) -> Vec<Analysis> {
    let services: Vec<Service> = objects
        .virtual_services()
        .filter(|service| virtual_service::is_for_mesh(service.value))
        .map(Service::new)
        .collect();
    let conflict = |(index, service): (usize, &Service)| {
        let others = services.iter().enumerate().filter(|(other, _)| *other != index);
        let (other, host) = others.map(|(_, other)| other).find_map(|other| Some((other, service.conflict(other)?)))?;
        let words: &[&str] = &[host, &other.resource.full_name()];
        let template = "gives sidecars routes for `{}`, as `{}` does; only the older one counts";
        Some(CONFLICT.found(&service.resource, service.resource.span(), template, words))
    };
    services.iter().enumerate().filter_map(conflict).collect()
}

struct Service<'a> {
    resource: Resource<'a>,
    hosts: Vec<Cow<'a, str>>,
    /// The namespaces that see it; none for all.
    namespaces: Vec<&'a str>,
}

impl<'a> Service<'a> {
    fn new(resource: Resource<'a>) -> Service<'a> {
        let scope = |name: &'a str| if name == "." { resource.scope() } else { name };
        let mut namespaces: Vec<&str> = resource.texts("exportTo").map(scope).collect();
        if namespaces.contains(&"*") {
            namespaces.clear();
        }
        let hosts = virtual_service::hosts(resource.value).map(|name| host::resolve(name, resource.scope())).collect();
        Service { resource, hosts, namespaces }
    }

    /// The host of this one that the other one has too.
    fn conflict(&self, other: &Service) -> Option<&str> {
        let is_same = match (self.namespaces.is_empty(), other.namespaces.is_empty()) {
            (true, true) => |left: &str, right: &str| left == right,
            (false, false) if !self.namespaces.iter().any(|name| other.namespaces.contains(name)) => return None,
            (false, false) => |left: &str, right: &str| left == right,
            _ => host::matches,
        };
        let mine = self.hosts.iter().map(AsRef::as_ref);
        mine.into_iter().find(|host| other.hosts.iter().any(|theirs| is_same(host, theirs)))
    }
}
