//! Traffic management: pairs of Istio objects, and what is read without effect.

use crate::order::Keys;

use super::meaning::Reader;
use super::read::{items, text};
use super::{KubernetesTraffic, Pair, SmiTraffic, Strategy, Target, Traffic};
use crate::diagnostic::{Code, Diagnostic};
use crate::text::in_backticks;
use crate::value::Value;

/// The fields of an entry that move traffic.
const WAYS: &[&str] = &["istio", "kubernetes", "smi"];

impl Reader<'_> {
    /// An entry of `trafficManagement`, with as many of its parts as could be read.
    pub(super) fn traffic(&mut self, entry: &Value) -> Traffic {
        let smi = items(entry, "smi");
        for split in smi {
            self.diagnostics.push(
                Diagnostic::new(
                    Code::SmiArchived,
                    split.span.start_point(),
                    "the Service Mesh Interface is archived, and nothing is planned for it",
                )
                .help("move to `istio`, or leave this entry out"),
            );
        }
        // What is there and no list was reported as such.
        let is_idle = |way: &&str| match entry.at(&[*way]) {
            None => true,
            Some(list) => list.as_seq().is_some_and(<[Value]>::is_empty),
        };
        if entry.as_map().is_some() && WAYS.iter().all(is_idle) {
            self.diagnostics.push(
                Diagnostic::new(Code::TrafficEmpty, entry.span.start_point(), "this entry moves no traffic")
                    .help(format!("add one of {}", in_backticks(WAYS.iter().copied()))),
            );
        }
        Traffic {
            span: entry.span,
            targets: self.target_names(entry),
            istio: items(entry, "istio").iter().filter_map(pair).collect(),
            kubernetes: items(entry, "kubernetes").iter().filter_map(kubernetes).collect(),
            smi: smi.iter().filter_map(smi_traffic).collect(),
        }
    }
}

/// Reports entries for the Services of a blueGreen whose target is a canary.
pub(super) fn warn_of_idle_services(traffic: &[Traffic], targets: &[Target], diagnostics: &mut Vec<Diagnostic>) {
    let canaries: Vec<&str> = targets
        .iter()
        .filter(|target| matches!(target.strategy.value, Strategy::Canary(_)))
        .map(|target| target.name.value.as_str())
        .collect();
    let set: Keys<&str> = canaries.iter().copied().collect();
    for entry in traffic {
        let named = entry.targets.iter().map(|name| name.value.as_str());
        let canary = if entry.targets.is_empty() {
            canaries.first().copied()
        } else {
            named.into_iter().find(|name| set.contains(name))
        };
        if let (Some(services), Some(canary)) = (entry.kubernetes.first(), canary) {
            let message = format!("`kubernetes` is for a blueGreen, and `{canary}` is a canary");
            let place = services.span.start_point();
            diagnostics.push(
                Diagnostic::new(Code::KubernetesTrafficIgnored, place, message)
                    .help("an `istio` pair moves the weight of a canary; this entry does not"),
            );
        }
    }
}

fn pair(entry: &Value) -> Option<Pair> {
    let route = entry.at(&["virtualService"])?;
    let rule = entry.at(&["destinationRule"]);
    let of_rule = |key| rule.and_then(|rule| text(rule, key));
    Some(Pair {
        span: entry.span,
        virtual_service: text(route, "name")?,
        http_route: text(route, "httpRouteName"),
        destination_rule: of_rule("name"),
        active_subset: of_rule("activeSubsetName"),
        canary_subset: of_rule("canarySubsetName"),
    })
}

fn kubernetes(entry: &Value) -> Option<KubernetesTraffic> {
    Some(KubernetesTraffic {
        span: entry.span,
        active_service: text(entry, "activeService")?,
        preview_service: text(entry, "previewService"),
    })
}

fn smi_traffic(entry: &Value) -> Option<SmiTraffic> {
    Some(SmiTraffic {
        span: entry.span,
        root_service: text(entry, "rootServiceName")?,
        canary_service: text(entry, "canaryServiceName"),
        traffic_split: text(entry, "trafficSplitName"),
    })
}
