//! What the log of a rollout tells a judge.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::judge::Moment;
use crate::recorder::{Change, Event};

const HASH: &str = "armory-pod-template-hash";

/// The hashes of the new versions that were seen: of those that were not there at the beginning.
pub fn new_revisions(events: &[Event]) -> BTreeSet<String> {
    let hashes = |at_first: bool| -> BTreeSet<String> {
        let pods = events.iter().filter(|event| event.kind == "Pod" && (event.change == Change::Listed) == at_first);
        pods.filter_map(|event| event.object["metadata"]["labels"][HASH].as_str()).map(str::to_owned).collect()
    };
    &hashes(false) - &hashes(true)
}

/// Every moment that broke a law, of a log in the order of the cluster; the Services are those that there are all the time.
pub fn faults(events: &[Event], services: &[Value]) -> Vec<String> {
    let new: Vec<String> = new_revisions(events).into_iter().collect();
    let mut moment = Moment::default();
    for service in services {
        moment.take(&of_kind(service, "Service"), false);
    }
    let mut out = Vec::new();
    for event in events {
        moment.take(&of_kind(&event.object, &event.kind), event.change == Change::Deleted);
        // What was there before comes one after another too.
        if event.change != Change::Listed && moment.is_whole() {
            let found = moment.faults(&new).into_iter();
            let place = format!("after {} {} {}", event.kind, event.name, event.resource_version);
            out.extend(found.map(|fault| format!("{place}: {fault}")));
        }
    }
    out.dedup();
    out
}

fn of_kind(object: &Value, kind: &str) -> Value {
    let mut object = object.clone();
    object["kind"] = Value::from(kind);
    object
}
