//! A cluster in memory: objects, watches, and as much of the controllers as a rollout meets.
//!
//! It is for trying a rollout without a cluster, and for tests of the walk that stop it at every request. What it says of
//! the Deployment controller was seen on a real one; what it leaves out, such as surge, no rollout depends on.

mod controllers;
mod store;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use foreshift_core::kubernetes::{Key, applied};
use futures_util::stream;
use serde_json::json;
use tokio::sync::mpsc;

use super::{ApiError, At, Cluster, Dependents, Json, Kind, Listed, Mode, Reason, Scope, Seen, Watch, Who};
use crate::tree::{json, text, value};
use store::Store;

/// How long things take in the cluster.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// From the creation of a pod until it is Ready; `None` for never.
    pub ready: Option<Duration>,
    /// From the deletion of a pod until it is gone.
    pub gone: Duration,
}

/// A cluster in memory. Clones are the same cluster. It needs a `LocalSet` of tokio's, for what happens later.
#[derive(Clone)]
pub struct Memory {
    inner: Rc<Inner>,
    requests: Rc<RefCell<Requests>>,
}

struct Inner {
    pace: Cell<Pace>,
    store: RefCell<Store>,
    fills_in: RefCell<Option<FillsIn>>,
}

/// What an API server fills into what is written.
pub type FillsIn = Box<dyn Fn(&At, &mut Json)>;

/// What happens to a request, by its number. `None` lets it pass.
pub type Fault = Box<dyn FnMut(usize, &str) -> Option<Trouble>>;

/// What can happen to a request.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// It is answered with this, and not carried out.
    Refused(ApiError),
    /// It is carried out, and the answer is lost.
    Lost,
    /// It is not carried out, and never answered: for tests that stop who asks there.
    Silence,
    /// It is carried out, and never answered.
    DoneInSilence,
}

#[derive(Default)]
struct Requests {
    count: usize,
    fault: Option<Fault>,
}

impl Memory {
    /// An empty cluster.
    pub fn new(pace: Pace) -> Memory {
        let inner = Inner { pace: Cell::new(pace), store: RefCell::default(), fills_in: RefCell::default() };
        Memory { inner: Rc::new(inner), requests: Rc::default() }
    }

    /// Changes how long things take from now on.
    pub fn set_pace(&self, pace: Pace) {
        self.inner.pace.set(pace);
    }

    /// The same cluster for somebody else, whose requests are not counted and meet no trouble.
    #[must_use]
    pub fn for_another(&self) -> Memory {
        Memory { inner: Rc::clone(&self.inner), requests: Rc::default() }
    }

    /// Lets defaults be filled into what is written from now on; by itself nothing is.
    pub fn fill_in(&self, fills_in: FillsIn) {
        *self.inner.fills_in.borrow_mut() = Some(fills_in);
    }

    /// Puts an object there, as if it had always been.
    pub fn put(&self, at: &At, object: Json) {
        self.inner.store.borrow_mut().put(at.clone(), object);
        self.run_controllers();
    }

    /// Takes an object away, as if somebody had removed it.
    pub fn forget(&self, key: &Key) {
        self.inner.store.borrow_mut().remove(key);
        self.run_controllers();
    }

    /// An object as it is.
    pub fn peek(&self, key: &Key) -> Option<Json> {
        self.inner.store.borrow().get(key).cloned()
    }

    /// Every object, as it is.
    pub fn all(&self) -> Vec<Json> {
        self.inner.store.borrow().iter().map(|(_, object)| object.clone()).collect()
    }

    /// Asks `fault` before each request from now on; requests are counted from 0 again.
    pub fn trouble(&self, fault: Fault) {
        *self.requests.borrow_mut() = Requests { count: 0, fault: Some(fault) };
    }

    /// How many requests there were, watches aside.
    pub fn requests(&self) -> usize {
        self.requests.borrow().count
    }

    /// Carries a request out, or lets happen to it what is to happen.
    async fn request<T>(&self, name: &str, work: impl FnOnce(&Memory) -> Result<T, ApiError>) -> Result<T, ApiError> {
        let trouble = {
            let mut requests = self.requests.borrow_mut();
            let number = requests.count;
            requests.count += 1;
            requests.fault.as_mut().and_then(|fault| fault(number, name))
        };
        // As on a network, others get their turn meanwhile.
        tokio::task::yield_now().await;
        let lost = || ApiError::new(Reason::Passing, "the answer was lost");
        match trouble {
            None => work(self),
            Some(Trouble::Refused(error)) => Err(error),
            Some(Trouble::Lost) => {
                let _ = work(self);
                Err(lost())
            }
            Some(Trouble::Silence) => std::future::pending().await,
            Some(Trouble::DoneInSilence) => {
                let _ = work(self);
                std::future::pending().await
            }
        }
    }

