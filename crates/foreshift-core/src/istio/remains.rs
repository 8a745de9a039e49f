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

/// A DestinationRule in which these subsets select the pods of one ReplicaSet of a Deployment, by its own hash.
pub fn follow(object: &Value, names: &[&str], hash: &str) -> Value {
    let mut out = object.clone();
    let list: Path = vec!["spec".into(), "subsets".into()];
    let items = out.find_mut(&list).map(|list| &mut list.data);
    let Some(Data::Seq(items)) = items else { return out };
    for item in items.iter_mut().filter(|item| item.text_at(&["name"]).is_some_and(|name| names.contains(&name))) {
        unlabel(item);
        let Data::Map(map) = &mut item.data else { continue };
        let mut labels = map.get("labels").and_then(Value::as_map).cloned().unwrap_or_default();
        labels.put(NATIVE_HASH_LABEL, Value::str(hash), None);
        map.put("labels", Value::new(Data::Map(labels)), Some("name"));
    }
    out
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

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(subsets: &[(&str, &[(&str, &str)])]) -> Value {
        let labels = |labels: &[(&str, &str)]| {
            let mut map = Map::default();
            for (key, value) in labels {
                map.put(key, Value::str(value), None);
            }
            Value::new(Data::Map(map))
        };
        let subsets = subsets.iter().map(|(name, of)| Value::map([("name", Value::str(name)), ("labels", labels(of))]));
        let list = Value::new(Data::Seq(subsets.collect()));
        Value::map([("spec", Value::map([("host", Value::str("reviews")), ("subsets", list)]))])
    }

    fn service(route: &[(&str, Option<i64>)]) -> Value {
        let to = |(subset, weight): &(&str, Option<i64>)| {
            let destination = Value::map([("host", Value::str("reviews")), ("subset", Value::str(subset))]);
            let mut to = Map::default();
            to.put("destination", destination, None);
            if let Some(weight) = weight {
                to.put("weight", Value::int(*weight), None);
            }
            Value::new(Data::Map(to))
        };
        let route = Value::map([("route", Value::new(Data::Seq(route.iter().map(to).collect())))]);
        Value::map([("spec", Value::map([("http", Value::new(Data::Seq(vec![route])))]))])
    }

    const APP: (&str, &str) = ("app", "reviews");
    const OLD: (&str, &str) = (NATIVE_HASH_LABEL, "old");
    const NEW: (&str, &str) = (HASH_LABEL, "new");

    #[test]
    fn what_a_rollout_made_of_a_rule_goes_and_what_was_there_stays() {
        let pinned = rule(&[("stable", &[APP, OLD]), ("canary", &[APP, NEW]), ("other", &[APP, ("zone", "a")])]);
        let (clean, made) = super::rule(&pinned, None);
        assert_eq!(clean, rule(&[("stable", &[APP]), ("other", &[APP, ("zone", "a")])]));
        assert_eq!(made, ["canary"]);
        let given = rule(&[("stable", &[APP]), ("canary", &[APP])]);
        let (clean, made) = super::rule(&pinned, Some(&given));
        assert_eq!(clean, rule(&[("stable", &[APP]), ("canary", &[APP]), ("other", &[APP, ("zone", "a")])]));
        assert!(made.is_empty(), "the user has it too");
    }

    #[test]
    fn a_weight_goes_back_to_the_destination_before() {
        let made = [("reviews.shop.svc.cluster.local".to_owned(), "canary".to_owned())];
        let clean = |route: &[(&str, Option<i64>)]| super::service(&service(route), &made, None, "shop");
        assert_eq!(clean(&[("stable", Some(90)), ("canary", Some(10))]), service(&[("stable", None)]));
        let others = [("stable", Some(40)), ("canary", Some(10)), ("other", Some(50))];
        assert_eq!(clean(&others), service(&[("stable", Some(50)), ("other", Some(50))]));
    }

    #[test]
    fn a_subset_follows_a_revision_by_its_own_hash() {
        let pinned = rule(&[("stable", &[APP, NEW]), ("canary", &[APP, NEW])]);
        assert_eq!(follow(&pinned, &["stable"], "old"), rule(&[("stable", &[APP, OLD]), ("canary", &[APP, NEW])]));
    }
}
