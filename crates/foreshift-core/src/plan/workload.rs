//! Workloads: the Deployment of a rollout, its two revisions, and the labels that tell their pods apart.

mod hashes;
mod running;
mod template;

use std::rc::Rc;

use super::{Image, World, images};
use crate::diagnostic::{Code, Diagnostic};
use crate::istio::destination_rule::Label;
use crate::kubernetes::{HASH_LABEL, Key, Labels, NATIVE_HASH_LABEL, Object, labels_of, pod_labels, selector_selects};
use crate::text::Span;

pub use hashes::{Hashes, Side};
pub(super) use running::{is_left_behind, running_replica_sets};
pub(super) use template::covers;

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
    /// The images that change.
    pub images: Vec<Image>,
    /// How many pods each revision has.
    pub replicas: u32,
    /// The labels of the old pods.
    pub old_labels: Labels,
    /// The labels of the new pods.
    pub new_labels: Labels,
    /// Whether the new template is the old one: there is nothing to roll out.
    pub is_unchanged: bool,
}

impl Workload {
    /// The Deployment before the rollout: as it runs, else as the manifest has it, which is taken to be the same but for
    /// the pod template.
    pub fn start(&self) -> &Object {
        self.live.as_ref().unwrap_or(&self.included)
    }

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
    if let Some(fault) = fault(&included, live.as_ref()) {
        diagnostics.push(fault);
        return None;
    }
    let running = running_replica_sets(key, world);
    let left_behind = running.first().copied().filter(|set| live.is_none() && is_left_behind(set, key));
    let replicas = replicas(&included, live.as_ref().or(left_behind), diagnostics)?;
    let given = hashes.get(&key.name, Side::Canary).map(|hash| hashes::valid(hash, diagnostics));
    let (active, active_label) = active(&included, &running, live.as_ref(), hashes, diagnostics)?;
    let taken = hashes::taken(key, world, &active);
    let (canary, counter) = match given {
        Some(hash) => (hash?.to_owned(), 0),
        None => hashes::new_hash(template, &taken),
    };
    let fault = if hashes::is_name_part(&canary) {
        (canary != active && taken.contains(&canary)).then_some(("is another revision's", "give one that nobody has"))
    } else {
        let help = "the new revision's hash has only lower-case letters, digits, and between two of them `-` or `.`";
        Some(("cannot be a part of a ReplicaSet's name", help))
    };
    if let Some((what, help)) = fault {
        let message = format!("the hash `{canary}` {what}");
        diagnostics.push(Diagnostic::new(Code::InvalidHash, Span::NONE, message).help(help));
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
    let images = images(old_template, template);
    let is_unchanged = match (old_template, world.applied.get(key).and_then(Object::template)) {
        (Some(old), Some(applied)) => template::without_hash(old) == template::without_hash(applied),
        (Some(old), None) => template::is_same_template(old, template),
        (None, _) => false,
    };
    let mut old_labels = pod_labels(old_template.unwrap_or(template));
    old_labels.insert(active_label.0.clone(), active_label.1.clone());
    let replica_set = Key { kind: "ReplicaSet".to_owned(), name: format!("{}-{canary}", key.name), ..key.clone() };
    Some(Workload {
        deployment: Rc::new(key.clone()),
        is_unchanged,
        included,
        live,
        is_gone: left_behind.is_some(),
        active: active.into(),
        active_label,
        canary: canary.into(),
        counter,
        replica_set: Rc::new(replica_set),
        images,
        replicas,
        old_labels,
        new_labels,
    })
}

/// What no rollout can begin with.
pub(super) fn fault(included: &Object, live: Option<&Object>) -> Option<Diagnostic> {
    changed_selector(included, live)
        .or_else(|| label_not_text(included))
        .or_else(|| foreign_selector(included))
        .or_else(|| paused(included, live))
}

fn changed_selector(included: &Object, live: Option<&Object>) -> Option<Diagnostic> {
    let selector = |object: &Object| {
        let part = |key: &str| object.value.at(&["spec", "selector", key]).cloned();
        (labels_of(part("matchLabels").as_ref()), part("matchExpressions"))
    };
    let live = live.filter(|live| selector(live) != selector(included))?;
    let message = format!("the selector of {} is not the one that runs now", live.key);
    Some(
        Diagnostic::new(Code::SelectorChanged, selector_place(included), message)
            .help("Kubernetes does not change it: keep the selector, or give the Deployment another name"),
    )
}

fn label_not_text(included: &Object) -> Option<Diagnostic> {
    let labels = included.template()?.at(&["metadata", "labels"])?;
    let (key, value) = labels.entries().find(|(_, value)| value.as_str().is_none())?;
    let message = format!("the label `{}` of the pods of {} is no text", key.name, included.key);
    Some(Diagnostic::new(Code::LabelNotText, value.span, message).help("put its value in quotes"))
}

fn foreign_selector(included: &Object) -> Option<Diagnostic> {
    let labels = included.template().map(pod_labels).unwrap_or_default();
    if selector_selects(included.value.at(&["spec", "selector"]), &labels) {
        return None;
    }
    let message = format!("the selector of {} does not select its own pods", included.key);
    Some(
        Diagnostic::new(Code::SelectorMismatch, selector_place(included), message)
            .help("Kubernetes refuses it: `spec.selector` has to select `spec.template.metadata.labels`"),
    )
}

fn paused(included: &Object, live: Option<&Object>) -> Option<Diagnostic> {
    let (object, paused) = [Some(included), live].into_iter().flatten().find_map(|object| {
        let paused = object.value.at(&["spec", "paused"])?;
        (paused.as_bool() == Some(true)).then_some((object, paused))
    })?;
    Some(
        Diagnostic::new(Code::DeploymentPaused, paused.span, format!("{} is paused", object.key))
            .help("somebody holds it: resume it first; the rollout pauses and resumes it by itself"),
    )
}

fn selector_place(included: &Object) -> Span {
    included.value.at(&["spec", "selector"]).map_or(included.span(), |selector| selector.span.start_point())
}

/// How many pods there are; none at all cannot answer a request.
fn replicas(included: &Object, live: Option<&Object>, diagnostics: &mut Vec<Diagnostic>) -> Option<u32> {
    let mut count = 1;
    let mut span = Span::NONE;
    for object in [Some(included), live].into_iter().flatten() {
        let Some(found) = object.value.at(&["spec", "replicas"]).filter(|found| !found.is_null()) else { continue };
        // Kubernetes counts with 31 bits.
        let Some(number) =
            found.as_int().and_then(|number| i32::try_from(number).ok()).and_then(|number| u32::try_from(number).ok())
        else {
            let message = format!("the `replicas` of {} are no number of pods: Kubernetes refuses it", object.key);
            diagnostics.push(
                Diagnostic::new(Code::NoReplicas, found.span, message).help("write a whole number, without quotes"),
            );
            return None;
        };
        count = number;
        span = found.span;
    }
    if count == 0 {
        let message = format!("{} has 0 replicas: nobody answers the requests of its routes", included.key);
        diagnostics.push(
            Diagnostic::new(Code::NoReplicas, span, message).help("scale it up first; there is nothing to shift"),
        );
        return None;
    }
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
        let hash = hashes::valid(hash, diagnostics)?;
        if let [only] = running
            && only.template().is_some_and(|template| pod_labels(template).get(HASH_LABEL).is_none_or(|it| it != hash))
        {
            let message = format!("the pods of {} do not have the label `{HASH_LABEL}: {hash}`", only.key);
            diagnostics.push(
                Diagnostic::new(Code::InvalidHash, only.span(), message)
                    .help("what runs now says its hash by itself: leave `--hash active=…` out"),
            );
            return None;
        }
        return Some(named(HASH_LABEL, hash));
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
