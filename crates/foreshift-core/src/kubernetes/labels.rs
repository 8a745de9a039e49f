//! Labels and what selects them.

use std::collections::BTreeMap;

use crate::value::{Data, Map, Value};

/// Labels by key.
pub type Labels = BTreeMap<String, String>;

/// The labels in a mapping; values that are no text do not count, they are findings of the schema.
pub fn labels_of(value: Option<&Value>) -> Labels {
    let Some(Data::Map(map)) = value.map(|value| &value.data) else { return Labels::new() };
    entries(map).collect()
}

fn entries(map: &Map) -> impl Iterator<Item = (String, String)> {
    map.iter().filter_map(|(key, value)| Some((key.name.clone(), value.as_str()?.to_owned())))
}

/// Whether every pair of `selector` is in `labels`; an empty selector selects everything.
pub fn selects(selector: &Labels, labels: &Labels) -> bool {
    selector.iter().all(|(key, value)| labels.get(key) == Some(value))
}
