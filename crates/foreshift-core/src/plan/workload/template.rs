//! Whether one pod template is another.

use crate::kubernetes::{HASH_LABEL, NATIVE_HASH_LABEL, is_filled_in};
use crate::value::{Data, Value};

/// The template without the labels that tell revisions apart.
pub(super) fn without_hash(template: &Value) -> Value {
    let mut out = template.clone();
    for label in [HASH_LABEL, NATIVE_HASH_LABEL] {
        let path = ["metadata".into(), "labels".into()];
        if let Some(Data::Map(labels)) = out.find_mut(&path).map(|labels| &mut labels.data) {
            labels.remove(label);
        }
    }
    out
}

/// Whether what runs is what the new template says; what the cluster filled in does not count.
pub(super) fn is_same_template(live: &Value, wanted: &Value) -> bool {
    let (live, wanted) = (without_hash(live), without_hash(wanted));
    covers(&live, &wanted) && has_no_more(&live, &wanted)
}

/// Whether every field of `live` stands in `wanted` too, or may have been filled in.
fn has_no_more(live: &Value, wanted: &Value) -> bool {
    match (&live.data, &wanted.data) {
        (Data::Map(live), Data::Map(wanted)) => live.iter().all(|(key, value)| match wanted.get(&key.name) {
            Some(wanted) => has_no_more(value, wanted),
            None => is_filled_in(&key.name, value),
        }),
        (Data::Seq(live), Data::Seq(wanted)) => live.iter().zip(wanted).all(|(live, wanted)| has_no_more(live, wanted)),
        _ => true,
    }
}

/// Whether every field of `wanted` stands in `live` with the same value.
pub(in crate::plan) fn covers(live: &Value, wanted: &Value) -> bool {
    match (&live.data, &wanted.data) {
        (Data::Map(live), Data::Map(wanted)) => wanted.iter().all(|(key, value)| match live.get(&key.name) {
            Some(there) => covers(there, value),
            None => value.is_null(),
        }),
        (Data::Seq(live), Data::Seq(wanted)) => {
            live.len() == wanted.len() && live.iter().zip(wanted).all(|(live, wanted)| covers(live, wanted))
        }
        (live, wanted) => live == wanted,
    }
}
