//! The route of a pair, and which of its destinations is the active one.

use super::{Finder, Found, positions};
use crate::diagnostic::{Code, Diagnostic};
use crate::istio::virtual_service::{self, Destination, Protocol, Route};
use crate::istio::{destination_rule, host};
use crate::kubernetes::{Key, Object, service_ports};
use crate::plan::{World, service_of};
use crate::text::in_backticks;
use crate::value::Value;

impl<'a> Finder<'a> {
    pub(super) fn virtual_service(&self) -> Found<&'a Object> {
        let name = &self.entry.virtual_service;
        let key = Key::istio("VirtualService", &self.world.namespace, &name.value);
        self.world.wanted(&key).ok_or_else(|| {
            let message =
                format!("there is no VirtualService `{}` in namespace `{}`", name.value, self.world.namespace);
            let found = Diagnostic::new(Code::VirtualServiceNotFound, name.span, message);
            found.help(self.there_are("VirtualService"))
        })
    }

    pub(super) fn route(&self, service: &'a Object) -> Found<Route<'a>> {
        let routes: Vec<Route<'a>> =
            virtual_service::routes(&service.value).filter(|route| route.protocol == Protocol::Http).collect();
        let names = || in_backticks(routes.iter().map(Route::label).collect::<Vec<_>>().iter().map(String::as_str));
        let Some(name) = &self.entry.http_route else {
            return match routes.as_slice() {
                [only] => Ok(*only),
                [] => {
                    let message = format!("VirtualService `{}` has no http route", service.key.name);
                    Err(Diagnostic::new(Code::NoHttpRoute, self.entry.virtual_service.span, message)
                        .help("only http routes can be named and shifted"))
                }
                _ => {
                    let message = format!("VirtualService `{}` has several http routes", service.key.name);
                    Err(Diagnostic::new(Code::RouteNotNamed, self.entry.virtual_service.span, message)
                        .help(format!("name one with `httpRouteName`: {}", names())))
                }
            };
        };
        let mut fitting = routes.iter().filter(|route| route.name() == Some(&name.value));
        match (fitting.next(), fitting.next()) {
            (Some(route), None) => Ok(*route),
            (Some(_), Some(second)) => {
                let span = second.value.at(&["name"]).map_or(second.value.span, |name| name.span);
                let message = format!("two http routes are named `{}`", name.value);
                Err(Diagnostic::new(Code::RouteNameTwice, span, message).help("give every route a name of its own"))
            }
            (None, _) => {
                let message = format!("VirtualService `{}` has no http route `{}`", service.key.name, name.value);
                let found = Diagnostic::new(Code::RouteNotFound, name.span, message);
                Err(if routes.is_empty() { found } else { found.help(format!("there is {}", names())) })
            }
        }
    }

    /// The number of the active destination.
    pub(super) fn active(
        &self,
        service: &Object,
        route: &Route<'a>,
        destinations: &[Destination<'a>],
        rule: Option<&Object>,
    ) -> Found<usize> {
        if destinations.is_empty() {
            let message = format!("route `{}` has no destination", route.label());
            return Err(Diagnostic::new(Code::RouteWithoutDestination, route.value.span.start_point(), message).help(
                "a redirect, a direct response or a delegate cannot be shifted; name a route that has a `route`",
            ));
        }
        let is_near = |to: &Destination<'_>| {
            rule.is_none_or(|rule| {
                let host = host::resolve(to.host, &service.key.namespace);
                host == host::resolve(destination_rule::host(&rule.value), &rule.key.namespace)
            })
        };
        let canary = self.entry.canary_subset.as_ref().map(|name| name.value.as_str());
        let fits = |to: &Destination<'_>| match &self.entry.active_subset {
            Some(name) => to.subset == Some(&name.value),
            None => to.subset.is_some() && to.subset != canary,
        };
        let any_host: Vec<usize> = positions(destinations, &|to| fits(to));
        let mut near = positions(destinations, &|to| fits(to) && is_near(to));
        if near.is_empty() && any_host.len() == 1 {
            near = any_host;
        }
        match near.as_slice() {
            [only] => Ok(*only),
            [] => Err(self.no_active(route, destinations)),
            [_, second, ..] => Err(self.several_active(route, destinations, &near, *second)),
        }
    }

    fn no_active(&self, route: &Route<'_>, destinations: &[Destination<'_>]) -> Diagnostic {
        let subsets: Vec<&str> = destinations.iter().filter_map(|to| to.subset).collect();
        let there = if subsets.is_empty() {
            "they name no subset".to_owned()
        } else {
            format!("there is {}", in_backticks(subsets))
        };
        match &self.entry.active_subset {
            Some(name) => {
                let message = format!("no destination of route `{}` names the subset `{}`", route.label(), name.value);
                Diagnostic::new(Code::ActiveSubsetNotInRoute, name.span, message).help(there)
            }
            None => {
                let span = destinations.first().map_or(self.entry.span, |to| to.span);
                let message = format!("no destination of route `{}` names a subset", route.label());
                Diagnostic::new(Code::ActiveSubsetNotNamed, span, message)
                    .help("a rollout moves weight between subsets: give the destination the `subset` of what runs now")
            }
        }
    }

    fn several_active(&self, route: &Route<'_>, all: &[Destination<'_>], near: &[usize], second: usize) -> Diagnostic {
        let span = all.get(second).map_or(self.entry.span, |to| to.span);
        let names: Vec<&str> = near.iter().filter_map(|index| all.get(*index)?.subset).collect();
        let is_same = names.windows(2).all(|pair| pair.first() == pair.last());
        if is_same {
            let message =
                format!("route `{}` names the subset `{}` twice", route.label(), names.first().unwrap_or(&""));
            return Diagnostic::new(Code::ActiveDestinationTwice, span, message).help("join the two destinations");
        }
        let message = format!("route `{}` names several subsets", route.label());
        Diagnostic::new(Code::ActiveSubsetNotNamed, span, message)
            .help(format!("name the one that runs now with `activeSubsetName`: {}", in_backticks(names)))
    }
}

