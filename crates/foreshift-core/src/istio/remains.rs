//! What a rollout leaves in objects that it was not there to take out again, found without its record.
//!
//! A rollout adds a hash label to two subsets, a subset that is another one under a new name, and a destination for that one
//! directly behind the active one. Where the user's own manifest is given, what it has decides what was added.

use super::destination_rule::{Subset, subsets};
use super::host::resolve;
use super::virtual_service::{Protocol, routes};
use crate::kubernetes::{HASH_LABEL, NATIVE_HASH_LABEL};
use crate::value::{Data, Map, Path, Value};

/// The labels that tell revisions apart.
const LABELS: [&str; 2] = [HASH_LABEL, NATIVE_HASH_LABEL];

/// A DestinationRule without what a rollout has added, and the names of the subsets that it had made.
pub fn rule(object: &Value, given: Option<&Value>) -> (Value, Vec<String>) {
    let all: Vec<Subset<'_>> = subsets(object).collect();
    let is_given = |name: &str| given.map(|given| subsets(given).any(|subset| subset.name == name));
    let is_twin = |made: &Subset<'_>| {
        let others = all.iter().filter(|other| other.index != made.index && other.index < made.index);
        others.into_iter().any(|other| nameless(other.value) == nameless(made.value))
    };
    let is_made = |subset: &Subset<'_>| {
        subset.labels().get(HASH_LABEL).is_some() && !is_given(subset.name).unwrap_or_else(|| !is_twin(subset))
    };
    let made: Vec<String> = all.iter().filter(|subset| is_made(subset)).map(|subset| subset.name.to_owned()).collect();
    let mut out = object.clone();
    let list: Path = vec!["spec".into(), "subsets".into()];
    if let Some(Data::Seq(items)) = out.find_mut(&list).map(|list| &mut list.data) {
        items.retain(|item| item.text_at(&["name"]).is_none_or(|name| !made.iter().any(|made| made == name)));
        items.iter_mut().for_each(unlabel);
    }
    (out, made)
}

/// Takes the labels of revisions off a subset, and `labels` where they were all that stood there.
fn unlabel(subset: &mut Value) {
    let Data::Map(map) = &mut subset.data else { return };
    let Some(Data::Map(labels)) = map.get_mut("labels").map(|labels| &mut labels.data) else { return };
    let taken = LABELS.iter().filter(|label| labels.remove(label).is_some()).count();
    if taken > 0 && labels.is_empty() {
        map.remove("labels");
    }
}

/// What two subsets are compared by.
fn nameless(subset: &Value) -> Value {
    let mut out = subset.clone();
    unlabel(&mut out);
    if let Data::Map(map) = &mut out.data {
        map.remove("name");
    }
    out
}

/// A VirtualService without the destinations for subsets that a rollout had made, each a resolved host and a name. Their
/// weights go back to the destination before; where the user's own manifest has the same destinations, theirs count.
pub fn service(object: &Value, made: &[(String, String)], given: Option<&Value>, namespace: &str) -> Value {
    let is_made = |destination: &Value| {
        let part = |key: &str| destination.text_at(&["destination", key]).unwrap_or_default().to_owned();
        let (host, subset) = (part("host"), part("subset"));
        made.iter().any(|(known, name)| *known == *resolve(&host, namespace) && *name == subset)
    };
    let mut out = object.clone();
    for route in routes(object).filter(|route| route.protocol == Protocol::Http) {
        let path: Path = vec!["spec".into(), "http".into(), route.index.into(), "route".into()];
        let Some(Data::Seq(items)) = out.find_mut(&path).map(|list| &mut list.data) else { continue };
        if !items.iter().any(is_made) && given.is_none() {
            continue;
        }
        let own = given
            .and_then(|given| route.again_in(given))
            .map(|route| route.value.get("route").map(Value::items).unwrap_or_default().to_vec());
        fold(items, is_made);
        match own.filter(|own| destinations(own) == destinations(items)) {
            Some(own) => {
                for (item, own) in items.iter_mut().zip(&own) {
                    set_weight(item, own.get("weight").cloned());
                }
            }
            None => {
                if let [lone] = items.as_mut_slice() {
                    set_weight(lone, None);
                }
            }
        }
    }
    out
}

/// Takes destinations out, and gives what they had to the one before.
fn fold(items: &mut Vec<Value>, is_made: impl Fn(&Value) -> bool) {
    let mut kept: Vec<Value> = Vec::new();
    for item in items.drain(..) {
        let Some(before) = kept.last_mut().filter(|_| is_made(&item)) else {
            kept.push(item);
            continue;
        };
        let weight = |item: &Value| item.get("weight").and_then(Value::as_int).unwrap_or_default();
        let sum = weight(before) + weight(&item);
        set_weight(before, Some(Value::int(sum)));
    }
    *items = kept;
}

fn set_weight(item: &mut Value, weight: Option<Value>) {
    let Data::Map(map) = &mut item.data else { return };
    match weight {
        Some(weight) => map.put("weight", weight, Some("destination")),
        None => drop(Map::remove(map, "weight")),
    }
}

fn destinations(items: &[Value]) -> Vec<Option<&Value>> {
    items.iter().map(|item| item.get("destination")).collect()
}
