//! Rules and matches that no request reaches.

use super::{Analysis, Objects, Rule};
use crate::diagnostic::Severity;
use crate::istio::validate::reach::{self, PROTOCOLS, Unused};

const UNREACHABLE: Rule = Rule("IST0130", Severity::Warning);
const INEFFECTIVE: Rule = Rule("IST0131", Severity::Note);

/// IST0130: a rule behind one that takes everything. IST0131: a match that an earlier one leaves nothing to.
pub fn unused_rules(objects: &Objects) -> Vec<Analysis> {
    let mut found = Vec::new();
    for service in objects.virtual_services() {
        for protocol in PROTOCOLS {
            let routes = service.list(protocol);
            reach::find(routes, &mut |unused| {
                let (rule, index) = match unused {
                    Unused::Rule(rule, _) => (rule, None),
                    Unused::Match(rule, index, _) => (rule, Some(index)),
                };
                let Some(route) = routes.get(rule) else { return };
                let place = index.and_then(|index| route.get("match")?.items().get(index)).unwrap_or(route);
                found.push(match unused {
                    Unused::Rule(rule, reason) => {
                        UNREACHABLE.found(&service, place.span, RULE, &[protocol, &rule.to_string(), reason])
                    }
                    Unused::Match(_, _, by) => {
                        INEFFECTIVE.found(&service, place.span, MATCH, &[protocol, &by.to_string()])
                    }
                });
            });
        }
    }
    found
}

const RULE: &str = "has `{}[{}]`, which {}";
const MATCH: &str = "has a match that is never used: `{}[{}]` takes all that it would match";
