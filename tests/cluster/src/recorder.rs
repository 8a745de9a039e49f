//! A log of all that happens to the objects of a rollout, for a judge to read afterwards.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use futures_util::future::try_join_all;
use kube::api::{Api, DynamicObject, ListParams, WatchEvent, WatchParams};
use kube::{Client, ResourceExt};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use crate::failure::{Failure, Result};
use crate::{cluster, kinds};

/// The kinds that are watched.
const KINDS: [&str; 6] = ["VirtualService", "DestinationRule", "Deployment", "ReplicaSet", "Pod", "EndpointSlice"];

/// One line of the log.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Milliseconds since the log was begun.
    pub at: u64,
    /// What happened.
    pub change: Change,
    /// `VirtualService`, …
    pub kind: String,
    /// The object's name.
    pub name: String,
    /// When it happened. All kinds of one cluster are counted together, so this is the order of all events.
    pub resource_version: u64,
    /// The object after the change; before it, where it was deleted.
    pub object: serde_json::Value,
}

/// What happened to an object.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum Change {
    /// It was there when the log was begun.
    Listed,
    /// It came into being.
    Added,
    /// It became another.
    Modified,
    /// It ceased to be.
    Deleted,
}

/// Writes the log of a namespace until it is finished or dropped.
pub struct Recorder {
    path: PathBuf,
    client: Client,
    namespace: String,
    log: Arc<Mutex<Log>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Log {
    file: File,
    begun: Instant,
    /// The newest version of each object that there is.
    newest: BTreeMap<(String, String), u64>,
    /// Why the log has a gap, if it has one.
    failure: Option<Failure>,
}

impl Recorder {
    /// Begins a log in a new file with what is there now. A thread of its own writes it, whatever the runtime of the test does.
    pub async fn start(kubeconfig: &Path, namespace: &str, path: &Path) -> Result<Recorder> {
        let file = File::create(path)?;
        let log = Log { file, begun: Instant::now(), newest: BTreeMap::new(), failure: None };
        let log = Arc::new(Mutex::new(log));
        let (stop, stopped) = oneshot::channel();
        let (sender, listed) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = {
            let (log, kubeconfig, namespace) = (Arc::clone(&log), kubeconfig.to_owned(), namespace.to_owned());
            thread::Builder::new().name("recorder".to_owned()).spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        result = record(&kubeconfig, &namespace, &log, sender) => if let Err(failure) = result {
                            locked(&log).failure.get_or_insert(failure);
                        },
                        _ = stopped => {}
                    }
                });
            })?
        };
        let client = cluster::client(kubeconfig).await?;
        let (path, namespace) = (path.to_owned(), namespace.to_owned());
        let recorder = Recorder { path, client, namespace, log, stop: Some(stop), thread: Some(thread) };
        if listed.await.is_err() {
            return Err(recorder.gap().unwrap_or_else(|| Failure::new("the recorder does not start")));
        }
        Ok(recorder)
    }

    /// Waits until the log holds all that has happened, ends it, and returns it in the order of the cluster. It is a
    /// failure when the log has a gap, or when things do not come to rest within a minute.
    pub async fn finish(self) -> Result<Vec<Event>> {
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.newest_there().await? != locked(&self.log).newest {
            if let Some(failure) = self.gap() {
                return Err(failure);
            }
            if Instant::now() > deadline {
                return Err(Failure::new(format!("namespace {} does not come to rest", self.namespace)));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        match self.gap() {
            Some(failure) => Err(failure),
            None => read(&self.path),
        }
    }

    fn gap(&self) -> Option<Failure> {
        locked(&self.log).failure.take()
    }

    async fn newest_there(&self) -> Result<BTreeMap<(String, String), u64>> {
        let mut newest = BTreeMap::new();
        for kind in KINDS {
            for object in api(&self.client, &self.namespace, kind)?.list(&ListParams::default()).await?.items {
                newest.insert((kind.to_owned(), object.name_any()), version(&object)?);
            }
        }
        Ok(newest)
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Reads a log in the order of the cluster.
pub fn read(path: &Path) -> Result<Vec<Event>> {
    let text = fs::read_to_string(path)?;
    let mut events: Vec<Event> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    events.sort_by_key(|event| event.resource_version);
    Ok(events)
}

async fn record(kubeconfig: &Path, namespace: &str, log: &Mutex<Log>, listed: oneshot::Sender<()>) -> Result<()> {
    let client = cluster::client(kubeconfig).await?;
    let mut watches = Vec::new();
    for kind in KINDS {
        let api = api(&client, namespace, kind)?;
        let list = api.list(&ListParams::default()).await?;
        for object in &list.items {
            locked(log).write(kind, Change::Listed, object)?;
        }
        watches.push(follow(api, kind, list.metadata.resource_version.unwrap_or_default(), log));
    }
    let _ = listed.send(());
    try_join_all(watches).await?;
    Ok(())
}

/// Writes down each change of one kind. A watch that ends is begun again where it ended, so nothing is missed.
async fn follow(api: Api<DynamicObject>, kind: &str, mut from: String, log: &Mutex<Log>) -> Result<()> {
    loop {
        let Ok(events) = api.watch(&WatchParams::default(), &from).await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let mut events = std::pin::pin!(events);
        // An error in the transport ends the watch as an end does.
        while let Ok(Some(event)) = events.try_next().await {
            let (change, object) = match event {
                WatchEvent::Added(object) => (Change::Added, object),
                WatchEvent::Modified(object) => (Change::Modified, object),
                WatchEvent::Deleted(object) => (Change::Deleted, object),
                WatchEvent::Bookmark(bookmark) => {
                    from = bookmark.metadata.resource_version;
                    continue;
                }
                WatchEvent::Error(status) => {
                    return Err(Failure::new(format!("the log of {kind} has a gap: {}", status.message)));
                }
            };
            locked(log).write(kind, change, &object)?;
            from = object.resource_version().unwrap_or_default();
        }
    }
}

impl Log {
    fn write(&mut self, kind: &str, change: Change, object: &DynamicObject) -> Result<()> {
        let (name, resource_version) = (object.name_any(), version(object)?);
        let key = (kind.to_owned(), name.clone());
        match change {
            Change::Deleted => self.newest.remove(&key),
            _ => self.newest.insert(key, resource_version),
        };
        let at = u64::try_from(self.begun.elapsed().as_millis())?;
        let object = serde_json::to_value(object)?;
        let event = Event { at, change, kind: kind.to_owned(), name, resource_version, object };
        writeln!(self.file, "{}", serde_json::to_string(&event)?)?;
        Ok(())
    }
}

fn api(client: &Client, namespace: &str, kind: &str) -> Result<Api<DynamicObject>> {
    Ok(Api::namespaced_with(client.clone(), namespace, &kinds::resource(kind)?))
}

fn version(object: &DynamicObject) -> Result<u64> {
    Ok(object.resource_version().unwrap_or_default().parse()?)
}

fn locked(log: &Mutex<Log>) -> std::sync::MutexGuard<'_, Log> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}
