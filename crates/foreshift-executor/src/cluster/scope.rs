//! What a list or a watch is about, and what is listed already.

use foreshift_core::kubernetes::Key;

use super::{At, Json, Kind};

/// What a list or a watch is about.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Scope {
    /// Which kind.
    pub kind: Kind,
    /// In which namespace; empty for all.
    pub namespace: String,
    /// Of which name, if of one.
    pub name: Option<String>,
    /// With which labels, as a label selector; empty for any.
    pub labels: String,
}

impl Scope {
    /// Every object of a kind in a namespace; in all of them where it is empty.
    pub fn all(kind: Kind, namespace: &str) -> Scope {
        Scope { kind, namespace: namespace.to_owned(), name: None, labels: String::new() }
    }

    /// One object alone.
    pub fn one(at: &At) -> Scope {
        Scope { name: Some(at.name.clone()), ..Scope::all(at.kind.clone(), &at.namespace) }
    }

    /// Whether an object is within it. Of label selectors it knows `key=value` and `key`.
    pub(crate) fn has(&self, key: &Key, object: &Json) -> bool {
        let labels = self.labels.split(',').filter(|label| !label.is_empty());
        let has = |label: &str| {
            let (key, value) = label.split_once('=').unwrap_or((label, ""));
            let found = object.pointer("/metadata/labels").and_then(|labels| labels.get(key));
            found.is_some_and(|found| value.is_empty() || found == value)
        };
        (&self.kind.group, &self.kind.kind) == (&key.group, &key.kind)
            && (self.namespace.is_empty() || self.namespace == key.namespace)
            && self.name.as_ref().is_none_or(|name| *name == key.name)
            && labels.into_iter().all(has)
    }

    /// Whether everything of another scope is within it, in the same version of the API.
    fn covers(&self, other: &Scope) -> bool {
        self.kind == other.kind
            && (self.namespace.is_empty() || self.namespace == other.namespace)
            && (self.name.is_none() || self.name == other.name)
            && (self.labels.is_empty() || self.labels == other.labels)
    }
}

/// The objects of a scope, as they were in one version of the cluster's state.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    /// The objects.
    pub objects: Vec<Json>,
    /// The version: a watch can go on from it.
    pub version: String,
}

/// What is listed already, and need not be again to be watched.
#[derive(Debug, Default)]
pub struct Lists(Vec<(Scope, Listed)>);

impl Lists {
    pub(crate) fn put(&mut self, scope: Scope, listed: Listed) {
        self.0.push((scope, listed));
    }

    pub(crate) fn extend(&mut self, more: Lists) {
        self.0.extend(more.0);
    }

    /// What is listed of a scope; `None` where not all of it is.
    pub(crate) fn of(&self, scope: &Scope) -> Option<Listed> {
        let (_, listed) = self.0.iter().find(|(known, _)| known.covers(scope))?;
        let is_within = |object: &&Json| crate::view::key(object).is_some_and(|key| scope.has(&key, object));
        let objects = listed.objects.iter().filter(is_within).cloned().collect();
        Some(Listed { objects, version: listed.version.clone() })
    }

    /// Every object.
    pub(crate) fn objects(&self) -> impl Iterator<Item = &Json> {
        self.0.iter().flat_map(|(_, listed)| &listed.objects)
    }

    /// Forgets the objects that are not wanted. No scope that is asked for later may have them.
    pub(crate) fn retain(&mut self, is_wanted: impl Fn(&Key) -> bool) {
        let is_wanted = |object: &Json| crate::view::key(object).is_some_and(|key| is_wanted(&key));
        self.0.iter_mut().for_each(|(_, listed)| listed.objects.retain(is_wanted));
    }

    /// Only what is listed of these scopes.
    pub(crate) fn keep(&self, scopes: &[Scope]) -> Lists {
        Lists(scopes.iter().filter_map(|scope| Some((scope.clone(), self.of(scope)?))).collect())
    }
}
