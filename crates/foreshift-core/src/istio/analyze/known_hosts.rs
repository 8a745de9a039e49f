//! The hosts that Services and `ServiceEntry`s give.

use super::objects::{Objects, Resource};
use crate::istio::host;
use crate::kubernetes::service_ports;
use crate::value::Value;

/// Every host that somebody gives.
pub(super) struct KnownHosts<'a> {
    list: Vec<Known<'a>>,
}

/// One of them.
pub(super) struct Known<'a> {
    host: String,
    /// The namespaces that see it; `*` is all.
    scopes: Vec<&'a str>,
    /// The numbers of its ports.
    pub(super) ports: Vec<i64>,
    /// The labels that select its workloads, of a `ServiceEntry`.
    pub(super) selector: Option<&'a Value>,
}

impl<'a> KnownHosts<'a> {
    pub(super) fn new(objects: &Objects<'a>) -> KnownHosts<'a> {
        let mut list: Vec<Known> = objects.of("", "Service").map(|service| of_service(&service)).collect();
        for entry in objects.of("networking.istio.io", "ServiceEntry") {
            list.extend(of_entry(&entry));
        }
        KnownHosts { list }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// What `name` means in an object that may be exported.
    pub(super) fn find(&self, resource: &Resource, name: &str) -> Option<&Known<'a>> {
        let wanted = host::resolve(name, resource.scope());
        let is_seen_by =
            |known: &Known, client: &str| known.scopes.iter().any(|scope| *scope == "*" || *scope == client);
        let is_seen = |known: &&Known| {
            let mut clients = resource.texts("exportTo").peekable();
            if clients.peek().is_none() {
                return is_seen_by(known, resource.scope());
            }
            clients.any(|client| is_seen_by(known, if client == "." { resource.scope() } else { client }))
        };
        let equal = self.list.iter().filter(|known| known.host == wanted).find(is_seen);
        equal.or_else(|| {
            let mut wildcards = self.list.iter().filter(|known| known.host.starts_with('*'));
            wildcards.find(|known| host::covers(&known.host, &wanted) && is_seen_by(known, resource.scope()))
        })
    }

    /// Whether a wildcard covers any host.
    pub(super) fn has_below(&self, wildcard: &str) -> bool {
        self.list.iter().any(|known| host::matches(wildcard, &known.host))
    }
}

fn of_service<'a>(service: &Resource<'a>) -> Known<'a> {
    let exported = service.value.text_at(&["metadata", "annotations", "networking.istio.io/exportTo"]);
    let scopes = match exported {
        None | Some("") => vec!["*"],
        Some(names) => names.split(',').map(|name| scope(service, name)).collect(),
    };
    Known {
        host: host::resolve(service.name, service.scope()).into_owned(),
        scopes,
        ports: service_ports(service.value),
        selector: None,
    }
}

fn of_entry<'a>(entry: &Resource<'a>) -> Vec<Known<'a>> {
    let mut scopes: Vec<&str> = entry.texts("exportTo").map(|name| scope(entry, name)).collect();
    if scopes.is_empty() {
        scopes.push("*");
    }
    entry
        .texts("hosts")
        .map(|name| Known {
            host: host::resolve(name, entry.scope()).into_owned(),
            scopes: scopes.clone(),
            ports: entry_ports(entry),
            selector: entry.value.at(&["spec", "workloadSelector", "labels"]),
        })
        .collect()
}

fn scope<'a>(resource: &Resource<'a>, name: &'a str) -> &'a str {
    if name == "." { resource.scope() } else { name }
}

fn entry_ports(entry: &Resource) -> Vec<i64> {
    entry.list("ports").iter().filter_map(|port| port.at(&["number"])?.as_int()).collect()
}
