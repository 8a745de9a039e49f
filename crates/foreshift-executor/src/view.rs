//! What is known of the cluster at this moment: the objects that a rollout is about, kept current by watches.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use foreshift_core::kubernetes::Key;
use futures_util::stream::{StreamExt as _, select_all};
use tokio::sync::watch;

use crate::cluster::{ApiError, Cluster, Json, Lists, Reason, Scope, Seen};
use crate::tree::text;

/// Objects by key. What is in it is what the last event of a watch, or the answer to a write of ours, said.
pub(crate) struct View {
    objects: RefCell<BTreeMap<Key, Rc<Json>>>,
    /// Which objects each scope has, and which scopes have been listed.
    scopes: RefCell<Vec<Option<BTreeSet<Key>>>>,
    ticks: watch::Sender<u64>,
}

impl View {
    pub(crate) fn new(scopes: usize) -> View {
        View {
            objects: RefCell::new(BTreeMap::new()),
            scopes: RefCell::new(vec![None; scopes]),
            ticks: watch::Sender::new(0),
        }
    }

    /// An object, if it is there.
    pub(crate) fn get(&self, key: &Key) -> Option<Rc<Json>> {
        self.objects.borrow().get(key).cloned()
    }

    /// Every object of a kind in a namespace that `wanted` says yes to.
    pub(crate) fn all(&self, kind: &str, namespace: &str, wanted: impl Fn(&Json) -> bool) -> Vec<Rc<Json>> {
        let objects = self.objects.borrow();
        let found = objects.iter().filter(|(key, _)| key.kind == kind && key.namespace == namespace);
        found.map(|(_, object)| object).filter(|object| wanted(object)).cloned().collect()
    }

    /// Takes an object, unless a newer one is known.
    pub(crate) fn put(&self, object: &Json) {
        let Some(key) = key(object) else { return };
        let is_older = |known: &Json| match (version(known), version(object)) {
            (Some(known), Some(new)) => {
                text(known.1, "/metadata/uid") == text(new.1, "/metadata/uid") && new.0 < known.0
            }
            _ => false,
        };
        if self.objects.borrow().get(&key).is_some_and(|known| is_older(known)) {
            return;
        }
        self.objects.borrow_mut().insert(key, Rc::new(object.clone()));
        self.tick();
    }

    /// Forgets an object.
    pub(crate) fn remove(&self, key: &Key) {
        if self.objects.borrow_mut().remove(key).is_some() {
            self.tick();
        }
    }

    fn tick(&self) {
        self.ticks.send_modify(|tick| *tick += 1);
    }

    /// Waits until `look` finds something; it looks again whenever something has changed.
    pub(crate) async fn until<T>(&self, mut look: impl FnMut(&View) -> Option<T>) -> T {
        let mut ticks = self.ticks.subscribe();
        loop {
            ticks.borrow_and_update();
            if let Some(found) = look(self) {
                return found;
            }
            if ticks.changed().await.is_err() {
                // The sender lives as long as the view does.
                std::future::pending::<()>().await;
            }
        }
    }

    /// Waits until every scope has been listed.
    pub(crate) async fn listed(&self) {
        self.until(|view| view.scopes.borrow().iter().all(Option::is_some).then_some(())).await;
    }

    /// What of the scopes has not been listed.
    pub(crate) fn unlisted<'a>(&self, scopes: &'a [Scope]) -> Vec<&'a str> {
        let listed = self.scopes.borrow();
        let open = scopes.iter().zip(listed.iter()).filter(|(_, listed)| listed.is_none());
        open.map(|(scope, _)| &*scope.kind.plural).collect()
    }

    /// Keeps the view current, from what is listed already. Ends only where a scope cannot be listed at all, or may not be
    /// watched.
    pub(crate) async fn follow<C: Cluster>(&self, cluster: &C, scopes: &[Scope], listed: Option<&Lists>) -> ApiError {
        let streams = scopes.iter().enumerate().map(|(index, scope)| {
            let since = listed.and_then(|listed| listed.of(scope));
            cluster.watch(scope, since).map(move |seen| (index, seen))
        });
        let mut told = select_all(streams.map(Box::pin));
        while let Some((index, seen)) = told.next().await {
            let is_listed = self.scopes.borrow().get(index).is_some_and(Option::is_some);
            match seen {
                Ok(seen) => self.take(index, seen),
                Err(error) if error.is_passing() || is_listed && error.reason != Reason::Forbidden => {}
                Err(error) => {
                    let what = scopes.get(index).map(|scope| scope.kind.plural.clone()).unwrap_or_default();
                    return ApiError { message: format!("{what} cannot be watched: {}", error.message), ..error };
                }
            }
        }
        ApiError::new(Reason::Passing, "every watch has ended")
    }

    fn take(&self, scope: usize, seen: Seen) {
        match seen {
            Seen::All(objects) => {
                let keys: BTreeSet<Key> = objects.iter().filter_map(key).collect();
                let known = self.scopes.borrow_mut().get_mut(scope).and_then(|known| known.replace(keys.clone()));
                let is_gone = |key: &Key| !self.scopes.borrow().iter().flatten().any(|keys| keys.contains(key));
                for gone in known.unwrap_or_default().into_iter().filter(|key| is_gone(key)) {
                    self.remove(&gone);
                }
                for object in &objects {
                    self.put(object);
                }
                self.tick();
            }
            Seen::One(object) => {
                if let (Some(key), Some(Some(keys))) = (key(&object), self.scopes.borrow_mut().get_mut(scope)) {
                    keys.insert(key);
                }
                self.put(&object);
            }
            Seen::Gone(object) => {
                let Some(key) = key(&object) else { return };
                if let Some(Some(keys)) = self.scopes.borrow_mut().get_mut(scope) {
                    keys.remove(&key);
                }
                let is_same = |known: &Json| text(known, "/metadata/uid") == text(&object, "/metadata/uid");
                if self.get(&key).as_deref().is_some_and(is_same) {
                    self.remove(&key);
                }
            }
        }
    }
}

/// What the core calls an object.
pub(crate) fn key(object: &Json) -> Option<Key> {
    let api_version = text(object, "/apiVersion");
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let part = |pointer: &str| text(object, pointer).to_owned();
    let key = Key {
        group: group.to_owned(),
        kind: part("/kind"),
        namespace: part("/metadata/namespace"),
        name: part("/metadata/name"),
    };
    (!key.kind.is_empty() && !key.name.is_empty()).then_some(key)
}

/// Versions of one object can be compared as numbers since Kubernetes 1.35, and have been numbers all along.
fn version(object: &Json) -> Option<(u64, &Json)> {
    Some((text(object, "/metadata/resourceVersion").parse().ok()?, object))
}
