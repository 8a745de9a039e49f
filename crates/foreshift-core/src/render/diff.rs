//! Which lines of a text another one keeps, lacks and adds.

/// What became of a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mark {
    /// It stands in both texts.
    Kept,
    /// It stands only in the text before.
    Removed,
    /// It stands only in the text after.
    Added,
}

/// A line of either text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Change<'a> {
    /// What became of it.
    pub mark: Mark,
    /// Its number in the text before, from 1; 0 where it does not stand there.
    pub before: usize,
    /// Its number in the text after, from 1; 0 where it does not stand there.
    pub after: usize,
    /// The line without its line break.
    pub text: &'a str,
}

/// The most changed lines that are told apart one by one; beyond it everything between the equal ends counts as
/// replaced. It bounds memory to its square and time to it times the lines.
const LIMIT_CHANGES: usize = 400;

/// Every line of both texts in an order that reads from top to bottom, what is removed before what is added. The
/// changes are the fewest that there are, up to a limit. Line breaks do not count.
pub fn diff<'a>(before: &'a str, after: &'a str) -> Vec<Change<'a>> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let head = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count();
    let tail = tail.min(old.len() - head).min(new.len() - head);
    let mut writer = Writer { old: &old, new: &new, before: 0, after: 0, out: Vec::new() };
    writer.keep(head);
    let middle = Middle {
        old: old.get(head..old.len() - tail).unwrap_or_default(),
        new: new.get(head..new.len() - tail).unwrap_or_default(),
    };
    match middle.kept() {
        Some(kept) => {
            for (before, after) in kept {
                writer.change(head + before, head + after);
                writer.keep(1);
            }
        }
        None => writer.change(old.len() - tail, new.len() - tail),
    }
    writer.change(old.len() - tail, new.len() - tail);
    writer.keep(tail);
    writer.out
}

/// The lines between the ends that both texts share.
struct Middle<'t, 'a> {
    old: &'t [&'a str],
    new: &'t [&'a str],
}

/// How many old lines one gets through on each diagonal; `None` where the diagonal leaves the texts. In round `d` entry
/// `i` has `i` lines removed and `d - i` added.
type Round = Vec<Option<usize>>;

impl Middle<'_, '_> {
    /// The pairs of lines that are kept, by Myers' greedy search ("An O(ND) Difference Algorithm", 1986); `None` over
    /// the limit.
    fn kept(&self) -> Option<Vec<(usize, usize)>> {
        let mut rounds: Vec<Round> = vec![vec![Some(self.run(0, 0))]];
        loop {
            let depth = rounds.len() - 1;
            let last = rounds.last()?;
            let is_end = |(i, old): (usize, &Option<usize>)| {
                old.is_some_and(|old| old == self.old.len() && old + depth - 2 * i == self.new.len())
            };
            if let Some(end) = last.iter().enumerate().position(is_end) {
                return Some(self.trace(&rounds, end));
            }
            if depth == LIMIT_CHANGES {
                return None;
            }
            let reach = |i| {
                let (old, _) = self.enter(last, depth + 1, i)?;
                Some(old + self.run(old, old + depth + 1 - 2 * i))
            };
            let next = (0..=depth + 1).map(reach).collect();
            rounds.push(next);
        }
    }

    /// Where diagonal `i` of a round is entered: the old line, and the diagonal of the round before.
    fn enter(&self, last: &Round, depth: usize, i: usize) -> Option<(usize, usize)> {
        let at = |i: usize| last.get(i).copied().flatten();
        let removed = i.checked_sub(1).and_then(|i| Some((at(i)? + 1, i)));
        let removed = removed.filter(|(old, _)| *old <= self.old.len());
        let added = at(i).map(|old| (old, i));
        let added = added.filter(|(old, i)| (old + depth).checked_sub(2 * i).is_some_and(|new| new <= self.new.len()));
        removed.max(added)
    }

    /// How many lines are equal from there on.
    fn run(&self, old: usize, new: usize) -> usize {
        let (old, new) = (self.old.get(old..).unwrap_or_default(), self.new.get(new..).unwrap_or_default());
        old.iter().zip(new).take_while(|(old, new)| old == new).count()
    }

