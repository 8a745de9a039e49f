//! The table of states in columns, with what each state waits for at its right.

use super::{WIDTH, push_rule};
use crate::plan::Plan;
use crate::render::Selection;
use crate::render::frames::{Frame, Way};
use crate::render::lines::{push_padded, push_wrapped, trim_end, width};
use crate::render::table::{cells, is_turning_point};
use crate::render::words;

pub(super) fn grid(out: &mut String, plan: &Plan, frames: &[Frame<'_>], selection: Selection, way: Way) {
    let rows = cells(plan, frames, selection, way);
    let columns = rows.first().map_or(0, Vec::len);
    let widest = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max();
    let widths: Vec<usize> = (0..columns).map(|column| widest(column).unwrap_or(0)).collect();
    let lead: usize = widths.iter().map(|width| width + 2).sum();
    for (row, frame) in rows.iter().zip(std::iter::once(None).chain(frames.iter().map(Some))) {
        if frame.is_some_and(|frame| is_turning_point(plan, frame, way)) {
            push_rule(out, "no way back from here on");
        }
        for (cell, to) in row.iter().zip(&widths) {
            push_padded(out, cell, *to);
            out.push_str("  ");
        }
        match frame {
            None => out.push_str("then waits for"),
            Some(frame) => push_wrapped(out, &words::each_gate(frame.gates), lead, WIDTH),
        }
        trim_end(out);
        out.push('\n');
    }
}
