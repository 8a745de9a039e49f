//! What a cluster with Istio 1.30 says to a `VirtualService` or `DestinationRule` that it is given.
//!
//! Two layers, as in a cluster: the API server checks the schema, and only what it lets through reaches Istio's
//! webhook. Read from `pkg/config/validation` of istio/istio; the messages are ours.

mod action;
mod at;
mod balancer;
mod cors;
mod destination;
mod destination_rule;
mod fault;
mod fingerprint;
mod headers;
mod http;
mod layer4;
mod locality;
mod matches;
mod metadata;
mod names;
mod pool;
pub(super) mod reach;
mod regex;
pub(super) mod report;
mod retries;
mod seen;
mod structure;
mod time;
mod tls;
mod traffic_policy;
mod virtual_service;
mod visibility;

pub use names::is_label as is_dns_label;

use self::at::At;
use self::report::Report;
use super::schema::Kind;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::text::Span;
use crate::value::Value;

/// Something that a cluster would say.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// Who says it.
    pub layer: Layer,
    /// [`Severity::Error`] where the object is refused, [`Severity::Warning`] where it is let in.
    pub severity: Severity,
    /// The place of what is wrong.
    pub span: Span,
    /// From the object: `spec.http[0].route`.
    pub path: String,
    /// What is wrong, as a clause.
    pub message: String,
}

/// Who looks at an object before it is stored.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Layer {
    /// The API server, by the custom resource definition.
    Schema,
    /// istiod's validating webhook.
    Webhook,
}

/// Everything that a cluster would say to this object, in the order of the rules; nothing for other kinds. An object
/// with an error of the schema gets no findings of the webhook: it never gets there. An object without a namespace
/// counts as one of `default`.
pub fn validate(object: &Value) -> Vec<Finding> {
    found(object, reach::warn)
}

/// Why a cluster would refuse this object; `None` where it lets it in. What no request can reach, which it only warns
/// of, is not looked for.
pub fn refused(object: &Value) -> Option<Finding> {
    found(object, |_, _| {}).into_iter().find(|found| found.severity == Severity::Error)
}

fn found(object: &Value, warn: fn(&At, &mut Report)) -> Vec<Finding> {
    let Some(kind) = Kind::of(object) else {
        return Vec::new();
    };
    let wrong = structure::check(object, kind);
    if !wrong.is_empty() {
        return wrong;
    }
    let mut report = Report::default();
    let at = At::root(object);
    if metadata::refused(&at, &mut report) {
        return report.found;
    }
    let namespace =
        object.text_at(&["metadata", "namespace"]).filter(|namespace| !namespace.is_empty()).unwrap_or("default");
    let check = match kind {
        Kind::VirtualService => virtual_service::check,
        Kind::DestinationRule => destination_rule::check,
    };
    match at.get("spec") {
        Some(spec) => {
            check(&spec, namespace, &mut report);
            if kind == Kind::VirtualService {
                warn(&spec, &mut report);
            }
        }
        None => check(&at.absent("spec"), namespace, &mut report),
    }
    report.found
}

/// Findings as diagnostics.
pub fn diagnostics(findings: &[Finding]) -> Vec<Diagnostic> {
    findings.iter().map(diagnostic).collect()
}

fn diagnostic(finding: &Finding) -> Diagnostic {
    let code = match (finding.layer, finding.severity) {
        (Layer::Schema, _) => Code::IstioSchema,
        (Layer::Webhook, Severity::Error) => Code::IstioWebhook,
        (Layer::Webhook, _) => Code::IstioWebhookWarning,
    };
    let message = report::fill("`{}` {}", &[&finding.path, &finding.message]);
    Diagnostic::new(code, finding.span, message)
}
