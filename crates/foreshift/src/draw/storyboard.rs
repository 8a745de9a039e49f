//! A plan as one SVG picture: a small panel for each state, in rows. For places that show pictures and nothing else.
//!
//! It needs no script, no font and no other file, has no names that could clash where several stand in one page, and
//! follows the reader's light or dark setting.

use foreshift_core::Preview;
use foreshift_core::plan::{Plan, Workload};
use foreshift_core::render::lines::{push_wrapped, width};
use foreshift_core::render::planned::{Planned, planned};
use foreshift_core::render::words::counted;
use foreshift_core::render::{Frame, Selection, Way, head, is_turning_point, words};
use foreshift_core::traffic::RouteShares;

use super::bars::{self, Place};
use super::markup::{Attribute, Markup};
use super::{planned_routes, reach, reach_words, states, title};

const STYLE: &str = include_str!("storyboard/style.css");

/// The most routes in a panel.
const LIMIT_ROUTES: usize = 4;

const COLUMNS: u64 = 2;
const PANEL: u64 = 330;
const GAP: u64 = 12;
const EDGE: u64 = 14;
const INSIDE: u64 = 12;

/// The distance of two lines, and how many columns of the fixed-width font fit into a panel or the whole picture.
const LINE: u64 = 17;
const PANEL_COLUMNS: usize = 41;
const WHOLE_COLUMNS: usize = 88;

/// The SVG of every plan, or of one state of each.
pub(crate) fn storyboard(preview: &Preview, selection: Selection) -> String {
    let mut boards = Markup::default();
    let mut y = EDGE;
    for plan in &preview.plans {
        y = board(&mut boards, preview, plan, selection, y);
    }
    let (whole, height) = (2 * EDGE + COLUMNS * PANEL + (COLUMNS - 1) * GAP, y.max(2 * EDGE));
    let view_box = format!("0 0 {whole} {height}");
    let mut out = Markup::default();
    let attributes: [Attribute<'_>; 6] = [
        ("xmlns", &"http://www.w3.org/2000/svg"),
        ("class", &"foreshift-storyboard"),
        ("role", &"img"),
        ("viewBox", &view_box),
        ("width", &whole),
        ("height", &height),
    ];
    out.element("svg", &attributes, |svg| {
        let titles: Vec<String> = preview.plans.iter().map(|plan| head::title(preview, plan)).collect();
        svg.words("title", &[], &format!("Rollout {}", titles.join("; ")));
        svg.words("desc", &[], &described(preview, selection));
        svg.element("style", &[], |style| style.own(STYLE));
        svg.empty("rect", &[("class", &"foreshift-ground"), ("width", &whole), ("height", &height)]);
        svg.append(&boards);
    });
    out.own("\n");
    out.finish()
}

/// The picture in words, for who cannot see it.
fn described(preview: &Preview, selection: Selection) -> String {
    let plans = preview.plans.iter().map(|plan| {
        let planned = planned(plan);
        let summary = format!("{}.", head::summary(plan, Selection::All, Way::There));
        let states = selected(plan, selection);
        let states = states.iter().map(|frame| sentence(plan, frame, &planned));
        std::iter::once(summary).chain(states).collect::<Vec<_>>().join(" ")
    });
    plans.collect::<Vec<_>>().join("\n")
}

fn sentence(plan: &Plan, frame: &Frame<'_>, planned: &[Planned]) -> String {
    let mut parts = vec![title(plan, frame)];
    let routes = planned_routes(planned, frame);
    parts.extend(routes.iter().take(LIMIT_ROUTES).map(|(name, route)| format!("{name}: {}", words::shares(route))));
    if !frame.gates.is_empty() {
        parts.push(format!("then waits for {}", words::gates(frame.gates)));
    }
    format!("{}.", parts.join("; "))
}

fn selected(plan: &Plan, selection: Selection) -> Vec<Frame<'_>> {
    let is_selected = |frame: &Frame<'_>| match selection {
        Selection::State(n) | Selection::AbortFrom(n) => frame.index == n,
        Selection::All => true,
    };
    states(plan).into_iter().filter(is_selected).collect()
}

/// One plan from a height on; returns the height below it.
fn board(out: &mut Markup, preview: &Preview, plan: &Plan, selection: Selection, top: u64) -> u64 {
    let mut y = top + LINE;
    line(out, "foreshift-title", EDGE, y, &head::title(preview, plan), WHOLE_COLUMNS);
    for workload in &plan.workloads {
        y += LINE;
        legend(out, workload, y);
    }
    y += LINE;
    line(out, "foreshift-text", EDGE, y, &head::summary(plan, Selection::All, Way::There), WHOLE_COLUMNS);
    y += LINE;
    let frames = selected(plan, selection);
    let planned = planned(plan);
    for row in frames.chunks(usize::try_from(COLUMNS).unwrap_or(1)) {
        let shown: Vec<Routes<'_>> = row.iter().map(|frame| Routes::new(planned_routes(&planned, frame))).collect();
        let height = shown.iter().map(Routes::height).max().unwrap_or_default();
        let places = (0..).map(|column| Place { x: EDGE + column * (PANEL + GAP), y, width: PANEL, height });
        for ((place, frame), routes) in places.zip(row).zip(&shown) {
            panel(out, plan, frame, &reach_words(reach(&planned, frame)), routes, place);
        }
        y += height + GAP;
    }
    y + GAP
}

/// What runs and what comes, with their colours.
fn legend(out: &mut Markup, workload: &Workload, y: u64) {
    for (class, x) in [("foreshift-old", EDGE), ("foreshift-new", EDGE + 16)] {
        bars::part(out, class, Place { x, y: y - 10, width: 12, height: 11 });
    }
    line(out, "foreshift-text", EDGE + 36, y, &head::workload(workload), WHOLE_COLUMNS - 5);
}

