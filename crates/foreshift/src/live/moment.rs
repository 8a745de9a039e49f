//! What a state means to whoever is asked to leave it: who gets how much now, and what comes of either answer.

use foreshift_core::plan::{Back, Plan};
use foreshift_core::render::planned::planned;
use foreshift_core::render::{Frame, Selection, frames, words};
use foreshift_core::traffic::Ratio;

/// A state that waits for a person, in words.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Moment {
    /// Its number.
    pub(crate) state: usize,
    /// The new version's share of the requests.
    pub(crate) now: String,
    /// What comes next.
    pub(crate) next: String,
    /// The way back.
    pub(crate) back: String,
}

impl Moment {
    /// The state of a plan that an approval belongs to, by its name in the record, which begins with the state.
    pub(crate) fn of(plan: &Plan, gate: &str) -> Option<Moment> {
        let state: usize = gate.split('.').next()?.parse().ok()?;
        let (_, there) = frames(plan, Selection::State(state));
        let now = share(plan, there.first()?);
        let (_, after) = frames(plan, Selection::State(state + 1));
        let next = after.first().map_or_else(|| "the end".to_owned(), |frame| next(plan, frame, &now));
        Some(Moment { state, now, next, back: words::way_back(plan, state) })
    }
}

fn next(plan: &Plan, frame: &Frame<'_>, now: &str) -> String {
    let share = share(plan, frame);
    let what = match &frame.act {
        Some(act) if share == now => words::step(act.step),
        _ => share,
    };
    let last = if plan.back(frame.index) == Back::Forward { ", no way back" } else { "" };
    format!("state {}: {what}{last}", frame.index)
}

/// What the new version gets of the planned routes: from the least to the most, where they differ.
fn share(plan: &Plan, frame: &Frame<'_>) -> String {
    let planned = planned(plan);
    let shares: Vec<_> = planned.iter().filter_map(|planned| planned.share(&frame.routes)).collect();
    let extreme = |is_better: fn(Ratio, Ratio) -> bool| {
        shares.iter().copied().reduce(|best, share| if is_better(share, best) { share } else { best })
    };
    let (least, most) = (extreme(|share, best| best.exceeds(share)), extreme(Ratio::exceeds));
    match (least, most) {
        (Some(least), Some(most)) if least == most => words::percent(most),
        (Some(least), Some(most)) => format!("{} to {}", words::percent(least), words::percent(most)),
        _ => "no request".to_owned(),
    }
}
