//! Workloads: the Deployment of a rollout, its two revisions, and the labels that tell their pods apart.

use crate::order::Keys;
use std::rc::Rc;

use super::World;
use crate::diagnostic::{Code, Diagnostic};
use crate::istio::destination_rule::Label;
use crate::kubernetes::{
    HASH_LABEL, Key, Labels, NATIVE_HASH_LABEL, Object, is_filled_in, labels_of, pod_labels, selector_selects,
    template_hash,
};
use crate::text::Span;
use crate::value::{Data, Value};

/// What stands for the hash of what runs now, where nobody told us.
pub const PLACEHOLDER: &str = "hash-of-running-version";

/// A Deployment that is rolled out.
#[derive(Clone, Debug)]
pub struct Workload {
    /// The Deployment.
    pub deployment: Rc<Key>,
    /// What becomes of it.
    pub included: Object,
    /// What it is now, where that was given.
    pub live: Option<Object>,
    /// Whether it is gone, and what runs is a ReplicaSet that an earlier rollout left behind.
    pub is_gone: bool,
    /// What the old revision is called.
    pub active: Rc<str>,
    /// The label that only the old revision's pods have.
    pub active_label: Label,
    /// What the new revision is called: its hash.
    pub canary: Rc<str>,
    /// How often the hash was taken and another one was made.
    pub counter: u32,
    /// The ReplicaSet of the new revision.
    pub replica_set: Rc<Key>,
    /// How many pods each revision has.
    pub replicas: u32,
    /// The labels of the old pods.
    pub old_labels: Labels,
    /// The labels of the new pods.
    pub new_labels: Labels,
    /// Whether the new template is the old one: there is nothing to roll out.
    pub is_unchanged: bool,
}

/// Hashes that were given, in the order of the request.
#[derive(Clone, Debug, Default)]
pub struct Hashes {
    /// Each for one workload, or for every one.
    pub list: Vec<(Option<String>, Side, String)>,
}

/// A revision, by what it is to a rollout.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    /// What runs now.
    Active,
    /// What comes.
    Canary,
}

impl Side {
    /// Reads `active` or `canary`.
    pub fn named(name: &str) -> Option<Side> {
        match name {
            "active" => Some(Side::Active),
            "canary" => Some(Side::Canary),
            _ => None,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Side::Active => "active",
            Side::Canary => "canary",
        }
    }
}

impl Hashes {
    /// Reads `active` or `canary`, with the name of a workload and a dot before it or for every one; else returns the
    /// word that is neither.
    pub fn whose(name: &str) -> Result<(Option<String>, Side), &str> {
        let (workload, side) = match name.rsplit_once('.') {
            Some((workload, side)) => (Some(workload.to_owned()), side),
            None => (None, name),
        };
        Side::named(side).map(|side| (workload, side)).ok_or(side)
    }

    fn get(&self, workload: &str, side: Side) -> Option<&str> {
        let is_for = |wanted: Option<&str>| {
            self.list
                .iter()
                .rev()
                .find(|(name, of, _)| *of == side && name.as_deref() == wanted)
                .map(|(_, _, hash)| hash.as_str())
        };
        is_for(Some(workload)).or_else(|| is_for(None))
    }
}

impl Workload {
    /// The label that only the new revision's pods have.
    pub fn canary_label(&self) -> Label {
        (HASH_LABEL.to_owned(), self.canary.to_string())
    }
}

