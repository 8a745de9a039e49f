//! What is known of a target: what the manifests want there, and what runs there now.

use super::apply::is_same_traffic;
use crate::order::{Keys, Table};

use crate::diagnostic::{Code, Diagnostic};
use crate::kubernetes::{Key, Object};

/// The objects of one target.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// The target's namespace.
    pub namespace: String,
    /// What the manifests hold, in the user's order.
    pub included: Objects,
    /// What runs now, as far as it was given.
    pub live: Objects,
    /// How much is known of what runs now.
    pub known: Known,
    /// What becomes of objects that run by applying the manifests, as far as the API server was asked.
    pub applied: Objects,
    /// The objects of the manifests that keep the size that they run in.
    pub keeps_size: Keys<Key>,
}

/// How much is known of what runs now.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub enum Known {
    /// Nothing was said about it.
    #[default]
    Nothing,
    /// Some of it was given; a VirtualService or DestinationRule that was not is taken to run as the manifest has it.
    Something,
    /// What was not given is not there.
    Everything,
}

/// Objects by key, in the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    list: Vec<Object>,
    index: Table<Key, usize>,
}

impl Objects {
    /// The object with that key.
    pub fn get(&self, key: &Key) -> Option<&Object> {
        self.list.get(*self.index.get(key)?)
    }

    /// Every object, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Object> {
        self.list.iter()
    }

    /// Adds an object; a second one with the same key is a finding.
    fn add(&mut self, object: Object, diagnostics: &mut Vec<Diagnostic>) {
        if self.index.contains_key(&object.key) {
            let message = format!("{} is given twice", object.key);
            diagnostics
                .push(Diagnostic::new(Code::ObjectTwice, object.span(), message).help("leave one of the two out"));
            return;
        }
        self.index.insert(object.key.clone(), self.list.len());
        self.list.push(object);
    }

    /// Adds what a target's manifests hold: an absent namespace means the target's, another one is a finding.
    pub fn include(&mut self, mut object: Object, namespace: &str, diagnostics: &mut Vec<Diagnostic>) {
        if !crate::kubernetes::is_cluster_scoped(&object.key.kind) {
            if object.key.namespace.is_empty() {
                namespace.clone_into(&mut object.key.namespace);
            } else if object.key.namespace != namespace {
                let message =
                    format!("{} is for namespace `{}`, the target for `{namespace}`", object.key, object.key.namespace);
                let span = object.value.at(&["metadata", "namespace"]).map_or(object.span(), |found| found.span);
                diagnostics.push(
                    Diagnostic::new(Code::WrongNamespace, span, message)
                        .help("leave `metadata.namespace` out, or give the manifest to a target of that namespace"),
                );
            }
        }
        self.add(object, diagnostics);
    }

    /// Adds what runs now: any namespace; an absent one means the target's.
    pub fn observe(&mut self, mut object: Object, namespace: &str, diagnostics: &mut Vec<Diagnostic>) {
        if object.key.namespace.is_empty() && !crate::kubernetes::is_cluster_scoped(&object.key.kind) {
            namespace.clone_into(&mut object.key.namespace);
        }
        self.add(object, diagnostics);
    }
}

impl World {
    /// The same, in which a VirtualService or DestinationRule that runs as its manifest says has the manifest's text: in
    /// whichever version of the API and order of keys it was read. One whose age is known keeps it.
    pub(crate) fn in_own_words(mut self) -> World {
        for object in self.live.list.iter_mut().filter(|object| object.key.is_traffic()) {
            let is_aged = object.value.at(&["metadata", "creationTimestamp"]).is_some();
            let manifest = self.included.get(&object.key).filter(|_| !is_aged);
            if let Some(manifest) = manifest.filter(|manifest| is_same_traffic(&object.value, &manifest.value)) {
                *object = manifest.clone();
            }
        }
        self
    }

    /// What stands in the cluster before the rollout: the live object, else the included one, which is taken to be
    /// equal where nothing is known.
    pub fn start(&self, key: &Key) -> Option<&Object> {
        self.live.get(key).or_else(|| self.included.get(key))
    }

    /// Whether an object of the manifests is to be made, because it is known not to be there.
    pub fn is_missing(&self, key: &Key) -> bool {
        self.known == Known::Everything && self.live.get(key).is_none()
    }

    /// What stands there once the manifests are applied.
    pub fn wanted(&self, key: &Key) -> Option<&Object> {
        self.included.get(key).or_else(|| self.live.get(key))
    }

    /// Everything that stands there once the manifests are applied: the included first.
    pub fn all_wanted(&self) -> impl Iterator<Item = &Object> {
        let only_live = self.live.iter().filter(|object| self.included.get(&object.key).is_none());
        // A list: what every caller does with it is compiled for one kind of iterator, and not for the way to it.
        self.included.iter().chain(only_live).collect::<Vec<_>>().into_iter()
    }

    /// Everything that stands there before, as far as it is known.
    pub fn all_start(&self) -> impl Iterator<Item = &Object> {
        let start = self.all_wanted().map(|object| self.start(&object.key).unwrap_or(object));
        start.collect::<Vec<_>>().into_iter()
    }
}
