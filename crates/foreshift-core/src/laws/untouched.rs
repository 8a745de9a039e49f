//! Law 6: take out what a rollout owns, and what the user gave is left.

use crate::istio::destination_rule::CanarySubset;
use crate::istio::virtual_service::CanaryDestination;
use crate::kubernetes::{HASH_LABEL, NATIVE_HASH_LABEL};
use crate::plan::Pair;
use crate::value::{Data, Map, Step, Value};

/// Whether a VirtualService is the given one but for the weights of the planned routes and their canary destinations.
pub(super) fn virtual_service<'a>(given: &Value, state: &Value, pairs: impl Iterator<Item = &'a Pair>) -> bool {
    let mut left = state.clone();
    for pair in pairs {
        let path: [Step; 4] = ["spec".into(), "http".into(), pair.http.into(), "route".into()];
        let (Some(given), Some(Data::Seq(items))) =
            (given.find(&path), left.find_mut(&path).map(|value| &mut value.data))
        else {
            return false;
        };
        if matches!(pair.canary, CanaryDestination::Created(_)) && pair.active + 1 < items.len() {
            let created = items.remove(pair.active + 1);
            if created.text_at(&["destination", "subset"]) != Some(&*pair.canary_name) {
                return false;
            }
        }
        for (item, given) in items.iter_mut().zip(given.items()) {
            let Data::Map(map) = &mut item.data else { return false };
            restore(map, "weight", given.get("weight"));
        }
    }
    left == *given
}

/// Whether a DestinationRule is the given one but for the hash labels of the planned subsets and its canary subsets.
pub(super) fn destination_rule<'a>(given: &Value, state: &Value, pairs: impl Iterator<Item = &'a Pair>) -> bool {
    let mut left = state.clone();
    let path: [Step; 2] = ["spec".into(), "subsets".into()];
    let (Some(before), Some(Data::Seq(items))) = (given.find(&path), left.find_mut(&path).map(|value| &mut value.data))
    else {
        return false;
    };
    let before = before.items();
    for pair in pairs {
        if let CanarySubset::Created(name) = &pair.canary_subset {
            items.retain(|item| item.text_at(&["name"]) != Some(name));
        }
        let reused = match pair.canary_subset {
            CanarySubset::Reused(index) => Some(index),
            CanarySubset::Created(_) => None,
        };
        for index in [Some(pair.active_subset), reused].into_iter().flatten() {
            let (Some(item), Some(given)) = (items.get_mut(index), before.get(index)) else { return false };
            let Data::Map(map) = &mut item.data else { return false };
            unlabel(map, given.get("labels"));
        }
    }
    left == *given
}

fn unlabel(subset: &mut Map, given: Option<&Value>) {
    let Some(Data::Map(labels)) = subset.get_mut("labels").map(|labels| &mut labels.data) else { return };
    for label in [HASH_LABEL, NATIVE_HASH_LABEL] {
        restore(labels, label, given.and_then(|given| given.get(label)));
    }
    if labels.is_empty() {
        restore(subset, "labels", given);
    }
}

fn restore(map: &mut Map, key: &str, given: Option<&Value>) {
    match given {
        Some(value) => map.put(key, value.clone(), None),
        None => {
            map.remove(key);
        }
    }
}
