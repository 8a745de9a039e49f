//! A plan for a terminal: a table of the states, then what changes in each.

mod changes;
mod head;
mod table;

use super::Selection;
use super::frames::{Way, frames};
use super::lines::{push_repeated, push_safe, width};
use crate::preview::Preview;

/// The columns that a line keeps to where its words allow it.
const WIDTH: usize = 100;

/// The selected states of every plan: who they are about, one line for each, then the changed lines of each.
pub fn text(preview: &Preview, selection: Selection) -> String {
    let mut out = String::new();
    for plan in &preview.plans {
        let (way, frames) = frames(plan, selection);
        if frames.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        head::head(&mut out, preview, plan, selection, way);
        out.push('\n');
        table::table(&mut out, plan, &frames, way);
        for frame in &frames {
            changes::changes(&mut out, plan, frame, selection, way);
        }
    }
    out
}

/// A line across with words in it.
fn push_rule(out: &mut String, words: &str) {
    out.push_str("── ");
    push_safe(out, words);
    out.push(' ');
    push_repeated(out, '─', WIDTH.saturating_sub(width(words) + 4));
    out.push('\n');
}

/// What a state is called on its way.
fn name(index: usize, selection: Selection, way: Way) -> String {
    match (way, selection) {
        (Way::Back, Selection::AbortFrom(from)) if index == 0 => from.to_string(),
        (Way::Back, _) => format!("back {index}"),
        _ => index.to_string(),
    }
}
