//! The content of every write: what an object says in a state, from the user's own text.

use std::rc::Rc;

use super::model::{Content, Write};
use super::{Pair, Workload, World};
use crate::diagnostic::{Code, Diagnostic};
use crate::istio::destination_rule::{self, Pin};
use crate::istio::virtual_service::{self, Split};
use crate::kubernetes::{HASH_LABEL, Key, Object};
use crate::text::{Change, write};
use crate::value::{Data, Value};
use crate::weight::{LIMIT_SUM, LIMIT_WEIGHT, Weight, divide};

/// Which revision the active subsets select.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Revision {
    Old,
    New,
}

/// An object as it was given.
pub(super) fn given(object: &Object) -> Write {
    let content = Content { value: Rc::clone(&object.value), text: Rc::clone(&object.text) };
    Write { key: Rc::new(object.key.clone()), api_version: object.api_version.as_str().into(), content: Some(content) }
}

/// A VirtualService in which every one of its planned routes gives `weight` to the canary.
pub(super) fn weighted(key: &Rc<Key>, pairs: &[&Pair], world: &World, weight: Weight) -> Result<Write, Diagnostic> {
    let object = found(key, world)?;
    let mut splits: Vec<Split> = Vec::new();
    for pair in pairs {
        splits.push(split(pair, weight)?);
    }
    edited(object, key, &virtual_service::split(&object.value, &splits))
}

/// Whether Istio's limits allow a weight of a pair's route.
pub(super) fn check(pair: &Pair, weight: Weight) -> Result<(), Diagnostic> {
    split(pair, weight).map(|_| ())
}

fn split(pair: &Pair, weight: Weight) -> Result<Split, Diagnostic> {
    let shares = divide(pair.active_weight, weight);
    let sum = pair.total_weight.checked_mul(shares.factor);
    let is_over = sum.is_none_or(|sum| sum > LIMIT_SUM) || shares.active.max(shares.canary) > LIMIT_WEIGHT;
    let others = pair.active_weight.map_or(0, |active| pair.total_weight - active);
    if is_over || others.checked_mul(shares.factor).is_none_or(|others| others > LIMIT_SUM) {
        let message = format!(
            "to give exactly {} % away, the weights of route `{}` would have to be multiplied by {}, over Istio's limits",
            weight.percent(),
            pair.route,
            shares.factor
        );
        return Err(Diagnostic::new(Code::WeightOverflow, pair.span, message)
            .help("use smaller weights in the route: a weight is at most 2147483647, their sum at most 4294967295"));
    }
    Ok(Split {
        http: pair.http,
        active: pair.active,
        canary: pair.canary.clone(),
        active_weight: shares.active,
        canary_weight: shares.canary,
        factor: shares.factor,
    })
}

/// A DestinationRule whose planned subsets select one revision each.
pub(super) fn pinned(
    key: &Rc<Key>,
    pairs: &[&Pair],
    workloads: &[Workload],
    world: &World,
    revision: Revision,
) -> Result<Write, Diagnostic> {
    let object = found(key, world)?;
    let mut pins: Vec<Pin> = Vec::new();
    for pair in pairs {
        let Some(workload) = workloads.get(pair.workload) else { continue };
        let canary_label = workload.canary_label();
        let active_label = match revision {
            Revision::Old => workload.active_label.clone(),
            Revision::New => canary_label.clone(),
        };
        let pin = Pin { active: pair.active_subset, active_label, canary: pair.canary_subset.clone(), canary_label };
        if !pins.contains(&pin) {
            pins.push(pin);
        }
    }
    edited(object, key, &destination_rule::pin(&object.value, &pins))
}

/// The stages of the new revision's ReplicaSet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum ReplicaSetStage {
    Alone,
    Annotated,
    Adopted,
}

