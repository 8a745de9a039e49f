//! Carries a planned change over to an object as it is observed, which others may have edited elsewhere.
//!
//! A plan says how an object looks before and after a write. What differs between the two is the write's own; of
//! everything else the observed object is right. Items of Istio's lists are found by their names, never by their place.

use crate::istio::identity;
use crate::value::{Data, Key, Map, Path, Step, Value};

/// What comes of a change that is carried over.
#[derive(Clone, Debug)]
pub struct Carried {
    /// The observed object with the change in it. Where a [`Leaf`] is foreign it keeps what was observed there, unless it was
    /// insisted on.
    pub value: Value,
    /// Every place that the change is about.
    pub leaves: Vec<Leaf>,
}

/// One place that a change is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    /// Where, with the names of list items: `spec.http[reviews].route[reviews/stable].weight`.
    pub place: String,
    /// What the plan has there before; `None` where there is nothing.
    pub before: Option<Value>,
    /// What the plan has there after.
    pub after: Option<Value>,
    /// What is there.
    pub found: Option<Value>,
}

impl Leaf {
    /// Whether the object has there what the plan has before: the change is still to come.
    pub fn is_pending(&self) -> bool {
        self.found == self.before
    }

    /// Whether the object has there what the plan has after.
    pub fn is_done(&self) -> bool {
        self.found == self.after
    }

    /// Whether somebody else wrote there.
    pub fn is_foreign(&self) -> bool {
        !self.is_pending() && !self.is_done()
    }
}

impl Carried {
    /// Whether every place has what the plan has after it already.
    pub fn is_done(&self) -> bool {
        self.leaves.iter().all(Leaf::is_done)
    }

    /// The places where somebody else wrote.
    pub fn foreign(&self) -> impl Iterator<Item = &Leaf> {
        self.leaves.iter().filter(|leaf| leaf.is_foreign())
    }
}

/// `observed` with what differs between `before` and `after`.
pub fn carry(before: &Value, after: &Value, observed: &Value) -> Carried {
    carried(before, after, observed, Foreign::Kept)
}

/// The same where what is ours is taken, whoever wrote there: of a [`Leaf`] that is foreign the value has `after`.
pub fn insist(before: &Value, after: &Value, observed: &Value) -> Carried {
    carried(before, after, observed, Foreign::Overwritten)
}

/// What becomes of a place where somebody else wrote.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Foreign {
    Kept,
    Overwritten,
}

fn carried(before: &Value, after: &Value, observed: &Value, foreign: Foreign) -> Carried {
    let mut carrier = Carrier { path: Path::new(), names: Vec::new(), leaves: Vec::new(), foreign };
    let value = carrier.value(Some(before), Some(after), Some(observed));
    Carried { value: value.unwrap_or_else(|| Value::new(Data::Null)), leaves: carrier.leaves }
}

struct Carrier {
    path: Path,
    /// The path for a reader: an item of a list by its name.
    names: Vec<String>,
    leaves: Vec<Leaf>,
    foreign: Foreign,
}

impl Carrier {
    fn value(&mut self, before: Option<&Value>, after: Option<&Value>, found: Option<&Value>) -> Option<Value> {
        if before == after {
            return found.cloned();
        }
        match (before.map(data), after.map(data), found.map(data)) {
            (Some(Data::Map(before)), Some(Data::Map(after)), Some(Data::Map(found))) => {
                Some(self.map(before, after, found))
            }
            // A mapping that the change makes or removes is not ours alone: others may have put keys into it.
            (None | Some(Data::Null), Some(Data::Map(after)), Some(Data::Map(found))) => {
                Some(self.map(&Map::default(), after, found))
            }
            (Some(Data::Map(before)), None | Some(Data::Null), Some(Data::Map(found))) => {
                let left = self.map(before, &Map::default(), found);
                let is_empty = left.as_map().is_some_and(Map::is_empty);
                (!is_empty).then_some(left)
            }
            (Some(Data::Seq(old)), Some(Data::Seq(new)), Some(Data::Seq(there))) => {
                match (self.named(old), self.named(new), self.named(there)) {
                    (Some(old), Some(new), Some(there)) => Some(self.items(&old, &new, &there)),
                    _ => self.leaf(before, after, found),
                }
            }
            _ => self.leaf(before, after, found),
        }
    }

