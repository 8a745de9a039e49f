//! The checker: a value against its shape.

use super::{Fault, Object, Shape, Trail, Violation, nearest};
use crate::diagnostic::LIMIT_FINDINGS;
use crate::text::Span;
use crate::value::{Data, Key, Map, Value};

/// Everything about `value` that is not of `shape`, in the order of the text.
pub fn check(value: &Value, shape: Shape) -> Vec<Violation> {
    run(value, shape, Nulls::Wrong)
}

/// The same as the Kubernetes API server checks an object: a `null` in a mapping counts as absent, because the
/// server drops it before it looks; a `null` in a list does not.
pub fn check_stored(value: &Value, shape: Shape) -> Vec<Violation> {
    run(value, shape, Nulls::Absent)
}

fn run(value: &Value, shape: Shape, nulls: Nulls) -> Vec<Violation> {
    let mut checker = Checker { nulls, found: Vec::new(), unknown: 0 };
    checker.value(value, shape, &Trail::ROOT);
    checker.found
}

/// What a `null` under a key is.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Nulls {
    Wrong,
    Absent,
}

struct Checker {
    nulls: Nulls,
    found: Vec<Violation>,
    /// How many of them are about fields that nobody knows.
    unknown: usize,
}

impl Checker {
    fn value(&mut self, value: &Value, shape: Shape, trail: &Trail) {
        match (shape, &value.data) {
            (Shape::Any, _)
            | (Shape::Nullable(_), Data::Null)
            | (Shape::Bool, Data::Bool(_))
            | (Shape::Number, Data::Int(_) | Data::Float(_))
            | (Shape::Str, Data::Str(_)) => {}
            (Shape::Nullable(inner), _) => self.value(value, *inner, trail),
            (Shape::Checked(inner, rule), _) => {
                let before = self.found.len();
                self.value(value, *inner, trail);
                if self.found.len() == before
                    && let Some(clause) = rule(value)
                {
                    self.report(value.span, trail, Fault::Rule(clause));
                }
            }
            (Shape::Int(bounds), Data::Int(number)) => {
                if !(bounds.0..=bounds.1).contains(number) {
                    self.report(value.span, trail, Fault::Range(*number, bounds));
                }
            }
            (Shape::Word(words), Data::Str(text)) => {
                if !words.contains(&&**text) {
                    self.report(value.span, trail, Fault::Word(text.to_string(), words));
                }
            }
            (Shape::List(inner), Data::Seq(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.value(item, *inner, &trail.index(index));
                }
            }
            (Shape::Dict(inner), Data::Map(map)) => {
                for (key, entry) in map.iter() {
                    self.entry(entry, *inner, &trail.key(&key.name));
                }
            }
            (Shape::Object(object), Data::Map(map)) => self.object(value.span, map, object, trail),
            _ => self.report(value.span, trail, Fault::Type { expected: shape.words(), found: value.kind() }),
        }
    }

    fn object(&mut self, span: Span, map: &Map, object: &'static Object, trail: &Trail) {
        for (key, value) in map.iter() {
            let trail = trail.key(&key.name);
            let known = || object.fields.iter();
            let Some(field) = known().find(|field| *field.name == *key.name) else {
                self.unknown(key, known().map(|field| field.name), &trail);
                continue;
            };
            self.entry(value, field.shape, &trail);
        }
        for field in object.fields.iter().filter(|field| field.required) {
            if !map.get(field.name).is_some_and(|value| self.counts(value)) {
                self.report(span, trail, Fault::Missing(field.name));
            }
        }
        let is_given = |name: &&str| map.get(name).is_some_and(|value| !value.is_null());
        for group in object.at_most_one {
            if group.iter().filter(|name| is_given(name)).count() > 1 {
                self.report(span, trail, Fault::Together(group));
            }
        }
    }

    fn entry(&mut self, value: &Value, shape: Shape, trail: &Trail) {
        if self.counts(value) {
            self.value(value, shape, trail);
        }
    }

    /// Whether an entry of a mapping is there at all.
    fn counts(&self, value: &Value) -> bool {
        self.nulls == Nulls::Wrong || !value.is_null()
    }

    /// These are counted alone: where they are warnings, they must not take the place of an error.
    fn unknown(&mut self, key: &Key, known: impl Iterator<Item = &'static str>, trail: &Trail) {
        if self.unknown <= LIMIT_FINDINGS {
            self.unknown += 1;
            let fault = Fault::Unknown(key.name.to_string(), nearest(&key.name, known));
            self.found.push(Violation { span: key.span, path: trail.path(), fault });
        }
    }

    fn report(&mut self, span: Span, trail: &Trail, fault: Fault) {
        // One more than are shown, so that somebody says that there are more.
        if self.found.len() - self.unknown > LIMIT_FINDINGS {
            return;
        }
        self.found.push(Violation { span, path: trail.path(), fault });
    }
}
