//! `retries`.

use super::at::At;
use super::report::Report;
use super::time;

/// What Envoy may retry on, beside statuses.
const POLICIES: &[&str] = &[
    "5xx",
    "cancelled",
    "connect-failure",
    "deadline-exceeded",
    "envoy-ratelimited",
    "gateway-error",
    "http3-post-connect-failure",
    "internal",
    "refused-stream",
    "reset",
    "reset-before-request",
    "resource-exhausted",
    "retriable-4xx",
    "retriable-headers",
    "retriable-status-codes",
    "unavailable",
];

pub(super) fn check(route: &At, report: &mut Report) {
    let Some(retries) = route.get("retries") else {
        return;
    };
    let attempts = retries.int("attempts");
    if attempts < 0 {
        report.error(&retries, "has `attempts` below 0", &[]);
    }
    let policy = retries.text("retryOn");
    let is_configured = !policy.is_empty() || retries.has("perTryTimeout") || retries.has("retryRemoteLocalities");
    if attempts == 0 && is_configured {
        report.error(&retries, "says how to retry, and `attempts` is 0", &[]);
    }
    time::check(&retries, "perTryTimeout", report);
    time::check(&retries, "backoff", report);
    if policy.is_empty() {
        return;
    }
    for word in policy.split(',') {
        if !POLICIES.contains(&word)
            && !is_status(word)
            && let Some(at) = retries.get("retryOn")
        {
            report.error(&at, "has `{}`, which is nothing to retry on", &[word]);
        }
    }
}

/// Whether it is a status that has a name in Go's `net/http`.
fn is_status(word: &str) -> bool {
    matches!(
        word.parse::<u64>(),
        Ok(
            100..=103
            | 200..=208
            | 226
            | 300..=305
            | 307
            | 308
            | 400..=418
            | 421..=426
            | 428
            | 429
            | 431
            | 451
            | 500..=508
            | 510
            | 511,
        )
    )
}
