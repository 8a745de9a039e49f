//! A plan as HTML that stands on its own: a declarative shadow root, readable and steppable without any script.
//!
//! Its style and its names stay inside of the shadow root, so any number of fragments can stand on a page. The light
//! children are for others: the contract as JSON, from which the page's element draws the plan if its script is there,
//! and a sentence for readers that know no shadow root.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use foreshift_core::Preview;
use foreshift_core::plan::{Back, Plan};
use foreshift_core::render::planned::{Planned, planned};
use foreshift_core::render::words::counted;
use foreshift_core::render::{Frame, Selection, Way, head, is_turning_point, words};
use foreshift_core::traffic::{Ratio, RouteShares};
use sha2::{Digest as _, Sha256};

use super::bars::{self, Place};
use super::lines::lines;
use super::markup::{Attribute, Markup};
use super::{planned_routes, reach, reach_words, states, title};

/// The same in every fragment, so that one hash lets it through any Content-Security-Policy.
const STYLE: &str = include_str!("fragment/style.css");

/// The most routes of one state.
const LIMIT_ROUTES: usize = 12;

/// What a fragment shows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fragment<'a> {
    /// The plans.
    pub(crate) preview: &'a Preview,
    /// The contract of the same preview.
    pub(crate) json: &'a str,
    /// The state that is shown first.
    pub(crate) state: usize,
    /// Where the same rollout can be played with.
    pub(crate) link: Option<&'a str>,
}

/// The source that lets the style of every fragment through a Content-Security-Policy.
pub(crate) fn style_hash() -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(STYLE)))
}

/// The HTML. It begins with a tag on a line of its own and has no empty line: so Markdown takes it as HTML, whole.
pub(crate) fn fragment(of: Fragment<'_>) -> String {
    let mut out = Markup::default();
    let state = of.state.to_string();
    out.element("rollout-plan", &[("state", &state)], |element| {
        element.own("\n");
        element.element("template", &[("shadowrootmode", &"open")], |root| {
            root.element("style", &[], |style| style.own(STYLE));
            for (index, plan) in of.preview.plans.iter().enumerate() {
                target(root, of, index, plan);
            }
        });
        element.own("\n");
        if let Some(link) = of.link {
            let attributes: [Attribute<'_>; 4] =
                [("slot", &"actions"), ("href", &link), ("target", &"_blank"), ("rel", &"noopener")];
            element.words("a", &attributes, "Open in playground");
            element.own("\n");
        }
        element.element("script", &[("type", &"application/json")], |script| script.json(of.json));
        for plan in &of.preview.plans {
            let sentence = format!("{}: {}", head::title(of.preview, plan), summary(plan));
            element.words("span", &[], &sentence);
        }
    });
    out.own("\n");
    out.finish()
}

fn summary(plan: &Plan) -> String {
    head::summary(plan, Selection::All, Way::There)
}

fn target(out: &mut Markup, of: Fragment<'_>, index: usize, plan: &Plan) {
    let title = head::title(of.preview, plan);
    out.element("article", &[("aria-label", &title)], |article| {
        article.element("header", &[], |header| {
            header.words("p", &[("class", &"title")], &title);
            // Filled by a light child, which stays when the element's script draws the plan.
            if index == 0 {
                header.words("slot", &[("name", &"actions")], "");
            }
        });
        for workload in &plan.workloads {
            let lines = std::iter::once(head::workload(workload)).chain(head::images(workload));
            for line in lines {
                article.words("p", &[], &line);
            }
        }
        article.words("p", &[], &summary(plan));
        legend(article);
        article.element("fieldset", &[], |strip| {
            strip.words("legend", &[], "States");
            let (planned, group) = (planned(plan), format!("state-{index}"));
            for frame in states(plan) {
                let is_shown = frame.index == of.state.min(plan.stages.len());
                let mut choice: Vec<Attribute<'_>> = vec![("name", &group)];
                if is_shown {
                    choice.push(("checked", &""));
                }
                strip.element("div", &[("class", &"state")], |state| {
                    choose(state, plan, &frame, &planned, &choice);
                    panel(state, plan, &frame, &planned);
                });
            }
        });
    });
}

/// What a state is chosen by: a radio button, so that it needs no script and keys work.
fn choose(out: &mut Markup, plan: &Plan, frame: &Frame<'_>, planned: &[Planned], choice: &[Attribute<'_>]) {
    let reach = reach(planned, frame);
    let spoken = spoken(plan, frame, reach);
    out.element("label", &[("title", &title(plan, frame))], |label| {
        let radio: [Attribute<'_>; 2] = [("type", &"radio"), ("aria-label", &spoken)];
        label.empty("input", &[&radio[..], choice].concat());
        column(label, plan, frame, reach);
    });
}

fn legend(out: &mut Markup) {
    out.element("p", &[("class", &"legend"), ("aria-hidden", &"true")], |legend| {
        for (class, name) in [
            ("old", "runs now"),
            ("new", "new version"),
            ("approval", "waits for approval"),
            ("wait", "waits"),
            ("turn", "no way back from here on"),
        ] {
            legend.words("span", &[("class", &class)], name);
        }
    });
}

/// A state for who hears it: `state 4, setWeight 10, new version 10 %, then waits for approval`.
fn spoken(plan: &Plan, frame: &Frame<'_>, reach: (Ratio, Ratio)) -> String {
    let mut out = title(plan, frame);
    out.push_str(", new version ");
    out.push_str(&reach_words(reach));
    if !frame.gates.is_empty() {
        out.push_str(", then waits for ");
        out.push_str(&words::gates(frame.gates));
    }
    out
}

/// The new version's share as a column, filled from below, and what is waited for.
fn column(out: &mut Markup, plan: &Plan, frame: &Frame<'_>, reach: (Ratio, Ratio)) {
    let (least, most) = reach;
    out.element("svg", &viewport(&"0 0 20 50"), |svg| {
        let whole = Place { x: 0, y: 0, width: 20, height: 50 };
        bars::part(svg, "foreshift-old", whole);
        for (class, share) in [("foreshift-some", most), ("foreshift-new", least)] {
            let height = match bars::thousandths(share) {
                1000 => 50,
                // Little is seen as well, and so is what lacks a little.
                part => (part * 50).div_ceil(1000).min(49),
            };
            if height > 0 && (least != most || class == "foreshift-new") {
                bars::part(svg, class, Place { y: 50 - height, height, ..whole });
            }
        }
    });
    out.words("b", &[], &frame.index.to_string());
    let class = if frame.gates.iter().any(|gate| head::approvals(gate) > 0) {
        "approval"
    } else if frame.gates.is_empty() {
        "go"
    } else {
        "wait"
    };
    out.words("i", &[("class", &class)], "");
    if is_turning_point(plan, frame, Way::There) {
        out.words("i", &[("class", &"turn")], "");
    }
}

/// A picture that fills its box and says nothing that the words beside it do not say.
fn viewport<'a>(view_box: &'a &'static str) -> [Attribute<'a>; 3] {
    [("viewBox", view_box), ("preserveAspectRatio", &"none"), ("aria-hidden", &"true")]
}