    fn write(
        &self,
        at: &At,
        mode: Mode,
        work: impl FnOnce(Option<&Json>) -> Result<Json, ApiError>,
    ) -> Result<Json, ApiError> {
        let mut object = work(self.inner.store.borrow().get(&at.key()))?;
        if let Some(fills_in) = &*self.inner.fills_in.borrow() {
            fills_in(at, &mut object);
        }
        if mode == Mode::DryRun {
            return Ok(self.inner.store.borrow().tried(at, object));
        }
        let written = self.inner.store.borrow_mut().put(at.clone(), object);
        self.run_controllers();
        Ok(written)
    }
}

impl Cluster for Memory {
    async fn get(&self, at: &At) -> Result<Option<Json>, ApiError> {
        self.request("get", |memory| Ok(memory.peek(&at.key()))).await
    }

    async fn list(&self, scope: &Scope) -> Result<Listed, ApiError> {
        self.request("list", |memory| Ok(memory.inner.store.borrow().within(scope))).await
    }

    async fn create(&self, at: &At, object: &Json, mode: Mode) -> Result<Json, ApiError> {
        let exists = || ApiError::new(Reason::Exists, format!("{at} already exists"));
        let is_named = text(object, "/metadata/name") == at.name;
        let nameless = || ApiError::new(Reason::Refused, "metadata.name: Required value");
        let new = |there: Option<&Json>| match there {
            Some(_) => Err(exists()),
            None if !is_named => Err(nameless()),
            None => Ok(object.clone()),
        };
        self.request("create", |memory| memory.write(at, mode, new)).await
    }

    async fn replace(&self, at: &At, object: &Json, mode: Mode) -> Result<Json, ApiError> {
        let replaced = |there: Option<&Json>| {
            let Some(there) = there else { return Err(ApiError::new(Reason::NotFound, format!("{at} not found"))) };
            let version = |object: &Json| text(object, "/metadata/resourceVersion").to_owned();
            if version(there) != version(object) {
                return Err(ApiError::new(Reason::Conflict, format!("{at} has been modified")));
            }
            Ok(object.clone())
        };
        self.request("replace", |memory| memory.write(at, mode, replaced)).await
    }

    async fn apply(&self, at: &At, object: &Json, mode: Mode) -> Result<Json, ApiError> {
        let applied = |there: Option<&Json>| {
            let nothing = json!({});
            // Nobody else is known to own an item of a list that the manifest has.
            Ok(json(&applied(&value(there.unwrap_or(&nothing)), &value(object))))
        };
        self.request("apply", |memory| memory.write(at, mode, applied)).await
    }

    async fn delete(
        &self,
        at: &At,
        (uid, version): (&str, Option<&str>),
        dependents: Dependents,
    ) -> Result<(), ApiError> {
        self.request("delete", |memory| {
            let found = memory.peek(&at.key());
            match found {
                None => Ok(()),
                Some(object)
                    if text(&object, "/metadata/uid") != uid
                        || version.is_some_and(|version| text(&object, "/metadata/resourceVersion") != version) =>
                {
                    Err(ApiError::new(Reason::Conflict, format!("{at} is another object by now")))
                }
                // It is given time to end.
                Some(object) if at.kind.kind == "Pod" => {
                    memory.end_pod(&at.key(), &object);
                    memory.run_controllers();
                    Ok(())
                }
                Some(_) => {
                    memory.inner.store.borrow_mut().remove(&at.key());
                    if dependents == Dependents::Orphaned {
                        memory.orphan(uid);
                    }
                    memory.run_controllers();
                    Ok(())
                }
            }
        })
        .await
    }

    async fn delete_all(&self, scope: &Scope) -> Result<(), ApiError> {
        self.request("delete all", |memory| {
            let found = memory.inner.store.borrow().within(scope).objects;
            for object in found {
                if let Some(key) = crate::view::key(&object) {
                    memory.inner.store.borrow_mut().remove(&key);
                }
            }
            memory.run_controllers();
            Ok(())
        })
        .await
    }

    /// It begins with what there is now: nothing has been missed since whatever was listed.
    fn watch(&self, scope: &Scope, _since: Option<Listed>) -> Watch {
        let (sender, receiver) = mpsc::unbounded_channel();
        let mut store = self.inner.store.borrow_mut();
        let _ = sender.send(Seen::All(store.within(scope).objects));
        store.follow(scope.clone(), sender);
        Box::pin(stream::unfold(receiver, |mut receiver| async move {
            let seen = receiver.recv().await?;
            Some((Ok(seen), receiver))
        }))
    }

    async fn kind(&self, api_version: &str, kind: &str) -> Result<Option<Kind>, ApiError> {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let ours = Kind::ours(group, kind).map(|kind| kind.in_version(version));
        Ok(Some(ours.unwrap_or_else(|| Kind {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
            plural: format!("{}s", kind.to_lowercase()),
            is_namespaced: !foreshift_core::kubernetes::is_cluster_scoped(kind),
        })))
    }

    fn name(&self) -> String {
        format!("{:p}", Rc::as_ptr(&self.inner))
    }

    async fn who(&self) -> Result<Who, ApiError> {
        Ok(Who { user: "you".to_owned(), groups: vec!["simulated".to_owned()] })
    }
}
