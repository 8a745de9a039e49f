//! DestinationRules: their subsets, and the one change that a rollout makes in them.

use crate::kubernetes::{Labels, labels_of};
use crate::text::{Change, Span};
use crate::value::{Data, Path, Step, Value};

/// A named part of a host's endpoints.
#[derive(Clone, Copy, Debug)]
pub struct Subset<'a> {
    /// Which one of the list.
    pub index: usize,
    /// Its name.
    pub name: &'a str,
    /// The whole of it.
    pub value: &'a Value,
}

impl Subset<'_> {
    /// The labels that a pod has to have; none select every endpoint of the host.
    pub fn labels(&self) -> Labels {
        labels_of(self.value.at(&["labels"]))
    }

    /// Whether it has pods with these labels.
    pub fn selects(&self, pods: &Labels) -> bool {
        let mut labels = self.value.at(&["labels"]).into_iter().flat_map(Value::entries);
        labels.all(|(key, value)| value.as_str().is_none_or(|value| pods.get(&*key.name).is_some_and(|of| of == value)))
    }

    /// Where its name stands.
    pub fn span(&self) -> Span {
        self.value.at(&["name"]).map_or(self.value.span, |name| name.span)
    }
}

/// When it was created; nothing that is known is later than what is not. Rules of one host merge in this order, and
/// by their names where that is the same.
pub fn created(object: &Value) -> Option<&str> {
    object.text_at(&["metadata", "creationTimestamp"])
}

/// What stands for the time of a rule that nobody has seen in a cluster.
pub const NOT_YET: &str = "~";

/// The host that it is for, as written.
pub fn host(object: &Value) -> &str {
    object.text_at(&["spec", "host"]).unwrap_or_default()
}

/// Whether it counts only for some clients of its namespace.
pub fn has_workload_selector(object: &Value) -> bool {
    object.at(&["spec", "workloadSelector"]).is_some()
}

/// Every subset, in the order of the text.
pub fn subsets(object: &Value) -> impl Iterator<Item = Subset<'_>> {
    let list = object.at(&["spec", "subsets"]).map(Value::items).unwrap_or_default();
    list.iter().enumerate().filter_map(|(index, value)| Some(Subset { index, name: value.text_at(&["name"])?, value }))
}

/// The first subset of that name: the one that counts.
pub fn subset<'a>(object: &'a Value, name: &str) -> Option<Subset<'a>> {
    subsets(object).find(|subset| subset.name == name)
}

/// A label and its value.
pub type Label = (String, String);

/// What a rollout makes of two subsets: each selects the pods of one revision.
#[derive(Clone, Debug, PartialEq)]
pub struct Pin {
    /// The active subset.
    pub active: usize,
    /// The label that it gets.
    pub active_label: Label,
    /// The canary subset.
    pub canary: CanarySubset,
    /// The label that it gets.
    pub canary_label: Label,
}

/// Where a DestinationRule's canary subset comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum CanarySubset {
    /// It is made, as the active one under another name, behind all others.
    Created(String),
    /// It is there already.
    Reused(usize),
}

/// The changes that pin subsets. The created subset has everything that the active one has.
pub fn pin(object: &Value, pins: &[Pin]) -> Vec<Change> {
    let mut all = Vec::new();
    for pin in pins {
        all.extend(changes(object, pin).unwrap_or_default());
    }
    all
}

fn changes(object: &Value, pin: &Pin) -> Option<Vec<Change>> {
    let list: Path = vec!["spec".into(), "subsets".into()];
    let subsets = object.find(&list)?.items();
    let mut out = vec![labelled(&list, subsets, pin.active, &pin.active_label)?];
    match &pin.canary {
        CanarySubset::Reused(index) => out.push(labelled(&list, subsets, *index, &pin.canary_label)?),
        CanarySubset::Created(name) => {
            let mut value = subsets.get(pin.active)?.clone();
            let Data::Map(map) = &mut value.data else { return None };
            map.put("name", Value::str(name), None);
            let mut labels = with_label(map.get("labels"), &pin.canary_label);
            labels.span = Span::NONE;
            map.put("labels", labels, Some("name"));
            let after = subsets.len().checked_sub(1)?;
            out.push(Change::Insert { seq: list, after, like: pin.active, value });
        }
    }
    Some(out)
}

/// The change that puts a label on a subset, whose `labels` may be empty or not there at all.
fn labelled(list: &[Step], subsets: &[Value], index: usize, (key, label): &Label) -> Option<Change> {
    let mut map = list.to_vec();
    map.push(index.into());
    match subsets.get(index)?.get("labels").map(|labels| &labels.data) {
        Some(Data::Map(_)) => {
            map.push("labels".into());
            Some(Change::Put { map, key: key.clone(), value: Value::str(label), after: None })
        }
        _ => {
            let value = with_label(None, &(key.clone(), label.clone()));
            Some(Change::Put { map, key: "labels".to_owned(), value, after: Some("name") })
        }
    }
}

fn with_label(labels: Option<&Value>, (key, label): &Label) -> Value {
    let mut value = labels.filter(|labels| labels.as_map().is_some()).cloned().unwrap_or_else(|| Value::map([]));
    if let Data::Map(map) = &mut value.data {
        map.put(key, Value::str(label), None);
    }
    value
}
