//! The objects of a cluster in memory, and who follows them.

use std::collections::BTreeMap;

use foreshift_core::kubernetes::Key;
use serde_json::json;
use tokio::sync::mpsc::UnboundedSender;

use crate::cluster::{At, Json, Listed, Scope, Seen};
use crate::tree::{number, put, text};

/// Objects with what etcd and the API server add to them.
#[derive(Default)]
pub(super) struct Store {
    objects: BTreeMap<Key, (At, Json)>,
    version: u64,
    made: u64,
    followers: Vec<(Scope, UnboundedSender<Seen>)>,
}

impl Store {
    pub(super) fn get(&self, key: &Key) -> Option<&Json> {
        self.objects.get(key).map(|(_, object)| object)
    }

    pub(super) fn place(&self, key: &Key) -> Option<At> {
        self.objects.get(key).map(|(at, _)| at.clone())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Key, &Json)> {
        self.objects.iter().map(|(key, (_, object))| (key, object))
    }

    pub(super) fn within(&self, scope: &Scope) -> Listed {
        let inside = self.iter().filter(|(key, object)| scope.has(key, object));
        let objects = inside.map(|(_, object)| object.clone()).collect();
        Listed { objects, version: self.version.to_string() }
    }

    pub(super) fn follow(&mut self, scope: Scope, sender: UnboundedSender<Seen>) {
        self.followers.push((scope, sender));
    }

    /// Writes an object, whoever writes it; one that says nothing new stays as it is.
    pub(super) fn put(&mut self, at: At, object: Json) -> Json {
        let there = self.objects.get(&at.key()).map(|(_, there)| there.clone());
        let mut object = self.tried(&at, object);
        if there.as_ref() == Some(&object) {
            return object;
        }
        self.made += u64::from(there.is_none());
        self.version += 1;
        put(&mut object, &["metadata", "resourceVersion"], json!(self.version.to_string()));
        self.tell(&at, &object, there.as_ref());
        self.objects.insert(at.key(), (at, object.clone()));
        object
    }

    /// The object as a write of it would leave it, with the version that it has.
    pub(super) fn tried(&self, at: &At, mut object: Json) -> Json {
        drop_nulls(&mut object);
        let there = self.get(&at.key());
        let known = |pointer: &str| there.and_then(|there| there.pointer(pointer)).cloned();
        let uid = || json!(format!("00000000-0000-4000-8000-{:012}", self.made + 1));
        put(&mut object, &["apiVersion"], at.kind.api_version().into());
        put(&mut object, &["kind"], at.kind.kind.clone().into());
        put(&mut object, &["metadata", "name"], at.name.clone().into());
        if !at.namespace.is_empty() {
            put(&mut object, &["metadata", "namespace"], at.namespace.clone().into());
        }
        put(&mut object, &["metadata", "uid"], known("/metadata/uid").unwrap_or_else(uid));
        let generation = there.map_or(1, |there| {
            let before = number(there, "/metadata/generation").unwrap_or(1);
            before + i64::from(there.get("spec") != object.get("spec"))
        });
        put(&mut object, &["metadata", "generation"], generation.into());
        put(&mut object, &["metadata", "resourceVersion"], known("/metadata/resourceVersion").unwrap_or_default());
        object
    }

    pub(super) fn remove(&mut self, key: &Key) -> Option<Json> {
        let (_, mut object) = self.objects.remove(key)?;
        self.version += 1;
        put(&mut object, &["metadata", "resourceVersion"], json!(self.version.to_string()));
        let seen = |scope: &Scope| scope.has(key, &object).then(|| Seen::Gone(object.clone()));
        self.followers.retain(|(scope, sender)| seen(scope).is_none_or(|seen| sender.send(seen).is_ok()));
        Some(object)
    }

    fn tell(&mut self, at: &At, object: &Json, before: Option<&Json>) {
        let key = at.key();
        let seen = |scope: &Scope| {
            let was = before.is_some_and(|before| scope.has(&key, before));
            match (scope.has(&key, object), was) {
                (true, _) => Some(Seen::One(object.clone())),
                (false, true) => Some(Seen::Gone(object.clone())),
                (false, false) => None,
            }
        };
        self.followers.retain(|(scope, sender)| seen(scope).is_none_or(|seen| sender.send(seen).is_ok()));
    }
}

/// As the API server does with fields that may not be null.
fn drop_nulls(json: &mut Json) {
    match json {
        Json::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Json::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// Whether an object's labels have all of a mapping.
pub(super) fn has_labels(object: &Json, pointer: &str, wanted: Option<&Json>) -> bool {
    let wanted = wanted.and_then(Json::as_object);
    wanted.is_some_and(|wanted| {
        !wanted.is_empty()
            && wanted
                .iter()
                .all(|(key, value)| object.pointer(pointer).and_then(|labels| labels.get(key)) == Some(value))
    })
}

/// The object that controls another one, by `uid`.
pub(super) fn controller(object: &Json) -> &str {
    text(object, "/metadata/ownerReferences/0/uid")
}
