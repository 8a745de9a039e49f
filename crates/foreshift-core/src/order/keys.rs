//! A set with its members in order.

use std::borrow::Borrow;

use super::table::Table;

/// Different things. Goes through them in their order.
#[derive(Clone, Debug)]
pub struct Keys<K> {
    table: Table<K, ()>,
}

impl<K: Ord> Keys<K> {
    /// One with nothing in it.
    pub fn new() -> Keys<K> {
        Keys::default()
    }

    /// Whether something is in it.
    pub fn contains<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.table.contains_key(key)
    }

    /// Puts something in and returns whether it was not there.
    pub fn insert(&mut self, key: K) -> bool {
        self.table.insert(key, ()).is_none()
    }
}

impl<K> Keys<K> {
    /// How many things are in it.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// Everything that is in it, in order.
    pub fn iter(&self) -> impl Iterator<Item = &K> {
        self.table.keys()
    }
}

impl<K> Default for Keys<K> {
    fn default() -> Keys<K> {
        Keys { table: Table::default() }
    }
}

impl<K: Ord> FromIterator<K> for Keys<K> {
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> Keys<K> {
        Keys { table: keys.into_iter().map(|key| (key, ())).collect() }
    }
}

impl<K: Ord> Extend<K> for Keys<K> {
    fn extend<I: IntoIterator<Item = K>>(&mut self, keys: I) {
        self.table.extend(keys.into_iter().map(|key| (key, ())));
    }
}
