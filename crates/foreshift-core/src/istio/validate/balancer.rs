//! `loadBalancer`.

use super::at::At;
use super::report::Report;
use super::seen::Seen;
use super::{locality, time};
use crate::istio::number::Decimal;

pub(super) fn check(policy: &At, report: &mut Report) {
    let Some(balancer) = policy.get("loadBalancer") else {
        return;
    };
    if let Some(hash) = balancer.get("consistentHash") {
        consistent_hash(&hash, report);
    }
    if let Some(setting) = balancer.get("localityLbSetting") {
        locality::check(&setting, policy.has("outlierDetection"), report);
    }
    if let Some(warmup) = balancer.get("warmup") {
        time::check(&warmup, "duration", report);
        if let Some(aggression) = warmup.get("aggression")
            && Decimal::of(aggression.value).is_some_and(|number| number < Decimal::ONE)
        {
            report.error(&aggression, "is below 1", &[]);
        }
    }
}

fn consistent_hash(hash: &At, report: &mut Report) {
    if let Some(cookie) = hash.get("httpCookie") {
        self::cookie(&cookie, report);
    }
    if hash.int("minimumRingSize") != 0
        && let Some(found) = hash.get("minimumRingSize")
    {
        report.warn(&found, "is deprecated; use `ringHash`", &[]);
        if let Some(key) = ["ringHash", "maglev"].iter().find(|key| hash.has(key)) {
            report.error(hash, "has both `minimumRingSize` and `{}`", &[key]);
        }
    }
    if let Some(maglev) = hash.get("maglev") {
        self::maglev(&maglev, report);
    }
}

fn cookie(cookie: &At, report: &mut Report) {
    if cookie.text("name").is_empty() {
        report.error(cookie, "is a cookie without a name", &[]);
    }
    time::readable(cookie, "ttl", report);
    let mut seen = Seen::default();
    cookie.each("attributes", &mut |attribute| {
        let name = attribute.text("name");
        if name.is_empty() {
            report.error(attribute, "is an attribute without a name", &[]);
        } else if !seen.is_new(name) {
            report.error(attribute, "is a second attribute `{}`", &[name]);
        }
    });
}

fn maglev(maglev: &At, report: &mut Report) {
    let size = maglev.int("tableSize");
    if size == 0 {
        report.error(maglev, "has no `tableSize`", &[]);
    } else if size >= 5_000_011 {
        report.error(maglev, "has a `tableSize` of 5000011 or more", &[]);
    } else if !is_prime(size) {
        report.error(maglev, "has the `tableSize` `{}`, which is no prime number", &[&size.to_string()]);
    }
}

/// Whether a number is prime; Envoy takes 1 for one.
fn is_prime(number: i64) -> bool {
    if number < 4 {
        return true;
    }
    number % 2 != 0
        && (3..).step_by(2).take_while(|factor| factor * factor <= number).all(|factor| number % factor != 0)
}
