//! Changed lines in the contract: what a step does to the text of its object.

use serde::Serialize;

use crate::plan::Plan;
use crate::render::diff::{Change, Mark, diff};

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
}

/// Every line of the object that leads to a state; none in state 0. `None` where there is no such state.
pub(super) fn lines(plan: &Plan, index: usize) -> Option<Vec<Line<'_>>> {
    let Some(before) = index.checked_sub(1) else { return Some(Vec::new()) };
    let write = &plan.stages.get(before)?.write;
    let old = plan.object_at(before, &write.key).map_or("", |text| text);
    let new = write.content.as_ref().map_or("", |content| &content.text);
    Some(diff(old, new).into_iter().map(line).collect())
}

fn line(change: Change<'_>) -> Line<'_> {
    let known = |number: usize| (number > 0).then_some(number);
    let mark = match change.mark {
        Mark::Kept => "kept",
        Mark::Removed => "removed",
        Mark::Added => "added",
    };
    Line { mark, before: known(change.before), after: known(change.after), text: change.text }
}
