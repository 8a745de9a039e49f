//! Rules and matches that no request can reach.

use crate::order::Table;

use super::at::At;
use super::fingerprint;
use super::report::Report;
use crate::value::{Data, Value};

/// Something that has no effect.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::istio) enum Unused {
    /// A rule that is never used, and why.
    Rule(usize, &'static str),
    /// A match that is never used: the rule, the match, and the rule that takes its requests.
    Match(usize, usize, usize),
}

/// Warnings about the routes of every protocol.
pub(super) fn warn(spec: &At, report: &mut Report) {
    for protocol in PROTOCOLS {
        let Some(routes) = spec.get(protocol) else {
            continue;
        };
        find(routes.value.items(), &mut |unused| match unused {
            Unused::Rule(rule, reason) => {
                if let Some(at) = routes.nth(rule) {
                    report.warn(&at, reason, &[]);
                }
            }
            Unused::Match(rule, index, by) => {
                if let Some(at) = routes.nth(rule)
                    && let Some(matches) = at.get("match")
                    && let Some(found) = matches.nth(index)
                {
                    report.warn(&found, MATCH_REASON, &[protocol, &by.to_string()]);
                }
            }
        });
    }
}

/// Where routes are, in the order in which istiod looks.
pub(in crate::istio) const PROTOCOLS: [&str; 3] = ["http", "tcp", "tls"];

/// Why a match is unused, with the protocol and the other rule's index to fill in.
const MATCH_REASON: &str = "is never used: `{}[{}]` takes all that it would match";

/// Goes to everything in a list of routes that has no effect, by istiod's own analysis: a second rule without a match,
/// rules behind one without a match, matches that occur twice, and uri prefixes below an earlier prefix.
pub(in crate::istio) fn find(routes: &[Value], visit: &mut dyn FnMut(Unused)) {
    if routes.len() == 1 && matches_of(routes, 0).len() < 2 {
        return;
    }
    let mut catch_all = None;
    let mut known: Table<u64, Vec<Place>> = Table::new();
    let mut with_prefix = Vec::new();
    for rule in 0..routes.len() {
        let matches = matches_of(routes, rule);
        if matches.is_empty() {
            if catch_all.is_some() {
                visit(Unused::Rule(rule, BEHIND_ALL));
            }
            catch_all = Some(rule);
            continue;
        }
        if catch_all.is_some() {
            for _ in matches {
                visit(Unused::Rule(rule, BEHIND_ALL));
            }
            continue;
        }
        let mut doubles = 0;
        for (index, found) in matches.iter().enumerate() {
            let place = Place { rule, index, found };
            let alike = known.or_default(fingerprint::of_match(found));
            if let Some(first) = alike.iter().find(|first| is_same(first.found, found)) {
                visit(Unused::Match(rule, index, first.rule));
                doubles += 1;
                continue;
            }
            alike.push(place);
            with_prefix.extend(place.prefix().map(|prefix| (place, prefix)));
        }
        if doubles == matches.len() {
            visit(Unused::Rule(rule, "is never used: rules before it have all its matches"));
        }
    }
    prefixes(&with_prefix, visit);
}

const BEHIND_ALL: &str = "is never used: a rule before it matches everything";

/// A match with where it stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    rule: usize,
    index: usize,
    found: &'a Value,
}

impl<'a> Place<'a> {
    fn prefix(&self) -> Option<&'a str> {
        self.found.text_at(&["uri", "prefix"]).filter(|prefix| !prefix.is_empty())
    }
}

fn matches_of(routes: &[Value], rule: usize) -> &[Value] {
    routes.get(rule).and_then(|route| route.get("match")).map(Value::items).unwrap_or_default()
}

/// Whether two matches say the same; their names do not count.
fn is_same(left: &Value, right: &Value) -> bool {
    let says_less = |left: &Value, right: &Value| match (&left.data, &right.data) {
        (Data::Map(left), Data::Map(right)) => left
            .iter()
            .filter(|(key, value)| *key.name != *"name" && !value.is_null())
            .all(|(key, value)| right.get(&key.name) == Some(value)),
        _ => left == right,
    };
    says_less(left, right) && says_less(right, left)
}

/// How many prefixes are compared with each other, and how many pairs are told of.
const MOST_PREFIXES: usize = 2000;
const MOST_PAIRS: usize = 1000;

fn prefixes(all: &[(Place, &str)], visit: &mut dyn FnMut(Unused)) {
    let all = all.get(..MOST_PREFIXES).unwrap_or(all);
    let mut count = 0;
    for (index, (wide, short)) in all.iter().enumerate() {
        for (narrow, long) in all.iter().skip(index + 1) {
            if long != short && long.starts_with(short) && is_covered(wide.found, narrow.found) {
                count += 1;
                visit(Unused::Match(narrow.rule, narrow.index, wide.rule));
            }
            if count == MOST_PAIRS {
                return;
            }
        }
    }
}

/// Whether an earlier match leaves nothing to a later one whose prefix is longer, as istiod judges it.
fn is_covered(wide: &Value, narrow: &Value) -> bool {
    let is_met = |key: &str| {
        let (left, right) = (entries(wide, key), entries(narrow, key));
        left.len() == right.len()
            && left.iter().all(|(name, value)| {
                let other = right.iter().find(|(other, _)| other == name);
                other.is_some_and(|(_, other)| begins(condition(Some(value)), condition(Some(other))))
            })
    };
    wide.at(&["port"]) == narrow.at(&["port"])
        && begins(method(wide), method(narrow))
        && begins(on(wide, "authority"), on(narrow, "authority"))
        && ["headers", "queryParams", "withoutHeaders"].into_iter().all(is_met)
}

/// A condition on a text, as far as istiod's analysis looks: patterns count as none.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Condition<'a> {
    None,
    Exact(&'a str),
    Prefix(&'a str),
}

/// A match that says nothing about the method counts as one for GET.
fn method(found: &Value) -> Condition<'_> {
    match on(found, "method") {
        Condition::None => Condition::Exact("GET"),
        given => given,
    }
}

fn on<'a>(found: &'a Value, key: &str) -> Condition<'a> {
    condition(found.at(&[key]))
}

fn condition(value: Option<&Value>) -> Condition<'_> {
    let text = |key: &str| {
        let text = value.and_then(|value| value.text_at(&[key]));
        text.filter(|text| !text.is_empty())
    };
    match (text("exact"), text("prefix")) {
        (Some(exact), _) => Condition::Exact(exact),
        (None, Some(prefix)) => Condition::Prefix(prefix),
        (None, None) => Condition::None,
    }
}

/// Whether the earlier condition begins with the later one.
fn begins(wide: Condition, narrow: Condition) -> bool {
    match (wide, narrow) {
        (_, Condition::None) => true,
        (Condition::Exact(wide), Condition::Exact(narrow)) | (Condition::Prefix(wide), Condition::Prefix(narrow)) => {
            wide.starts_with(narrow)
        }
        _ => false,
    }
}

/// The conditions on the headers or parameters under a key.
fn entries<'a>(value: &'a Value, key: &str) -> Vec<(&'a str, &'a Value)> {
    let Some(map) = value.at(&[key]) else { return Vec::new() };
    map.entries().filter(|(_, value)| !value.is_null()).map(|(key, value)| (&*key.name, value)).collect()
}
