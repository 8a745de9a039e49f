//! Plans as pictures for documentation: an HTML fragment and an SVG storyboard. Nothing here decides; the words and the
//! shares are those of the terminal.

mod bars;
mod fragment;
mod lines;
mod markup;
mod storyboard;

pub(crate) use fragment::{Fragment, fragment, style_hash};
pub(crate) use storyboard::storyboard;

use foreshift_core::plan::Plan;
use foreshift_core::render::planned::Planned;
use foreshift_core::render::{Frame, Selection, Way, frames, words};
use foreshift_core::traffic::{Ratio, RouteShares};

/// A state in one sentence: `State 3 of 12, setWeight 10: VirtualService reviews`.
fn title(plan: &Plan, frame: &Frame<'_>) -> String {
    let last = plan.stages.len();
    match &frame.act {
        Some(act) => format!("State {} of {last}, {}", frame.index, words::act(act, plan)),
        None => format!("State 0 of {last}, as it is"),
    }
}

/// Every state on the way there.
fn states(plan: &Plan) -> Vec<Frame<'_>> {
    match frames(plan, Selection::All) {
        (Way::There, frames) => frames,
        (Way::Back, _) => Vec::new(),
    }
}

/// The least and the most that the new version has of a planned route.
fn reach(planned: &[Planned], frame: &Frame<'_>) -> (Ratio, Ratio) {
    let mut shares = planned.iter().filter_map(|planned| planned.share(&frame.routes));
    let first = shares.next().unwrap_or(Ratio::ZERO);
    shares.fold((first, first), |(least, most), share| {
        (if least.exceeds(share) { share } else { least }, if share.exceeds(most) { share } else { most })
    })
}

/// The new version's share in words: `10 %`, or `0 % to 50 %` where routes differ.
fn reach_words((least, most): (Ratio, Ratio)) -> String {
    if least == most { words::percent(most) } else { format!("{} to {}", words::percent(least), words::percent(most)) }
}

/// The routes that are planned, each with a name that tells it from the others.
fn planned_routes<'a>(planned: &[Planned], frame: &Frame<'a>) -> Vec<(String, &'a RouteShares)> {
    let route = |planned: &Planned| {
        let is_this =
            |route: &&&RouteShares| planned.virtual_service == route.virtual_service && planned.route == route.route;
        frame.routes.iter().find(is_this).copied()
    };
    planned.iter().filter_map(|one| Some((one.name(planned), route(one)?))).collect()
}