/// The ReplicaSet of the new revision. Until it is adopted its own labels do not match the Deployment's selector, so
/// that the Deployment controller leaves it alone.
pub(super) fn replica_set(workload: &Workload, stage: ReplicaSetStage) -> Write {
    let template = labelled_template(workload);
    let mut metadata = Value::map([
        ("name", Value::str(&workload.replica_set.name)),
        ("namespace", Value::str(&workload.replica_set.namespace)),
    ]);
    if let Data::Map(map) = &mut metadata.data {
        if stage == ReplicaSetStage::Adopted {
            map.put("labels", template.at(&["metadata", "labels"]).cloned().unwrap_or_else(|| Value::map([])), None);
        }
        if stage != ReplicaSetStage::Alone {
            // Without it the controller makes and removes one pod too many when it adopts the ReplicaSet.
            let replicas = Value::str(&workload.replicas.to_string());
            map.put("annotations", Value::map([("deployment.kubernetes.io/desired-replicas", replicas)]), None);
        }
    }
    let deployment = &workload.included.value;
    let mut spec = Value::map([("replicas", Value::int(i64::from(workload.replicas)))]);
    if let Data::Map(map) = &mut spec.data {
        if let Some(seconds) = deployment.at(&["spec", "minReadySeconds"]) {
            map.put("minReadySeconds", seconds.clone(), None);
        }
        let mut selector = deployment.at(&["spec", "selector"]).cloned().unwrap_or_else(|| Value::map([]));
        let hash = Value::str(&workload.canary);
        if let Some(Data::Map(labels)) = selector.find_mut(&["matchLabels".into()]).map(|labels| &mut labels.data) {
            labels.put(HASH_LABEL, hash, None);
        } else if let Data::Map(selector) = &mut selector.data {
            selector.put("matchLabels", Value::map([(HASH_LABEL, hash)]), None);
        }
        map.put("selector", selector, None);
        map.put("template", template, None);
    }
    let value = Value::map([
        ("apiVersion", Value::str("apps/v1")),
        ("kind", Value::str("ReplicaSet")),
        ("metadata", metadata),
        ("spec", spec),
    ]);
    let text = write(&value).into();
    Write {
        key: Rc::clone(&workload.replica_set),
        api_version: "apps/v1".into(),
        content: Some(Content { value: Rc::new(value), text }),
    }
}

fn labelled_template(workload: &Workload) -> Value {
    let mut template = workload.included.template().cloned().unwrap_or_else(|| Value::map([]));
    if let Some(Data::Map(labels)) =
        template.find_mut(&["metadata".into(), "labels".into()]).map(|labels| &mut labels.data)
    {
        labels.put(HASH_LABEL, Value::str(&workload.canary), None);
    }
    template
}

/// Whether the Deployment controller acts on the Deployment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Deploying {
    Paused,
    Resumed,
}

/// The Deployment as it runs, paused.
pub(super) fn paused(workload: &Workload) -> Result<Write, Diagnostic> {
    edited(workload.start(), &workload.deployment, &[pause()])
}

fn pause() -> Change {
    let (map, value) = (vec!["spec".into()], Value::new(Data::Bool(true)));
    Change::Put { map, key: "paused".to_owned(), value, after: Some("replicas") }
}

/// The Deployment with the new template and the hash on it.
pub(super) fn deployment(workload: &Workload, deploying: Deploying) -> Result<Write, Diagnostic> {
    let labels = ["spec", "template", "metadata", "labels"].map(Into::into).to_vec();
    let key = HASH_LABEL.to_owned();
    let mut changes = vec![Change::Put { map: labels, key, value: Value::str(&workload.canary), after: None }];
    if deploying == Deploying::Paused {
        changes.push(pause());
    }
    edited(&workload.included, &workload.deployment, &changes)
}

/// No Deployment.
pub(super) fn no_deployment(workload: &Workload) -> Write {
    let api_version = workload.included.api_version.as_str().into();
    Write { key: Rc::clone(&workload.deployment), api_version, content: None }
}

fn found<'a>(key: &Key, world: &'a World) -> Result<&'a Object, Diagnostic> {
    world.wanted(key).ok_or_else(|| {
        Diagnostic::new(Code::TextNotEditable, crate::text::Span::NONE, format!("{key} is not there any more"))
    })
}

fn edited(object: &Object, key: &Rc<Key>, changes: &[Change]) -> Result<Write, Diagnostic> {
    let Some(edited) = object.edited(changes) else {
        let message = format!("the text of {key} is laid out in a way that cannot be edited line by line");
        return Err(Diagnostic::new(Code::TextNotEditable, object.span(), message)
            .help("write its route and subsets in plain block style, and please report the text"));
    };
    let content = Content { value: Rc::new(edited.value), text: edited.text.into() };
    Ok(Write { key: Rc::clone(key), api_version: object.api_version.as_str().into(), content: Some(content) })
}