/// Everything about the workload of a Deployment of the manifests.
pub(super) fn workload(
    key: &Key,
    world: &World,
    hashes: &Hashes,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Workload> {
    let included = world.included.get(key)?.clone();
    let live = world.live.get(key).cloned();
    let template = included.template()?;
    refuse(&included, live.as_ref(), diagnostics)?;
    let replicas = replicas(&included, live.as_ref(), diagnostics)?;
    let given = hashes.get(&key.name, Side::Canary).map(|hash| valid(hash, diagnostics));
    let running = running_replica_sets(key, world);
    let (active, active_label) = active(&included, &running, live.as_ref(), hashes, diagnostics)?;
    let left_behind = running.first().copied().filter(|set| live.is_none() && is_left_behind(set, key));
    let (canary, counter) = match given {
        Some(hash) => (hash?.to_owned(), 0),
        None => new_hash(template, &taken(key, world, &active)),
    };
    if !is_name_part(&canary) {
        let message = format!("the hash `{canary}` cannot be a part of a ReplicaSet's name");
        diagnostics.push(
            Diagnostic::new(Code::InvalidHash, Span::NONE, message)
                .help("the new revision's hash has only lower-case letters, digits, `-` and `.`"),
        );
        return None;
    }
    if canary == active {
        let message = format!("both revisions of {key} have the hash `{canary}`");
        diagnostics.push(
            Diagnostic::new(Code::SameHashes, Span::NONE, message)
                .help("a subset could not tell their pods apart: give two hashes"),
        );
        return None;
    }
    let mut new_labels = pod_labels(template);
    new_labels.insert(HASH_LABEL.to_owned(), canary.clone());
    let old_template = live.as_ref().or(left_behind).and_then(Object::template);
    let mut old_labels = pod_labels(old_template.unwrap_or(template));
    old_labels.insert(active_label.0.clone(), active_label.1.clone());
    let replica_set = Key { kind: "ReplicaSet".to_owned(), name: format!("{}-{canary}", key.name), ..key.clone() };
    Some(Workload {
        deployment: Rc::new(key.clone()),
        is_unchanged: old_template.is_some_and(|old| is_same_template(old, template)),
        included,
        live,
        is_gone: left_behind.is_some(),
        active: active.into(),
        active_label,
        canary: canary.into(),
        counter,
        replica_set: Rc::new(replica_set),
        replicas,
        old_labels,
        new_labels,
    })
}

fn refuse(included: &Object, live: Option<&Object>, diagnostics: &mut Vec<Diagnostic>) -> Option<()> {
    let selector = |object: &Object| {
        let part = |key: &str| object.value.at(&["spec", "selector", key]).cloned();
        (labels_of(part("matchLabels").as_ref()), part("matchExpressions"))
    };
    let place =
        included.value.at(&["spec", "selector"]).map_or(included.span(), |selector| selector.span.start_point());
    if let Some(live) = live.filter(|live| selector(live) != selector(included)) {
        let message = format!("the selector of {} is not the one that runs now", live.key);
        diagnostics.push(
            Diagnostic::new(Code::SelectorChanged, place, message)
                .help("Kubernetes does not change it: keep the selector, or give the Deployment another name"),
        );
        return None;
    }
    let written = included.template().and_then(|template| template.at(&["metadata", "labels"]));
    let number = written.into_iter().flat_map(Value::entries).find(|(_, value)| value.as_str().is_none());
    if let Some((key, value)) = number {
        let message = format!("the label `{}` of the pods of {} is no text", key.name, included.key);
        diagnostics.push(Diagnostic::new(Code::LabelNotText, value.span, message).help("put its value in quotes"));
        return None;
    }
    let labels = included.template().map(pod_labels).unwrap_or_default();
    if !selector_selects(included.value.at(&["spec", "selector"]), &labels) {
        let message = format!("the selector of {} does not select its own pods", included.key);
        diagnostics.push(
            Diagnostic::new(Code::SelectorMismatch, place, message)
                .help("Kubernetes refuses it: `spec.selector` has to select `spec.template.metadata.labels`"),
        );
        return None;
    }
    let paused = [Some(included), live].into_iter().flatten().find_map(|object| {
        object
            .value
            .at(&["spec", "paused"])
            .filter(|paused| paused.as_bool() == Some(true))
            .map(|paused| (object, paused))
    });
    if let Some((object, paused)) = paused {
        let message = format!("{} is paused", object.key);
        diagnostics.push(
            Diagnostic::new(Code::DeploymentPaused, paused.span, message)
                .help("somebody holds it: resume it first; the rollout pauses and resumes it by itself"),
        );
        return None;
    }
    Some(())
}

/// How many pods there are; none at all cannot answer a request.
fn replicas(included: &Object, live: Option<&Object>, diagnostics: &mut Vec<Diagnostic>) -> Option<u32> {
    let of =
        |object: &Object| object.value.at(&["spec", "replicas"]).and_then(|found| Some((found.as_int()?, found.span)));
    let (count, span) = live.and_then(of).or_else(|| of(included)).unwrap_or((1, Span::NONE));
    let Some(count) = u32::try_from(count).ok().filter(|count| *count > 0) else {
        let message = format!("{} has {count} replicas: nobody answers the requests of its routes", included.key);
        diagnostics.push(
            Diagnostic::new(Code::NoReplicas, span, message).help("scale it up first; there is nothing to shift"),
        );
        return None;
    };
    Some(count)
}

/// What the old revision is called, and the label that only its pods have.
fn active(
    included: &Object,
    running: &[&Object],
    live: Option<&Object>,
    hashes: &Hashes,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(String, Label)> {
    let named = |label: &str, hash: &str| (hash.to_owned(), (label.to_owned(), hash.to_owned()));
    if let Some(hash) = hashes.get(&included.key.name, Side::Active) {
        return Some(named(HASH_LABEL, valid(hash, diagnostics)?));
    }
    let label = |labels: &Labels| {
        let native = labels.get(NATIVE_HASH_LABEL).map(|hash| named(NATIVE_HASH_LABEL, hash));
        labels.get(HASH_LABEL).map(|hash| named(HASH_LABEL, hash)).or(native)
    };
    let found = match running {
        [only] => only.template().map(pod_labels).and_then(|labels| label(&labels)),
        [] => live
            .and_then(Object::template)
            .and_then(|template| pod_labels(template).get(HASH_LABEL).map(|hash| named(HASH_LABEL, hash))),
        [_, second, ..] => {
            let message = format!("{} runs several ReplicaSets: a rollout of its own is unfinished", included.key);
            diagnostics.push(
                Diagnostic::new(Code::DeploymentUnfinished, second.span(), message)
                    .help("wait until it is complete, or undo it"),
            );
            return None;
        }
    };
    if found.is_none() {
        let message =
            format!("an earlier version of {} is taken to run; `{PLACEHOLDER}` stands for its hash", included.key);
        diagnostics.push(Diagnostic::new(Code::AssumedRevision, included.span(), message)
            .help("give the hash with `--hash active=…` or what runs now with `--current`; `--first` shows the first deployment"));
    }
    Some(found.unwrap_or_else(|| named(HASH_LABEL, PLACEHOLDER)))
}

/// The ReplicaSets of a Deployment that have pods, among what runs now.
pub(super) fn running_replica_sets<'a>(deployment: &Key, world: &'a World) -> Vec<&'a Object> {
    let is_own = |object: &&Object| {
        object.key.kind == "ReplicaSet"
            && object.key.namespace == deployment.namespace
            && (is_owned(object, deployment) || is_left_behind(object, deployment))
    };
    world.live.iter().filter(is_own).filter(|object| !object.is_past()).collect()
}

