//! A plan as one SVG picture: a small panel for each state, in rows. For places that show pictures and nothing else.
//!
//! It needs no script, no font and no other file, has no names that could clash where several stand in one page, and
//! follows the reader's light or dark setting.

use foreshift_core::Preview;
use foreshift_core::plan::{Plan, Workload};
use foreshift_core::render::lines::width;
use foreshift_core::render::planned::{Planned, planned};
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
        let height = row.iter().map(|frame| panel_height(&planned, frame)).max().unwrap_or_default();
        for (x, frame) in (0..).map(|column| EDGE + column * (PANEL + GAP)).zip(row) {
            panel(out, plan, frame, &planned, Place { x, y, width: PANEL, height });
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

fn panel(out: &mut Markup, plan: &Plan, frame: &Frame<'_>, planned: &[Planned], place: Place) {
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
        end(group, "foreshift-name", right, y, &reach_words(reach(planned, frame)));
        y += LINE;
        line(group, "foreshift-quiet", left, y, &object, PANEL_COLUMNS - 16);
        end(group, "foreshift-quiet", right, y, &way_back(plan, frame.index));
        for (route, lines) in shown_routes(planned, frame) {
            bars::bar(group, plan, route, Place { x: left, y: y + 8, width: width - 2 * INSIDE, height: 9 });
            y += LINE;
            for text in lines {
                y += LINE;
                line(group, "foreshift-text", left, y, &text, PANEL_COLUMNS);
            }
        }
        let routes = planned_routes(planned, frame);
        if routes.len() > LIMIT_ROUTES {
            let more = format!("and {} routes more", routes.len() - LIMIT_ROUTES);
            line(group, "foreshift-quiet", left, y + LINE, &more, PANEL_COLUMNS);
        }
        if !frame.gates.is_empty() {
            let gates = format!("then {}", words::gates(frame.gates));
            line(group, "foreshift-gate", left, place.y + height - 9, &gates, PANEL_COLUMNS);
        }
    });
}

fn panel_height(planned: &[Planned], frame: &Frame<'_>) -> u64 {
    let routes = shown_routes(planned, frame);
    let is_cut = planned_routes(planned, frame).len() > routes.len();
    let lines = 4 + routes.iter().map(|(_, lines)| 1 + lines.len()).sum::<usize>() + 2 * usize::from(is_cut);
    u64::try_from(lines).unwrap_or_default() * LINE
}

/// The routes of a panel, and in words, in as many lines as it takes, who gets how much of each.
fn shown_routes<'a>(planned: &[Planned], frame: &Frame<'a>) -> Vec<(&'a RouteShares, Vec<String>)> {
    let routes = planned_routes(planned, frame);
    let is_named = routes.len() > 1;
    let lines = |name: String, route| share_lines(if is_named { format!("{name}:") } else { String::new() }, route);
    routes.into_iter().take(LIMIT_ROUTES).map(|(name, route)| (route, lines(name, route))).collect()
}

fn share_lines(name: String, route: &RouteShares) -> Vec<String> {
    let mut lines = Vec::new();
    let mut last = name;
    for share in words::each_share(route) {
        let between = if last.is_empty() || last.ends_with(':') { "" } else { "," };
        let space = if last.is_empty() { "" } else { " " };
        if !last.is_empty() && width(&last) + width(&share) + 2 > PANEL_COLUMNS {
            lines.push(std::mem::replace(&mut last, share) + between);
        } else {
            last = format!("{last}{between}{space}{share}");
        }
    }
    lines.push(last);
    lines
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
