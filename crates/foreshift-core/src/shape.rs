//! What an object may look like, as tables: which fields, of which types, which of them together.
//!
//! One checker serves the deployment config and Istio's schemas; the tables say the rest.

use crate::text::Span;
use crate::value::{Data, Map, Value};

/// A mapping with known fields.
#[derive(Debug)]
pub struct Object {
    /// Every field there is.
    pub fields: &'static [Field],
    /// Groups of fields of which at most one may be given.
    pub at_most_one: &'static [&'static [&'static str]],
}

/// A field of an [`Object`].
#[derive(Debug)]
pub struct Field {
    /// Its key.
    pub name: &'static str,
    /// Whether it has to be there.
    pub required: bool,
    /// What it holds.
    pub shape: Shape,
}

/// What a value may be.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Anything at all.
    Any,
    /// `true` or `false`.
    Bool,
    /// A whole number from the first to the second.
    Int(i64, i64),
    /// Any number.
    Number,
    /// Text.
    Str,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list of these.
    List(&'static Shape),
    /// A mapping from any text to these.
    Dict(&'static Shape),
    /// A mapping with known fields.
    Object(&'static Object),
    /// The same, or `null`.
    Nullable(&'static Shape),
}

/// Where a value is not of its shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// The place of the key or value that is wrong; of a missing field, the mapping.
    pub span: Span,
    /// From the root, as `spec.http[0].route`.
    pub path: String,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// No field has this name; perhaps the second was meant.
    Unknown(String, Option<&'static str>),
    /// A field that has to be there is not.
    Missing(&'static str),
    /// Another type was expected.
    Type {
        /// In words.
        expected: &'static str,
        /// In words.
        found: &'static str,
    },
    /// A number outside of its range.
    Range(i64, i64, i64),
    /// A word that is none of these.
    Word(String, &'static [&'static str]),
    /// Only one of these may be given.
    Together(&'static [&'static str]),
}

/// A field that may be left out.
pub const fn optional(name: &'static str, shape: Shape) -> Field {
    Field { name, required: false, shape }
}

/// A field that has to be there.
pub const fn required(name: &'static str, shape: Shape) -> Field {
    Field { name, required: true, shape }
}

/// A mapping with these fields.
pub const fn object(fields: &'static [Field]) -> Object {
    Object { fields, at_most_one: &[] }
}

/// Everything about `value` that is not of `shape`, in the order of the text.
pub fn check(value: &Value, shape: Shape) -> Vec<Violation> {
    let mut checker = Checker { path: String::new(), found: Vec::new() };
    checker.value(value, shape);
    checker.found
}

/// The name nearest to a misspelt one, where one is near.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let budget = 1 + name.chars().count() / 4;
    known
        .into_iter()
        .map(|candidate| (distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= budget)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = i;
        let mut before = i + 1;
        let mut next = vec![before];
        for (b, &above) in right.iter().zip(row.iter().skip(1)) {
            let cost = if a == *b { diagonal } else { 1 + diagonal.min(above).min(before) };
            diagonal = above;
            before = cost;
            next.push(cost);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

struct Checker {
    path: String,
    found: Vec<Violation>,
}

impl Checker {
    fn value(&mut self, value: &Value, shape: Shape) {
        match (shape, &value.data) {
            (Shape::Any, _)
            | (Shape::Nullable(_), Data::Null)
            | (Shape::Bool, Data::Bool(_))
            | (Shape::Number, Data::Int(_) | Data::Float(_))
            | (Shape::Str, Data::Str(_)) => {}
            (Shape::Nullable(inner), _) => self.value(value, *inner),
            (Shape::Int(low, high), Data::Int(number)) => {
                if !(low..=high).contains(number) {
                    self.report(value.span, Fault::Range(*number, low, high));
                }
            }
            (Shape::Word(words), Data::Str(text)) => {
                if !words.contains(&text.as_str()) {
                    self.report(value.span, Fault::Word(text.clone(), words));
                }
            }
            (Shape::List(inner), Data::Seq(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.within(&format!("[{index}]"), |checker| checker.value(item, *inner));
                }
            }
            (Shape::Dict(inner), Data::Map(map)) => {
                for (key, entry) in map.iter() {
                    self.field(&key.name, |checker| checker.value(entry, *inner));
                }
            }
            (Shape::Object(object), Data::Map(map)) => self.object(value.span, map, object),
            _ => self.report(value.span, Fault::Type { expected: shape.words(), found: value.kind() }),
        }
    }

    fn object(&mut self, span: Span, map: &Map, object: &'static Object) {
        for (key, value) in map.iter() {
            match object.fields.iter().find(|field| field.name == key.name) {
                Some(field) => self.field(field.name, |checker| checker.value(value, field.shape)),
                None => {
                    let near = nearest(&key.name, object.fields.iter().map(|field| field.name));
                    let fault = Fault::Unknown(key.name.clone(), near);
                    self.field(&key.name, |checker| checker.report(key.span, fault));
                }
            }
        }
        let is_given = |name: &&str| map.get(name).is_some_and(|value| !value.is_null());
        for field in object.fields.iter().filter(|field| field.required) {
            if map.get(field.name).is_none() {
                self.report(span, Fault::Missing(field.name));
            }
        }
        for group in object.at_most_one {
            if group.iter().filter(|name| is_given(name)).count() > 1 {
                self.report(span, Fault::Together(group));
            }
        }
    }

    fn field(&mut self, name: &str, check: impl FnOnce(&mut Checker)) {
        let dot = if self.path.is_empty() { "" } else { "." };
        self.within(&format!("{dot}{name}"), check);
    }

    fn within(&mut self, step: &str, check: impl FnOnce(&mut Checker)) {
        let length = self.path.len();
        self.path.push_str(step);
        check(self);
        self.path.truncate(length);
    }

    fn report(&mut self, span: Span, fault: Fault) {
        self.found.push(Violation { span, path: self.path.clone(), fault });
    }
}

impl Shape {
    /// What is expected, in words.
    fn words(self) -> &'static str {
        match self {
            Shape::Any => "anything",
            Shape::Bool => "a boolean",
            Shape::Int(..) => "a whole number",
            Shape::Number => "a number",
            Shape::Str | Shape::Word(_) => "text",
            Shape::List(_) => "a list",
            Shape::Dict(_) | Shape::Object(_) => "a mapping",
            Shape::Nullable(inner) => inner.words(),
        }
    }
}