fn is_owned(object: &Object, deployment: &Key) -> bool {
    let owners = object.value.at(&["metadata", "ownerReferences"]).map(Value::items).unwrap_or_default();
    owners.iter().any(|owner| {
        owner.text_at(&["kind"]) == Some("Deployment") && owner.text_at(&["name"]) == Some(&deployment.name)
    })
}

/// Whether an earlier rollout left a ReplicaSet without its Deployment: its name says so, and nobody owns it.
pub(super) fn is_left_behind(object: &Object, deployment: &Key) -> bool {
    let hash = object.template().and_then(|template| template.text_at(&["metadata", "labels", HASH_LABEL]));
    let name = hash.and_then(|hash| object.key.name.strip_suffix(hash)).and_then(|name| name.strip_suffix('-'));
    object.key.kind == "ReplicaSet"
        && object.value.at(&["metadata", "ownerReferences"]).is_none()
        && name == Some(&deployment.name)
}

/// Every hash that a ReplicaSet or a pod of the namespace carries, and the active one.
fn taken(deployment: &Key, world: &World, active: &str) -> Keys<String> {
    let in_namespace = world.live.iter().filter(|object| object.key.namespace == deployment.namespace);
    let carried = in_namespace.filter_map(|object| match object.key.kind.as_str() {
        "ReplicaSet" => object.template().map(pod_labels),
        "Pod" => Some(pod_labels(&object.value)),
        _ => None,
    });
    carried.filter_map(|labels| labels.get(HASH_LABEL).cloned()).chain([active.to_owned()]).collect()
}

fn new_hash(template: &Value, taken: &Keys<String>) -> (String, u32) {
    let template = without_hash(template);
    let mut counter = 0;
    loop {
        let hash = template_hash(&template, counter);
        if !taken.contains(&hash) {
            return (hash, counter);
        }
        counter += 1;
    }
}

fn is_name_part(hash: &str) -> bool {
    hash.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
}

/// A given hash, if it can be the value of a label.
fn valid<'a>(hash: &'a str, diagnostics: &mut Vec<Diagnostic>) -> Option<&'a str> {
    let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    let fits = hash.len() <= 63
        && edge(hash.bytes().next())
        && edge(hash.bytes().last())
        && hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    if fits {
        return Some(hash);
    }
    let message = format!("the hash `{hash}` cannot be the value of a label");
    diagnostics.push(
        Diagnostic::new(Code::InvalidHash, Span::NONE, message)
            .help("at most 63 letters, digits, `-`, `_` and `.`, a letter or digit first and last"),
    );
    None
}

fn without_hash(template: &Value) -> Value {
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
fn is_same_template(live: &Value, wanted: &Value) -> bool {
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
pub(super) fn covers(live: &Value, wanted: &Value) -> bool {
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
