//! The config as written: every field against the tables, and the two findings that come before.

use super::read::in_backticks;
use super::table;
use crate::diagnostic::{Code, Diagnostic};
use crate::shape::{self, Fault, Shape, Violation};
use crate::text::Span;
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
    let names: Vec<String> = strategies.iter().map(|(key, _)| key.name.clone()).collect();
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

/// Reports everything that is not of the tables' shape, and lists that have to have an entry and have none.
pub(super) fn check(config: &Value, diagnostics: &mut Vec<Diagnostic>) {
    let found = shape::check(config, Shape::Object(&table::CONFIG));
    diagnostics.extend(found.iter().filter_map(explain));
}

/// The finding for a violation; `None` where the meaning has a better one, or where Armory does not mind.
fn explain(violation: &Violation) -> Option<Diagnostic> {
    let Violation { span, path, fault } = violation;
    let found = match fault {
        Fault::Unknown(name, near) => {
            let parent =
                path.strip_suffix(name.as_str()).map(|parent| parent.trim_end_matches('.')).unwrap_or_default();
            let place = Place(parent);
            Diagnostic::new(Code::UnknownField, *span, format!("{place} has no field `{name}`")).help(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "remove it; `foreshift schema` lists the fields".to_owned(),
            })
        }
        Fault::Missing(name) => missing(*span, path, name),
        Fault::Type { expected, found } if is_weight(path) => {
            Diagnostic::new(Code::WeightNotWhole, *span, format!("a weight is {expected}, and this is {found}"))
                .help("write a whole number from 0 to 100, without a percent sign")
        }
        Fault::Type { expected, found } => {
            let place = Place(path);
            let finding =
                Diagnostic::new(Code::WrongType, *span, format!("{place} has to be {expected}, and this is {found}"));
            if *expected == "text" && matches!(*found, "a boolean" | "a whole number" | "a number") {
                finding.help("put it in quotes")
            } else {
                finding
            }
        }
        Fault::Range(number, low, high) => out_of_range(*span, path, *number, *low, *high),
        Fault::Word(word, words) => return wrong_word(*span, word, words),
        Fault::Together(_) | Fault::Rule(_) => return None,
    };
    Some(found)
}

/// The finding that a mapping lacks a field.
pub(super) fn missing(span: Span, path: &str, name: &str) -> Diagnostic {
    Diagnostic::new(Code::MissingField, span.start_point(), format!("{} has no `{name}`", Place(path)))
        .help(format!("add `{name}`"))
}

fn is_weight(path: &str) -> bool {
    path.starts_with("strategies.") && path.ends_with(".setWeight.weight")
}

fn out_of_range(span: Span, path: &str, number: i64, low: i64, high: i64) -> Diagnostic {
    let is_bounds_of = |shape: Shape| matches!(shape, Shape::Int(least, most) if (least, most) == (low, high));
    if is_bounds_of(table::WEIGHT) {
        let message = format!("weight `{number}` is not between {low} and {high}");
        return Diagnostic::new(Code::WeightOutOfRange, span, message)
            .help("a weight is the new version's share of a hundred");
    }
    if path.ends_with(".duration") || path.ends_with(".interval") {
        let message = format!("duration `{number}` is not between {low} and {high}");
        return Diagnostic::new(Code::DurationOutOfRange, span, message).help("to go on at once, leave the step out");
    }
    let message = format!("`{number}` is not between {low} and {high}");
    Diagnostic::new(Code::NumberOutOfRange, span, message)
}

fn wrong_word(span: Span, word: &str, words: &'static [&'static str]) -> Option<Diagnostic> {
    if words.iter().any(|known| known.eq_ignore_ascii_case(word)) {
        return None;
    }
    let code = if words == table::UNITS { Code::UnknownUnit } else { Code::UnknownWord };
    let list = in_backticks(words.iter());
    Some(Diagnostic::new(code, span, format!("`{word}` is not a word that fits here")).help(format!("write {list}")))
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
    if let Some((second, _)) =
        map.iter().filter(|(key, value)| kinds.contains(&key.name.as_str()) && !value.is_null()).nth(1)
    {
        let list = in_backticks(given.iter().map(|(kind, _)| kind));
        let message = format!("{what} is one thing, and this one has {list}");
        diagnostics.push(Diagnostic::new(codes.several, second.span, message).help(codes.split));
        return None;
    }
    // A misspelt kind was reported as an unknown field.
    let is_known = |name: &str| kinds.iter().chain(codes.others).any(|known| *known == name);
    if map.iter().all(|(key, _)| is_known(&key.name)) {
        let message = format!("{what} has to say what it is");
        let place = value.span.start_point();
        let help = format!("add one of {}", in_backticks(kinds.iter()));
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