pub(super) fn resolved_host(to: &Destination<'_>, service: &Object) -> Found<String> {
    if host::is_partial(to.host) {
        let message = format!("Istio does not complete `{}`: no such host is known and requests get 503", to.host);
        return Err(Diagnostic::new(Code::PartialHost, to.span, message)
            .help("write the short name, or all of it: `<service>.<namespace>.svc.cluster.local`"));
    }
    Ok(host::resolve(to.host, &service.key.namespace).into_owned())
}

/// Proxies know a Service by its ports: what is sent to another one gets 503.
pub(super) fn check_port(to: &Destination<'_>, host: &str, world: &World) -> Found<()> {
    let ports = service_of(host, world).map(|service| service_ports(&service.value)).unwrap_or_default();
    match to.port {
        Some(port) if !ports.is_empty() && !ports.contains(&port) => {
            let message = format!("the Service of `{host}` has no port {port}: requests get 503");
            let there: Vec<String> = ports.iter().map(i64::to_string).collect();
            Err(Diagnostic::new(Code::BaselineBroken, to.span, message)
                .help(format!("there is {}", in_backticks(there.iter().map(String::as_str)))))
        }
        _ => Ok(()),
    }
}

/// A host that Istio does not complete is no Service's: whoever asks for the Service gets none of these routes.
pub(super) fn check_hosts(service: &Object, target: &str) -> Found<()> {
    let hosts = service.value.at(&["spec", "hosts"]).map(Value::items).unwrap_or_default();
    let is_meant = |host: &&Value| {
        let name = host.as_str().unwrap_or_default();
        host::is_partial(name) && target.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))
    };
    let is_known = || virtual_service::is_for(&service.value, &service.key.namespace, target);
    match hosts.iter().find(is_meant).filter(|_| !is_known()) {
        Some(host) => {
            let name = host.as_str().unwrap_or_default();
            let message =
                format!("Istio does not complete `{name}`: these routes are for no Service, and nothing is shifted");
            Err(Diagnostic::new(Code::PartialHost, host.span, message)
                .help(format!("write the short name, or all of it: `{target}`")))
        }
        None => Ok(()),
    }
}

/// Routes behind one that matches everything are not even sent to proxies.
pub(super) fn warn_if_unreached(service: &Object, route: &Route<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let before = virtual_service::routes(&service.value)
        .filter(|other| other.protocol == Protocol::Http && other.index < route.index)
        .find(Route::is_catch_all);
    if let Some(before) = before {
        let message =
            format!("no request reaches route `{}`: `{}` before it matches all", route.label(), before.label());
        diagnostics.push(
            Diagnostic::new(Code::RouteNeverReached, route.value.span.start_point(), message)
                .help("put it before the route that matches everything"),
        );
    }
}
