//! What changes in a state, line by line, and where its traffic goes.

use super::{name, push_rule};
use crate::plan::{Plan, Step};
use crate::render::Selection;
use crate::render::diff::{Change, Mark, diff};
use crate::render::frames::{Act, Frame, Way};
use crate::render::lines::{push_padded, push_repeated, push_safe};
use crate::render::place::Places;
use crate::render::words;

/// Lines that stay and are shown around those that change.
const CONTEXT: usize = 2;

/// The most lines of one state where all are shown.
const LIMIT_LINES: usize = 60;

pub(super) fn changes(out: &mut String, plan: &Plan, frame: &Frame<'_>, selection: Selection, way: Way) {
    let Some(act) = &frame.act else { return };
    out.push('\n');
    let index = name(frame.index, selection, way);
    let key = act.key;
    let place = if key.namespace == plan.namespace || key.namespace.is_empty() {
        String::new()
    } else {
        format!(" in namespace {}", key.namespace)
    };
    push_rule(out, &format!("{index}  {}: {key}{place}", words::step(act.step)));
    lines(out, act, selection);
    for (index, route) in frame.traffic.iter().enumerate() {
        out.push_str(if index == 0 { "   traffic  " } else { "            " });
        push_safe(out, &route.route);
        out.push_str(": ");
        push_safe(out, &words::shares(route));
        out.push('\n');
    }
    if !frame.gates.is_empty() {
        out.push_str("   then     waits for ");
        push_safe(out, &words::gates(frame.gates));
        out.push('\n');
    }
}

fn lines(out: &mut String, act: &Act<'_>, selection: Selection) {
    let (before, after) = (act.before.map_or("", |text| text), act.after.map_or("", |text| text));
    let is_new = matches!(act.step, Step::Apply | Step::CreateReplicaSet { .. });
    if act.before.is_none() && !is_new {
        out.push_str("   what it is before is not known; after it\n");
    }
    let all = diff(before, after);
    let changed = all.iter().filter(|change| change.mark != Mark::Kept).count();
    if changed == 0 {
        out.push_str("   no line changes\n");
        return;
    }
    let limit = if selection == Selection::All { LIMIT_LINES } else { usize::MAX };
    let places = (Places::new(before), Places::new(after));
    let gutter = all.len().to_string().len();
    let mut shown = 0;
    for hunk in hunks(&all) {
        path(out, hunk, &places, act);
        for change in hunk {
            shown += usize::from(change.mark != Mark::Kept);
            if shown <= limit {
                line(out, *change, gutter);
            }
        }
    }
    if shown > limit {
        out.push_str("   … and ");
        out.push_str(&(shown - limit).to_string());
        out.push_str(" lines more\n");
    }
}

fn path(out: &mut String, hunk: &[Change<'_>], places: &(Places<'_>, Places<'_>), act: &Act<'_>) {
    if act.before.is_none() || act.after.is_none() {
        return;
    }
    let numbers = |number: fn(&Change<'_>) -> usize| {
        let mut of_side = hunk.iter().filter(|change| change.mark != Mark::Kept).map(number).filter(|n| *n > 0);
        let first = of_side.next()?;
        Some((first, of_side.next_back().unwrap_or(first)))
    };
    let path = match (numbers(|change| change.after), numbers(|change| change.before)) {
        (Some((first, last)), _) => places.1.path(first, last),
        (None, Some((first, last))) => places.0.path(first, last),
        (None, None) => String::new(),
    };
    out.push_str("   @ ");
    push_safe(out, if path.is_empty() { "the whole object" } else { &path });
    out.push('\n');
}

fn line(out: &mut String, change: Change<'_>, gutter: usize) {
    let (number, mark) = match change.mark {
        Mark::Kept => (change.after, ' '),
        Mark::Removed => (change.before, '-'),
        Mark::Added => (change.after, '+'),
    };
    let number = number.to_string();
    out.push_str("   ");
    push_repeated(out, ' ', gutter.saturating_sub(number.len()));
    push_padded(out, &number, 0);
    out.push(' ');
    out.push(mark);
    out.push(' ');
    push_safe(out, change.text);
    super::super::lines::trim_end(out);
    out.push('\n');
}

/// Runs of lines with a change in them, each with its context.
fn hunks<'c, 'a>(all: &'c [Change<'a>]) -> Vec<&'c [Change<'a>]> {
    let mut ranges: Vec<std::ops::Range<usize>> = Vec::new();
    for (index, _) in all.iter().enumerate().filter(|(_, change)| change.mark != Mark::Kept) {
        let (start, end) = (index.saturating_sub(CONTEXT), (index + CONTEXT + 1).min(all.len()));
        match ranges.last_mut() {
            Some(last) if start <= last.end => last.end = end,
            _ => ranges.push(start..end),
        }
    }
    ranges.into_iter().filter_map(|range| all.get(range)).collect()
}
