//! Lines in the contract: what a step does to the text of its object.

use serde::Serialize;

use crate::plan::Plan;
use crate::render::diff::{Change, Mark, diff};
use crate::render::place::Places;

const KEPT: &str = "kept";

/// A line of an object's text, before or after a step.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Line<'a> {
    /// `kept`, `removed` or `added`.
    pub mark: &'static str,
    /// Its number in the text before, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<usize>,
    /// Its number in the text after, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<usize>,
    /// The line without its line break.
    pub text: &'a str,
    /// The path of what changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// Every line of the object that leads to a state; none in state 0. `None` where there is no such state.
pub(super) fn lines(plan: &Plan, index: usize) -> Option<Vec<Line<'_>>> {
    let Some(before) = index.checked_sub(1) else { return Some(Vec::new()) };
    between(plan, before, index)
}

/// The changed ones among them.
pub(super) fn changed(plan: &Plan, index: usize) -> Vec<Line<'_>> {
    only_changed(lines(plan, index))
}

/// What is different from the same object in state 0; `None` where that is what the step changes.
pub(super) fn since_start(plan: &Plan, index: usize) -> Option<Vec<Line<'_>>> {
    let before = index.checked_sub(1)?;
    let key = &plan.stages.get(before)?.write.key;
    let is_first = !plan.stages.iter().take(before).any(|stage| stage.write.key == *key);
    (!is_first).then(|| only_changed(between(plan, 0, index)))
}

fn only_changed(lines: Option<Vec<Line<'_>>>) -> Vec<Line<'_>> {
    let mut lines = lines.unwrap_or_default();
    lines.retain(|line| line.mark != KEPT);
    lines
}

/// The lines of the object that leads to a state, against its text in an earlier one.
fn between(plan: &Plan, before: usize, index: usize) -> Option<Vec<Line<'_>>> {
    let write = &plan.stages.get(index.checked_sub(1)?)?.write;
    let old = plan.object_at(before, &write.key).map(|text| &**text);
    let new = write.content.as_ref().map(|content| &*content.text);
    let places = old.zip(new).map(|(old, new)| (Places::new(old), Places::new(new)));
    let path = |change: Change<'_>| {
        let (old, new) = places.as_ref()?;
        let path = match change.mark {
            Mark::Kept => return None,
            Mark::Removed => old.path(change.before, change.before),
            Mark::Added => new.path(change.after, change.after),
        };
        (!path.is_empty()).then_some(path)
    };
    let changes = diff(old.unwrap_or_default(), new.unwrap_or_default());
    Some(changes.into_iter().map(|change| Line { path: path(change), ..without_path(change) }).collect())
}

fn without_path(change: Change<'_>) -> Line<'_> {
    let known = |number: usize| (number > 0).then_some(number);
    let mark = match change.mark {
        Mark::Kept => KEPT,
        Mark::Removed => "removed",
        Mark::Added => "added",
    };
    Line { mark, before: known(change.before), after: known(change.after), text: change.text, path: None }
}
