//! The laws, judged on everything that a cluster went through: from its own objects, with nothing of the planner.
//!
//! A request of a route goes to a destination by its weight, from there to the Ready pods of the host's Service that have
//! the labels of the subset. No destination with a share may be without such pods; those of one destination are of one
//! revision; and while a route has both destinations each revision gets what the weights say.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

/// The label that the new revision's pods have.
const HASH: &str = "armory-pod-template-hash";

/// Every object at one moment, by kind, namespace and name.
#[derive(Default)]
pub struct Moment {
    objects: BTreeMap<(String, String, String), Json>,
}

impl Moment {
    /// Takes what a watch says.
    pub fn take(&mut self, object: &Json, is_gone: bool) {
        let part = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        let metadata = &object["metadata"];
        let key = (part(&object["kind"]), part(&metadata["namespace"]), part(&metadata["name"]));
        if is_gone {
            self.objects.remove(&key);
        } else {
            self.objects.insert(key, object.clone());
        }
    }

    fn of(&self, kind: &'static str) -> impl Iterator<Item = &Json> {
        self.objects.iter().filter(move |((found, _, _), _)| found == kind).map(|(_, object)| object)
    }

    /// Whether there is anybody who could answer: from the first Ready pod on.
    pub fn is_whole(&self) -> bool {
        let is_ready = |pod: &Json| list(&pod["status"]["conditions"]).iter().any(|is| is["status"] == "True");
        ["VirtualService", "DestinationRule", "Service"].iter().all(|kind| self.of(kind).next().is_some())
            && self.of("Pod").any(is_ready)
    }

    /// What is wrong at this moment; `new` are the hashes of the new revisions.
    pub fn faults(&self, new: &[String]) -> Vec<String> {
        self.of("VirtualService").flat_map(|service| self.faults_of(service, new)).collect()
    }

    fn faults_of(&self, service: &Json, new: &[String]) -> Vec<String> {
        let namespace = service["metadata"]["namespace"].as_str().unwrap_or_default();
        let mut out = Vec::new();
        for route in list(&service["spec"]["http"]) {
            let destinations = list(&route["route"]);
            for destination in destinations {
                let weight = if destinations.len() == 1 { 100 } else { destination["weight"].as_i64().unwrap_or(0) };
                if weight == 0 {
                    continue;
                }
                let name = format!("{} → {}", service["metadata"]["name"], destination["destination"]);
                match self.revisions(&destination["destination"], namespace, new) {
                    // Other destinations than those of a Service in sight are none of ours.
                    None => {}
                    Some(Err(fault)) => out.push(format!("{name}: {fault}")),
                    Some(Ok(revisions)) if revisions.len() > 1 => {
                        out.push(format!("{name}: reaches old and new pods"));
                    }
                    Some(Ok(revisions)) => {
                        let is_canary = destination["destination"]["subset"] == "canary";
                        if is_canary && revisions.contains("old") {
                            out.push(format!("{name}: the canary subset reaches old pods"));
                        }
                    }
                }
            }
        }
        out
    }

    /// Which revisions' pods a destination reaches.
    fn revisions(&self, to: &Json, namespace: &str, new: &[String]) -> Option<Result<BTreeSet<&'static str>, String>> {
        let host = full(to["host"].as_str()?, namespace);
        let is_of_host = |service: &&Json| {
            let metadata = &service["metadata"];
            let (name, space) = (metadata["name"].as_str()?, metadata["namespace"].as_str()?);
            Some(format!("{name}.{space}.svc.cluster.local") == host)
        };
        let service = self.of("Service").find(|service| is_of_host(service) == Some(true))?;
        let subset = to["subset"].as_str();
        let rules = self.of("DestinationRule").filter(|rule| {
            let space = rule["metadata"]["namespace"].as_str().unwrap_or_default();
            rule["spec"]["host"].as_str().map(|of| full(of, space)) == Some(host.clone())
        });
        let mut subsets = rules.flat_map(|rule| list(&rule["spec"]["subsets"]));
        let labels = match subset {
            None => None,
            Some(name) => match subsets.find(|found| found["name"] == name) {
                Some(found) => Some(&found["labels"]),
                None => return Some(Err("503, no DestinationRule defines its subset".to_owned())),
            },
        };
        let space = &service["metadata"]["namespace"];
        let answers = |pod: &&Json| {
            pod["metadata"]["namespace"] == *space
                && pod["metadata"].get("deletionTimestamp").is_none()
                && list(&pod["status"]["conditions"]).iter().any(|is| is["type"] == "Ready" && is["status"] == "True")
                && has(pod, &service["spec"]["selector"])
                && labels.is_none_or(|labels| has(pod, labels))
        };
        let is_new = |pod: &Json| new.iter().any(|hash| pod["metadata"]["labels"][HASH] == hash.as_str());
        let found: BTreeSet<_> =
            self.of("Pod").filter(answers).map(|pod| if is_new(pod) { "new" } else { "old" }).collect();
        Some(if found.is_empty() { Err("503, its subset has no Ready pod".to_owned()) } else { Ok(found) })
    }
}

fn full(host: &str, namespace: &str) -> String {
    if host.contains('.') { host.to_owned() } else { format!("{host}.{namespace}.svc.cluster.local") }
}

fn has(pod: &Json, labels: &Json) -> bool {
    labels.as_object().into_iter().flatten().all(|(key, value)| pod["metadata"]["labels"][key] == *value)
}

fn list(json: &Json) -> &[Json] {
    json.as_array().map(Vec::as_slice).unwrap_or_default()
}
