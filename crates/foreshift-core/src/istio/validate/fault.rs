//! `fault`: delays and aborts on purpose.

use super::at::At;
use super::report::Report;
use super::{action, time};
use crate::istio::number::Decimal;

const GRPC_STATUSES: &[&str] = &[
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "UNAUTHENTICATED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
];

pub(super) fn check(route: &At, report: &mut Report) {
    let Some(fault) = route.get("fault") else {
        return;
    };
    let (abort, delay) = (fault.get("abort"), fault.get("delay"));
    if abort.is_none() && delay.is_none() {
        report.error(&fault, "has neither `abort` nor `delay`", &[]);
    }
    if let Some(abort) = abort {
        self::abort(&abort, report);
    }
    if let Some(delay) = delay {
        percentage(&delay, report);
        time::check(&delay, "fixedDelay", report);
        time::check(&delay, "exponentialDelay", report);
        if let Some(found) = delay.get("exponentialDelay") {
            report.error(&found, "is something that Istio cannot do yet", &[]);
        }
    }
}

fn abort(abort: &At, report: &mut Report) {
    percentage(abort, report);
    if let Some(status) = abort.get("httpStatus") {
        action::status(&status, report);
    } else if let Some(status) = abort.get("grpcStatus") {
        if !GRPC_STATUSES.contains(&status.str()) {
            report.error(&status, "is `{}`, which is no status of gRPC", &[status.str()]);
        }
    } else if let Some(found) = abort.get("http2Error") {
        report.error(&found, "is something that Istio cannot do yet", &[]);
    } else {
        report.warn(abort, "does not say with which status", &[]);
    }
}

fn percentage(at: &At, report: &mut Report) {
    let Some(found) = at.get("percentage") else {
        return;
    };
    let Some(value) = found.get("value") else {
        return;
    };
    let Some(number) = Decimal::of(value.value) else {
        return;
    };
    let is_tiny = number > Decimal::ZERO && number < Decimal::power_of_ten(-4);
    if number < Decimal::ZERO || number > Decimal::HUNDRED || is_tiny {
        report.error(&value, "is neither 0 nor between 0.0001 and 100", &[]);
    }
}
