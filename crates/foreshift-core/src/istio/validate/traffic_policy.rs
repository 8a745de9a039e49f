//! `trafficPolicy`, of a rule, a subset or a port.

use super::at::At;
use super::report::Report;
use super::{balancer, names, pool, tls};
use crate::istio::host;

/// What a port may have.
const OF_A_PORT: &[&str] = &["outlierDetection", "connectionPool", "loadBalancer", "tls"];

/// What only a rule or a subset may have.
const OF_A_HOST: &[&str] = &["portLevelSettings", "tunnel", "proxyProtocol", "retryBudget"];

/// The policy under `trafficPolicy`.
pub(super) fn check(at: &At, namespace: &str, report: &mut Report) {
    let Some(policy) = at.get("trafficPolicy") else {
        return;
    };
    if !OF_A_PORT.iter().chain(OF_A_HOST).any(|key| policy.has(key)) {
        report.error(&policy, "is empty", &[]);
        return;
    }
    if policy.has("tunnel") && policy.has("proxyProtocol") {
        report.error(&policy, "has both `tunnel` and `proxyProtocol`", &[]);
        return;
    }
    settings(&policy, namespace, report);
    policy.each("portLevelSettings", &mut |port| {
        if !port.has("port") {
            report.error(port, "has no `port`", &[]);
        }
        if OF_A_PORT.iter().any(|key| port.has(key)) {
            settings(port, namespace, report);
        } else {
            report.error(port, "is empty", &[]);
        }
    });
    tunnel(&policy, report);
}

fn settings(policy: &At, namespace: &str, report: &mut Report) {
    pool::outliers(policy, report);
    pool::connections(policy, report);
    balancer::check(policy, report);
    tls::check(policy, namespace, report);
}

fn tunnel(policy: &At, report: &mut Report) {
    let Some(tunnel) = policy.get("tunnel") else {
        return;
    };
    let protocol = tunnel.text("protocol");
    if !matches!(protocol, "" | "CONNECT" | "POST") {
        report.error(&tunnel, "has the `protocol` `{}`, which is neither `CONNECT` nor `POST`", &[protocol]);
    }
    let target = tunnel.text("targetHost");
    if names::domain(target).is_err() && !host::is_address(target) {
        report.error(&tunnel, "has the `targetHost` `{}`, which is neither a domain name nor an address", &[target]);
    }
    if let Some(port) = tunnel.get("targetPort") {
        names::port(&port, report);
    }
}
