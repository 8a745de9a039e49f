//! A plan for a terminal: a table of the states, then what changes in each.

mod changes;
mod grid;

use super::frames::{Frame, Way, frames};
use super::lines::{push_repeated, push_safe, width};
use super::{Selection, head};
use crate::plan::Plan;
use crate::preview::Preview;

/// The columns that a line keeps to where its words allow it.
const WIDTH: usize = 100;

/// The selected states of every plan: who they are about, one line for each, then the changed lines of each.
pub fn text(preview: &Preview, selection: Selection) -> String {
    each(preview, selection, |out, plan, frames, way| {
        for frame in frames {
            changes::changes(out, plan, frame, selection, way);
        }
    })
}

/// The same of every state without the changed lines.
pub fn outline(preview: &Preview) -> String {
    each(preview, Selection::All, |_, _, _, _| {})
}

fn each(preview: &Preview, selection: Selection, more: impl Fn(&mut String, &Plan, &[Frame<'_>], Way)) -> String {
    let mut out = String::new();
    for plan in &preview.plans {
        let (way, frames) = frames(plan, selection);
        if frames.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&head::title(preview, plan));
        out.push('\n');
        for workload in &plan.workloads {
            push_line(&mut out, "  ", &head::workload(workload));
            for image in head::images(workload) {
                push_line(&mut out, "    ", &image);
            }
        }
        push_line(&mut out, "  ", &head::summary(plan, selection, way));
        out.push('\n');
        grid::grid(&mut out, plan, &frames, selection, way);
        more(&mut out, plan, &frames, way);
    }
    out
}

fn push_line(out: &mut String, indent: &str, line: &str) {
    out.push_str(indent);
    out.push_str(line);
    out.push('\n');
}

/// A line across with words in it.
fn push_rule(out: &mut String, words: &str) {
    out.push_str("── ");
    push_safe(out, words);
    out.push(' ');
    push_repeated(out, '─', WIDTH.saturating_sub(width(words) + 4));
    out.push('\n');
}
