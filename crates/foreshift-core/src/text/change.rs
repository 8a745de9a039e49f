//! What a step changes in an object, as data: one list serves the value and the text.

use crate::value::{Data, Path, Step, Value};

/// One change of an object. Paths count in the object before any change of the same list.
#[derive(Clone, Debug)]
pub enum Change {
    /// Sets an entry of a mapping.
    Put {
        /// The mapping.
        map: Path,
        /// The entry's key.
        key: String,
        /// Its new value.
        value: Value,
        /// The entry that a new one goes behind; at the end without it.
        after: Option<&'static str>,
    },
    /// Adds an item to a list.
    Insert {
        /// The list.
        seq: Path,
        /// The item that the new one goes behind.
        after: usize,
        /// The item whose layout it takes.
        like: usize,
        /// The new item.
        value: Value,
    },
}

impl Change {
    /// The collection that changes.
    pub fn path(&self) -> &[Step] {
        match self {
            Change::Put { map, .. } => map,
            Change::Insert { seq, .. } => seq,
        }
    }
}

/// The value with every change made. A change whose place is not there is not made: the comparison of the edited
/// text with this value would say so.
pub fn changed(value: &Value, changes: &[Change]) -> Value {
    let mut out = value.clone();
    let puts = changes.iter().filter(|change| matches!(change, Change::Put { .. }));
    // Insertions last and from the back, so that indices go on counting in the object before.
    let mut inserts: Vec<&Change> = changes.iter().filter(|change| matches!(change, Change::Insert { .. })).collect();
    // Of several at one place the last goes in first, so that they end in the order of the list.
    inserts.reverse();
    crate::order::sort_by(&mut inserts, |left, right| right.position().cmp(&left.position()));
    for change in puts.chain(inserts) {
        change.apply(&mut out);
    }
    out
}

impl Change {
    fn position(&self) -> (&[Step], usize) {
        match self {
            Change::Put { map, .. } => (map, 0),
            Change::Insert { seq, after, .. } => (seq, *after),
        }
    }

    fn apply(&self, root: &mut Value) {
        let Some(target) = root.find_mut(self.path()) else {
            return;
        };
        match (self, &mut target.data) {
            (Change::Put { key, value, after, .. }, Data::Map(map)) => map.put(key, value.clone(), *after),
            (Change::Insert { after, value, .. }, Data::Seq(items)) if *after < items.len() => {
                items.insert(after + 1, value.clone());
            }
            _ => {}
        }
    }
}
