//! The hashes of revisions: given, carried by what runs, made of a template.

use crate::diagnostic::{Code, Diagnostic};
use crate::kubernetes::{HASH_LABEL, Key, pod_labels, template_hash};
use crate::order::Keys;
use crate::plan::World;
use crate::text::Span;
use crate::value::Value;

use super::template::without_hash;

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

    /// What was given for a workload, or else for every one; the last word counts.
    pub(super) fn get(&self, workload: &str, side: Side) -> Option<&str> {
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

/// Every hash that a ReplicaSet or a pod of the namespace carries, and the active one.
pub(super) fn taken(deployment: &Key, world: &World, active: &str) -> Keys<String> {
    let in_namespace = world.live.iter().filter(|object| object.key.namespace == deployment.namespace);
    let carried = in_namespace.filter_map(|object| match object.key.kind.as_str() {
        "ReplicaSet" => object.template().map(pod_labels),
        "Pod" => Some(pod_labels(&object.value)),
        _ => None,
    });
    carried.filter_map(|labels| labels.get(HASH_LABEL).cloned()).chain([active.to_owned()]).collect()
}

/// The hash of a new revision that nobody has yet, and how many were taken.
pub(super) fn new_hash(template: &Value, taken: &Keys<String>) -> (String, u32) {
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

/// Whether a name may end with it: Kubernetes' names are labels with dots between them.
pub(super) fn is_name_part(hash: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    hash.split('.').all(|label| {
        label.bytes().all(|byte| is_plain(byte) || byte == b'-')
            && [label.bytes().next(), label.bytes().last()].into_iter().all(|edge| edge.is_some_and(is_plain))
    })
}

/// A given hash, if it can be the value of a label.
pub(super) fn valid<'a>(hash: &'a str, diagnostics: &mut Vec<Diagnostic>) -> Option<&'a str> {
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
