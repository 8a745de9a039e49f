//! Pairs: which route, which destination of it, which subsets.

use std::rc::Rc;

use super::World;
use crate::config;
use crate::diagnostic::{Code, Diagnostic};
use crate::istio::destination_rule::{self, CanarySubset, Subset};
use crate::istio::virtual_service::{self, CanaryDestination, Destination, Protocol, Route};
use crate::istio::{host, visible_in};
use crate::kubernetes::{HASH_LABEL, Key, Object};
use crate::text::Span;

/// A route and a subset that a rollout acts on, with every name found.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The entry of the config.
    pub span: Span,
    /// The VirtualService.
    pub virtual_service: Rc<Key>,
    /// Which http route.
    pub http: usize,
    /// What a person calls the route.
    pub route: Rc<str>,
    /// Which of its destinations is the active one.
    pub active: usize,
    /// That destination's weight beside others; `None` where it is alone.
    pub active_weight: Option<i64>,
    /// Every weight of the route, added up; where the active one is alone, 100.
    pub total_weight: i64,
    /// Where the canary destination comes from.
    pub canary: CanaryDestination,
    /// The DestinationRule.
    pub destination_rule: Rc<Key>,
    /// Which of its subsets is the active one.
    pub active_subset: usize,
    /// That subset's name.
    pub active_name: Rc<str>,
    /// Where the canary subset comes from.
    pub canary_subset: CanarySubset,
    /// That subset's name.
    pub canary_name: Rc<str>,
    /// The host that both are about, resolved.
    pub host: Rc<str>,
    /// Which of the target's workloads it is about.
    pub workload: usize,
}

/// Finds everything that an entry of the config names or leaves out. The workload is found later.
pub(super) fn find(entry: &config::Pair, world: &World, diagnostics: &mut Vec<Diagnostic>) -> Option<Pair> {
    let finder = Finder { entry, world };
    match finder.pair(diagnostics) {
        Ok(pair) => Some(pair),
        Err(found) => {
            diagnostics.push(found);
            None
        }
    }
}

type Found<T> = Result<T, Diagnostic>;

struct Finder<'a> {
    entry: &'a config::Pair,
    world: &'a World,
}

impl<'a> Finder<'a> {
    fn pair(&self, diagnostics: &mut Vec<Diagnostic>) -> Found<Pair> {
        let service = self.virtual_service()?;
        let route = self.route(service)?;
        warn_if_unreached(service, &route, diagnostics);
        let named_rule = self.named_rule()?;
        let destinations: Vec<Destination<'a>> = route.destinations().collect();
        let active = self.active(service, &route, &destinations, named_rule)?;
        let Some(to) = destinations.get(active) else { return Err(self.lost()) };
        let host = resolved_host(to, service)?;
        let rule = named_rule.map_or_else(|| self.rule_of(&host, service), Ok)?;
        self.check_rule(rule, &host, service)?;
        let subset_name = to.subset.unwrap_or_default();
        let subset = self.active_subset(rule, to, subset_name)?;
        let (canary_subset, canary_name) = self.canary_subset(rule, &host, &subset, diagnostics)?;
        let canary = self.canary_destination(service, &destinations, &host, &canary_name)?;
        let is_alone = destinations.len() == 1;
        if !is_alone && to.weight == 0 {
            let message = format!("the active destination `{subset_name}` has weight 0 beside others");
            return Err(Diagnostic::new(Code::ActiveWeightZero, to.span, message)
                .help("there is no share to move: give it a weight, or name the subset that has one"));
        }
        Ok(Pair {
            span: self.entry.span,
            virtual_service: Rc::new(service.key.clone()),
            http: route.index,
            route: route.label().into(),
            active,
            active_weight: (!is_alone).then_some(to.weight),
            total_weight: if is_alone { 100 } else { destinations.iter().map(|to| to.weight).sum() },
            canary,
            destination_rule: Rc::new(rule.key.clone()),
            active_subset: subset.index,
            active_name: subset.name.into(),
            canary_subset,
            canary_name: canary_name.into(),
            host: host.into(),
            workload: 0,
        })
    }