fn panel(out: &mut Markup, plan: &Plan, frame: &Frame<'_>, reach: &str, routes: &Routes<'_>, place: Place) {
    let Place { x, y, width, height } = place;
    out.element("g", &[], |group| {
        group.words("title", &[], &title(plan, frame));
        let is_turn = is_turning_point(plan, frame, Way::There);
        let class = if is_turn { "foreshift-panel foreshift-turn" } else { "foreshift-panel" };
        let edge: [Attribute<'_>; 6] =
            [("class", &class), ("x", &x), ("y", &y), ("width", &width), ("height", &height), ("rx", &5)];
        group.empty("rect", &edge);
        let (left, right) = (x + INSIDE, x + width - INSIDE);
        let (name, object) = match &frame.act {
            Some(act) => (words::step(act.step), words::short(act.key)),
            None => ("as it is".to_owned(), "before the first write".to_owned()),
        };
        let mut y = y + LINE + 4;
        line(group, "foreshift-name", left, y, &format!("{}  {name}", frame.index), PANEL_COLUMNS - 14);
        end(group, "foreshift-name", right, y, reach);
        y += LINE;
        line(group, "foreshift-quiet", left, y, &object, PANEL_COLUMNS - 16);
        end(group, "foreshift-quiet", right, y, &way_back(plan, frame.index));
        for (route, lines) in &routes.shown {
            bars::bar(group, plan, route, Place { x: left, y: y + 8, width: width - 2 * INSIDE, height: 9 });
            y += LINE;
            for text in lines {
                y += LINE;
                line(group, "foreshift-text", left, y, text, PANEL_COLUMNS);
            }
        }
        if routes.more > 0 {
            let more = format!("and {} more", counted(routes.more, "route"));
            line(group, "foreshift-quiet", left, y + LINE, &more, PANEL_COLUMNS);
        }
        if !frame.gates.is_empty() {
            let gates = format!("then {}", words::gates(frame.gates));
            line(group, "foreshift-gate", left, place.y + height - 9, &gates, PANEL_COLUMNS);
        }
    });
}

/// The routes of a panel.
struct Routes<'a> {
    /// Each with who gets how much of it, in as many lines as that takes.
    shown: Vec<(&'a RouteShares, Vec<String>)>,
    /// How many there is no room for.
    more: usize,
}

impl<'a> Routes<'a> {
    fn new(all: Vec<(String, &'a RouteShares)>) -> Routes<'a> {
        let more = all.len().saturating_sub(LIMIT_ROUTES);
        let is_named = all.len() > 1;
        let lines = |(name, route)| (route, share_lines(is_named.then_some(name), route));
        Routes { shown: all.into_iter().take(LIMIT_ROUTES).map(lines).collect(), more }
    }

    /// Of a panel with all of them.
    fn height(&self) -> u64 {
        let lines: usize = self.shown.iter().map(|(_, lines)| 1 + lines.len()).sum();
        u64::try_from(4 + lines + 2 * self.more.min(1)).unwrap_or_default() * LINE
    }
}

fn share_lines(name: Option<String>, route: &RouteShares) -> Vec<String> {
    let mut shares = words::each_share(route);
    let mut text = String::new();
    if let (Some(name), Some(first)) = (name, shares.first_mut()) {
        let named = format!("{name}: {first}");
        if width(&named) < PANEL_COLUMNS {
            *first = named;
        } else {
            text = format!("{name}:\n");
        }
    }
    push_wrapped(&mut text, &shares, 0, PANEL_COLUMNS);
    text.lines().map(str::to_owned).collect()
}

fn way_back(plan: &Plan, index: usize) -> String {
    match words::way_back(plan, index).as_str() {
        "forward" => "no way back".to_owned(),
        "–" => String::new(),
        writes => format!("back: {writes}"),
    }
}

/// A short text that ends at a place.
fn end(out: &mut Markup, class: &'static str, x: u64, y: u64, text: &str) {
    out.words("text", &[("class", &class), ("x", &x), ("y", &y), ("text-anchor", &"end")], text);
}

/// A line of text, cut where it would leave its box; whole when it is pointed at.
fn line(out: &mut Markup, class: &'static str, x: u64, y: u64, text: &str, columns: usize) {
    let shown = cut(text, columns);
    out.element("text", &[("class", &class), ("x", &x), ("y", &y)], |line| {
        line.text(&shown);
        if shown != text {
            line.words("title", &[], text);
        }
    });
}

fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        if width(&out) + 2 > columns {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use foreshift_core::kubernetes::Key;
    use foreshift_core::traffic::{Ratio, Recipient, RouteShares, Share};

    use super::{PANEL_COLUMNS, share_lines, width};

    #[test]
    fn no_line_of_shares_is_longer_than_its_panel() {
        for length in 1..PANEL_COLUMNS - 6 {
            let to = Recipient::Destination("x".repeat(length).into());
            let shares = vec![Share { to, part: Ratio::new(1, 4) }; 4];
            let route = RouteShares {
                virtual_service: Rc::new(Key::istio("VirtualService", "shop", "web")),
                route: "web".into(),
                shares,
                mirrors: Vec::new(),
            };
            for name in [None, Some("web".to_owned())] {
                let lines = share_lines(name, &route);
                assert_eq!(lines.concat().matches("25 %").count(), 4);
                assert!(lines.iter().all(|line| width(line) <= PANEL_COLUMNS), "{lines:?}");
            }
        }
    }
}