    fn trace(&self, rounds: &[Round], mut i: usize) -> Vec<(usize, usize)> {
        let mut kept = Vec::new();
        for depth in (0..rounds.len()).rev() {
            let entry = match depth.checked_sub(1).and_then(|before| rounds.get(before)) {
                Some(before) => self.enter(before, depth, i),
                None => Some((0, 0)),
            };
            let reached = rounds.get(depth).and_then(|round| round.get(i).copied().flatten());
            let (Some((first, before)), Some(last)) = (entry, reached) else { break };
            kept.extend((first..last).rev().map(|old| (old, old + depth - 2 * i)));
            i = before;
        }
        kept.reverse();
        kept
    }
}

/// Puts lines out in order.
struct Writer<'t, 'a> {
    old: &'t [&'a str],
    new: &'t [&'a str],
    before: usize,
    after: usize,
    out: Vec<Change<'a>>,
}

impl Writer<'_, '_> {
    /// The next lines stand in both texts.
    fn keep(&mut self, count: usize) {
        for _ in 0..count {
            let Some(text) = self.old.get(self.before) else { return };
            (self.before, self.after) = (self.before + 1, self.after + 1);
            self.out.push(Change { mark: Mark::Kept, before: self.before, after: self.after, text });
        }
    }

    /// What stands before these lines is removed and added.
    fn change(&mut self, before: usize, after: usize) {
        let removed = self.old.get(self.before..before).unwrap_or_default();
        self.out.extend(removed.iter().zip(self.before + 1..).map(|(text, number)| Change {
            mark: Mark::Removed,
            before: number,
            after: 0,
            text,
        }));
        let added = self.new.get(self.after..after).unwrap_or_default();
        self.out.extend(added.iter().zip(self.after + 1..).map(|(text, number)| Change {
            mark: Mark::Added,
            before: 0,
            after: number,
            text,
        }));
        (self.before, self.after) = (before, after);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(before: &str, after: &str) -> String {
        let mark = |change: &Change<'_>| match change.mark {
            Mark::Kept => ' ',
            Mark::Removed => '-',
            Mark::Added => '+',
        };
        diff(before, after)
            .iter()
            .flat_map(|change| [mark(change), change.text.chars().next().unwrap_or('_')])
            .collect()
    }

    #[test]
    fn a_diff_is_short_and_holds_both_texts() {
        assert_eq!(shown("a\nb\nc\n", "a\nb\nc\n"), " a b c");
        assert_eq!(shown("a\nb\nc\n", "a\nx\nc\n"), " a-b+x c");
        assert_eq!(shown("a\nb\nc\nd\ne\n", "a\nx\nc\ny\ne\n"), " a-b+x c-d+y e");
        assert_eq!(shown("", "a\nb\n"), "+a+b");
        assert_eq!(shown("a\nb\n", ""), "-a-b");
        assert_eq!(shown("a\na\n", "a\na\na\n"), " a a+a");
    }

    #[test]
    fn every_line_stands_in_order_whatever_changed() {
        let mut seed: u32 = 7;
        let mut next = |below: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 16) % below
        };
        for size in 0..120 {
            let mut text = |length: u32| (0..length).map(|_| next(4).to_string()).collect::<Vec<_>>().join("\n");
            let (before, after) = (text(size), text(size / 2 + 3));
            let changes = diff(&before, &after);
            let side = |mark: Mark| {
                let of_side = changes.iter().filter(|change| change.mark != mark);
                of_side.map(|change| change.text).collect::<Vec<_>>().join("\n")
            };
            assert_eq!(side(Mark::Added), before);
            assert_eq!(side(Mark::Removed), after);
        }
    }

    #[test]
    fn texts_with_nothing_in_common_are_replaced_as_a_whole() {
        let before = "a\n".repeat(2000);
        let after = "b\n".repeat(2000);
        assert_eq!(diff(&before, &after).len(), 4000);
    }
}
