//! What an object may look like, as tables: which fields, of which types, which of them together.
//!
//! One checker serves the deployment config and Istio's schemas; the tables say the rest.

mod check;
mod nearest;
mod trail;

pub use check::{check, check_stored};
pub use nearest::nearest;
pub use trail::Trail;

use crate::text::Span;
use crate::value::Value;

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
    /// A whole number within these.
    Int(&'static Bounds),
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
    /// The same, with a rule of its own on top: what it says is wrong.
    Checked(&'static Shape, Rule),
}

/// The smallest number and the largest. Beside a shape and not in it, so that no field of a table is as wide as two of them.
pub type Bounds = (i64, i64);

/// What is wrong with a value that has its type already, as a clause; `None` where it is right.
pub type Rule = fn(&Value) -> Option<&'static str>;

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
    /// A number outside of its bounds.
    Range(i64, &'static Bounds),
    /// A word that is none of these.
    Word(String, &'static [&'static str]),
    /// Only one of these may be given.
    Together(&'static [&'static str]),
    /// What a [`Rule`] says.
    Rule(&'static str),
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
            Shape::Nullable(inner) | Shape::Checked(inner, _) => inner.words(),
        }
    }
}
