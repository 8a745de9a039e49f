//! Objects as ordered trees: every key that the user wrote, in the user's order, with its place.

use std::cmp::Ordering;
use std::rc::Rc;

use crate::order::Rank;
use crate::text::Span;

/// One node of an object, as kubectl would read it.
#[derive(Clone, Debug)]
pub struct Value {
    /// What it is.
    pub data: Data,
    /// Where the user wrote it; [`Span::NONE`] for what we made.
    pub span: Span,
}

/// The kinds that JSON has.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// `null`, `~` or nothing.
    Null,
    /// A YAML 1.1 boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number, as it was written. Two are equal when they are written the same.
    Float(Rc<str>),
    /// Text.
    Str(Rc<str>),
    /// A list.
    Seq(Vec<Value>),
    /// A mapping.
    Map(Map),
}

/// A mapping in the order in which it was written. No key stands in it twice.
#[derive(Clone, Debug, Default)]
pub struct Map {
    entries: Vec<(Key, Value)>,
    /// Where each key stands, in a large mapping.
    index: Rank,
}

/// The key of an entry.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key as text; kubectl turns every key into text.
    pub name: Rc<str>,
    /// Where it stands.
    pub span: Span,
}

/// One step on the way from a value to one inside of it.
#[derive(Clone, Debug, Eq, PartialEq, Ord, PartialOrd)]
pub enum Step {
    /// Into a mapping.
    Key(String),
    /// Into a list.
    Index(usize),
}

/// A way from a value to one inside of it.
pub type Path = Vec<Step>;

impl From<&str> for Step {
    fn from(key: &str) -> Step {
        Step::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Step {
        Step::Index(index)
    }
}

/// Values are equal when they mean the same: places and the order of keys do not count.
impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        self.data == other.data
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Map) -> bool {
        self.len() == other.len()
            && self.entries.iter().zip(&other.entries).all(|((key, value), (other_key, other_value))| {
                if key.name == other_key.name { value == other_value } else { other.get(&key.name) == Some(value) }
            })
    }
}

/// From this size on a mapping keeps an index, so that no input makes a lookup slow.
const INDEXED_FROM: usize = 32;

impl Map {
    /// The number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value under `name`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        Some(&self.entries.get(self.position(name)?)?.1)
    }

    /// The value under `name`, to change.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        let at = self.position(name)?;
        Some(&mut self.entries.get_mut(at)?.1)
    }

    /// The key as written.
    pub fn key(&self, name: &str) -> Option<&Key> {
        Some(&self.entries.get(self.position(name)?)?.0)
    }

    /// Every entry, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, &Value)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// Sets `name`; a new key goes behind `after` where that is there, else to the end.
    pub fn put(&mut self, name: &str, value: Value, after: Option<&str>) {
        if let Some(there) = self.get_mut(name) {
            *there = value;
            return;
        }
        let at = after.and_then(|after| self.position(after)).map_or(self.entries.len(), |index| index + 1);
        self.entries.insert(at, (Key { name: name.into(), span: Span::NONE }, value));
        self.index_again();
    }

    /// Adds an entry at the end. The caller knows that the key is new.
    pub fn push(&mut self, key: Key, value: Value) {
        self.entries.push((key, value));
        match self.entries.len() {
            0..INDEXED_FROM => {}
            INDEXED_FROM => self.index_again(),
            count => self.index_one(count - 1),
        }
    }

    /// Takes `name` out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let at = self.position(name)?;
        let (_, value) = self.entries.remove(at);
        self.index_again();
        Some(value)
    }

    fn position(&self, name: &str) -> Option<usize> {
        if self.entries.len() < INDEXED_FROM {
            self.entries.iter().position(|(key, _)| *key.name == *name)
        } else {
            self.index.get(&|at| self.compare(at, name))
        }
    }

    fn index_again(&mut self) {
        self.index.clear();
        if self.entries.len() >= INDEXED_FROM {
            (0..self.entries.len()).for_each(|at| self.index_one(at));
        }
    }

    fn index_one(&mut self, at: usize) {
        let Some((key, _)) = self.entries.get(at) else { return };
        if let Err(place) = self.index.find(&|other| self.compare(other, &key.name)) {
            self.index.insert(place, at);
        }
    }

    fn compare(&self, at: usize, name: &str) -> Ordering {
        self.entries.get(at).map_or(Ordering::Equal, |(key, _)| (*key.name).cmp(name))
    }
}

