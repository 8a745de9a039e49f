//! The variables of templates: somebody has to give each of them.

use std::rc::Rc;

use crate::order::Keys;

use super::meaning::Reader;
use super::read::near;
use super::{Context, Spanned};
use crate::diagnostic::{Code, Diagnostic};
use crate::template::{self, Piece};
use crate::text::{Span, find};
use crate::value::Value;

/// How many variables are looked up in all; each step has a context of its own, so a template is checked for each.
const LIMIT_LOOKUPS: usize = 1 << 18;

/// The variables of one template or several, each once, with the place where it stands first.
pub(super) type Variables = Rc<[Spanned<String>]>;

/// The lookups that were made, and the places that were reported.
#[derive(Default)]
pub(super) struct Lookups {
    count: usize,
    reported: Keys<u32>,
}

impl Reader<'_> {
    /// The variables in these scalars.
    pub(super) fn variables(&self, scalars: &[Option<&Value>]) -> Variables {
        let mut seen = Keys::new();
        let mut variables = Vec::new();
        for scalar in scalars.iter().flatten() {
            let mut places = Places { rest: scalar.span, file: self.file };
            for piece in template::pieces(scalar.as_str().unwrap_or_default()) {
                let Piece::Variable(name, written) = piece else { continue };
                if seen.insert(name.to_owned()) {
                    let span = places.next(written).unwrap_or(scalar.span);
                    variables.push(Spanned { value: name.to_owned(), span });
                }
            }
        }
        variables.into()
    }

    /// Reports each variable that neither the rollout gives, nor one of the contexts.
    pub(super) fn refuse_unknown(&mut self, variables: &Variables, context: &Context, supplied: &[&'static str]) {
        if variables.is_empty() || self.lookups.count > LIMIT_LOOKUPS {
            return;
        }
        self.lookups.count += variables.len() + context.own.len();
        if self.lookups.count > LIMIT_LOOKUPS {
            let message = "the steps use more variables of templates than can be looked up";
            self.diagnostics.push(Diagnostic::new(Code::InputTooLarge, Span::NONE, message));
            return;
        }
        let own: Keys<&str> = context.own.iter().map(|(name, _)| name.as_str()).collect();
        for variable in variables.iter() {
            let name = variable.value.as_str();
            let is_given = match name.strip_prefix(template::CONTEXT) {
                Some(name) => own.contains(name) || self.given.contains(name),
                None => {
                    name.starts_with(template::SECRETS)
                        || template::SUPPLIED.contains(&name)
                        || supplied.contains(&name)
                }
            };
            if is_given || !self.lookups.reported.insert(variable.span.start) {
                continue;
            }
            let found = match name.strip_prefix(template::CONTEXT) {
                Some(name) => {
                    unknown(variable, near(name, &own).or_else(|| near(name, &self.given)), template::CONTEXT)
                }
                None => {
                    unknown(variable, near(name, &template::SUPPLIED.iter().chain(supplied).copied().collect()), "")
                }
            };
            self.diagnostics.push(found);
        }
    }
}

fn unknown(variable: &Spanned<String>, near: Option<&str>, prefix: &str) -> Diagnostic {
    let name = variable.value.as_str();
    if name.starts_with("armory.preview.") {
        let message = format!("`{name}` is the address of a Service that nobody exposes");
        return Diagnostic::new(Code::UnknownVariable, variable.span, message)
            .help("no public address is made, so this template cannot be filled: give the address in a `context`")
            .warn();
    }
    let help = match near {
        Some(near) => format!("did you mean `{prefix}{near}`?"),
        None if prefix.is_empty() => "names begin with `armory.`, `context.` or `secrets.`".to_owned(),
        None => "add it to the `context` of each step that uses this, or of the config".to_owned(),
    };
    let message = format!("nobody gives the variable `{name}`");
    Diagnostic::new(Code::UnknownVariable, variable.span, message).help(help)
}

/// Finds variables in what a user wrote, in their order.
struct Places<'a> {
    /// Where to look.
    rest: Span,
    file: &'a str,
}

impl Places<'_> {
    /// The place of the next variable; `None` from the first one on that an escape or a line break stands in.
    fn next(&mut self, written: &str) -> Option<Span> {
        let at = find(self.rest.slice(self.file), written).and_then(|at| u32::try_from(at).ok());
        let Some(at) = at else {
            self.rest.start = self.rest.end;
            return None;
        };
        let start = self.rest.start + at;
        self.rest.start = start + u32::try_from(written.len()).unwrap_or_default();
        Some(Span { start, end: self.rest.start, ..self.rest })
    }
}
