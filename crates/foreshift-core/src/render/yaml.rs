//! Complete states as one YAML stream: for each a comment that says what it is, then every object as it stands.

use std::fmt::Write as _;

use super::frames::{Frame, Way, frames};
use super::lines::push_safe;
use super::{Selection, words};
use crate::plan::Plan;
use crate::preview::Preview;

/// The selected states of every plan. The texts of objects are theirs byte for byte, but for a byte order mark before
/// and a missing line break behind them.
pub fn yaml(preview: &Preview, selection: Selection) -> String {
    let mut out = String::new();
    let mut gap = "";
    for plan in &preview.plans {
        let (way, frames) = frames(plan, selection);
        let last = frames.len().saturating_sub(1);
        for frame in &frames {
            out.push_str(gap);
            head(&mut out, preview, plan, frame, Place { selection, way, last });
            for (_, text) in &frame.objects {
                document(&mut out, text);
            }
            gap = if frame.objects.last().is_some_and(|(_, text)| keeps_line_breaks(text)) { "" } else { "\n" };
        }
    }
    out
}

#[derive(Clone, Copy)]
struct Place {
    selection: Selection,
    way: Way,
    last: usize,
}

fn head(out: &mut String, preview: &Preview, plan: &Plan, frame: &Frame<'_>, place: Place) {
    out.push_str("# ");
    if preview.plans.len() > 1 {
        out.push_str("target ");
        push_safe(out, &plan.target);
        out.push_str(", ");
    }
    let _ = match (place.way, place.selection) {
        (Way::Back, Selection::AbortFrom(from)) if frame.index == 0 => write!(out, "state {from}"),
        (Way::Back, Selection::AbortFrom(from)) => {
            write!(out, "way back from state {from}, write {} of {}", frame.index, place.last)
        }
        _ => write!(out, "state {} of {}", frame.index, plan.stages.len()),
    };
    match &frame.act {
        Some(act) => {
            out.push_str(": ");
            out.push_str(&words::step(act.step));
            out.push_str(" – ");
            push_safe(out, &act.key.to_string());
        }
        None if place.way == Way::There => out.push_str(": before the first write"),
        None => out.push_str(": the way back starts here"),
    }
    out.push('\n');
    for route in &frame.traffic {
        out.push_str("# ");
        push_safe(out, &format!("{} {}", words::short(&route.virtual_service), route.route));
        out.push_str(": ");
        push_safe(out, &words::shares(route));
        out.push('\n');
    }
    if !frame.gates.is_empty() {
        out.push_str("# then waits for: ");
        push_safe(out, &words::gates(frame.gates));
        out.push('\n');
    }
}

/// A text as a document of a stream.
fn document(out: &mut String, text: &str) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.starts_with('%') && !is_between_documents(out) {
        out.push_str("...\n");
    }
    if !has_marker(text) {
        out.push_str("---\n");
    }
    out.push_str(text);
    if !text.ends_with('\n') {
        out.push('\n');
    }
}

/// Whether directives may stand here: at the start, or behind the end of a document that was made plain.
fn is_between_documents(stream: &str) -> bool {
    let is_said = |line: &&str| !line.trim().is_empty() && !line.starts_with('#');
    stream.lines().rev().find(is_said).is_none_or(|line| line.starts_with("..."))
}

/// Whether an empty line behind a text could become a part of it: a block scalar that keeps every line break.
fn keeps_line_breaks(text: &str) -> bool {
    let is_kept = |from: usize| text.get(from + 1..).is_some_and(|rest| rest.chars().take(2).any(|c| c == '+'));
    text.match_indices(['|', '>']).any(|(from, _)| is_kept(from))
}

/// Whether a text has a `---` of its own before its content.
fn has_marker(text: &str) -> bool {
    let is_passed = |line: &&str| line.trim().is_empty() || line.starts_with(['#', '%']);
    text.lines().find(|line| !is_passed(line)).is_some_and(|line| {
        line.strip_prefix("---").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
    })
}
