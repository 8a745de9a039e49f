//! Pairs: which route, which destination of it, which subsets.

mod route;
mod rule;
mod subset;

use std::rc::Rc;

use super::World;
use crate::config;
use crate::diagnostic::{Code, Diagnostic};
use crate::istio::destination_rule::CanarySubset;
use crate::istio::virtual_service::{CanaryDestination, Destination};
use crate::kubernetes::Key;
use crate::text::{Span, in_backticks};

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
        route::warn_if_unreached(service, &route, diagnostics);
        let named_rule = self.named_rule()?;
        let destinations: Vec<Destination<'a>> = route.destinations().collect();
        let active = self.active(service, &route, &destinations, named_rule)?;
        let Some(to) = destinations.get(active) else { return Err(self.lost()) };
        let host = route::resolved_host(to, service)?;
        route::check_hosts(service, &host)?;
        let rule = named_rule.map_or_else(|| self.rule_of(&host, service), Ok)?;
        rule::check_rule(rule, &host, service)?;
        route::check_port(to, &host, self.world)?;
        let subset_name = to.subset.unwrap_or_default();
        let subset = self.active_subset(rule, to, subset_name)?;
        let (canary_subset, canary_name) = self.canary_subset(rule, &host, &subset, diagnostics)?;
        let canary = self.canary_destination(service, &destinations, &host, &canary_name)?;
        if let CanaryDestination::Reused(index) = canary
            && let Some(to) = destinations.get(index)
        {
            route::check_port(to, &host, self.world)?;
        }
        let is_alone = destinations.len() == 1;
        // A weight that is no number is reported for what it is.
        let weight = route.value.at(&["route"]).and_then(|list| list.items().get(active)?.at(&["weight"]));
        let is_number = weight.is_none_or(|weight| weight.is_null() || weight.as_int().is_some());
        if !is_alone && to.weight == 0 && is_number {
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
        format!("there is {}", in_backticks(names))
    }

    fn lost(&self) -> Diagnostic {
        Diagnostic::new(Code::RouteWithoutDestination, self.entry.span, "the route has no destination")
    }
}

fn positions(destinations: &[Destination<'_>], is_meant: &dyn Fn(&Destination<'_>) -> bool) -> Vec<usize> {
    destinations.iter().enumerate().filter(|(_, to)| is_meant(to)).map(|(index, _)| index).collect()
}
