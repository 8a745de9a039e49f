//! A route's shares as a bar of parts; who gets a part is told by its pattern and by words, never by colour alone.

use foreshift_core::plan::Plan;
use foreshift_core::traffic::{Ratio, Recipient, RouteShares};

use super::markup::Markup;

/// Where a bar stands, in the units of its picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) x: u64,
    pub(super) y: u64,
    pub(super) width: u64,
    pub(super) height: u64,
}

/// A part of one in thousandths, rounded; only nothing is 0 and only everything is 1000.
pub(super) fn thousandths(part: Ratio) -> u64 {
    let (numerator, denominator) = part.percent();
    let (numerator, denominator) = (u128::from(numerator) * 10, u128::from(denominator.max(1)));
    let rounded = u64::try_from((numerator + denominator / 2) / denominator).unwrap_or(1000).min(1000);
    if part.is_zero() {
        0
    } else if part == Ratio::ONE {
        1000
    } else {
        rounded.clamp(1, 999)
    }
}

/// The parts of a bar from left to right; two of one colour have a gap between them.
pub(super) fn bar(out: &mut Markup, plan: &Plan, route: &RouteShares, place: Place) {
    let mut sum = Ratio::ZERO;
    let mut last = "";
    for share in &route.shares {
        let class = class(plan, &share.to);
        let gap = if class == last { place.width.div_ceil(300) } else { 0 };
        let start = at(place, sum) + gap;
        sum = sum.plus(share.part);
        part(out, class, Place { x: start, width: at(place, sum).saturating_sub(start), ..place });
        last = class;
    }
}

/// A box of one colour; that of the new version is striped as well.
pub(super) fn part(out: &mut Markup, class: &'static str, place: Place) {
    let Place { x, y, width, height } = place;
    out.empty("rect", &[("class", &class), ("x", &x), ("y", &y), ("width", &width), ("height", &height)]);
    if class == "foreshift-new" && width > 1 && height > 1 {
        let middle = y + height / 2;
        let line = format!("M{x} {middle}h{width}");
        out.empty("path", &[("class", &"foreshift-stripes"), ("d", &line), ("stroke-width", &height)]);
    }
}

/// Who gets a share, for its colour: what runs, what comes, another destination, or nobody.
fn class(plan: &Plan, to: &Recipient) -> &'static str {
    match to {
        Recipient::Revision(hash) if plan.workloads.iter().any(|workload| *workload.canary == **hash) => {
            "foreshift-new"
        }
        Recipient::Revision(_) => "foreshift-old",
        Recipient::Destination(_) => "foreshift-other",
        Recipient::Error(_) => "foreshift-fault",
    }
}

fn at(place: Place, part: Ratio) -> u64 {
    place.x + place.width * thousandths(part) / 1000
}
