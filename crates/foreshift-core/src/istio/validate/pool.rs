//! `connectionPool` and `outlierDetection`.

use super::at::At;
use super::report::Report;
use super::time;

/// `outlierDetection`.
pub(super) fn outliers(policy: &At, report: &mut Report) {
    let Some(outliers) = policy.get("outlierDetection") else {
        return;
    };
    time::check(&outliers, "baseEjectionTime", report);
    time::check(&outliers, "interval", report);
    if outliers.int("consecutiveErrors") != 0
        && let Some(found) = outliers.get("consecutiveErrors")
    {
        report.warn(&found, "is deprecated; use `consecutiveGatewayErrors` or `consecutive5xxErrors`", &[]);
    }
    if outliers.int("consecutiveLocalOriginFailures") > 0 && !outliers.is_true("splitExternalLocalOriginErrors") {
        report.error(
            &outliers,
            "has `consecutiveLocalOriginFailures`, which needs `splitExternalLocalOriginErrors`",
            &[],
        );
    }
    for key in ["maxEjectionPercent", "minHealthPercent"] {
        let percent = outliers.int(key);
        if !(0..=100).contains(&percent)
            && let Some(found) = outliers.get(key)
        {
            report.error(&found, "is `{}`, which is not between 0 and 100", &[&percent.to_string()]);
        }
    }
}

/// `connectionPool`.
pub(super) fn connections(policy: &At, report: &mut Report) {
    let Some(pool) = policy.get("connectionPool") else {
        return;
    };
    let (http, tcp) = (pool.get("http"), pool.get("tcp"));
    if http.is_none() && tcp.is_none() {
        report.error(&pool, "has neither `http` nor `tcp`", &[]);
    }
    if let Some(http) = http {
        self::http(&http, report);
    }
    if let Some(tcp) = tcp {
        self::tcp(&tcp, report);
    }
}

fn http(http: &At, report: &mut Report) {
    for key in [
        "http1MaxPendingRequests",
        "http2MaxRequests",
        "maxRequestsPerConnection",
        "maxRetries",
        "maxConcurrentStreams",
    ] {
        not_negative(http, key, report);
    }
    time::check(http, "idleTimeout", report);
    if http.text("h2UpgradePolicy") == "UPGRADE" && http.is_true("useClientProtocol") {
        report.error(http, "has `useClientProtocol`, which contradicts `h2UpgradePolicy: UPGRADE`", &[]);
    }
}

fn tcp(tcp: &At, report: &mut Report) {
    not_negative(tcp, "maxConnections", report);
    time::check(tcp, "connectTimeout", report);
    time::check(tcp, "maxConnectionDuration", report);
    time::check_or_never(tcp, "idleTimeout", report);
    if let Some(keepalive) = tcp.get("tcpKeepalive") {
        time::check(&keepalive, "time", report);
        time::check(&keepalive, "interval", report);
    }
}

fn not_negative(at: &At, key: &str, report: &mut Report) {
    if at.int(key) < 0
        && let Some(found) = at.get(key)
    {
        report.error(&found, "is below 0", &[]);
    }
}
