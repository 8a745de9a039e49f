//! What changes in a state, line by line, and where its traffic goes.

use super::{WIDTH, push_rule};
use crate::plan::{Plan, Step};
use crate::render::Selection;
use crate::render::diff::{Change, Mark};
use crate::render::frames::{Act, Frame, Way};
use crate::render::hunks::Hunks;
use crate::render::lines::{push_repeated, push_safe, push_wrapped, trim_end, width};
use crate::render::table::name;
use crate::render::words;

/// The most changed lines of one state where all states are shown.
const LIMIT_LINES: usize = 60;

pub(super) fn changes(out: &mut String, plan: &Plan, frame: &Frame<'_>, selection: Selection, way: Way) {
    let Some(act) = &frame.act else { return };
    out.push('\n');
    let index = name(frame.index, selection, way);
    push_rule(out, &format!("{index}  {}", words::act(act, plan)));
    let limit = if selection == Selection::All { LIMIT_LINES } else { usize::MAX };
    lines(out, act, limit);
    for (index, route) in frame.traffic.iter().enumerate() {
        out.push_str(if index == 0 { "   traffic  " } else { "            " });
        let name = words::route(route, act);
        push_safe(out, &name);
        out.push_str(": ");
        let lead = 12 + width(&name) + 2;
        push_wrapped(out, &words::each_share(route), lead, WIDTH);
        out.push('\n');
    }
    if !frame.gates.is_empty() {
        let lead = "   waits    ";
        out.push_str(lead);
        push_wrapped(out, &words::each_gate(frame.gates), lead.len(), WIDTH);
        out.push('\n');
    }
}

fn lines(out: &mut String, act: &Act<'_>, limit: usize) {
    let hunks = Hunks::of(act);
    if hunks.changed() == 0 {
        out.push_str("   no line changes\n");
        return;
    }
    let is_made = matches!(act.step, Step::Apply | Step::CreateReplicaSet { .. });
    if act.before.is_none() && !is_made {
        out.push_str("   what it said before was not given; now it says\n");
    }
    let gutter = hunks.last_line().to_string().len();
    let mut shown = 0;
    for hunk in hunks.runs() {
        if !hunk.path.is_empty() && shown < limit {
            out.push_str("   @ ");
            push_safe(out, &hunk.path);
            out.push('\n');
        }
        for change in hunk.lines {
            shown += usize::from(change.mark != Mark::Kept);
            if shown <= limit {
                line(out, *change, gutter);
            }
        }
    }
    if shown > limit {
        out.push_str("   … and ");
        out.push_str(&words::counted(shown - limit, "line"));
        out.push_str(" more\n");
    }
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
    out.push_str(&number);
    out.push(' ');
    out.push(mark);
    out.push(' ');
    push_safe(out, change.text);
    trim_end(out);
    out.push('\n');
}
