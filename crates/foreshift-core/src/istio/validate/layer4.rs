//! One entry of `tls` or `tcp`.

use super::at::At;
use super::names;
use super::report::Report;
use super::virtual_service::Bound;
use super::{destination, matches};
use crate::istio::host;

/// A route of TLS connections that are passed through.
pub(super) fn tls(route: &At, spec: &At, bound: Bound, report: &mut Report) {
    if !route.has_items("match") {
        report.error(route, "has nothing in `match`", &[]);
    }
    route.each("match", &mut |found| {
        if !found.has_items("sniHosts") {
            report.error(found, "has nothing in `sniHosts`", &[]);
        }
        found.each("sniHosts", &mut |name| sni(name, spec, bound, report));
        names::subnets(found, "destinationSubnets", report);
        matches::layer4(found, report);
    });
    destinations(route, report);
}

/// A route of TCP connections.
pub(super) fn tcp(route: &At, report: &mut Report) {
    route.each("match", &mut |found| {
        names::subnets(found, "destinationSubnets", report);
        matches::layer4(found, report);
    });
    destinations(route, report);
}

fn destinations(route: &At, report: &mut Report) {
    if !route.has_items("route") {
        report.error(route, "has no `route`", &[]);
    }
    destination::weighted(route, report);
}

/// Of more hosts than this, one covers every name: looking through all for each name takes too long.
const MOST_COMPARED: usize = 2000;

fn sni(at: &At, spec: &At, bound: Bound, report: &mut Report) {
    let name = at.str();
    let checked = match bound {
        Bound::Gateways => names::gateway_domain(name, true),
        Bound::Mesh => names::wildcard_domain(name),
    };
    if let Err((wrong, word)) = checked {
        if host::is_address(name) {
            report.warn(at, "is the address `{}`, and most clients send none as SNI", &[name]);
        } else {
            report.error(at, wrong, &[word]);
        }
        return;
    }
    let hosts = spec.get("hosts").map(|hosts| hosts.value.items()).unwrap_or_default();
    let patterns = hosts.iter().take(MOST_COMPARED).filter_map(|host| host.as_str());
    let is_covered = hosts.len() > MOST_COMPARED || patterns.into_iter().any(|pattern| host::covers(pattern, name));
    if !is_covered {
        report.error(at, "is `{}`, which none of the `hosts` covers", &[name]);
    }
}
