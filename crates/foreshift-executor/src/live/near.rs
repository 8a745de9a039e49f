//! Which objects of other namespaces a plan can depend on: a mesh has thousands of them, and the record of a rollout holds
//! everything that it was planned with.

use std::collections::BTreeSet;

use foreshift_core::istio::host::{CLUSTER_SUFFIX, resolve};
use foreshift_core::kubernetes::Key;

use crate::cluster::Json;
use crate::view::key;

/// What of other namespaces cannot be about the same hosts.
///
/// That is an object of which neither the name nor a host stands in the texts of the rollout, in what the namespace says of
/// traffic, or in what is near already, be it in parts and in other places. So it may be too little, and never too much: what
/// nobody names nobody is sent to.
pub(super) fn far<'a>(
    objects: impl Iterator<Item = &'a Json>,
    namespace: &'a str,
    texts: impl IntoIterator<Item = &'a str>,
) -> BTreeSet<Key> {
    let mut known: BTreeSet<&str> = texts.into_iter().flat_map(words).chain([namespace]).collect();
    let objects = objects.filter_map(|object| Some((key(object)?, object)));
    let (here, mut open): (Vec<_>, Vec<_>) = objects.partition(|(key, _)| key.namespace == namespace);
    for (_, object) in here.iter().filter(|(key, _)| key.is_traffic() || key.kind == "Service") {
        strings(object, &mut |text| known.extend(words(text)));
    }
    let mut has_grown = true;
    while has_grown {
        let (near, far): (Vec<_>, Vec<_>) = open.into_iter().partition(|(key, object)| is_near(key, object, &known));
        has_grown = !near.is_empty();
        for (_, object) in &near {
            strings(object, &mut |text| known.extend(words(text)));
        }
        open = far;
    }
    open.into_iter().map(|(key, _)| key).collect()
}

fn is_near(key: &Key, object: &Json, known: &BTreeSet<&str>) -> bool {
    let is_known = |host: &str| {
        let full = resolve(host, &key.namespace);
        let parts = full.strip_suffix(CLUSTER_SUFFIX).unwrap_or(&full);
        parts.split('.').all(|part| part.starts_with('*') || known.contains(part))
    };
    let mut found = is_known(&key.name);
    hosts(object, &mut |host| found |= is_known(host));
    found
}

/// Every host that an object names.
fn hosts<'a>(json: &'a Json, take: &mut impl FnMut(&'a str)) {
    match json {
        Json::Object(map) => {
            for (key, value) in map {
                match (key.as_str(), value) {
                    ("host", Json::String(host)) => take(host),
                    ("hosts", Json::Array(hosts)) => hosts.iter().filter_map(Json::as_str).for_each(&mut *take),
                    _ => hosts(value, take),
                }
            }
        }
        Json::Array(items) => items.iter().for_each(|item| hosts(item, take)),
        _ => {}
    }
}

/// Every text of an object.
fn strings<'a>(json: &'a Json, take: &mut impl FnMut(&'a str)) {
    match json {
        Json::String(text) => take(text),
        Json::Object(map) => map.values().for_each(|value| strings(value, take)),
        Json::Array(items) => items.iter().for_each(|item| strings(item, take)),
        _ => {}
    }
}

/// The parts of a text that a name can have.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const OURS: &str = "host: reviews\n---\nhosts: [shop.example.com, reviews.shop.svc.cluster.local]\n";

    fn object(kind: &str, at: &str, spec: &Json) -> Json {
        let (namespace, name) = at.split_once('/').expect("a namespace and a name");
        let group = if kind == "Service" { "v1" } else { "networking.istio.io/v1" };
        json!({"apiVersion": group, "kind": kind, "metadata": {"namespace": namespace, "name": name}, "spec": spec})
    }

    fn kept(objects: &[Json]) -> Vec<String> {
        let far = far(objects.iter(), "shop", [OURS]);
        let mut near: Vec<Key> = objects.iter().filter_map(key).filter(|key| !far.contains(key)).collect();
        near.sort();
        near.into_iter().map(|key| format!("{}/{}", key.namespace, key.name)).collect()
    }

    #[test]
    fn what_nothing_of_ours_names_is_far() {
        let far = [
            object("Service", "far/ratings", &json!({})),
            object("Service", "far/reviews", &json!({})),
            object(
                "VirtualService",
                "far/reviews",
                &json!({"hosts": ["reviews"], "http": [{"route": [{"destination": {"host": "reviews"}}]}]}),
            ),
            object("DestinationRule", "far/shop", &json!({"host": "reviews.far.svc.cluster.local"})),
        ];
        assert!(kept(&far).is_empty(), "{:?}", kept(&far));
    }

    #[test]
    fn what_is_about_a_host_of_ours_is_near() {
        for near in [
            object("VirtualService", "client/a", &json!({"hosts": ["reviews.shop.svc.cluster.local"]})),
            object("VirtualService", "gateways/b", &json!({"hosts": ["shop.example.com"]})),
            object("VirtualService", "gateways/c", &json!({"hosts": ["*.example.com"]})),
            object(
                "VirtualService",
                "gateways/d",
                &json!({"hosts": ["x"], "http": [{"mirror": {"host": "reviews.shop"}}]}),
            ),
            object("DestinationRule", "client/e", &json!({"host": "reviews.shop.svc.cluster.local"})),
            object("DestinationRule", "istio-system/f", &json!({"host": "*.shop.svc.cluster.local"})),
            object("DestinationRule", "istio-system/g", &json!({"host": "*"})),
        ] {
            assert_eq!(kept(std::slice::from_ref(&near)).len(), 1, "{near}");
        }
    }

    #[test]
    fn what_our_namespace_or_something_near_names_is_near_too() {
        let ours = object(
            "VirtualService",
            "shop/reviews",
            &json!({"http": [{"delegate": {"name": "rest", "namespace": "team"}}]}),
        );
        let delegate =
            object("VirtualService", "team/rest", &json!({"http": [{"route": [{"destination": {"host": "stock"}}]}]}));
        let service = object("Service", "team/stock", &json!({}));
        let other = object("Service", "team/other", &json!({}));
        assert_eq!(kept(&[ours, delegate, service, other]), ["shop/reviews", "team/rest", "team/stock"]);
    }
}