    fn virtual_service(&self) -> Found<&'a Object> {
        let name = &self.entry.virtual_service;
        let key = Key::istio("VirtualService", &self.world.namespace, &name.value);
        self.world.wanted(&key).ok_or_else(|| {
            let message =
                format!("there is no VirtualService `{}` in namespace `{}`", name.value, self.world.namespace);
            let found = Diagnostic::new(Code::VirtualServiceNotFound, name.span, message);
            found.help(self.there_are("VirtualService"))
        })
    }

    /// What there is of a kind, for a person who misspelt one.
    fn there_are(&self, kind: &str) -> String {
        let namespace = &self.world.namespace;
        let there = self.world.all_wanted().map(|object| &object.key);
        let names: Vec<&str> = there
            .filter(|key| key.kind == kind && key.namespace == *namespace && key.is_traffic())
            .map(|key| key.name.as_str())
            .collect();
        if names.is_empty() {
            return format!("add a {kind} to `manifests`, or give what runs now");
        }
        format!("there is {}", list(names))
    }

    fn route(&self, service: &'a Object) -> Found<Route<'a>> {
        let routes: Vec<Route<'a>> =
            virtual_service::routes(&service.value).filter(|route| route.protocol == Protocol::Http).collect();
        let names = || list(routes.iter().map(Route::label).collect::<Vec<_>>().iter().map(String::as_str));
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
        let mut named = routes.iter().filter(|route| route.name() == Some(&name.value));
        match (named.next(), named.next()) {
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

    fn named_rule(&self) -> Found<Option<&'a Object>> {
        let Some(name) = &self.entry.destination_rule else { return Ok(None) };
        let key = Key::istio("DestinationRule", &self.world.namespace, &name.value);
        self.world.wanted(&key).map(Some).ok_or_else(|| {
            let message =
                format!("there is no DestinationRule `{}` in namespace `{}`", name.value, self.world.namespace);
            Diagnostic::new(Code::DestinationRuleNotFound, name.span, message).help(self.there_are("DestinationRule"))
        })
    }

    /// The number of the active destination.
    fn active(
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
        let any_host: Vec<usize> = positions(destinations, |to| fits(to));
        let mut near = positions(destinations, |to| fits(to) && is_near(to));
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
        let there =
            if subsets.is_empty() { "they name no subset".to_owned() } else { format!("there is {}", list(subsets)) };
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
            .help(format!("name the one that runs now with `activeSubsetName`: {}", list(names)))
    }

    /// The only DestinationRule for a host.
    fn rule_of(&self, host: &str, service: &Object) -> Found<&'a Object> {
        let is_for = |object: &&Object| {
            object.key.is_destination_rule()
                && object.key.namespace == self.world.namespace
                && host::resolve(destination_rule::host(&object.value), &object.key.namespace) == host
        };
        let rules: Vec<&Object> = self.world.all_wanted().filter(is_for).collect();
        match rules.as_slice() {
            [only] => Ok(only),
            [] => {
                let message =
                    format!("there is no DestinationRule for host `{host}` in namespace `{}`", service.key.namespace);
                Err(Diagnostic::new(Code::DestinationRuleNotFound, self.entry.span, message)
                    .help(self.there_are("DestinationRule")))
            }
            several => {
                let names = list(several.iter().map(|rule| rule.key.name.as_str()));
                let message = format!("there are several DestinationRules for host `{host}`");
                Err(Diagnostic::new(Code::DestinationRuleNotNamed, self.entry.span, message)
                    .help(format!("name one with `destinationRule`: {names}")))
            }
        }
    }

    /// Whether a DestinationRule can be the one of a pair.
    fn check_rule(&self, rule: &Object, host: &str, service: &Object) -> Found<()> {
        let written = destination_rule::host(&rule.value);
        let span = rule.value.at(&["spec", "host"]).map_or(rule.span(), |host| host.span);
        if written.starts_with('*') {
            let message = format!("DestinationRule `{}` is for every host like `{written}`", rule.key.name);
            return Err(Diagnostic::new(Code::WildcardDestinationRule, span, message)
                .help(format!("its subsets belong to other services too: write one for `{host}`")));
        }
        let resolved = host::resolve(written, &rule.key.namespace);
        if resolved != host {
            let message =
                format!("DestinationRule `{}` is for host `{resolved}`, the route's is `{host}`", rule.key.name);
            return Err(Diagnostic::new(Code::HostMismatch, span, message).help("name the rule of the route's host"));
        }
        if destination_rule::has_workload_selector(&rule.value) {
            let span = rule.value.at(&["spec", "workloadSelector"]).map_or(span, |selector| selector.span);
            let message = format!("DestinationRule `{}` counts only for the clients that it selects", rule.key.name);
            return Err(Diagnostic::new(Code::WorkloadSelector, span, message)
                .help("every other client would get no subsets: use a rule without `workloadSelector`"));
        }
        self.check_visibility(rule, service)
    }

    /// A namespace that sees the route but not the rule gets 503 for all of it.
    fn check_visibility(&self, rule: &Object, service: &Object) -> Found<()> {
        let Some(sees_rule) = visible_in(&rule.value, &rule.key.namespace) else { return Ok(()) };
        let lacking = match visible_in(&service.value, &service.key.namespace) {
            None => Some("every namespace".to_owned()),
            Some(sees_route) => {
                let lacking: Vec<String> = sees_route.into_iter().filter(|name| !sees_rule.contains(name)).collect();
                (!lacking.is_empty()).then(|| list(lacking.iter().map(String::as_str)))
            }
        };
        let Some(lacking) = lacking else { return Ok(()) };
        let span = rule.value.at(&["spec", "exportTo"]).map_or(rule.span(), |list| list.span);
        let message = format!("fewer namespaces see DestinationRule `{}` than its VirtualService", rule.key.name);
        Err(Diagnostic::new(Code::NarrowExport, span, message).help(format!(
            "clients get the route without its subsets and so 503: export both alike; {lacking} sees the route"
        )))
    }

    fn active_subset(&self, rule: &'a Object, to: &Destination<'_>, name: &str) -> Found<Subset<'a>> {
        let Some(subset) = destination_rule::subset(&rule.value, name) else {
            let message = format!("DestinationRule `{}` does not define the subset `{name}`", rule.key.name);
            let names: Vec<&str> = destination_rule::subsets(&rule.value).map(|subset| subset.name).collect();
            let found = Diagnostic::new(Code::ActiveSubsetUndefined, to.span, message);
            let there =
                if names.is_empty() { "it defines none".to_owned() } else { format!("it defines {}", list(names)) };
            return Err(found.help(format!("requests to it get 503 now; {there}")));
        };
        if let Some(first) = self.defined_before(rule, name) {
            let message =
                format!("DestinationRule `{first}` defines the subset `{name}` for the same host, and comes first");
            return Err(Diagnostic::new(Code::SubsetDefinedTwice, subset.span(), message)
                .help("rules of one host merge and the first definition counts: keep one of the two"));
        }
        self.check_leftover(&subset)?;
        Ok(subset)
    }

    /// Another rule of the same host that defines a subset.
    fn defined_before(&self, rule: &Object, name: &str) -> Option<String> {
        self.siblings(rule)
            .find(|other| destination_rule::subset(&other.value, name).is_some())
            .map(|other| other.key.name.clone())
    }

    /// The other DestinationRules of the same host in the same namespace.
    fn siblings(&self, rule: &'a Object) -> impl Iterator<Item = &'a Object> {
        let host = host::resolve(destination_rule::host(&rule.value), &rule.key.namespace).into_owned();
        self.world.all_wanted().filter(move |other| {
            other.key.is_destination_rule()
                && other.key.namespace == rule.key.namespace
                && other.key.name != rule.key.name
                && host::resolve(destination_rule::host(&other.value), &other.key.namespace) == host
        })
    }

    fn check_leftover(&self, subset: &Subset<'_>) -> Found<()> {
        let Some(label) = subset.value.at(&["labels", HASH_LABEL]) else { return Ok(()) };
        let message =
            format!("the subset `{}` carries `{HASH_LABEL}` already: a rollout was left unfinished", subset.name);
        Err(Diagnostic::new(Code::LeftoverPin, label.span, message).help(
            "clean up: give the VirtualService its own weights again, wait until the pods of one revision are gone, then remove the label",
        ))
    }

    fn canary_subset(
        &self,
        rule: &'a Object,
        host: &str,
        active: &Subset<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Found<(CanarySubset, String)> {
        let is_elsewhere =
            |name: &str| self.siblings(rule).any(|other| destination_rule::subset(&other.value, name).is_some());
        let Some(wanted) = &self.entry.canary_subset else {
            let is_taken = |name: &str| destination_rule::subset(&rule.value, name).is_some() || is_elsewhere(name);
            if !is_taken("canary") {
                return Ok((CanarySubset::Created("canary".to_owned()), "canary".to_owned()));
            }
            let name = format!("{}-canary", active.name);
            if is_taken(&name) {
                let message = format!("the subset names `canary` and `{name}` are both taken for host `{host}`");
                return Err(Diagnostic::new(Code::CanarySubsetTaken, self.entry.span, message)
                    .help("give a free name with `canarySubsetName`, or the name of a subset that may be used"));
            }
            let message = format!("the subset name `canary` is taken, so the canary subset is `{name}`");
            diagnostics.push(
                Diagnostic::new(Code::CanarySubsetRenamed, self.entry.span, message)
                    .help("`canarySubsetName: canary` uses the subset that is there"),
            );
            return Ok((CanarySubset::Created(name.clone()), name));
        };
        let name = wanted.value.clone();
        if name == active.name {
            let message = format!("the active and the canary subset are both `{name}`");
            return Err(Diagnostic::new(Code::SameSubsets, wanted.span, message).help("give them different names"));
        }
        if is_elsewhere(&name) {
            let message = format!("another DestinationRule for host `{host}` defines the subset `{name}`");
            return Err(Diagnostic::new(Code::CanarySubsetTaken, wanted.span, message)
                .help("rules of one host merge: give a name that is free in all of them"));
        }
        match destination_rule::subset(&rule.value, &name) {
            None => Ok((CanarySubset::Created(name.clone()), name)),
            Some(subset) => {
                self.check_leftover(&subset)?;
                Ok((CanarySubset::Reused(subset.index), name))
            }
        }
    }

    /// Where the canary destination comes from; nothing may go to the canary subset yet.
    fn canary_destination(
        &self,
        service: &Object,
        destinations: &[Destination<'_>],
        host: &str,
        canary: &str,
    ) -> Found<CanaryDestination> {
        let is_canary = |to: &Destination<'_>, namespace: &str| {
            to.subset == Some(canary) && host::resolve(to.host, namespace) == host
        };
        let there = positions(destinations, |to| is_canary(to, &service.key.namespace));
        for object in self.world.all_wanted().filter(|object| object.key.is_virtual_service()) {
            for route in virtual_service::routes(&object.value) {
                let is_alone = route.destinations().count() == 1;
                let used =
                    route.destinations().find(|to| is_canary(to, &object.key.namespace) && (is_alone || to.weight > 0));
                let copied = route
                    .mirrors()
                    .into_iter()
                    .find(|mirror| is_canary(&mirror.to, &object.key.namespace) && !mirror.is_off());
                if let Some(to) = used.or(copied.map(|mirror| mirror.to)) {
                    return Err(in_use(&to, &object.key, &route.label(), canary));
                }
            }
        }
        match there.as_slice() {
            [] => Ok(CanaryDestination::Created(canary.to_owned())),
            [only] => Ok(CanaryDestination::Reused(*only)),
            [_, second, ..] => {
                let span = destinations.get(*second).map_or(self.entry.span, |to| to.span);
                let message = format!("the route names the subset `{canary}` twice");
                Err(Diagnostic::new(Code::ActiveDestinationTwice, span, message).help("join the two destinations"))
            }
        }
    }

    fn lost(&self) -> Diagnostic {
        Diagnostic::new(Code::RouteWithoutDestination, self.entry.span, "the route has no destination")
    }
}

fn in_use(to: &Destination<'_>, key: &Key, route: &str, canary: &str) -> Diagnostic {
    let message = format!("route `{route}` of {key} sends requests to the canary subset `{canary}` already");
    Diagnostic::new(Code::CanarySubsetInUse, to.span, message)
        .help("a canary has to start with no requests: take the destination or mirror out, or give another `canarySubsetName`")
}

fn resolved_host(to: &Destination<'_>, service: &Object) -> Found<String> {
    if host::is_partial(to.host) {
        let message = format!("Istio does not complete `{}`: no such host is known and requests get 503", to.host);
        return Err(Diagnostic::new(Code::PartialHost, to.span, message)
            .help("write the short name, or all of it: `<service>.<namespace>.svc.cluster.local`"));
    }
    Ok(host::resolve(to.host, &service.key.namespace).into_owned())
}

/// Routes behind one that matches everything are not even sent to proxies.
fn warn_if_unreached(service: &Object, route: &Route<'_>, diagnostics: &mut Vec<Diagnostic>) {
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

fn positions(destinations: &[Destination<'_>], is_meant: impl Fn(&Destination<'_>) -> bool) -> Vec<usize> {
    destinations.iter().enumerate().filter(|(_, to)| is_meant(to)).map(|(index, _)| index).collect()
}

/// Names as a person reads them.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
