//! Tables and sorting whose work is compiled once: the standard maps and sorts are compiled again for every type, which
//! was a quarter of what a browser had to load.

mod keys;
mod rank;
mod table;

pub use keys::Keys;
pub use rank::Rank;
pub use table::Table;

use std::cmp::Ordering;

/// Sorts; what compares equal keeps its order.
pub fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let swaps = swaps(items.len(), &|left, right| match (items.get(left), items.get(right)) {
        (Some(left), Some(right)) => compare(left, right),
        _ => Ordering::Equal,
    });
    for (left, right) in swaps {
        items.swap(left, right);
    }
}

/// Sorts by the order of the items themselves, and keeps one of those that are equal.
pub fn sort_and_dedup<T: Ord>(items: &mut Vec<T>) {
    sort_by(items, Ord::cmp);
    items.dedup();
}

/// What to swap, one after the other, to have as many items in order; at most one swap for each.
fn swaps(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<(usize, usize)> {
    let mut rank = Rank::default();
    for number in 0..count {
        // Never equal: an item goes behind all that came before it and are not greater.
        let (Ok(place) | Err(place)) = rank.find(&|other| compare(other, number).then(Ordering::Less));
        rank.insert(place, number);
    }
    let mut sources: Vec<usize> = rank.numbers().collect();
    let mut swaps = Vec::new();
    for start in 0..count {
        let mut at = start;
        while let Some(source) = sources.get_mut(at) {
            // What stands in its place is a circle of one from here on.
            let from = std::mem::replace(source, at);
            if from == start || from == at {
                break;
            }
            swaps.push((at, from));
            at = from;
        }
    }
    swaps
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// Numbers that jump about, the same in each run.
    fn numbers(count: usize, below: u64) -> Vec<u64> {
        let step =
            |number: &u64| Some(number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963));
        std::iter::successors(Some(7), step).map(|number| (number >> 33) % below).take(count).collect()
    }

    #[test]
    fn sorts_as_the_standard_library_does() {
        for count in [0, 1, 2, 3, 40, 5_000] {
            let mut ours: Vec<(u64, usize)> =
                numbers(count, 300).into_iter().enumerate().map(|(at, n)| (n, at)).collect();
            let mut theirs = ours.clone();
            sort_by(&mut ours, |left, right| left.0.cmp(&right.0));
            theirs.sort_by_key(|item| item.0);
            assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn a_table_is_as_the_standard_map() {
        let mut ours = Table::new();
        let mut theirs = BTreeMap::new();
        for (round, key) in numbers(20_000, 3_000).into_iter().enumerate() {
            if round % 3 == 2 {
                assert_eq!(ours.remove(&key), theirs.remove(&key));
            } else {
                assert_eq!(ours.insert(key, round), theirs.insert(key, round));
            }
            assert_eq!(ours.get(&key), theirs.get(&key));
        }
        assert!(ours.iter().eq(theirs.iter()));
        assert_eq!(ours.len(), theirs.len());
    }
}
