//! The order of things that stand elsewhere.

use std::cmp::Ordering;

/// The numbers of things, in the order of the things. Whoever has the things compares them.
#[derive(Clone, Debug, Default)]
pub struct Rank {
    /// Blocks of numbers, none of them empty. A new number moves a part of its block and not everything behind it, so
    /// that no input makes it slow.
    blocks: Vec<Vec<usize>>,
}

/// How many numbers stand in one block.
const LARGEST_BLOCK: usize = 512;

/// Where a number stands, or belongs. Good until the rank changes.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    block: usize,
    at: usize,
    /// The number that stands there.
    pub(super) number: usize,
}

impl Rank {
    /// Where the thing stands that compares equal; else where it belongs. `compare` says how a thing compares with the
    /// one that is looked for.
    pub fn find(&self, compare: &dyn Fn(usize) -> Ordering) -> Result<Place, Place> {
        let begins = |block: &Vec<usize>| block.first().is_some_and(|first| compare(*first).is_le());
        let block = self.blocks.partition_point(begins).saturating_sub(1);
        let numbers = self.blocks.get(block).map_or(&[][..], Vec::as_slice);
        let place = |at| Place { block, at, number: numbers.get(at).copied().unwrap_or_default() };
        numbers.binary_search_by(|number| compare(*number)).map(place).map_err(place)
    }

    /// The number of the thing that compares equal.
    pub fn get(&self, compare: &dyn Fn(usize) -> Ordering) -> Option<usize> {
        self.find(compare).ok().map(|place| place.number)
    }

    /// Puts a number where it belongs.
    pub fn insert(&mut self, place: Place, number: usize) {
        let Some(block) = self.blocks.get_mut(place.block) else {
            self.blocks.push(vec![number]);
            return;
        };
        block.insert(place.at, number);
        if block.len() > LARGEST_BLOCK {
            let rest = block.split_off(LARGEST_BLOCK / 2);
            self.blocks.insert(place.block + 1, rest);
        }
    }

    /// Gives the thing at a place another number.
    pub fn renumber(&mut self, place: Place, number: usize) {
        if let Some(there) = self.blocks.get_mut(place.block).and_then(|block| block.get_mut(place.at)) {
            *there = number;
        }
    }

    /// Takes a number out.
    pub fn remove(&mut self, place: Place) {
        let Some(block) = self.blocks.get_mut(place.block) else { return };
        block.remove(place.at);
        if block.is_empty() {
            self.blocks.remove(place.block);
        }
    }

    /// Takes every number out.
    pub fn clear(&mut self) {
        self.blocks.clear();
    }

    /// Every number, in order.
    pub fn numbers(&self) -> Numbers<'_> {
        Numbers { blocks: self.blocks.iter(), block: [].iter() }
    }
}

/// The numbers of a rank, in order.
#[derive(Clone, Debug)]
pub struct Numbers<'a> {
    blocks: std::slice::Iter<'a, Vec<usize>>,
    block: std::slice::Iter<'a, usize>,
}

impl Iterator for Numbers<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        loop {
            if let Some(number) = self.block.next() {
                return Some(*number);
            }
            self.block = self.blocks.next()?.iter();
        }
    }
}
