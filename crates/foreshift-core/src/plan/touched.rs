//! What a plan changes of the objects that stand in a repository: paths, by name and never by index.

use std::rc::Rc;

use super::workload::running_replica_sets;
use super::{Pair, Plan, Step};
use crate::kubernetes::{HASH_LABEL, Key, NATIVE_HASH_LABEL};
use crate::order;
use crate::value::{Data, Value};

/// An object that a plan changes, with the places in it that it changes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Touched {
    /// Which object.
    pub key: Rc<Key>,
    /// The places, each once, in order. What is inside of one is changed with it.
    pub paths: Vec<Vec<Segment>>,
}

/// A part of the way to a place.
#[derive(Clone, Debug, Eq, PartialEq, Ord, PartialOrd)]
pub enum Segment {
    /// Into a mapping.
    Field(String),
    /// Into every item of a list; the plan knows such a list to have one.
    Each,
    /// Into the one item of a list of which this says this.
    Item {
        /// Where its name stands in an item.
        by: &'static [&'static str],
        /// The name.
        name: String,
    },
}

/// Where the items of a list have their names: routes and subsets; destinations.
const NAMES: &[&[&str]] = &[SUBSET_NAME, &["destination", "subset"], &["destination", "host"]];

/// Where a subset has its name; no two of a DestinationRule have the same.
const SUBSET_NAME: &[&str] = &["name"];

impl Plan {
    /// What it changes of each object that stands in a repository: in between, and not only at the end.
    ///
    /// That is where the text that is meant to stay (the manifests', else what runs) and a state differ. Of a
    /// Deployment it is the whole pod template: it is handed over by the rollout and by nobody else. Where it is not
    /// known by which label the old revision is pinned, it is each that may do it: the pods of a first rollout have none
    /// but Kubernetes' own.
    pub fn touched(&self) -> Vec<Touched> {
        let mut touched: Vec<Touched> = Vec::new();
        for stage in &self.stages {
            let key = &stage.write.key;
            let mut paths = Vec::new();
            match (&stage.step, &stage.write.content) {
                (Step::Apply, _) | (_, None) => {}
                (_, Some(content)) if key.is_traffic() => {
                    if let Some(wanted) = self.world.wanted(key) {
                        differences(&wanted.value, &content.value, &mut Vec::new(), &mut paths);
                    }
                    self.other_pins(key, &mut paths);
                }
                (_, Some(_)) if self.workloads.iter().any(|workload| workload.deployment == *key) => {
                    paths.extend(["paused", "template"].map(|field| vec![into("spec"), into(field)]));
                }
                _ => {}
            }
            if paths.is_empty() {
                continue;
            }
            match touched.iter_mut().find(|touched| touched.key == *key) {
                Some(touched) => touched.paths.append(&mut paths),
                None => touched.push(Touched { key: Rc::clone(key), paths }),
            }
        }
        for touched in &mut touched {
            order::sort_and_dedup(&mut touched.paths);
            // A place goes with one that it is inside of; the outer one comes first.
            let mut outer: Option<Vec<Segment>> = None;
            touched.paths.retain(|path| {
                let is_inside = outer.as_ref().is_some_and(|outer| path.starts_with(outer));
                if !is_inside {
                    outer = Some(path.clone());
                }
                !is_inside
            });
        }
        touched
    }

    /// The labels that pin active subsets of a DestinationRule if the old pods turn out to have no other.
    fn other_pins(&self, rule: &Key, paths: &mut Vec<Vec<Segment>>) {
        let is_assumed = |pair: &&Pair| {
            let workload = self.workloads.get(pair.workload);
            *pair.destination_rule == *rule
                && workload.is_some_and(|workload| running_replica_sets(&workload.deployment, &self.world).is_empty())
        };
        for pair in self.pairs.iter().filter(is_assumed) {
            let subset = Segment::Item { by: SUBSET_NAME, name: pair.active_name.to_string() };
            let pinned: Vec<Segment> = vec![into("spec"), into("subsets"), subset, into("labels")];
            // A subset without labels gets them as a whole.
            if paths.iter().any(|path| pinned.starts_with(path)) {
                continue;
            }
            paths.extend([HASH_LABEL, NATIVE_HASH_LABEL].map(|label| [&pinned[..], &[into(label)]].concat()));
        }
    }
}

fn into(field: &str) -> Segment {
    Segment::Field(field.to_owned())
}

/// The places where two values differ.
fn differences(from: &Value, to: &Value, at: &mut Vec<Segment>, out: &mut Vec<Vec<Segment>>) {
    match (&from.data, &to.data) {
        (Data::Map(left), Data::Map(right)) => {
            for (key, value) in left.iter() {
                at.push(into(&key.name));
                match right.get(&key.name) {
                    Some(other) => differences(value, other, at, out),
                    None => out.push(at.clone()),
                }
                at.pop();
            }
            for (key, _) in right.iter().filter(|(key, _)| left.get(&key.name).is_none()) {
                at.push(into(&key.name));
                out.push(at.clone());
                at.pop();
            }
        }
        (Data::Seq(left), Data::Seq(right)) if left != right => lists(left, right, at, out),
        _ if from != to => out.push(at.clone()),
        _ => {}
    }
}

/// The items in which two lists differ; the whole list where an item that differs has no name of its own.
fn lists(from: &[Value], to: &[Value], at: &mut Vec<Segment>, out: &mut Vec<Vec<Segment>>) {
    if let ([from], [to]) = (from, to)
        && name(from, &[]).is_none()
    {
        at.push(Segment::Each);
        differences(from, to, at, out);
        at.pop();
        return;
    }
    let before = out.len();
    let mut add = |item: &Value, other: Option<&Value>, list: &[Value]| {
        let Some((by, name)) = name(item, list) else { return false };
        at.push(Segment::Item { by, name: name.to_owned() });
        match other {
            Some(other) => differences(item, other, at, out),
            None => out.push(at.clone()),
        }
        at.pop();
        true
    };
    // What has a name is found by it again; what has none, among those without, in their order.
    let same = |item: &Value, list: &'_ [Value], own: &[Value]| -> Option<usize> {
        match name(item, own) {
            Some(found) => list.iter().position(|other| name(other, list) == Some(found)),
            None => list.iter().position(|other| other == item),
        }
    };
    let mut is_whole = true;
    for item in from {
        let other = same(item, to, from).and_then(|index| to.get(index));
        is_whole &= other == Some(item) || add(item, other, from);
    }
    for item in to.iter().filter(|item| same(item, from, to).is_none()) {
        is_whole &= add(item, None, to);
    }
    if !is_whole {
        out.truncate(before);
        out.push(at.clone());
    }
}

/// The name of an item and where it stands, where no other item of its list has the same there.
fn name<'a>(item: &'a Value, list: &[Value]) -> Option<(&'static [&'static str], &'a str)> {
    let is_alone = |by: &[&str], name: &str| list.iter().filter(|other| other.text_at(by) == Some(name)).count() <= 1;
    let names = NAMES.iter().filter_map(|by| Some((*by, item.text_at(by)?)));
    names.into_iter().find(|(by, name)| is_alone(by, name))
}
