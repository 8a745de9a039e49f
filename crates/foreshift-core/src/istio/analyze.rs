//! What `istioctl analyze` of Istio 1.30 says about objects together, by its own codes.
//!
//! One function per check, because each needs other objects: who has no Services leaves out what asks for hosts.
//! Where istioctl compares names as they are written, these compare what the names mean; they find what it finds,
//! without the false alarms that mixed short and full names give.

mod destination_hosts;
mod gateways;
mod ingress_routes;
mod known_hosts;
mod mesh_hosts;
mod objects;
mod subset_pods;
mod subsets;
mod unused_rules;

pub use destination_hosts::{destination_hosts, rule_hosts};
pub use gateways::gateways;
pub use ingress_routes::ingress_routes;
pub use mesh_hosts::mesh_hosts;
pub use objects::{Objects, Resource};
pub use subset_pods::subset_pods;
pub use subsets::subsets;
pub use unused_rules::unused_rules;

use super::validate::report::fill;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::text::Span;
use crate::value::Value;

/// Something that does not fit together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Analysis {
    /// Istio's code: `IST0101`.
    pub code: &'static str,
    /// As istioctl has it; its Info is [`Severity::Note`].
    pub severity: Severity,
    /// The kind of the object that it is about.
    pub kind: String,
    /// The namespace of that object, as written.
    pub namespace: Option<String>,
    /// The name of that object.
    pub name: String,
    /// What is wrong, as a clause.
    pub message: String,
    /// The place of what is wrong.
    pub span: Span,
}

/// Every check over whole objects of any kinds, in the order of the functions' names.
pub fn analyze(objects: &[&Value]) -> Vec<Analysis> {
    let objects = Objects::new(objects);
    let checks: [fn(&Objects) -> Vec<Analysis>; 8] =
        [destination_hosts, gateways, ingress_routes, mesh_hosts, rule_hosts, subset_pods, subsets, unused_rules];
    checks.into_iter().flat_map(|check| check(&objects)).collect()
}

/// Analyses as diagnostics: never errors, because no cluster refuses an object for them.
pub fn diagnostics(analyses: &[Analysis]) -> Vec<Diagnostic> {
    analyses.iter().map(diagnostic).collect()
}

fn diagnostic(found: &Analysis) -> Diagnostic {
    let message = fill("{}: {} `{}` {}", &[found.code, &found.kind, &found.name, &found.message]);
    let mut diagnostic = Diagnostic::new(Code::IstioAnalysis, found.span, message);
    if found.severity == Severity::Note {
        diagnostic.severity = Severity::Note;
    }
    diagnostic
}

/// A code with how bad Istio finds it.
#[derive(Clone, Copy)]
struct Rule(&'static str, Severity);

impl Rule {
    fn found(self, resource: &Resource, span: Span, template: &str, words: &[&str]) -> Analysis {
        Analysis {
            code: self.0,
            severity: self.1,
            kind: resource.kind.to_owned(),
            namespace: resource.namespace.map(str::to_owned),
            name: resource.name.to_owned(),
            message: fill(template, words),
            span,
        }
    }
}

/// Something that is referred to is not there.
const NOT_FOUND: Rule = Rule("IST0101", Severity::Error);
