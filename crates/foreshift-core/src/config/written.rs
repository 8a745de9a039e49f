//! The config as written: every field against the tables, and the two findings that come before.

use std::rc::Rc;

use super::table;
use crate::diagnostic::{Code, Diagnostic};
use crate::shape::{self, Fault, Shape, Violation};
use crate::text::Span;
use crate::text::in_backticks;
use crate::value::{Data, Value};

/// Whether the config is of kind `lambda`, with the finding that says so.
///
/// Its other fields are another product's, so findings about them would help nobody.
pub(super) fn refuse_lambda(config: &Value, diagnostics: &mut Vec<Diagnostic>) -> bool {
    let Some(kind) = config.at(&["kind"]) else {
        return false;
    };
    if !kind.as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("lambda")) {
        return false;
    }
    diagnostics.push(
        Diagnostic::new(Code::KindLambda, kind.span, "a config of kind `lambda` moves no traffic of a mesh")
            .help("only `kind: kubernetes` can be planned"),
    );
    true
}

/// Writes out every `setWeight: 10` as `setWeight: {weight: 10}`, with a note.
pub(super) fn expand_weights(config: &mut Value, diagnostics: &mut Vec<Diagnostic>) {
    let Data::Map(config) = &mut config.data else {
        return;
    };
    let Some(Data::Map(strategies)) = config.get_mut("strategies").map(|strategies| &mut strategies.data) else {
        return;
    };
    let names: Vec<Rc<str>> = strategies.iter().map(|(key, _)| Rc::clone(&key.name)).collect();
    for name in names {
        let steps =
            strategies.get_mut(&name).and_then(|strategy| strategy.find_mut(&["canary".into(), "steps".into()]));
        let Some(Data::Seq(steps)) = steps.map(|steps| &mut steps.data) else {
            continue;
        };
        for step in steps {
            if let Some(weight) = step.find_mut(&["setWeight".into()]) {
                expand_weight(weight, diagnostics);
            }
        }
    }
}

fn expand_weight(weight: &mut Value, diagnostics: &mut Vec<Diagnostic>) {
    if let Data::Int(number) = weight.data {
        diagnostics.push(
            Diagnostic::new(
                Code::WeightShorthand,
                weight.span,
                format!("`setWeight: {number}` is short for `setWeight: {{weight: {number}}}`"),
            )
            .help("Armory reads only the long form"),
        );
    }
    if matches!(weight.data, Data::Int(_) | Data::Float(_) | Data::Str(_)) {
        let span = weight.span;
        let number = std::mem::replace(weight, Value::new(Data::Null));
        weight.data = Value::map([("weight", number)]).data;
        weight.span = span;
    }
}

/// Reports everything that is not of the tables' shape; `file` is the text that the config was read from.
pub(super) fn check(config: &Value, file: &str, diagnostics: &mut Vec<Diagnostic>) {
    let found = shape::check(config, Shape::Object(&table::CONFIG));
    diagnostics.extend(found.iter().filter_map(|violation| explain(violation, file)));
}

/// The finding for a violation; `None` where the meaning has a better one, or where Armory does not mind.
fn explain(violation: &Violation, file: &str) -> Option<Diagnostic> {
    let Violation { span, path, fault } = violation;
    let place = Place(path);
    Some(match fault {
        Fault::Unknown(name, near) => unknown(*span, path, name, *near),
        Fault::Missing(name) => missing(*span, path, name),
        Fault::Type { .. } if is_weight(path) => {
            Diagnostic::new(Code::WeightNotWhole, *span, format!("weight `{}` is not a whole number", span.slice(file)))
                .help("write a whole number from 0 to 100, without a percent sign")
        }
        Fault::Type { expected, found } => {
            let message = format!("{place} has to be {expected}, and this is {found}");
            let finding = Diagnostic::new(Code::WrongType, *span, message);
            match *found {
                "a boolean" | "a whole number" | "a number" if *expected == "text" => finding.help("put it in quotes"),
                _ => finding,
            }
        }
        Fault::Range(number, bounds) => out_of_range(*span, path, *number, **bounds),
        Fault::Word(word, words) => return wrong_word(*span, path, word, words),
        Fault::Rule(clause) => Diagnostic::new(Code::WrongType, *span, format!("{place} does not fit: {clause}")),
        Fault::Together(_) => return None,
    })
}

fn unknown(span: Span, path: &str, name: &str, near: Option<&str>) -> Diagnostic {
    let parent = path.strip_suffix(name).unwrap_or_default();
    let parent = Place(parent.strip_suffix('.').unwrap_or(parent));
    let finding = Diagnostic::new(Code::UnknownField, span, format!("{parent} has no field `{name}`"));
    match near {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help("remove it; `foreshift schema` lists the fields"),
    }
}

