//! The DestinationRule of a pair.

use super::{Finder, Found};
use crate::diagnostic::{Code, Diagnostic};
use crate::istio::{destination_rule, host, visible_in};
use crate::kubernetes::{Key, Object};
use crate::text::in_backticks;

impl<'a> Finder<'a> {
    pub(super) fn named_rule(&self) -> Found<Option<&'a Object>> {
        let Some(name) = &self.entry.destination_rule else { return Ok(None) };
        let key = Key::istio("DestinationRule", &self.world.namespace, &name.value);
        self.world.wanted(&key).map(Some).ok_or_else(|| {
            let message =
                format!("there is no DestinationRule `{}` in namespace `{}`", name.value, self.world.namespace);
            Diagnostic::new(Code::DestinationRuleNotFound, name.span, message).help(self.there_are("DestinationRule"))
        })
    }

    /// The only DestinationRule for a host.
    pub(super) fn rule_of(&self, host: &str, service: &Object) -> Found<&'a Object> {
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
                let names = in_backticks(several.iter().map(|rule| rule.key.name.as_str()));
                let message = format!("there are several DestinationRules for host `{host}`");
                Err(Diagnostic::new(Code::DestinationRuleNotNamed, self.entry.span, message)
                    .help(format!("name one with `destinationRule`: {names}")))
            }
        }
    }
}

/// Whether a DestinationRule can be the one of a pair.
pub(super) fn check_rule(rule: &Object, host: &str, service: &Object) -> Found<()> {
    let written = destination_rule::host(&rule.value);
    let span = rule.value.at(&["spec", "host"]).map_or(rule.span(), |host| host.span);
    if written.starts_with('*') {
        let message = format!("DestinationRule `{}` is for every host like `{written}`", rule.key.name);
        return Err(Diagnostic::new(Code::WildcardDestinationRule, span, message)
            .help(format!("its subsets belong to other services too: write one for `{host}`")));
    }
    let resolved = host::resolve(written, &rule.key.namespace);
    if resolved != host {
        let message = format!("DestinationRule `{}` is for host `{resolved}`, the route's is `{host}`", rule.key.name);
        return Err(Diagnostic::new(Code::HostMismatch, span, message).help("name the rule of the route's host"));
    }
    if destination_rule::has_workload_selector(&rule.value) {
        let span = rule.value.at(&["spec", "workloadSelector"]).map_or(span, |selector| selector.span);
        let message = format!("DestinationRule `{}` counts only for the clients that it selects", rule.key.name);
        return Err(Diagnostic::new(Code::WorkloadSelector, span, message)
            .help("every other client would get no subsets: use a rule without `workloadSelector`"));
    }
    check_visibility(rule, service)
}

/// A namespace that sees the route but not the rule gets 503 for all of it.
fn check_visibility(rule: &Object, service: &Object) -> Found<()> {
    let Some(sees_rule) = visible_in(&rule.value, &rule.key.namespace) else { return Ok(()) };
    let lacking = match visible_in(&service.value, &service.key.namespace) {
        None => Some("every namespace".to_owned()),
        Some(sees_route) => {
            let lacking: Vec<String> = sees_route.into_iter().filter(|name| !sees_rule.contains(name)).collect();
            (!lacking.is_empty()).then(|| in_backticks(lacking.iter().map(String::as_str)))
        }
    };
    let Some(lacking) = lacking else { return Ok(()) };
    let span = rule.value.at(&["spec", "exportTo"]).map_or(rule.span(), |list| list.span);
    let message = format!("fewer namespaces see DestinationRule `{}` than its VirtualService", rule.key.name);
    Err(Diagnostic::new(Code::NarrowExport, span, message).help(format!(
        "clients get the route without its subsets and so 503: export both alike; {lacking} sees the route"
    )))
}
