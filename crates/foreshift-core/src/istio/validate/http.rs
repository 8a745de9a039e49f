//! One entry of `http`: what may stand together in it.

use super::at::At;
use super::report::Report;
use super::{action, cors, destination, fault, headers, matches, retries, time};

/// Every rule for a route. `is_delegate` says whether the whole object is one.
pub(super) fn check(route: &At, is_delegate: bool, report: &mut Report) {
    conflicts(route, is_delegate, report);
    route.each("match", &mut |found| matches::http(found, report));
    headers::operations(route, report);
    cors::check(route, report);
    fault::check(route, report);
    destination::mirror(route, report);
    destination::mirrors(route, report);
    action::redirect(route, report);
    action::direct_response(route, report);
    retries::check(route, report);
    action::rewrite(route, report);
    headers::authority(route, report);
    destination::weighted(route, report);
    time::check(route, "timeout", report);
}

fn conflicts(route: &At, is_delegate: bool, report: &mut Report) {
    let has_delegate = route.has("delegate");
    if has_delegate && !is_delegate {
        for key in ["redirect", "route"] {
            if route.has(key) {
                report.error(route, "has a `delegate`, and `{}` beside it", &[key]);
            }
        }
        return;
    }
    if has_delegate {
        report.error(route, "has a `delegate`, and is in a delegate itself", &[]);
    }
    let answer = ["redirect", "directResponse"].into_iter().find(|key| route.has(key));
    match answer {
        Some(answer) => excluded(route, answer, report),
        None if !route.has_items("route") => {
            report.error(route, "has neither `route` nor `redirect` nor `directResponse`", &[]);
        }
        None => {}
    }
    if route.has("mirror") && route.has_items("mirrors") {
        report.error(route, "has both `mirror` and `mirrors`", &[]);
    }
}

/// A route that answers by itself goes nowhere else.
fn excluded(route: &At, answer: &'static str, report: &mut Report) {
    for key in ["fault", "rewrite", "directResponse"] {
        if key != answer && route.has(key) {
            report.error(route, "has both `{}` and `{}`", &[key, answer]);
        }
    }
    if route.has_items("route") {
        report.error(route, "has both `route` and `{}`", &[answer]);
    }
}
