//! A `VirtualService` as a whole: what it is bound to, its hosts, its routes.

use super::at::At;
use super::report::Report;
use super::seen::Seen;
use super::{http, layer4, names, visibility};
use crate::istio::host;
use crate::value::Value;

/// Where the routes of a `VirtualService` apply.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Bound {
    /// To sidecars; perhaps to gateways too.
    Mesh,
    /// To gateways alone.
    Gateways,
}

/// Every rule of the webhook but those of [`super::reach`].
pub(super) fn check(spec: &At, namespace: &str, report: &mut Report) {
    let is_delegate = !spec.has_items("hosts");
    if is_delegate {
        delegate(spec, report);
    }
    names::gateways(spec, report);
    let bound = bound(spec);
    if bound == Bound::Mesh {
        no_claims(spec, report);
    }
    hosts(spec, bound, report);
    if !["http", "tcp", "tls"].into_iter().any(|kind| spec.has_items(kind)) {
        report.error(spec, "has neither `http` nor `tcp` nor `tls`", &[]);
    }
    spec.each("http", &mut |route| http::check(route, is_delegate, report));
    spec.each("tls", &mut |route| layer4::tls(route, spec, bound, report));
    spec.each("tcp", &mut |route| layer4::tcp(route, report));
    visibility::check(spec, namespace, report);
}

fn bound(spec: &At) -> Bound {
    let Some(gateways) = spec.get("gateways") else {
        return Bound::Mesh;
    };
    let names = gateways.value.items();
    if names.is_empty() || names.iter().any(|name| name.as_str() == Some("mesh")) {
        Bound::Mesh
    } else {
        Bound::Gateways
    }
}

fn delegate(spec: &At, report: &mut Report) {
    for key in ["gateways", "tls", "tcp"] {
        if spec.has_items(key)
            && let Some(found) = spec.get(key)
        {
            report.error(&found, "stands in an object without `hosts`, which is a delegate and may not have it", &[]);
        }
    }
}

/// Claims of a JWT are known to gateways alone.
fn no_claims(spec: &At, report: &mut Report) {
    spec.each("http", &mut |route| {
        route.each("match", &mut |found| {
            for key in ["headers", "withoutHeaders"] {
                found.entries(key, &mut |name, header| {
                    if is_claim(name) {
                        report.error(header, "routes by the claim `{}`, which works on gateways alone", &[name]);
                    }
                });
            }
        });
    });
}

/// Whether a header's name means a claim of a JWT: `@request.auth.claims.group`.
pub(super) fn is_claim(name: &str) -> bool {
    const PREFIX: &str = "@request.auth.claims";
    let Some((prefix, claim)) = name.split_at_checked(PREFIX.len()) else {
        return false;
    };
    let is_named = match claim.strip_prefix('.') {
        Some(claim) => !claim.is_empty(),
        None => claim.len() > 2 && claim.starts_with('[') && claim.ends_with(']'),
    };
    is_named && prefix.eq_ignore_ascii_case(PREFIX)
}

fn hosts(spec: &At, bound: Bound, report: &mut Report) {
    let mut is_valid = true;
    let has_sni = has_sni(spec);
    spec.each("hosts", &mut |found| {
        let name = found.str();
        let checked = match bound {
            Bound::Gateways => names::gateway_domain(name, has_sni),
            Bound::Mesh => names::wildcard_domain(name),
        };
        match checked {
            Err((wrong, word)) if !host::is_address(name) => {
                report.error(found, wrong, &[word]);
                is_valid = false;
            }
            Ok(()) if bound == Bound::Mesh && name == "*" => {
                report.error(found, "is `*`, which only gateways may serve", &[]);
                is_valid = false;
            }
            _ => {}
        }
    });
    if is_valid {
        overlaps(spec, report);
    }
}

fn has_sni(spec: &At) -> bool {
    let routes = spec.get("tls").map(|tls| tls.value.items());
    routes.unwrap_or_default().iter().any(|route| {
        let matches = route.get("match").map(crate::value::Value::items);
        let has_hosts = |found: &Value| found.get("sniHosts").is_some_and(|hosts| !hosts.items().is_empty());
        matches.unwrap_or_default().iter().any(has_hosts)
    })
}

/// How many hosts each is compared with for wildcards; equal ones are found among any number.
const MOST_COMPARED: usize = 500;

fn overlaps(spec: &At, report: &mut Report) {
    let all = spec.get("hosts").map(|hosts| hosts.value.items()).unwrap_or_default();
    let mut seen = Seen::default();
    let mut index = 0;
    spec.each("hosts", &mut |found| {
        let name = found.str();
        let before = all.get(..index.min(MOST_COMPARED)).unwrap_or_default();
        let mut wildcards = before.iter().filter_map(|other| other.as_str()).filter(|other| host::matches(other, name));
        let other = if seen.is_new(name) { wildcards.next() } else { Some(name) };
        if let Some(other) = other {
            report.error(found, "is `{}`, which overlaps with the host `{}`", &[name, other]);
        }
        index += 1;
    });
}
