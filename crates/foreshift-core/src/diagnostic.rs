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
        Diagnostic::of(code, span, message.into())
    }

    // Once, and not at each of the hundred places that find something.
    #[inline(never)]
    fn of(code: Code, span: Span, message: String) -> Diagnostic {
        Diagnostic { code, severity: code.severity(), message, span, help: None }
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

/// The most errors that are kept, and the most findings that are none. Nobody reads more.
pub const LIMIT_FINDINGS: usize = 1000;

/// Sorts findings by place, those without one last, drops repetitions and what is beyond [`LIMIT_FINDINGS`].
///
/// With an error among the findings one stays. Where some are left out, the last finding says how many.
pub fn tidy(diagnostics: &mut Vec<Diagnostic>) {
    let place = |found: &Diagnostic| (found.span.source, found.span.start, found.code);
    order::sort_by(diagnostics, |a, b| place(a).cmp(&place(b)));
    diagnostics.dedup();
    let before = diagnostics.len();
    let (mut errors, mut others) = (0, 0);
    diagnostics.retain(|found| {
        let kept = if found.is_error() { &mut errors } else { &mut others };
        *kept += 1;
        *kept <= LIMIT_FINDINGS
    });
    let left_out = before - diagnostics.len();
    if left_out > 0 {
        let message = format!("{left_out} more findings are left out");
        let mut last = Diagnostic::new(Code::InputTooLarge, Span::NONE, message).help("is this the right file?");
        if errors <= LIMIT_FINDINGS {
            last.severity = Severity::Note;
        }
        diagnostics.push(last);
    }
}
