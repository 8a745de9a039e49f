//! Rules and matches that no request can reach.

use super::at::At;
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
    for rule in 0..routes.len() {
        let matches = matches_of(routes, rule);
        if matches.is_empty() {
            if catch_all.is_some() {
                visit(Unused::Rule(rule, "is never used: a rule before it matches everything"));
            }
            catch_all = Some(rule);
            continue;
        }
        if catch_all.is_some() {
            for _ in matches {
                visit(Unused::Rule(rule, "is never used: a rule before it matches everything"));
            }
            continue;
        }
        let mut doubles = 0;
        for index in 0..matches.len() {
            if let Some(by) = same_before(routes, rule, index) {
                visit(Unused::Match(rule, index, by));
                doubles += 1;
            }
        }
        if doubles == matches.len() {
            visit(Unused::Rule(rule, "is never used: rules before it have all its matches"));
        }
    }
    prefixes(routes, visit);
}

fn matches_of(routes: &[Value], rule: usize) -> &[Value] {
    routes.get(rule).and_then(|route| route.get("match")).map(Value::items).unwrap_or_default()
}

/// Every match up to the first rule without one, with its rule and index.
fn reachable(routes: &[Value]) -> impl Iterator<Item = (usize, usize, &Value)> {
    (0..routes.len()).take_while(|rule| !matches_of(routes, *rule).is_empty()).flat_map(|rule| {
        let matches = matches_of(routes, rule).iter().enumerate();
        matches.map(move |(index, found)| (rule, index, found))
    })
}

/// The last rule before a match that has the same one.
fn same_before(routes: &[Value], rule: usize, index: usize) -> Option<usize> {
    let this = matches_of(routes, rule).get(index)?;
    reachable(routes)
        .take_while(|(other, place, _)| (*other, *place) < (rule, index))
        .find(|(_, _, other)| is_same(this, other))
        .map(|(other, _, _)| other)
}

/// Whether two matches say the same; their names do not count.
fn is_same(left: &Value, right: &Value) -> bool {
    let says_less = |left: &Value, right: &Value| match (&left.data, &right.data) {
        (Data::Map(left), Data::Map(right)) => left
            .iter()
            .filter(|(key, value)| key.name != "name" && !value.is_null())
            .all(|(key, value)| right.get(&key.name) == Some(value)),
        _ => left == right,
    };
    says_less(left, right) && says_less(right, left)
}

fn prefixes(routes: &[Value], visit: &mut dyn FnMut(Unused)) {
    let with_prefix = || {
        reachable(routes)
            .filter_map(|(rule, index, found)| {
                let prefix = found.text_at(&["uri", "prefix"]).filter(|p| !p.is_empty())?;
                Some((rule, index, found, prefix))
            })
            .filter(|(rule, index, ..)| same_before(routes, *rule, *index).is_none())
    };
    for (count, (by, _, wide, short)) in with_prefix().enumerate() {
        for (rule, index, narrow, long) in with_prefix().skip(count + 1) {
            if long != short && long.starts_with(short) && is_covered(wide, narrow) {
                visit(Unused::Match(rule, index, by));
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
    let map = value.at(&[key]).and_then(Value::as_map);
    map.into_iter()
        .flat_map(crate::value::Map::iter)
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| (key.name.as_str(), value))
        .collect()
}