impl FromIterator<(Rc<str>, Value)> for Map {
    /// The keys have to differ.
    fn from_iter<I: IntoIterator<Item = (Rc<str>, Value)>>(entries: I) -> Map {
        let entries = entries.into_iter().map(|(name, value)| (Key { name, span: Span::NONE }, value)).collect();
        let mut map = Map { entries, index: Rank::default() };
        map.index_again();
        map
    }
}

impl Value {
    /// A value of ours, with no place.
    pub fn new(data: Data) -> Value {
        Value { data, span: Span::NONE }
    }

    /// Text of ours.
    pub fn str(text: &str) -> Value {
        Value::new(Data::Str(text.into()))
    }

    /// A number of ours.
    pub fn int(number: i64) -> Value {
        Value::new(Data::Int(number))
    }

    /// A mapping of ours.
    pub fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
        Value::new(Data::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect()))
    }

    /// The value under a key of a mapping.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_map()?.get(key)
    }

    /// The value at a path of keys, `null` counting as absent.
    pub fn at(&self, path: &[&str]) -> Option<&Value> {
        let found = path.iter().try_fold(self, |value, key| value.get(key))?;
        (!found.is_null()).then_some(found)
    }

    /// The value at a path.
    pub fn find(&self, path: &[Step]) -> Option<&Value> {
        path.iter().try_fold(self, |value, step| match step {
            Step::Key(key) => value.get(key),
            Step::Index(index) => value.as_seq()?.get(*index),
        })
    }

    /// The value at a path, to change.
    pub fn find_mut(&mut self, path: &[Step]) -> Option<&mut Value> {
        path.iter().try_fold(self, |value, step| match (step, &mut value.data) {
            (Step::Key(key), Data::Map(map)) => map.get_mut(key),
            (Step::Index(index), Data::Seq(items)) => items.get_mut(*index),
            _ => None,
        })
    }

    /// The items of a list; none where it is none.
    pub fn items(&self) -> &[Value] {
        self.as_seq().unwrap_or_default()
    }

    /// The entries of a mapping; none where it is none.
    pub fn entries(&self) -> impl Iterator<Item = (&Key, &Value)> {
        let entries = self.as_map().map(|map| map.entries.as_slice()).unwrap_or_default();
        entries.iter().map(|(key, value)| (key, value))
    }

    /// The text at a path of keys.
    pub fn text_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.as_str()
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Null)
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.data {
            Data::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self.data {
            Data::Int(number) => Some(number),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self.data {
            Data::Bool(truth) => Some(truth),
            _ => None,
        }
    }

    /// The list, if it is one.
    pub fn as_seq(&self) -> Option<&[Value]> {
        match &self.data {
            Data::Seq(items) => Some(items),
            _ => None,
        }
    }

    /// The mapping, if it is one.
    pub fn as_map(&self) -> Option<&Map> {
        match &self.data {
            Data::Map(map) => Some(map),
            _ => None,
        }
    }

    /// What it is, in words of the user's language: YAML's and JSON's.
    pub fn kind(&self) -> &'static str {
        match self.data {
            Data::Null => "nothing",
            Data::Bool(_) => "a boolean",
            Data::Int(_) => "a whole number",
            Data::Float(_) => "a number",
            Data::Str(_) => "text",
            Data::Seq(_) => "a list",
            Data::Map(_) => "a mapping",
        }
    }
}
