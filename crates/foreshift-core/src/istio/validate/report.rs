//! What the rules found.

use super::at::At;
use super::{Finding, Layer};
use crate::diagnostic::Severity;
use crate::text::split;

/// Collects findings. A message is a template whose `{}` stand for words; it becomes text only here, so that a clean
/// object costs nothing.
#[derive(Default)]
pub(super) struct Report {
    pub(super) found: Vec<Finding>,
}

impl Report {
    /// Istio's webhook refuses the object for this.
    pub(super) fn error(&mut self, at: &At, template: &'static str, words: &[&str]) {
        self.add(Severity::Error, at, template, words);
    }

    /// Istio's webhook answers with a warning.
    pub(super) fn warn(&mut self, at: &At, template: &'static str, words: &[&str]) {
        self.add(Severity::Warning, at, template, words);
    }

    fn add(&mut self, severity: Severity, at: &At, template: &str, words: &[&str]) {
        self.found.push(Finding {
            layer: Layer::Webhook,
            severity,
            span: at.value.span,
            path: at.path(),
            message: fill(template, words),
        });
    }
}

/// A template with its `{}` filled in order.
pub(in crate::istio) fn fill(template: &str, words: &[&str]) -> String {
    let mut text = String::with_capacity(template.len() + 16);
    let mut rest = template;
    for word in words {
        let Some((before, behind)) = split(rest, "{}") else { break };
        text.push_str(before);
        text.push_str(word);
        rest = behind;
    }
    text.push_str(rest);
    text
}