fn panel(out: &mut Markup, plan: &Plan, frame: &Frame<'_>, planned: &[Planned]) {
    out.element("section", &[("aria-label", &format!("State {}", frame.index))], |panel| {
        panel.words("p", &[("class", &"title")], &title(plan, frame));
        panel.element("dl", &[], |list| {
            if !frame.gates.is_empty() {
                list.words("dt", &[], "then waits for");
                list.words("dd", &[], &words::each_gate(frame.gates).join(", "));
            }
            list.words("dt", &[], "way back");
            list.element("dd", &[], |cell| way_back(cell, plan, frame.index));
        });
        routes(panel, plan, &planned_routes(planned, frame));
        if let Some(act) = &frame.act {
            lines(panel, act);
        }
    });
}

/// How to get out of a state, write by write behind a click.
fn way_back(out: &mut Markup, plan: &Plan, index: usize) {
    let writes = plan.way_back(index).unwrap_or_default();
    if writes.is_empty() {
        out.text(match plan.back(index) {
            Back::Forward => "none any more: the way out is the rest of the way",
            Back::Nothing | Back::Undo(_) => "nothing has to be taken back",
        });
        return;
    }
    out.element("details", &[], |details| {
        details.words("summary", &[], &words::way_back(plan, index));
        details.element("ol", &[], |list| {
            for undo in writes {
                let mut write = format!("{} {}", words::step(&undo.step), words::short(&undo.write.key));
                if !undo.gates.is_empty() {
                    write.push_str(", then waits for ");
                    write.push_str(&words::gates(&undo.gates));
                }
                list.words("li", &[], &write);
            }
        });
    });
}

/// Who gets what: the routes that are planned.
fn routes(out: &mut Markup, plan: &Plan, planned: &[(String, &RouteShares)]) {
    if planned.is_empty() {
        return;
    }
    out.element("ul", &[("aria-label", &"Who gets what")], |list| {
        for (name, route) in planned.iter().take(LIMIT_ROUTES) {
            list.element("li", &[], |item| {
                item.words("span", &[("class", &"route")], name);
                item.element("svg", &viewport(&"0 0 1000 10"), |svg| {
                    bars::bar(svg, plan, route, Place { x: 0, y: 0, width: 1000, height: 10 });
                });
                item.words("span", &[], &words::shares(route));
            });
        }
        if planned.len() > LIMIT_ROUTES {
            list.words("li", &[], &format!("… and {} more", counted(planned.len() - LIMIT_ROUTES, "route")));
        }
    });
}
