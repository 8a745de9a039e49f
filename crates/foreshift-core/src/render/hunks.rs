//! The changed lines of a write in runs, each with a few lines around it and the path of what it changes.

use super::diff::{Change, Mark, diff};
use super::frames::Act;
use super::place::Places;

/// Lines that stay and are shown around those that change.
const CONTEXT: usize = 2;

/// What a write changes.
pub struct Hunks<'a> {
    /// Every line of both texts.
    all: Vec<Change<'a>>,
    /// What stands around, or nothing where the object is made or removed.
    places: Option<(Places, Places)>,
}

/// A run of lines with a change in it.
pub struct Hunk<'h, 'a> {
    /// The innermost value that holds every change; empty for the whole object.
    pub path: String,
    /// The lines.
    pub lines: &'h [Change<'a>],
}

impl<'a> Hunks<'a> {
    /// Compares the two texts of a write.
    pub fn of(act: &Act<'a>) -> Hunks<'a> {
        let before: Option<&'a str> = act.before.map(|text| &**text);
        let after: Option<&'a str> = act.after.map(|text| &**text);
        let all = diff(before.unwrap_or_default(), after.unwrap_or_default());
        let places = before.zip(after).map(|(before, after)| (Places::new(before), Places::new(after)));
        Hunks { all, places }
    }

    /// How many lines are removed and added.
    pub fn changed(&self) -> usize {
        self.all.iter().filter(|change| change.mark != Mark::Kept).count()
    }

    /// The largest line number.
    pub fn last_line(&self) -> usize {
        self.all.iter().map(|change| change.before.max(change.after)).max().unwrap_or(0)
    }

    /// Every run, from top to bottom.
    pub fn runs(&self) -> impl Iterator<Item = Hunk<'_, 'a>> {
        let mut ranges: Vec<std::ops::Range<usize>> = Vec::new();
        for (index, _) in self.all.iter().enumerate().filter(|(_, change)| change.mark != Mark::Kept) {
            let (start, end) = (index.saturating_sub(CONTEXT), (index + CONTEXT + 1).min(self.all.len()));
            match ranges.last_mut() {
                Some(last) if start <= last.end => last.end = end,
                _ => ranges.push(start..end),
            }
        }
        let lines = ranges.into_iter().filter_map(|range| self.all.get(range));
        lines.map(|lines| Hunk { path: self.path(lines), lines })
    }

    fn path(&self, hunk: &[Change<'_>]) -> String {
        let Some((old, new)) = &self.places else { return String::new() };
        let ends = |number: fn(&Change<'_>) -> usize| {
            let mut changed = hunk.iter().filter(|change| change.mark != Mark::Kept).map(number).filter(|n| *n > 0);
            let first = changed.next()?;
            Some((first, changed.next_back().unwrap_or(first)))
        };
        match (ends(|change| change.after), ends(|change| change.before)) {
            (Some((first, last)), _) => new.path(first, last),
            (None, Some((first, last))) => old.path(first, last),
            (None, None) => String::new(),
        }
    }
}
