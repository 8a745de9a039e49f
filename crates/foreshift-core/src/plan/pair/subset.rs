//! The subsets of a pair: the active one, and the one for the canary with the destination that names it.

use super::{Finder, Found, positions};
use crate::diagnostic::{Code, Diagnostic};
use crate::istio::destination_rule::{self, CanarySubset, Subset};
use crate::istio::virtual_service::{self, CanaryDestination, Destination};
use crate::istio::{host, validate};
use crate::kubernetes::{HASH_LABEL, Key, Object};
use crate::text::in_backticks;

impl<'a> Finder<'a> {
    pub(super) fn active_subset(&self, rule: &'a Object, to: &Destination<'_>, name: &str) -> Found<Subset<'a>> {
        let Some(subset) = destination_rule::subset(&rule.value, name) else {
            let message = format!("DestinationRule `{}` does not define the subset `{name}`", rule.key.name);
            let names: Vec<&str> = destination_rule::subsets(&rule.value).map(|subset| subset.name).collect();
            let found = Diagnostic::new(Code::ActiveSubsetUndefined, to.span, message);
            let there = if names.is_empty() {
                "it defines none".to_owned()
            } else {
                format!("it defines {}", in_backticks(names))
            };
            return Err(found.help(format!("requests to it get 503 now; {there}")));
        };
        if let Some(first) = self.defined_before(rule, name) {
            let message =
                format!("DestinationRule `{first}` defines the subset `{name}` for the same host, and comes first");
            return Err(Diagnostic::new(Code::SubsetDefinedTwice, subset.span(), message)
                .help("rules of one host merge and the first definition counts: keep one of the two"));
        }
        check_leftover(&subset)?;
        self.check_live_leftovers(rule)?;
        Ok(subset)
    }

    /// A pin that runs and that the manifest does not have would be taken off by applying it.
    fn check_live_leftovers(&self, rule: &Object) -> Found<()> {
        let Some(live) = self.world.live.get(&rule.key) else { return Ok(()) };
        let is_pinned = |subset: &Subset<'_>| subset.value.at(&["labels", HASH_LABEL]).is_some();
        let stays = |name: &str| destination_rule::subset(&rule.value, name).is_some_and(|subset| is_pinned(&subset));
        destination_rule::subsets(&live.value)
            .filter(|subset| !stays(subset.name))
            .try_for_each(|subset| check_leftover(&subset))
    }

    pub(super) fn canary_subset(
        &self,
        rule: &'a Object,
        host: &str,
        active: &Subset<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Found<(CanarySubset, String)> {
        let checked = |name: String, span| {
            if validate::is_dns_label(&name) {
                return Ok((CanarySubset::Created(name.clone()), name));
            }
            let message = format!("`{name}` is no name of a subset");
            Err(Diagnostic::new(Code::InvalidSubsetName, span, message).help(
                "give one with `canarySubsetName`: at most 63 letters, digits and `-`, a letter or digit first and last",
            ))
        };
        let is_elsewhere =
            |name: &str| self.siblings(rule).any(|other| destination_rule::subset(&other.value, name).is_some());
        let Some(wanted) = &self.entry.canary_subset else {
            let is_taken = |name: &str| destination_rule::subset(&rule.value, name).is_some() || is_elsewhere(name);
            if !is_taken("canary") {
                return checked("canary".to_owned(), self.entry.span);
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
            return checked(name, self.entry.span);
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
            None => checked(name, wanted.span),
            Some(subset) => {
                check_leftover(&subset)?;
                Ok((CanarySubset::Reused(subset.index), name))
            }
        }
    }

    /// Where the canary destination comes from; nothing may go to the canary subset yet.
    pub(super) fn canary_destination(
        &self,
        service: &Object,
        destinations: &[Destination<'_>],
        host: &str,
        canary: &str,
    ) -> Found<CanaryDestination> {
        let is_canary = |to: &Destination<'_>, namespace: &str| {
            to.subset == Some(canary) && host::resolve(to.host, namespace) == host
        };
        let there = positions(destinations, &|to| is_canary(to, &service.key.namespace));
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

    /// An older rule of the same host that defines a subset.
    fn defined_before(&self, rule: &'a Object, name: &str) -> Option<String> {
        // A manifest has no time of creation; what runs has.
        let age = |object: &'a Object| {
            let created = self.world.start(&object.key).and_then(|object| destination_rule::created(&object.value));
            (created.unwrap_or(destination_rule::NOT_YET), object.key.name.as_str())
        };
        self.siblings(rule)
            .find(|other| age(other) < age(rule) && destination_rule::subset(&other.value, name).is_some())
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
}

fn check_leftover(subset: &Subset<'_>) -> Found<()> {
    let Some(label) = subset.value.at(&["labels", HASH_LABEL]) else { return Ok(()) };
    let message = format!("the subset `{}` carries `{HASH_LABEL}` already: a rollout was left unfinished", subset.name);
    Err(Diagnostic::new(Code::LeftoverPin, label.span, message).help(
        "clean up: give the VirtualService its own weights again, wait until the pods of one revision are gone, then remove the label",
    ))
}

fn in_use(to: &Destination<'_>, key: &Key, route: &str, canary: &str) -> Diagnostic {
    let message = format!("route `{route}` of {key} sends requests to the canary subset `{canary}` already");
    Diagnostic::new(Code::CanarySubsetInUse, to.span, message)
        .help("a canary has to start with no requests: take the destination or mirror out, or give another `canarySubsetName`")
}
