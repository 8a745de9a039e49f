//! A map with its keys in order.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;

use super::rank::{Numbers, Place, Rank};

/// Values by their keys. Goes through them in the order of the keys.
#[derive(Clone)]
pub struct Table<K, V> {
    entries: Vec<(K, V)>,
    rank: Rank,
}

impl<K: Ord, V> Table<K, V> {
    /// One without entries.
    pub fn new() -> Table<K, V> {
        Table::default()
    }

    /// The value under a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let number = self.place(key).ok()?.number;
        Some(&self.entries.get(number)?.1)
    }

    /// The value under a key, to change.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let number = self.place(key).ok()?.number;
        Some(&mut self.entries.get_mut(number)?.1)
    }

    /// Whether there is a value under a key.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.place(key).is_ok()
    }

    /// Puts a value under a key and returns the one that was there. A key that is there stays.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.place(&key) {
            Ok(place) => Some(std::mem::replace(&mut self.entries.get_mut(place.number)?.1, value)),
            Err(place) => {
                self.add(place, key, value);
                None
            }
        }
    }

    /// Puts in what another table has.
    pub fn put_all(&mut self, other: Table<K, V>) {
        self.extend(other.entries);
    }

    /// The value under a key, to change; where there is none, the default one is put there.
    pub fn or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        self.or_insert_with(key, V::default)
    }

    /// The value under a key, to change; where there is none, the one that `make` returns is put there.
    #[expect(clippy::indexing_slicing, reason = "the number is one that was just found or given")]
    pub fn or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        let number = match self.place(&key) {
            Ok(place) => place.number,
            Err(place) => self.add(place, key, make()),
        };
        &mut self.entries[number].1
    }

    /// Takes the value under a key out.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let place = self.place(key).ok()?;
        // The last entry comes to stand in the free place.
        let last = self.entries.last().and_then(|(last, _)| self.place(last.borrow()).ok())?;
        self.rank.renumber(last, place.number);
        self.rank.remove(place);
        Some(self.entries.swap_remove(place.number).1)
    }

    fn add(&mut self, place: Place, key: K, value: V) -> usize {
        let number = self.entries.len();
        self.rank.insert(place, number);
        self.entries.push((key, value));
        number
    }

    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Result<Place, Place>
    where
        K: Borrow<Q>,
    {
        self.rank.find(&|number| self.entries.get(number).map_or(Ordering::Equal, |(other, _)| other.borrow().cmp(key)))
    }
}

impl<K, V> Table<K, V> {
    /// The number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Every entry, in the order of the keys.
    pub fn iter(&self) -> Entries<'_, K, V> {
        Entries { entries: &self.entries, numbers: self.rank.numbers() }
    }

    /// Every key, in order.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    /// Every value, in the order of the keys.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// Every value, to change, in no order that means anything.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.iter_mut().map(|(_, value)| value)
    }
}

/// Entries in the order of their keys.
#[derive(Clone, Debug)]
pub struct Entries<'a, K, V> {
    entries: &'a [(K, V)],
    numbers: Numbers<'a>,
}

impl<'a, K, V> Iterator for Entries<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        let (key, value) = self.entries.get(self.numbers.next()?)?;
        Some((key, value))
    }
}

impl<'a, K, V> IntoIterator for &'a Table<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Entries<'a, K, V>;

    fn into_iter(self) -> Entries<'a, K, V> {
        self.iter()
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for Table<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Table<K, V> {
        let mut table = Table::new();
        table.extend(entries);
        table
    }
}

impl<K: Ord, V> Extend<(K, V)> for Table<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Table<K, V> {
        Table { entries: Vec::new(), rank: Rank::default() }
    }
}

impl<K: PartialEq, V: PartialEq> PartialEq for Table<K, V> {
    fn eq(&self, other: &Table<K, V>) -> bool {
        self.len() == other.len() && self.iter().eq(other)
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Table<K, V> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_map().entries(self).finish()
    }
}
