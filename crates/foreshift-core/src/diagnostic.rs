//! Findings as data: what is wrong, where, how bad, and what to do.

mod code;

pub use code::{Code, Severity};

use crate::order;
use crate::text::{Position, Source, Sources, Span};

/// One finding. The message is one lower-case clause with the user's words in backticks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Diagnostic {
    /// Which rule; its severity goes with it unless [`Diagnostic::severity`] says otherwise.
    pub code: Code,
    /// How bad it is here.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// Where; [`Span::NONE`] where it has no place in the user's texts.
    pub span: Span,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A finding with the severity that its code has.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic { code, severity: code.severity(), message: message.into(), span, help: None }
    }

    /// The same finding, with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// The same finding as a warning.
    #[must_use]
    pub fn warn(mut self) -> Diagnostic {
        self.severity = Severity::Warning;
        self
    }

    /// Its source and position, where it has one.
    pub fn place<'a>(&self, sources: &'a Sources) -> Option<(&'a Source, Position)> {
        let source = sources.get(self.span.source)?;
        Some((source, source.position(self.span.start)))
    }

    /// Whether it stops a plan.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Sorts findings by place, those without one last, and drops repetitions.
pub fn tidy(diagnostics: &mut Vec<Diagnostic>) {
    let place = |found: &Diagnostic| (found.span.source, found.span.start, found.code);
    order::sort_by(diagnostics, |a, b| place(a).cmp(&place(b)));
    diagnostics.dedup();
}