    fn leaf(&mut self, before: Option<&Value>, after: Option<&Value>, found: Option<&Value>) -> Option<Value> {
        let known = |value: Option<&Value>| value.filter(|value| !value.is_null()).cloned();
        let leaf = Leaf { place: self.names.join(""), before: known(before), after: known(after), found: known(found) };
        let out = if leaf.is_foreign() && self.foreign == Foreign::Kept { found } else { after };
        self.leaves.push(leaf);
        out.cloned()
    }

    fn map(&mut self, before: &Map, after: &Map, found: &Map) -> Value {
        let mut out = Map::default();
        for (key, there) in found.iter() {
            let carried = self.entry(&key.name, before.get(&key.name), after.get(&key.name), Some(there));
            if let Some(value) = carried {
                out.push(key.clone(), value);
            }
        }
        let mut previous: Option<&str> = None;
        for (key, value) in after.iter() {
            if found.get(&key.name).is_none()
                && let Some(value) = self.entry(&key.name, before.get(&key.name), Some(value), None)
            {
                out.put(&key.name, value, previous);
            }
            previous = Some(&key.name);
        }
        for (Key { name, .. }, value) in before.iter() {
            if found.get(name).is_none() && after.get(name).is_none() {
                self.entry(name, Some(value), None, None);
            }
        }
        Value::new(Data::Map(out))
    }

    fn entry(
        &mut self,
        key: &str,
        before: Option<&Value>,
        after: Option<&Value>,
        found: Option<&Value>,
    ) -> Option<Value> {
        let dot = if self.names.is_empty() { "" } else { "." };
        self.inside(Step::Key(key.to_owned()), format!("{dot}{key}"), |carrier| carrier.value(before, after, found))
    }

    fn items(&mut self, before: &Named<'_>, after: &Named<'_>, found: &Named<'_>) -> Value {
        let mut out: Vec<(&str, Value)> = Vec::new();
        for (index, (name, there)) in found.iter().enumerate() {
            let (old, new) = (get(before, name), get(after, name));
            if let Some(value) = self.item(index, name, old, new, Some(there)) {
                out.push((name, value));
            }
        }
        let mut previous: Option<&str> = None;
        for (index, (name, value)) in after.iter().enumerate() {
            if get(found, name).is_none()
                && let Some(value) = self.item(index, name, get(before, name), Some(value), None)
            {
                let behind = previous.and_then(|previous| out.iter().position(|(name, _)| *name == previous));
                out.insert(behind.map_or(out.len(), |behind| behind + 1), (name, value));
            }
            previous = Some(name);
        }
        for (index, (name, value)) in before.iter().enumerate() {
            if get(found, name).is_none() && get(after, name).is_none() {
                self.item(index, name, Some(value), None, None);
            }
        }
        Value::new(Data::Seq(out.into_iter().map(|(_, value)| value).collect()))
    }

    /// An item that the change makes or removes is a leaf: it is ours as a whole.
    fn item(
        &mut self,
        index: usize,
        name: &str,
        before: Option<&Value>,
        after: Option<&Value>,
        found: Option<&Value>,
    ) -> Option<Value> {
        let is_whole = before.is_some() && after.is_some();
        self.inside(Step::Index(index), format!("[{name}]"), |carrier| {
            if is_whole || before == after {
                carrier.value(before, after, found)
            } else {
                carrier.leaf(before, after, found)
            }
        })
    }

    fn inside<T>(&mut self, step: Step, name: String, work: impl FnOnce(&mut Carrier) -> T) -> T {
        self.path.push(step);
        self.names.push(name);
        let out = work(self);
        self.path.pop();
        self.names.pop();
        out
    }

    /// The items of a list by their names; of several with one name each by how many came before it. `None` for a list
    /// whose items have none.
    fn named<'a>(&self, items: &'a [Value]) -> Option<Named<'a>> {
        let mut out: Named<'a> = Vec::new();
        for item in items {
            let name = identity(&self.path, item)?;
            let twins = out.iter().filter(|(known, _)| known.split('#').next() == Some(name.as_str())).count();
            let name = if twins == 0 && !name.is_empty() { name } else { format!("{name}#{twins}") };
            out.push((name, item));
        }
        Some(out)
    }
}

/// Items with their names, in order.
type Named<'a> = Vec<(String, &'a Value)>;

fn get<'a>(items: &Named<'a>, name: &str) -> Option<&'a Value> {
    items.iter().find(|(known, _)| known == name).map(|(_, item)| *item)
}

fn data(value: &Value) -> &Data {
    &value.data
}
