//! The table of states, cell by cell: where the traffic is, how to get back.

use super::Selection;
use super::frames::{Frame, Way};
use super::lines::{push_repeated, width};
use super::planned::{Planned, planned};
use super::words;
use crate::plan::{Back, Plan};
use crate::traffic::Ratio;

/// The most routes that get a column each.
const LIMIT_ROUTES: usize = 4;

/// The first column of shares.
const SHARES: usize = 3;

/// The cells of a bar.
const BAR: u64 = 10;

/// The header, then a row for each state; all have as many cells. What a state waits for is left to the caller.
pub(super) fn cells(plan: &Plan, frames: &[Frame<'_>], selection: Selection, way: Way) -> Vec<Vec<String>> {
    let columns = Columns::of(plan);
    let mut rows = vec![columns.header(way)];
    rows.extend(frames.iter().map(|frame| columns.row(plan, frame, selection, way)));
    if let Columns::Each(routes) = &columns {
        (0..routes.len()).for_each(|route| align_right(&mut rows, SHARES + route));
    }
    rows
}

/// Moves the cells of a column, but for its header, to one right edge.
fn align_right(rows: &mut [Vec<String>], column: usize) {
    let mut cells: Vec<&mut String> = rows.iter_mut().skip(1).filter_map(|row| row.get_mut(column)).collect();
    let widest = cells.iter().map(|cell| width(cell)).max().unwrap_or(0);
    for cell in &mut cells {
        let lead = widest - width(cell);
        **cell = " ".repeat(lead) + cell;
    }
}

/// What a state is called on its way.
pub(super) fn name(index: usize, selection: Selection, way: Way) -> String {
    match (way, selection) {
        (Way::Back, Selection::AbortFrom(from)) if index == 0 => from.to_string(),
        (Way::Back, _) => format!("back {index}"),
        _ => index.to_string(),
    }
}

/// Whether a state is the first one without a way back.
pub fn is_turning_point(plan: &Plan, frame: &Frame<'_>, way: Way) -> bool {
    let is_forward = |n| plan.back(n) == Back::Forward;
    way == Way::There && is_forward(frame.index) && frame.index.checked_sub(1).is_some_and(|before| !is_forward(before))
}

/// How the new version's shares are shown.
enum Columns {
    /// One route: a bar.
    Bar(Planned),
    /// A few routes: a column each.
    Each(Vec<Planned>),
    /// Many routes: the smallest and the largest share.
    Range(Vec<Planned>),
}

impl Columns {
    fn of(plan: &Plan) -> Columns {
        let mut planned = planned(plan);
        match (planned.pop(), planned.len()) {
            (Some(only), 0) => Columns::Bar(only),
            (last, count) => {
                planned.extend(last);
                if count < LIMIT_ROUTES { Columns::Each(planned) } else { Columns::Range(planned) }
            }
        }
    }

    fn header(&self, way: Way) -> Vec<String> {
        let mut row = vec!["state".to_owned(), "step".to_owned(), "object".to_owned()];
        match self {
            Columns::Bar(_) | Columns::Range(_) => row.push("new version".to_owned()),
            Columns::Each(routes) => {
                let names = routes.iter().map(|planned| short_name(&planned.name(routes)));
                row.extend(
                    names.enumerate().map(|(index, name)| if index == 0 { format!("new: {name}") } else { name }),
                );
            }
        }
        if way == Way::There {
            row.push("way back".to_owned());
        }
        row
    }

    fn row(&self, plan: &Plan, frame: &Frame<'_>, selection: Selection, way: Way) -> Vec<String> {
        let mut row = vec![format!("{:>5}", name(frame.index, selection, way))];
        match &frame.act {
            Some(act) => row.extend([words::step(act.step), words::short(act.key)]),
            None if frame.index == 0 && way == Way::There => row.extend(["–".to_owned(), "as it is".to_owned()]),
            None => row.extend(["–".to_owned(), "from here".to_owned()]),
        }
        match self {
            Columns::Bar(planned) => row.push(planned.share(&frame.routes).map_or_else(String::new, bar)),
            Columns::Each(routes) => {
                let share = |planned: &Planned| planned.share(&frame.routes).map_or_else(String::new, words::percent);
                row.extend(routes.iter().map(share));
            }
            Columns::Range(routes) => row.push(range(routes, frame)),
        }
        if way == Way::There {
            row.push(words::way_back(plan, frame.index));
        }
        row
    }
}

fn range(routes: &[Planned], frame: &Frame<'_>) -> String {
    let shares: Vec<Ratio> = routes.iter().filter_map(|planned| planned.share(&frame.routes)).collect();
    let Some(first) = shares.first() else { return String::new() };
    let extreme = |is_better: fn(Ratio, Ratio) -> bool| {
        shares.iter().fold(*first, |best, share| if is_better(*share, best) { *share } else { best })
    };
    let least = extreme(|share, best| best.exceeds(share));
    let most = extreme(Ratio::exceeds);
    if least == most { bar(most) } else { format!("{} – {}", words::percent(least), words::percent(most)) }
}

/// A share as a bar, and in percent. Only nothing is empty and only everything is full.
fn bar(part: Ratio) -> String {
    let (numerator, denominator) = part.percent();
    let percent = numerator.checked_div(denominator).unwrap_or(0);
    let mut full = (percent * BAR + 50) / 100;
    if !part.is_zero() {
        full = full.max(1);
    }
    if part != Ratio::ONE {
        full = full.min(BAR - 1);
    }
    let cells = (0..BAR).map(|cell| if cell < full { '█' } else { '░' });
    let mut out: String = cells.collect();
    let words = words::percent(part);
    push_repeated(&mut out, ' ', 6_usize.saturating_sub(width(&words)));
    out.push_str(&words);
    out
}

fn short_name(name: &str) -> String {
    if width(name) <= 14 {
        return name.to_owned();
    }
    let mut out: String = name.chars().take(13).collect();
    out.push('…');
    out
}
