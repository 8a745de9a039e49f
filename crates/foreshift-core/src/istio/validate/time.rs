//! Durations as the webhook wants them.

use super::at::At;
use super::report::Report;
use crate::istio::duration;

const MILLISECOND: i64 = 1_000_000;

/// The duration under a key: at least a millisecond, and nothing finer than one.
pub(super) fn check(at: &At, key: &str, report: &mut Report) {
    let Some(found) = at.get(key) else { return };
    match duration::nanos(found.str()) {
        None => malformed(&found, report),
        Some(nanos) if nanos < MILLISECOND => {
            report.error(&found, "is shorter than a millisecond", &[]);
        }
        Some(nanos) if nanos % MILLISECOND != 0 => {
            report.error(&found, "is finer than milliseconds", &[]);
        }
        Some(_) => {}
    }
}

/// The same where less than a millisecond stands for never.
pub(super) fn check_or_never(at: &At, key: &str, report: &mut Report) {
    let Some(found) = at.get(key) else { return };
    match duration::nanos(found.str()) {
        Some(nanos) if nanos / MILLISECOND == 0 => {}
        _ => check(at, key, report),
    }
}

/// A duration of any length.
pub(super) fn readable(at: &At, key: &str, report: &mut Report) {
    let Some(found) = at.get(key) else { return };
    if duration::nanos(found.str()).is_none() {
        malformed(&found, report);
    }
}

/// Whole seconds.
pub(super) fn seconds(at: &At, key: &str, report: &mut Report) {
    let Some(found) = at.get(key) else { return };
    if duration::nanos(found.str()).is_some_and(|nanos| nanos % 1_000_000_000 > 0) {
        report.error(&found, "is finer than seconds", &[]);
    }
}

fn malformed(found: &At, report: &mut Report) {
    report.error(found, "is `{}`, which is no duration such as `1.5s`", &[found.str()]);
}