/// The finding that a mapping lacks a field.
pub(super) fn missing(span: Span, path: &str, name: &str) -> Diagnostic {
    let message = format!("{} has no `{name}`", Place(path));
    Diagnostic::new(Code::MissingField, span.start_point(), message).help(format!("add `{name}`"))
}

fn is_weight(path: &str) -> bool {
    path.starts_with("strategies.") && path.ends_with(".setWeight.weight")
}

fn out_of_range(span: Span, path: &str, number: i64, bounds: (i64, i64)) -> Diagnostic {
    let (low, high) = bounds;
    let is_of = |shape: Shape| matches!(shape, Shape::Int(of) if *of == bounds);
    if is_of(table::WEIGHT) {
        let message = format!("weight `{number}` is not between {low} and {high}");
        return Diagnostic::new(Code::WeightOutOfRange, span, message)
            .help("a weight is the new version's share of a hundred");
    }
    let message = format!("{} is `{number}`, which is not between {low} and {high}", Place(path));
    if path.ends_with(".pause.duration") {
        let help = if number < low {
            "to go on at once, leave the pause out"
        } else {
            "to wait until somebody says so, pause with `untilApproved: true`"
        };
        return Diagnostic::new(Code::DurationOutOfRange, span, message).help(help);
    }
    let is_time = path.ends_with(".duration") || path.ends_with(".interval");
    let code = if is_time { Code::DurationOutOfRange } else { Code::NumberOutOfRange };
    Diagnostic::new(code, span, message)
}

fn wrong_word(span: Span, path: &str, word: &str, words: &'static [&'static str]) -> Option<Diagnostic> {
    if words.iter().any(|known| known.eq_ignore_ascii_case(word)) {
        return None;
    }
    let code = if words == table::UNITS { Code::UnknownUnit } else { Code::UnknownWord };
    let message = format!("{} cannot be `{word}`", Place(path));
    let help = match words {
        [only] => format!("write `{only}`"),
        _ => format!("write one of {}", in_backticks(words.iter().copied())),
    };
    Some(Diagnostic::new(code, span, message).help(help))
}

/// The words and codes of a mapping that has exactly one of several kinds.
#[derive(Clone, Copy)]
pub(super) struct OneOf {
    /// The mapping, as "a step".
    pub(super) what: &'static str,
    /// The code where it has none.
    pub(super) none: Code,
    /// The code where it has several.
    pub(super) several: Code,
    /// What to do about several.
    pub(super) split: &'static str,
    /// Its fields that are no kinds.
    pub(super) others: &'static [&'static str],
}

/// The only one of the kinds that a mapping has; reports a mapping that has several or none.
pub(super) fn one_of<'a>(
    value: &'a Value,
    kinds: &'static [&'static str],
    codes: OneOf,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(&'static str, &'a Value)> {
    let map = value.as_map()?;
    let given: Vec<(&'static str, &'a Value)> =
        kinds.iter().filter_map(|kind| Some((*kind, value.at(&[kind])?))).collect();
    if let [only] = given.as_slice() {
        return Some(*only);
    }
    let what = codes.what;
    if let Some((second, _)) = map.iter().filter(|(key, value)| kinds.contains(&&*key.name) && !value.is_null()).nth(1)
    {
        let list = in_backticks(given.iter().map(|(kind, _)| *kind));
        let message = format!("{what} is one thing, and this one has {list}");
        diagnostics.push(Diagnostic::new(codes.several, second.span, message).help(codes.split));
        return None;
    }
    if let Some((empty, _)) = map.iter().find(|(key, _)| kinds.contains(&&*key.name)) {
        let message = format!("{what} has to say what it is, and its `{}` says nothing", empty.name);
        diagnostics.push(Diagnostic::new(codes.none, empty.span, message).help("give it a value"));
        return None;
    }
    // A misspelt kind was reported as an unknown field.
    let is_known = |name: &str| kinds.iter().chain(codes.others).any(|known| *known == name);
    if map.iter().all(|(key, _)| is_known(&key.name)) {
        let message = format!("{what} has to say what it is");
        let place = value.span.start_point();
        let help = format!("add one of {}", in_backticks(kinds.iter().copied()));
        diagnostics.push(Diagnostic::new(codes.none, place, message).help(help));
    }
    None
}

/// A path for a sentence.
struct Place<'a>(&'a str);

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() { f.write_str("the config") } else { write!(f, "`{}`", self.0) }
    }
}
